#include "daq/wire/documents_faulty.h"

#include "daq/base/error.h"
#include "daq/wire/documents_ends.h"

#include <stdlib.h>
#include <string.h>

struct memory_end {
	struct documents documents;
	struct documents_memory memory;
	struct clock_seat *seat;
};

struct faulty_end {
	struct documents documents;
	struct documents *inner;
	const struct documents_fault *faults;
	int count, fetches;
	nanos response_timeout;
	struct clock_seat *seat;
};

static void let_pass(struct clock_seat *seat, nanos until)
{
	bool woken = false;

	while (clock_now(seat->clock) < until)
		woken |= clock_wait(seat, until);
	if (woken)
		clock_wake(seat); /* not for this wait: kept for the next */
}

static void memory_fetch(struct documents *d, const char *const *keys, int count, struct documents_reply *r)
{
	struct memory_end *self = (struct memory_end *)d;
	const char *body = self->memory.answer(self->memory.self, keys, count);

	r->before = r->after = clock_now(self->seat->clock);
	let_pass(self->seat, r->before + (body ? self->memory.duration : self->memory.response_timeout));
	r->last = clock_now(self->seat->clock);
	r->body = body;
	r->size = body ? strlen(body) : 0;
	if (!body)
		documents_fail(r, WIRE_TIMEOUT, "connected, but no answer in time");
}

static void memory_use_seat(struct documents *d, struct clock_seat *seat)
{
	((struct memory_end *)d)->seat = seat;
}

static void memory_close(struct documents *d)
{
	free(d);
}

static const struct documents_ops memory_ops = {
	.fetch = memory_fetch,
	.use_seat = memory_use_seat,
	.close = memory_close,
};

int documents_memory_open(struct documents **out, const struct documents_memory *memory, struct clock_seat *seat,
	struct error *e)
{
	struct memory_end *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for documents in memory");
	self->documents.ops = &memory_ops;
	self->memory = *memory;
	self->seat = seat;
	*out = &self->documents;
	return 0;
}

static void misbehave(struct faulty_end *self, enum documents_fault_kind kind, struct documents_reply *r)
{
	switch (kind) {
	case DOCUMENTS_MUTE:
		let_pass(self->seat, r->before + self->response_timeout);
		r->last = clock_now(self->seat->clock);
		documents_fail(r, WIRE_TIMEOUT, "connected, but no answer in time");
		return;
	case DOCUMENTS_CUT:
		documents_fail(r, WIRE_CHECKSUM, "the document was cut short after %zu bytes", r->size / 2);
		return;
	case DOCUMENTS_REFUSED:
		r->code = 500;
		documents_fail(r, WIRE_EXCEPTION, "HTTP 500");
		return;
	case DOCUMENTS_GARBAGE:
		r->body = "<html>no feed today</html>";
		r->size = strlen(r->body);
		return;
	case DOCUMENTS_GONE:
		documents_fail(r, WIRE_GONE, "no connection: Connection refused");
		return;
	case DOCUMENTS_UNCHANGED:
		r->unchanged = true;
		r->body = NULL;
		r->size = 0;
		return;
	}
}

static void faulty_fetch(struct documents *d, const char *const *keys, int count, struct documents_reply *r)
{
	struct faulty_end *self = (struct faulty_end *)d;
	int n = self->fetches++;

	documents_fetch(self->inner, keys, count, r);
	for (int i = 0; i < self->count && r->status == WIRE_OK; i++)
		if (n >= self->faults[i].from && n < self->faults[i].from + self->faults[i].count)
			misbehave(self, self->faults[i].kind, r);
}

static void faulty_forget(struct documents *d)
{
	documents_forget(((struct faulty_end *)d)->inner);
}

static void faulty_use_seat(struct documents *d, struct clock_seat *seat)
{
	struct faulty_end *self = (struct faulty_end *)d;

	self->seat = seat;
	documents_use_seat(self->inner, seat);
}

static void faulty_close(struct documents *d)
{
	documents_close(((struct faulty_end *)d)->inner);
	free(d);
}

static const struct documents_ops faulty_ops = {
	.fetch = faulty_fetch,
	.forget = faulty_forget,
	.use_seat = faulty_use_seat,
	.close = faulty_close,
};

int documents_faulty_open(struct documents **out, struct documents *inner, const struct documents_fault *faults, int count,
	nanos response_timeout, struct clock_seat *seat, struct error *e)
{
	struct faulty_end *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for a faulty document bus");
	self->documents.ops = &faulty_ops;
	self->inner = inner;
	self->faults = faults;
	self->count = count;
	self->response_timeout = response_timeout;
	self->seat = seat;
	*out = &self->documents;
	return 0;
}
