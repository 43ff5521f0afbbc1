#include "daq/wire/words_faulty.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <stdlib.h>

struct memory_end {
	struct words words;
	struct words_memory memory;
	struct clock_seat *seat;
};

static void let_pass(struct clock_seat *seat, nanos duration)
{
	nanos until = clock_now(seat->clock) + duration;
	bool woken = false;

	while (clock_now(seat->clock) < until)
		woken |= clock_wait(seat, until);
	if (woken)
		clock_wake(seat); /* not for this wait: kept for the next */
}

static void memory_judge(struct memory_end *self, int code, int count, struct words_reply *r)
{
	r->before = r->after = clock_now(self->seat->clock);
	let_pass(self->seat, code < 0 ? self->memory.response_timeout : self->memory.duration);
	r->last = clock_now(self->seat->clock);
	r->status = code < 0 ? WIRE_TIMEOUT : code > 0 ? WIRE_EXCEPTION : WIRE_OK;
	r->exception = code > 0 ? code : 0;
	r->count = code == 0 ? count : 0;
	if (code)
		text_copy(r->detail, sizeof(r->detail), code < 0 ? "no reply" : "exception");
}

static void memory_read(struct words *w, int unit, int function, int address, int count, struct words_reply *r)
{
	struct memory_end *self = (struct memory_end *)w;

	memory_judge(self, self->memory.answer(self->memory.self, unit, function, address, count, r->words), count, r);
}

static void memory_write(struct words *w, int unit, int address, int count, const uint16_t *words,
	struct words_reply *r)
{
	struct memory_end *self = (struct memory_end *)w;

	memory_judge(self, self->memory.accept(self->memory.self, unit, address, count, words), 0, r);
}

static int memory_drain(struct words *w, nanos quiet, nanos *latest)
{
	(void)latest;
	let_pass(((struct memory_end *)w)->seat, quiet);
	return 0;
}

static bool memory_pending(struct words *w)
{
	(void)w;
	return false;
}

static void memory_use_seat(struct words *w, struct clock_seat *seat)
{
	struct memory_end *self = (struct memory_end *)w;

	self->seat = seat;
}

static void memory_close(struct words *w)
{
	free(w);
}

static const struct words_ops memory_ops = {
	.read = memory_read,
	.write = memory_write,
	.drain = memory_drain,
	.pending = memory_pending,
	.use_seat = memory_use_seat,
	.close = memory_close,
};

int words_memory_open(struct words **out, const struct words_memory *memory, struct clock_seat *seat,
	struct error *e)
{
	struct memory_end *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for a bus in memory");
	self->words.ops = &memory_ops;
	self->memory = *memory;
	self->seat = seat;
	*out = &self->words;
	return 0;
}
