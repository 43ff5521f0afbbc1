#include "daq/wire/words.h"

#include "daq/wire/port.h"

#include <string.h>

void words_close(struct words *w)
{
	if (w)
		w->ops->close(w);
}

void words_use_seat(struct words *w, struct clock_seat *seat)
{
	w->ops->use_seat(w, seat);
}

void words_read(struct words *w, int unit, int function, int address, int count, struct words_reply *reply)
{
	memset(reply, 0, offsetof(struct words_reply, words));
	reply->detail[0] = '\0';
	w->ops->read(w, unit, function, address, count, reply);
}

void words_write(struct words *w, int unit, int address, int count, const uint16_t *words,
	struct words_reply *reply)
{
	memset(reply, 0, offsetof(struct words_reply, words));
	reply->detail[0] = '\0';
	w->ops->write(w, unit, address, count, words, reply);
}

int words_drain(struct words *w, nanos quiet, nanos *latest)
{
	return w->ops->drain(w, quiet, latest);
}

bool words_pending(struct words *w)
{
	return w->ops->pending(w);
}

nanos words_character_time(const struct words_config *config)
{
	int bits;

	if (config->kind != WORDS_RTU || config->baud <= 0)
		return 0;
	/* "Modbus over serial line" V1.02, 2.5.1 asks for 11 bits; many meters are 8N1 all the same and send 10. */
	bits = 1 + config->data_bits + (config->parity != 'N') + config->stop_bits;
	return (nanos)bits * NANOS_PER_S / config->baud;
}

nanos words_request_time(const struct words_config *config, int function, int count)
{
	int characters = function == 16 ? 9 + 2 * count : 8;

	return characters * words_character_time(config);
}

nanos words_reply_time(const struct words_config *config, int function, int count)
{
	int characters = function == 3 || function == 4 ? 5 + 2 * count : 8;

	return characters * words_character_time(config);
}

bool words_lacks_permission(const struct words_config *config, char *why, size_t size)
{
	return config->kind == WORDS_RTU && port_lacks_permission(config->port, why, size);
}

const char *wire_status_name(enum wire_status status)
{
	static const char *const names[] = {
		[WIRE_OK] = "ok",	      [WIRE_TIMEOUT] = "time-out",	[WIRE_CHECKSUM] = "checksum",
		[WIRE_MISMATCH] = "mismatch", [WIRE_EXCEPTION] = "exception", [WIRE_GONE] = "gone",
	};

	return (unsigned)status < sizeof(names) / sizeof(names[0]) ? names[status] : "?";
}
