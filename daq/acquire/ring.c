#include "daq/acquire/ring.h"

#include "daq/base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RESERVE = 1 << 20, WRAP = -1 };

struct record {
	int32_t kind;
	uint32_t size;
};

struct ring {
	char *data;
	size_t room, head, tail, used; /* head: next to pop; tail: next to push */
	size_t highest;
	uint64_t drops;
	bool lossless, ended;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
};

static size_t padded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

struct ring *ring_open(size_t bytes, bool lossless)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	pthread_condattr_t attr;

	if (!ring)
		return NULL;
	ring->room = padded(bytes + RESERVE);
	ring->data = malloc(ring->room);
	if (!ring->data) {
		free(ring);
		return NULL;
	}
	ring->lossless = lossless;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&ring->filled, &attr);
	pthread_cond_init(&ring->emptied, &attr);
	pthread_condattr_destroy(&attr);
	return ring;
}

void ring_close(struct ring *ring)
{
	if (!ring)
		return;
	pthread_cond_destroy(&ring->filled);
	pthread_cond_destroy(&ring->emptied);
	pthread_mutex_destroy(&ring->lock);
	free(ring->data);
	free(ring);
}

/* Bytes that a record of `size` would take now, with the remainder of the buffer that it has to skip. */
static size_t cost(const struct ring *ring, size_t size)
{
	return ring->tail + size > ring->room ? size + (ring->room - ring->tail) : size;
}

static void put(struct ring *ring, const struct record *r, const void *head, size_t head_size, const void *tail,
	size_t tail_size)
{
	size_t size = padded(sizeof(*r) + r->size);
	char *at;

	if (ring->tail + size > ring->room) {
		if (ring->room - ring->tail >= sizeof(*r)) {
			const struct record wrap = {.kind = WRAP};

			memcpy(ring->data + ring->tail, &wrap, sizeof(wrap));
		}
		ring->used += ring->room - ring->tail;
		ring->tail = 0;
	}
	at = ring->data + ring->tail;
	memcpy(at, r, sizeof(*r));
	memcpy(at + sizeof(*r), head, head_size);
	if (tail_size)
		memcpy(at + sizeof(*r) + head_size, tail, tail_size);
	ring->tail = ring->tail + size == ring->room ? 0 : ring->tail + size;
	ring->used += size;
	if (ring->used > ring->highest)
		ring->highest = ring->used;
}

bool ring_push(struct ring *ring, int kind, const void *head, size_t head_size, const void *tail,
	size_t tail_size, bool must)
{
	const struct record r = {.kind = kind, .size = (uint32_t)(head_size + tail_size)};
	size_t size = padded(sizeof(r) + r.size), limit = must ? ring->room : ring->room - RESERVE;
	size_t before, quarter = (ring->room - RESERVE) / 4;
	bool fits, crowded;

	pthread_mutex_lock(&ring->lock);
	while (ring->lossless && !ring->ended && ring->used + cost(ring, size) > limit) {
		pthread_cond_signal(&ring->filled); /* a full ring that nobody empties would never have room */
		pthread_cond_wait(&ring->emptied, &ring->lock);
	}
	fits = !ring->ended && ring->used + cost(ring, size) <= limit;
	before = ring->used;
	if (fits)
		put(ring, &r, head, head_size, tail, tail_size);
	else
		ring->drops++;
	crowded = before <= quarter && ring->used > quarter;
	pthread_mutex_unlock(&ring->lock);
	if (crowded)
		pthread_cond_signal(&ring->filled);
	return fits;
}

bool ring_peek(struct ring *ring, int ms, int *kind, const void **data, size_t *size)
{
	struct timespec until;
	struct record r;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= NANOS_PER_S) {
		until.tv_sec++;
		until.tv_nsec -= NANOS_PER_S;
	}
	pthread_mutex_lock(&ring->lock);
	while (ring->used == 0 && !ring->ended)
		if (pthread_cond_timedwait(&ring->filled, &ring->lock, &until) == ETIMEDOUT)
			break;
	if (ring->used == 0) {
		pthread_mutex_unlock(&ring->lock);
		return false;
	}
	r.kind = WRAP;
	if (ring->room - ring->head >= sizeof(r))
		memcpy(&r, ring->data + ring->head, sizeof(r));
	if (r.kind == WRAP) {
		ring->used -= ring->room - ring->head;
		ring->head = 0;
		memcpy(&r, ring->data, sizeof(r));
	}
	pthread_mutex_unlock(&ring->lock);
	*kind = r.kind;
	*data = ring->data + ring->head + sizeof(r);
	*size = r.size;
	return true;
}

void ring_done(struct ring *ring)
{
	struct record r;
	size_t size;

	pthread_mutex_lock(&ring->lock);
	memcpy(&r, ring->data + ring->head, sizeof(r));
	size = padded(sizeof(r) + r.size);
	ring->head = ring->head + size == ring->room ? 0 : ring->head + size;
	ring->used -= size;
	pthread_cond_broadcast(&ring->emptied);
	pthread_mutex_unlock(&ring->lock);
}

void ring_end(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->ended = true;
	pthread_cond_broadcast(&ring->filled);
	pthread_cond_broadcast(&ring->emptied);
	pthread_mutex_unlock(&ring->lock);
}

bool ring_ended(struct ring *ring)
{
	bool ended;

	pthread_mutex_lock(&ring->lock);
	ended = ring->ended;
	pthread_mutex_unlock(&ring->lock);
	return ended;
}

uint64_t ring_drops(struct ring *ring)
{
	uint64_t drops;

	pthread_mutex_lock(&ring->lock);
	drops = ring->drops;
	pthread_mutex_unlock(&ring->lock);
	return drops;
}

double ring_fill(struct ring *ring)
{
	double fill;

	pthread_mutex_lock(&ring->lock);
	fill = (double)ring->highest / (double)ring->room;
	pthread_mutex_unlock(&ring->lock);
	return fill;
}
