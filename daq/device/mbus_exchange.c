#include "daq/device/mbus_exchange.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <stdio.h>
#include <string.h>

/* Between characters of one frame the standard allows nothing; adapters deliver in packets, gateways in slower ones. */
#define GAP (150 * NANOS_PER_MS)
#define GATEWAY_GAP (500 * NANOS_PER_MS)

enum { BITS = 11 };

static nanos now_of(const struct mbus_master *m)
{
	return clock_now(bytes_seat(m->wire)->clock);
}

/* Why what came is no answer; the first reason stays. */
static void note(struct mbus_reading *r, enum wire_status status, const struct mbus_exchange *x, const char *what)
{
	if (r->status != WIRE_TIMEOUT)
		return;
	r->status = status;
	snprintf(r->detail, sizeof(r->detail), "%s: %.110s", x->what, what);
}

/* Whether the telegram is of the meter that was selected. */
static bool is_selected(const uint8_t *select, const struct mbus_header *h)
{
	for (int i = 0; i < 8; i++)
		if (h->raw[i] != select[i] && select[i] != 0xFF)
			return false;
	return true;
}

/* A frame that its checksum proves: is it what was asked for? A master's own frames are its echo, which level converters make. */
static bool accept(const struct mbus_exchange *x, const struct mbus_frame *frame, struct mbus_reading *r)
{
	const struct mbus_address *address = &x->slave->address;
	struct mbus_telegram *t = &r->telegram;
	struct error why = ERROR_INIT;
	int had = t->records, frames = t->frames;
	bool more = t->more;
	char text[120];

	if (frame->kind != MBUS_ACK && (frame->c & MBUS_FROM_MASTER))
		return false;
	if (x->wants == MBUS_ACK) {
		if (frame->kind == MBUS_ACK)
			return true;
		note(r, WIRE_MISMATCH, x, "data came instead of an acknowledgement");
		r->wrong++;
		return false;
	}
	if (frame->kind == MBUS_ACK) {
		note(r, WIRE_EXCEPTION, x, "acknowledged (E5h), but no data came");
		return false;
	}
	if (address->primary != MBUS_SELECTED && frame->a != address->primary) {
		snprintf(text, sizeof(text), "address %d answers instead of %d", frame->a, address->primary);
		note(r, WIRE_MISMATCH, x, text);
		r->wrong++;
		return false;
	}
	if (mbus_telegram_add(t, frame, &why) != 0) {
		note(r, frames ? WIRE_MISMATCH : WIRE_EXCEPTION, x, why.text);
	} else if (address->primary == MBUS_SELECTED && !is_selected(address->select, &t->header)) {
		snprintf(text, sizeof(text), "meter %s of %s answers, which was not selected", t->header.id, t->header.manufacturer);
		note(r, WIRE_MISMATCH, x, text);
		r->wrong++;
	} else {
		memcpy(r->raw + r->size, frame->data, (size_t)frame->size);
		r->size += (size_t)frame->size;
		return true;
	}
	t->records = had;
	t->frames = frames;
	t->more = more;
	return false;
}

/* What the reader holds, until it is the answer; `ended`: nothing more comes. */
static bool look(struct mbus_master *m, const struct mbus_exchange *x, bool ended, struct mbus_reading *r)
{
	for (;;) {
		struct mbus_frame frame;
		struct error why = ERROR_INIT;
		enum mbus_found found = ended ? mbus_reader_end(&m->reader, &frame, &why) : mbus_reader_next(&m->reader, &frame, &why);

		if (found == MBUS_FOUND_NOTHING)
			return false;
		if (found == MBUS_FOUND_FRAME) {
			/* After a broken frame an E5h may be one of its bytes. */
			if ((frame.kind != MBUS_ACK || r->status == WIRE_TIMEOUT) && accept(x, &frame, r))
				return true;
			continue;
		}
		r->checksums++;
		note(r, WIRE_CHECKSUM, x, why.text);
	}
}

static nanos wire_time(const struct mbus_master *m, int bytes)
{
	return (nanos)bytes * BITS * NANOS_PER_S / m->config.baud;
}

/* Reads until the answer is there or time is up. What comes may be an echo or noise: the time for an answer's first byte is
 * not shortened by it, and what has begun may end. A line that never falls silent is given up. */
static enum wire_status listen(struct mbus_master *m, const struct mbus_exchange *x, struct mbus_reading *r,
	struct bytes_stamps *stamps, bool *answered)
{
	nanos gap = m->config.gateway ? GATEWAY_GAP : GAP, until = now_of(m) + m->config.response_timeout;
	nanos give_up = until + 2 * wire_time(m, MBUS_FRAME_MAX) + gap;

	while (!*answered && now_of(m) < until && now_of(m) < give_up) {
		uint8_t data[MBUS_FRAME_MAX];
		size_t size = 0;
		enum wire_status status = bytes_read(m->wire, data, sizeof(data), &size, until - now_of(m), stamps);
		nanos rest;

		if (status != WIRE_OK)
			return status;
		mbus_reader_put(&m->reader, data, size);
		*answered = look(m, x, false, r);
		rest = now_of(m) + gap + wire_time(m, mbus_reader_missing(&m->reader));
		if (rest > until)
			until = rest;
	}
	return WIRE_OK;
}

void mbus_exchange_run(struct mbus_master *m, const struct mbus_exchange *x, struct mbus_reading *r)
{
	struct bytes_stamps stamps = {0, 0, 0};
	enum wire_status status;
	bool answered = false;

	m->reader.have = 0;
	m->reader.noise = 0;
	r->detail[0] = '\0';
	status = bytes_write(m->wire, x->request, (size_t)x->size, &stamps);
	if (r->before == 0)
		r->before = stamps.before;
	if (r->after == 0 && x->wants == MBUS_LONG)
		r->after = stamps.after;
	r->status = WIRE_TIMEOUT;
	if (status == WIRE_OK)
		status = listen(m, x, r, &stamps, &answered);
	r->last = stamps.last;
	if (status == WIRE_GONE) {
		r->status = WIRE_GONE;
		snprintf(r->detail, sizeof(r->detail), "%s: the port is gone", x->what);
		return;
	}
	if (answered || look(m, x, true, r)) {
		r->status = WIRE_OK;
		r->detail[0] = '\0';
	} else if (r->status == WIRE_TIMEOUT) {
		snprintf(r->detail, sizeof(r->detail), "%s: %s", x->what, m->reader.noise ? "noise came, and no frame" : "no answer");
	}
}
