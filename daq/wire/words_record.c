#include "daq/wire/words_record.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/wire/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct record_end {
	struct words words;
	struct words *inner;
	struct clock_seat *seat;
	struct recording *recording;
	nanos zero;
	struct text line;
};

static nanos now_of(struct record_end *self)
{
	return clock_now(self->seat->clock);
}

static void add_words(struct text *line, int count, const uint16_t *words)
{
	for (int i = 0; i < count; i++)
		text_add(line, " %04x", words[i]);
}

/* What became of a request that was made at `at`. */
static void put_reply(struct record_end *self, nanos at, const struct words_reply *r)
{
	char detail[4 * sizeof(r->detail) + 8];

	text_add(&self->line, " @%" PRId64 " +%" PRId64 " +%" PRId64 " +%" PRId64 " %s", at - self->zero, r->before - at,
		r->after - at, r->last - at, wire_status_name(r->status));
	if (r->status == WIRE_EXCEPTION)
		text_add(&self->line, " %d", r->exception);
	if (r->status == WIRE_OK) {
		add_words(&self->line, r->count, r->words);
	} else {
		recording_quote(detail, sizeof(detail), r->detail);
		text_add(&self->line, " %s", detail);
	}
}

/* A line that memory ran out for is left out, which a replay will notice. */
static void put_line(struct record_end *self)
{
	if (!self->line.failed)
		recording_add(self->recording, self->line.data);
	text_free(&self->line);
}

static void record_read(struct words *w, int unit, int function, int address, int count, struct words_reply *r)
{
	struct record_end *self = (struct record_end *)w;
	nanos at = now_of(self);

	words_read(self->inner, unit, function, address, count, r);
	text_add(&self->line, "r %d %d %d %d", unit, function, address, count);
	put_reply(self, at, r);
	put_line(self);
}

static void record_write(struct words *w, int unit, int address, int count, const uint16_t *words,
	struct words_reply *r)
{
	struct record_end *self = (struct record_end *)w;
	nanos at = now_of(self);

	words_write(self->inner, unit, address, count, words, r);
	text_add(&self->line, "w %d %d %d", unit, address, count);
	add_words(&self->line, count, words);
	put_reply(self, at, r);
	put_line(self);
}

static int record_drain(struct words *w, nanos quiet, nanos *latest)
{
	struct record_end *self = (struct record_end *)w;
	nanos at = now_of(self), last = 0;
	int bytes = words_drain(self->inner, quiet, &last);

	text_add(&self->line, "d %" PRId64 " @%" PRId64 " +%" PRId64 " %d", quiet, at - self->zero, now_of(self) - at,
		bytes);
	if (bytes > 0)
		text_add(&self->line, " +%" PRId64, last - at);
	else
		text_add(&self->line, " -");
	put_line(self);
	if (bytes > 0 && latest)
		*latest = last;
	return bytes;
}

static bool record_pending(struct words *w)
{
	struct record_end *self = (struct record_end *)w;
	bool pending = words_pending(self->inner);

	if (pending) {
		text_add(&self->line, "p @%" PRId64, now_of(self) - self->zero);
		put_line(self);
	}
	return pending;
}

static void record_use_seat(struct words *w, struct clock_seat *seat)
{
	struct record_end *self = (struct record_end *)w;

	self->seat = seat;
	words_use_seat(self->inner, seat);
}

static void record_close(struct words *w)
{
	struct record_end *self = (struct record_end *)w;

	words_close(self->inner);
	recording_close(self->recording);
	text_free(&self->line);
	free(self);
}

static const struct words_ops record_ops = {
	.read = record_read,
	.write = record_write,
	.drain = record_drain,
	.pending = record_pending,
	.use_seat = record_use_seat,
	.close = record_close,
};

static void describe(char *out, size_t size, const struct words_config *c)
{
	if (c->kind == WORDS_TCP)
		snprintf(out, size, "bus=%s kind=tcp timeout=%" PRId64, c->name, c->response_timeout);
	else
		snprintf(out, size, "bus=%s kind=rtu baud=%d frame=%d%c%d timeout=%" PRId64, c->name, c->baud, c->data_bits,
			c->parity ? c->parity : 'N', c->stop_bits, c->response_timeout);
}

int words_record_open(struct words **out, struct words *inner, const char *path, const struct words_config *config,
	struct clock_seat *seat, struct error *e)
{
	struct record_end *self = calloc(1, sizeof(*self));
	char opening[256];

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory to record bus %s", config->name);
	describe(opening, sizeof(opening), config);
	if (recording_create(&self->recording, path, "words", opening, e) != 0) {
		free(self);
		return -1;
	}
	self->words.ops = &record_ops;
	self->inner = inner;
	self->seat = seat;
	self->zero = now_of(self);
	*out = &self->words;
	return 0;
}

void words_record_bound(struct words *recorder, int64_t bytes)
{
	recording_bound(((struct record_end *)recorder)->recording, bytes);
}

const char *words_record_trouble(struct words *recorder)
{
	return recording_trouble(((struct record_end *)recorder)->recording);
}
