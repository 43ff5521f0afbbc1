#include "daq/wire/bytes_queue.h"

#include <string.h>

void bytes_queue_put(struct bytes_queue *q, const void *data, size_t size, nanos at)
{
	struct bytes_chunk *c = &q->chunk[q->chunks];

	if (q->chunks == BYTES_CHUNKS || size == 0)
		return;
	if (q->chunks > 0 && at < c[-1].at)
		at = c[-1].at;
	c->at = at;
	c->have = size < sizeof(c->data) ? size : sizeof(c->data);
	memcpy(c->data, data, c->have);
	q->chunks++;
}

nanos bytes_queue_next(const struct bytes_queue *q)
{
	return q->chunks > 0 ? q->chunk[0].at : NANOS_NEVER;
}

size_t bytes_queue_take(struct bytes_queue *q, void *data, size_t room, nanos now)
{
	size_t total = 0;

	while (q->chunks > 0 && q->chunk[0].at <= now && total < room) {
		struct bytes_chunk *c = &q->chunk[0];
		size_t n = c->have < room - total ? c->have : room - total;

		memcpy((char *)data + total, c->data, n);
		total += n;
		c->have -= n;
		memmove(c->data, c->data + n, c->have);
		if (c->have == 0)
			memmove(c, c + 1, (size_t)--q->chunks * sizeof(*c));
	}
	return total;
}
