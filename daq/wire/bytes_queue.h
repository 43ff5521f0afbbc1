/*
 * bytes_queue.h - bytes in order, each with the instant from which it can be read: what the faulty end and the end in
 * memory (bytes_faulty.h) hold.
 */
#ifndef HEATBENCH_WIRE_BYTES_QUEUE_H
#define HEATBENCH_WIRE_BYTES_QUEUE_H

#include "daq/base/clock.h"

#include <stddef.h>

enum { BYTES_CHUNKS = 16, BYTES_CHUNK = 512 };

struct bytes_queue {
	struct bytes_chunk {
		nanos at;
		size_t have;
		char data[BYTES_CHUNK];
	} chunk[BYTES_CHUNKS];
	int chunks;
};

/* Behind all that is there, and no earlier than it. What does not fit is lost, as on a wire nobody reads. */
void bytes_queue_put(struct bytes_queue *q, const void *data, size_t size, nanos at);

/* When the next byte can be read; NANOS_NEVER: there is none. */
nanos bytes_queue_next(const struct bytes_queue *q);

/* Bytes whose time has come; how many. */
size_t bytes_queue_take(struct bytes_queue *q, void *data, size_t room, nanos now);

#endif
