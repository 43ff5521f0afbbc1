#include "daq/wire/bytes.h"

#include "daq/base/error.h"
#include "daq/wire/bytes_ends.h"
#include "daq/wire/port.h"

#include <string.h>

static int open_port(struct bytes **out, const struct bytes_config *config, struct clock_seat *seat, struct error *e)
{
	char real[256];
	int fd = port_lock(config->port, real, sizeof(real), e);

	if (fd < 0)
		return -1;
	if (port_is_pseudo(fd))
		return bytes_pty_open(out, fd, config, seat, e);
	return bytes_serial_open(out, fd, real, config, seat, e);
}

int bytes_open(struct bytes **out, const struct bytes_config *config, struct clock_seat *seat, struct error *e)
{
	return config->kind == BYTES_TCP ? bytes_tcp_open(out, config, seat, e) : open_port(out, config, seat, e);
}

void bytes_close(struct bytes *b)
{
	if (b)
		b->ops->close(b);
}

void bytes_use_seat(struct bytes *b, struct clock_seat *seat)
{
	b->ops->use_seat(b, seat);
}

struct clock_seat *bytes_seat(struct bytes *b)
{
	return b->ops->seat(b);
}

enum wire_status bytes_write(struct bytes *b, const void *data, size_t size, struct bytes_stamps *stamps)
{
	struct bytes_stamps own = {0, 0, 0};

	return b->ops->write(b, data, size, stamps ? stamps : &own);
}

enum wire_status bytes_read(struct bytes *b, void *data, size_t room, size_t *size, nanos timeout,
	struct bytes_stamps *stamps)
{
	struct bytes_stamps own = {0, 0, 0};
	enum wire_status status;

	*size = 0;
	stamps = stamps ? stamps : &own;
	status = b->ops->read(b, data, room, size, timeout > 0 ? timeout : 0, stamps);
	/* The write returned before its bytes were on the wire; the answer shows that they were. */
	if (stamps->after > stamps->last)
		stamps->after = stamps->last;
	return status;
}

int bytes_drain(struct bytes *b, nanos quiet)
{
	return b->ops->drain(b, quiet);
}

const char *bytes_note(struct bytes *b)
{
	return b->ops->note(b);
}

nanos bytes_character_time(const struct bytes_config *config)
{
	int bits;

	if (config->kind != BYTES_SERIAL || config->baud <= 0)
		return 0;
	bits = 1 + config->data_bits + (config->parity != 'N') + config->stop_bits;
	return (nanos)bits * NANOS_PER_S / config->baud;
}

/* Takes the first `length` kept bytes as a line and forgets them and the `end` behind them. */
static enum wire_status take_line(struct bytes_line *kept, size_t length, char *line, size_t room)
{
	size_t used = length > 0 && kept->data[length - 1] == '\r' ? length - 1 : length;
	bool fits = used < room && !memchr(kept->data, '\0', used);

	if (fits) {
		memcpy(line, kept->data, used);
		line[used] = '\0';
	}
	kept->have -= length + 1;
	memmove(kept->data, kept->data + length + 1, kept->have);
	return fits ? WIRE_OK : WIRE_CHECKSUM;
}

enum wire_status bytes_read_line(struct bytes *b, struct bytes_line *kept, char end, char *line, size_t room,
	nanos timeout, struct bytes_stamps *stamps)
{
	struct bytes_stamps own = {0, 0, 0};
	struct clock_seat *seat = bytes_seat(b);
	nanos until = clock_now(seat->clock) + timeout;
	enum wire_status status = WIRE_OK;

	stamps = stamps ? stamps : &own;
	if (kept->have)
		stamps->last = clock_now(seat->clock);
	for (;;) {
		char *at = memchr(kept->data, end, kept->have);
		size_t came;

		if (at)
			return take_line(kept, (size_t)(at - kept->data), line, room);
		if (kept->have == sizeof(kept->data)) {
			kept->have = 0;
			return WIRE_CHECKSUM;
		}
		status = bytes_read(b, kept->data + kept->have, sizeof(kept->data) - kept->have, &came,
			until - clock_now(seat->clock), stamps);
		if (status == WIRE_TIMEOUT && kept->have)
			status = WIRE_CHECKSUM;
		if (status != WIRE_OK) {
			kept->have = 0;
			return status;
		}
		kept->have += came;
	}
}
