#include "daq/wire/listener.h"

#include "daq/base/error.h"
#include "daq/wire/port.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

struct listener {
	int fd;
};

static int set_port(int fd, const struct words_config *c, struct error *e)
{
	speed_t speed = port_rate_code(c->baud);
	struct termios t, taken;

	if (speed == B0)
		return error_set(e, ERROR_CONFIG, "bus %s: %d baud is no rate that a port can be listened to at", c->name, c->baud);
	if (tcgetattr(fd, &t) != 0)
		return error_set_errno(e, ERROR_DEVICE, "cannot set port %s", c->port);
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD | (c->parity == 'N' ? 0 : PARENB) | (c->parity == 'O' ? PARODD : 0) |
		     (c->stop_bits == 2 ? CSTOPB : 0);
	t.c_cflag &= ~(tcflag_t)(CRTSCTS | HUPCL);
	t.c_cc[VMIN] = 1; /* nothing there is EAGAIN, so that 0 means that the port is gone */
	t.c_cc[VTIME] = 0;
	cfsetispeed(&t, speed);
	cfsetospeed(&t, speed);
	if (tcsetattr(fd, TCSANOW, &t) != 0 || tcgetattr(fd, &taken) != 0)
		return error_set_errno(e, ERROR_DEVICE, "cannot set port %s", c->port);
	if (cfgetospeed(&taken) != speed)
		return error_set(e, ERROR_DEVICE, "port %s does not run at %d baud", c->port, c->baud);
	if (!port_is_pseudo(fd) && (taken.c_cflag & (PARENB | PARODD | CSTOPB)) != (t.c_cflag & (PARENB | PARODD | CSTOPB)))
		return error_set(e, ERROR_DEVICE, "port %s does not take %d%c%d", c->port, c->data_bits, c->parity, c->stop_bits);
	return 0;
}

static int open_port(const struct words_config *config, char *real, size_t size, struct error *e)
{
	int fd;

	if (port_is_socket(config->port))
		return port_connect(config->port, e);
	fd = port_lock_to_listen(config->port, real, size, e);
	if (fd >= 0 && set_port(fd, config, e) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int listener_open(struct listener **out, const struct words_config *config, struct error *e)
{
	struct listener *l = NULL;
	int rts = TIOCM_RTS, fd;
	char real[256];

	fd = open_port(config, real, sizeof(real), e);
	if (fd < 0)
		return -1;
	l = calloc(1, sizeof(*l));
	if (!l) {
		error_set(e, ERROR_SYSTEM, "no memory for bus %s", config->name);
		goto fail;
	}
	if (isatty(fd) && !port_is_pseudo(fd)) {
		ioctl(fd, TIOCMBIC, &rts);
		port_exclusive(fd);
		port_latency(real);
	}
	l->fd = fd;
	*out = l;
	return 0;
fail:
	close(fd);
	return -1;
}

void listener_close(struct listener *l)
{
	if (!l)
		return;
	close(l->fd);
	free(l);
}

/* The look with poll comes first also where nothing is waited for: it has the kernel hand on what it still holds back. */
int listener_read(struct listener *l, uint8_t *out, size_t room, int ms)
{
	struct pollfd p = {.fd = l->fd, .events = POLLIN};
	int ready = poll(&p, 1, ms);
	ssize_t n;

	if (ready <= 0)
		return ready == 0 || errno == EINTR ? 0 : -1;
	if (!(p.revents & POLLIN))
		return -1;
	n = read(l->fd, out, room);
	if (n > 0)
		return (int)n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}
