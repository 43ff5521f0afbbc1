/*
 * bytes_pty.c - pseudo-terminals through plain termios: libserialport refuses them.
 */
#include "daq/wire/bytes_ends.h"

#include "daq/base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* With VMIN 1 "nothing there" is EAGAIN, so that 0 and EIO mean that the other side has closed. */
static long pty_get(struct bytes_end *end, void *data, size_t room)
{
	ssize_t n = read(end->fd, data, room);

	if (n > 0)
		return (long)n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static long pty_put(struct bytes_end *end, const void *data, size_t size)
{
	ssize_t n = write(end->fd, data, size);

	if (n >= 0)
		return (long)n;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static void pty_shut(struct bytes_end *end)
{
	close(end->fd);
}

static int set_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) != 0)
		return -1;
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	return tcsetattr(fd, TCSANOW, &t);
}

static void make_note(struct bytes_end *end)
{
	const struct bytes_config *c = &end->config;
	char wanted[80] = "";

	if (c->data_bits < 8)
		snprintf(wanted, sizeof(wanted), ", %d data bits are cut off in software", c->data_bits);
	if (c->parity != 'N')
		strcat(wanted, ", parity is dropped");
	if (c->handshake)
		strcat(wanted, ", there is no handshake");
	if (wanted[0])
		snprintf(end->note, sizeof(end->note), "port %.64s is a pseudo-terminal (8 data bits, no parity)%s", c->port,
			wanted);
}

int bytes_pty_open(struct bytes **out, int fd, const struct bytes_config *config, struct clock_seat *seat,
	struct error *e)
{
	struct bytes_end *end = bytes_end_new(config, seat, e);

	if (!end)
		goto fail;
	if (set_raw(fd) != 0) {
		error_set_errno(e, ERROR_DEVICE, "cannot set port %s", config->port);
		goto fail;
	}
	end->fd = fd;
	end->get = pty_get;
	end->put = pty_put;
	end->shut = pty_shut;
	end->mask = config->data_bits < 8 ? 0x7f : 0xff;
	make_note(end);
	*out = &end->bytes;
	return 0;
fail:
	bytes_end_free(end);
	close(fd);
	return -1;
}
