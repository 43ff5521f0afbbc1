/*
 * bytes_serial.c - real serial ports through libserialport.
 *
 * Traps: 0.1.1 refuses symbolic links (so the path behind them is given); newer ones lock the port themselves, which a
 * lock of ours would forbid; the last close of a port drops DTR; a baud rate may "succeed" and not be taken; after an
 * unplug a read gives 0 bytes and no error.
 */
#include "daq/wire/bytes_ends.h"

#include "daq/base/error.h"
#include "daq/wire/port.h"

#include <libserialport.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static long serial_get(struct bytes_end *end, void *data, size_t room)
{
	int n = sp_nonblocking_read(end->port, data, room);

	if (n != 0)
		return n > 0 ? n : -1;
	return sp_input_waiting(end->port) < 0 ? -1 : 0;
}

static long serial_put(struct bytes_end *end, const void *data, size_t size)
{
	int n = sp_nonblocking_write(end->port, data, size);

	return n >= 0 ? n : -1;
}

static void serial_unsend(struct bytes_end *end)
{
	sp_flush(end->port, SP_BUF_OUTPUT);
}

static void close_port(struct sp_port *port)
{
	if (!port)
		return;
	sp_close(port);
	sp_free_port(port);
}

static void serial_shut(struct bytes_end *end)
{
	close_port(end->port);
}

static int refuse(const struct bytes_config *c, const char *what, struct error *e)
{
	char *why = sp_last_error_message();

	error_set(e, ERROR_DEVICE, "cannot %s port %s: %s", what, c->port, why ? why : "no reason given");
	sp_free_error_message(why);
	return -1;
}

static enum sp_parity parity_of(const struct bytes_config *c)
{
	return c->parity == 'E' ? SP_PARITY_EVEN : c->parity == 'O' ? SP_PARITY_ODD : SP_PARITY_NONE;
}

static int set_port(struct sp_port *port, const struct bytes_config *c, struct error *e)
{
	struct sp_port_config *wanted = NULL;
	int status = 0;

	if (sp_new_config(&wanted) != SP_OK)
		return refuse(c, "configure", e);
	if (sp_set_config_baudrate(wanted, c->baud) != SP_OK || sp_set_config_bits(wanted, c->data_bits) != SP_OK ||
		sp_set_config_parity(wanted, parity_of(c)) != SP_OK ||
		sp_set_config_stopbits(wanted, c->stop_bits) != SP_OK ||
		sp_set_config_flowcontrol(wanted,
			c->handshake ? SP_FLOWCONTROL_RTSCTS : SP_FLOWCONTROL_NONE) != SP_OK ||
		sp_set_config(port, wanted) != SP_OK)
		status = refuse(c, "configure", e);
	sp_free_config(wanted);
	return status;
}

/* What the driver made of the settings. */
static int check_port(struct sp_port *port, const struct bytes_config *c, struct error *e)
{
	struct sp_port_config *taken = NULL;
	enum sp_parity parity = SP_PARITY_INVALID;
	int baud = 0, bits = 0, stop = 0, status = 0;

	if (sp_new_config(&taken) != SP_OK || sp_get_config(port, taken) != SP_OK ||
		sp_get_config_baudrate(taken, &baud) != SP_OK || sp_get_config_bits(taken, &bits) != SP_OK ||
		sp_get_config_parity(taken, &parity) != SP_OK || sp_get_config_stopbits(taken, &stop) != SP_OK)
		status = refuse(c, "read back the settings of", e);
	else if (baud != c->baud)
		status = error_set(e, ERROR_DEVICE, "port %s does not run at %d baud", c->port, c->baud);
	else if (bits != c->data_bits || parity != parity_of(c) || stop != c->stop_bits)
		status = error_set(e, ERROR_DEVICE, "port %s does not take %d%c%d (%d data bits, parity %s, stop bits %d)",
			c->port, c->data_bits, c->parity, c->stop_bits, bits,
			parity == SP_PARITY_NONE	? "none"
				: parity == SP_PARITY_EVEN ? "even"
				: parity == SP_PARITY_ODD  ? "odd"
							   : "unknown",
			stop);
	sp_free_config(taken);
	return status;
}

/* Opens the port and moves the lock from `lock` to its descriptor, so that it does not matter whether the library locks
 * too: whoever comes between loses, or wins and is named busy. */
static int open_port(struct sp_port **out, int *fd, int lock, const char *real, const struct bytes_config *c,
	struct error *e)
{
	struct sp_port *port = NULL;

	if (sp_get_port_by_name(real, &port) != SP_OK)
		return refuse(c, "find", e);
	flock(lock, LOCK_UN);
	if (sp_open(port, SP_MODE_READ_WRITE) != SP_OK) {
		refuse(c, "open", e);
		sp_free_port(port);
		return -1;
	}
	if (sp_get_port_handle(port, fd) != SP_OK || flock(*fd, LOCK_EX | LOCK_NB) != 0) {
		error_set(e, ERROR_BUSY, "port %s is in use by another program", c->port);
		close_port(port);
		return -1;
	}
	*out = port;
	return 0;
}

int bytes_serial_open(struct bytes **out, int fd, const char *real, const struct bytes_config *config,
	struct clock_seat *seat, struct error *e)
{
	struct bytes_end *end = bytes_end_new(config, seat, e);
	struct sp_port *port = NULL;
	int latency;

	if (!end || open_port(&port, &end->fd, fd, real, config, e) != 0 || set_port(port, config, e) != 0 ||
		check_port(port, config, e) != 0)
		goto fail;
	port_exclusive(end->fd);
	latency = port_latency(real);
	if (latency > 1)
		snprintf(end->note, sizeof(end->note), "port %.64s delivers what comes up to %d ms late (latency timer)",
			config->port, latency);
	end->port = port;
	end->get = serial_get;
	end->put = serial_put;
	end->unsend = serial_unsend;
	end->shut = serial_shut;
	close(fd);
	*out = &end->bytes;
	return 0;
fail:
	close_port(port);
	bytes_end_free(end);
	close(fd);
	return -1;
}
