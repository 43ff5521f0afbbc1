#include "daq/wire/bytes_faulty.h"

#include "daq/base/error.h"
#include "daq/wire/bytes_ends.h"
#include "daq/wire/bytes_queue.h"

#include <stdlib.h>

struct memory_end {
	struct bytes bytes;
	struct bytes_memory memory;
	struct clock_seat *seat;
	struct bytes_queue queue;
};

static enum wire_status memory_write(struct bytes *b, const void *data, size_t size, struct bytes_stamps *stamps)
{
	struct memory_end *self = (struct memory_end *)b;
	char reply[BYTES_CHUNK];
	int n = self->memory.answer(self->memory.self, data, size, reply, sizeof(reply));

	stamps->before = stamps->after = stamps->last = clock_now(self->seat->clock);
	if (n < 0)
		return WIRE_GONE;
	bytes_queue_put(&self->queue, reply, (size_t)n, stamps->before + self->memory.duration);
	return WIRE_OK;
}

static enum wire_status memory_read(struct bytes *b, void *data, size_t room, size_t *size, nanos timeout,
	struct bytes_stamps *stamps)
{
	struct memory_end *self = (struct memory_end *)b;
	nanos until = clock_now(self->seat->clock) + timeout, next = bytes_queue_next(&self->queue);

	bytes_pass(self->seat, next < until ? next : until);
	stamps->last = clock_now(self->seat->clock);
	*size = bytes_queue_take(&self->queue, data, room, stamps->last);
	return *size ? WIRE_OK : WIRE_TIMEOUT;
}

static int memory_drain(struct bytes *b, nanos quiet)
{
	struct memory_end *self = (struct memory_end *)b;
	char waste[BYTES_CHUNK];
	nanos until = clock_now(self->seat->clock) + quiet;
	int total = 0;

	for (;;) {
		nanos next = bytes_queue_next(&self->queue);

		if (next > until)
			break;
		bytes_pass(self->seat, next);
		total += (int)bytes_queue_take(&self->queue, waste, sizeof(waste), clock_now(self->seat->clock));
		until = clock_now(self->seat->clock) + quiet;
	}
	bytes_pass(self->seat, until);
	return total;
}

static const char *memory_note(struct bytes *b)
{
	(void)b;
	return "";
}

static struct clock_seat *memory_seat(struct bytes *b)
{
	return ((struct memory_end *)b)->seat;
}

static void memory_use_seat(struct bytes *b, struct clock_seat *seat)
{
	((struct memory_end *)b)->seat = seat;
}

static void memory_close(struct bytes *b)
{
	free(b);
}

static const struct bytes_ops memory_ops = {
	.write = memory_write,
	.read = memory_read,
	.drain = memory_drain,
	.note = memory_note,
	.seat = memory_seat,
	.use_seat = memory_use_seat,
	.close = memory_close,
};

int bytes_memory_open(struct bytes **out, const struct bytes_memory *memory, struct clock_seat *seat, struct error *e)
{
	struct memory_end *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for a bus in memory");
	self->bytes.ops = &memory_ops;
	self->memory = *memory;
	self->seat = seat;
	*out = &self->bytes;
	return 0;
}
