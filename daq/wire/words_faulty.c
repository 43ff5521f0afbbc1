#include "daq/wire/words_faulty.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <stdlib.h>
#include <string.h>

struct faulty_end {
	struct words words;
	struct words *inner;
	const struct words_fault *faults;
	int count, transaction;
	nanos response_timeout;
	struct clock_seat *seat;
	struct words_reply held; /* a late reply that is still in the line */
	nanos held_until;	 /* when it arrives */
	bool holding;
};

static const struct words_fault *fault_now(struct faulty_end *self)
{
	int n = self->transaction++;

	for (int i = 0; i < self->count; i++)
		if (n >= self->faults[i].from && n < self->faults[i].from + self->faults[i].count)
			return &self->faults[i];
	return NULL;
}

static void fail(struct words_reply *r, enum wire_status status, const char *detail)
{
	r->status = status;
	r->count = 0;
	text_copy(r->detail, sizeof(r->detail), detail);
}

static void time_out(struct faulty_end *self, struct words_reply *r)
{
	nanos until = r->before + self->response_timeout;

	while (clock_now(self->seat->clock) < until)
		clock_wait(self->seat, until);
	r->last = clock_now(self->seat->clock);
	fail(r, WIRE_TIMEOUT, "no reply");
}

/* A held reply that arrives before this request's own time-out is taken for its answer. */
static bool stale_answer(struct faulty_end *self, struct words_reply *r, int count)
{
	nanos now = clock_now(self->seat->clock);

	if (!self->holding || self->held_until > now + self->response_timeout)
		return false;
	self->holding = false;
	if (self->held.count != count) {
		r->before = r->after = r->last = now;
		fail(r, WIRE_MISMATCH, "the reply has another length");
		return true;
	}
	*r = self->held;
	r->before = r->after = now;
	if (self->held_until > now)
		clock_wait(self->seat, self->held_until);
	r->last = clock_now(self->seat->clock);
	return true;
}

static void misbehave(struct faulty_end *self, const struct words_fault *fault, struct words_reply *r)
{
	switch (fault->kind) {
	case FAULT_LATE:
		if (fault->late < self->response_timeout)
			return;
		self->held = *r;
		self->held_until = r->before + fault->late;
		self->holding = true;
		time_out(self, r);
		return;
	case FAULT_MUTE:
		time_out(self, r);
		return;
	case FAULT_SHORT:
		fail(r, WIRE_CHECKSUM, "the reply was cut short");
		return;
	case FAULT_GARBLED:
		fail(r, WIRE_CHECKSUM, "bad checksum");
		return;
	case FAULT_WRONG_UNIT:
		fail(r, WIRE_MISMATCH, "the reply came from another unit");
		return;
	case FAULT_EXCEPTION:
		fail(r, WIRE_EXCEPTION, "exception 4");
		r->exception = 4;
		return;
	case FAULT_GONE:
		fail(r, WIRE_GONE, "the port is gone");
		return;
	}
}

static void faulty_read(struct words *w, int unit, int function, int address, int count, struct words_reply *r)
{
	struct faulty_end *self = (struct faulty_end *)w;
	const struct words_fault *fault = fault_now(self);
	struct words_reply own;

	if (stale_answer(self, r, count)) {
		/* The true answer now stays in the line in its place. */
		words_read(self->inner, unit, function, address, count, &own);
		self->held = own;
		self->held_until = own.last;
		self->holding = own.status == WIRE_OK;
		return;
	}
	words_read(self->inner, unit, function, address, count, r);
	if (fault)
		misbehave(self, fault, r);
}

static void faulty_write(struct words *w, int unit, int address, int count, const uint16_t *words,
	struct words_reply *r)
{
	struct faulty_end *self = (struct faulty_end *)w;
	const struct words_fault *fault = fault_now(self);

	words_write(self->inner, unit, address, count, words, r);
	if (fault)
		misbehave(self, fault, r);
}

static int faulty_drain(struct words *w, nanos quiet, nanos *latest)
{
	struct faulty_end *self = (struct faulty_end *)w;
	int bytes = words_drain(self->inner, quiet, latest);

	if (self->holding && self->held_until <= clock_now(self->seat->clock)) {
		self->holding = false;
		bytes += 5 + 2 * self->held.count;
		if (latest)
			*latest = self->held_until;
	}
	return bytes;
}

static bool faulty_pending(struct words *w)
{
	struct faulty_end *self = (struct faulty_end *)w;

	return words_pending(self->inner) || (self->holding && self->held_until <= clock_now(self->seat->clock));
}

static void faulty_use_seat(struct words *w, struct clock_seat *seat)
{
	struct faulty_end *self = (struct faulty_end *)w;

	self->seat = seat;
	words_use_seat(self->inner, seat);
}

static void faulty_close(struct words *w)
{
	struct faulty_end *self = (struct faulty_end *)w;

	words_close(self->inner);
	free(self);
}

static const struct words_ops faulty_ops = {
	.read = faulty_read,
	.write = faulty_write,
	.drain = faulty_drain,
	.pending = faulty_pending,
	.use_seat = faulty_use_seat,
	.close = faulty_close,
};

int words_faulty_open(struct words **out, struct words *inner, const struct words_fault *faults, int count,
	nanos response_timeout, struct clock_seat *seat, struct error *e)
{
	struct faulty_end *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for a faulty bus");
	self->words.ops = &faulty_ops;
	self->inner = inner;
	self->faults = faults;
	self->count = count;
	self->response_timeout = response_timeout;
	self->seat = seat;
	*out = &self->words;
	return 0;
}
