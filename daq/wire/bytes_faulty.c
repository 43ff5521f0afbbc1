#include "daq/wire/bytes_faulty.h"

#include "daq/base/error.h"
#include "daq/wire/bytes_ends.h"
#include "daq/wire/bytes_queue.h"

#include <stdlib.h>

struct faulty_end {
	struct bytes bytes;
	struct bytes *inner;
	const struct bytes_fault *faults;
	int count, exchange;
	const struct bytes_fault *fault; /* of the present exchange; NULL: none */
	nanos asked;			 /* when it began */
	struct bytes_queue queue;	 /* what has come from the inner end and is not read yet */
};

static struct clock_seat *faulty_seat(struct bytes *b)
{
	return bytes_seat(((struct faulty_end *)b)->inner);
}

static nanos now_of(struct faulty_end *self)
{
	return clock_now(bytes_seat(self->inner)->clock);
}

static bool has(const struct faulty_end *self, enum bytes_fault_kind kind)
{
	return self->fault && self->fault->kind == kind;
}

static void next_exchange(struct faulty_end *self)
{
	int n = self->exchange++;

	self->fault = NULL;
	self->asked = now_of(self);
	for (int i = 0; i < self->count && !self->fault; i++)
		if (n >= self->faults[i].from && n < self->faults[i].from + self->faults[i].count)
			self->fault = &self->faults[i];
}

/* What came for the present exchange goes into the line as the fault makes it. */
static void pass_on(struct faulty_end *self, char *data, size_t size)
{
	nanos at = now_of(self);

	if (has(self, BYTES_MUTE))
		return;
	if (has(self, BYTES_SHORT))
		size /= 2;
	if (has(self, BYTES_GARBLED))
		data[size / 2] ^= 0x10;
	if (has(self, BYTES_LATE) && self->asked + self->fault->late > at)
		at = self->asked + self->fault->late;
	bytes_queue_put(&self->queue, data, size, at);
}

/* Takes in what the inner end gives within `patience`. WIRE_GONE: it is gone. */
static enum wire_status take_in(struct faulty_end *self, nanos patience)
{
	char data[BYTES_CHUNK];
	size_t n;
	enum wire_status status = bytes_read(self->inner, data, sizeof(data), &n, patience, NULL);

	if (status == WIRE_OK)
		pass_on(self, data, n);
	return status;
}

static enum wire_status faulty_write(struct bytes *b, const void *data, size_t size, struct bytes_stamps *stamps)
{
	struct faulty_end *self = (struct faulty_end *)b;

	/* What the exchange before left behind is still its own. */
	if (self->exchange > 0 && take_in(self, 0) == WIRE_GONE)
		return WIRE_GONE;
	next_exchange(self);
	if (has(self, BYTES_GONE)) {
		stamps->before = stamps->after = stamps->last = self->asked;
		return WIRE_GONE;
	}
	return bytes_write(self->inner, data, size, stamps);
}

static enum wire_status faulty_read(struct bytes *b, void *data, size_t room, size_t *size, nanos timeout,
	struct bytes_stamps *stamps)
{
	struct faulty_end *self = (struct faulty_end *)b;
	nanos until = now_of(self) + timeout;
	enum wire_status status = has(self, BYTES_GONE) ? WIRE_GONE : WIRE_OK;

	while (status != WIRE_GONE && bytes_queue_next(&self->queue) > now_of(self)) {
		nanos next = bytes_queue_next(&self->queue), patience = (next < until ? next : until) - now_of(self);

		status = take_in(self, patience);
		if (status == WIRE_TIMEOUT && now_of(self) >= until)
			break;
	}
	stamps->last = now_of(self);
	if (status == WIRE_GONE)
		return WIRE_GONE;
	*size = bytes_queue_take(&self->queue, data, room, stamps->last);
	return *size ? WIRE_OK : WIRE_TIMEOUT;
}

static int faulty_drain(struct bytes *b, nanos quiet)
{
	struct faulty_end *self = (struct faulty_end *)b;
	char waste[BYTES_CHUNK];
	int total = 0, n;

	do {
		nanos until = now_of(self) + quiet;

		while (take_in(self, until - now_of(self)) == WIRE_OK && bytes_queue_next(&self->queue) > now_of(self))
			;
		bytes_pass(bytes_seat(self->inner), bytes_queue_next(&self->queue) < until
							    ? bytes_queue_next(&self->queue) : until);
		n = (int)bytes_queue_take(&self->queue, waste, sizeof(waste), now_of(self));
		total += n;
	} while (n > 0);
	return total;
}

static const char *faulty_note(struct bytes *b)
{
	return bytes_note(((struct faulty_end *)b)->inner);
}

static void faulty_use_seat(struct bytes *b, struct clock_seat *seat)
{
	bytes_use_seat(((struct faulty_end *)b)->inner, seat);
}

static void faulty_close(struct bytes *b)
{
	bytes_close(((struct faulty_end *)b)->inner);
	free(b);
}

static const struct bytes_ops faulty_ops = {
	.write = faulty_write,
	.read = faulty_read,
	.drain = faulty_drain,
	.note = faulty_note,
	.seat = faulty_seat,
	.use_seat = faulty_use_seat,
	.close = faulty_close,
};

int bytes_faulty_open(struct bytes **out, struct bytes *inner, const struct bytes_fault *faults, int count,
	struct error *e)
{
	struct faulty_end *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for a faulty bus");
	self->bytes.ops = &faulty_ops;
	self->inner = inner;
	self->faults = faults;
	self->count = count;
	*out = &self->bytes;
	return 0;
}
