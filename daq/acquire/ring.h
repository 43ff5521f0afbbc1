/*
 * ring.h - records between the threads that acquire and the one that writes. Any thread may push; one pops.
 *
 * Pushing never waits for the disk: when the ring is full a record is dropped and counted. Only a lossless
 * ring (lock-step, where time can stand still) waits. A reserve is kept for records that must not be lost
 * (events, steps, marks), so that a flood of samples cannot crowd them out.
 */
#ifndef HEATBENCH_ACQUIRE_RING_H
#define HEATBENCH_ACQUIRE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring;

struct ring *ring_open(size_t bytes, bool lossless); /* NULL: no memory */
void ring_close(struct ring *ring);		      /* NULL is fine */

/* Copies a record of `kind` made of two parts (the second may be empty). `must`: may use the reserve.
 * False: dropped. */
bool ring_push(struct ring *ring, int kind, const void *head, size_t head_size, const void *tail,
	size_t tail_size, bool must);

/* The oldest record, waiting up to `ms` real milliseconds for one. Valid until ring_done. A waiting reader is
 * woken only when the ring gets crowded (a quarter full): otherwise every push would cost a switch of threads. */
bool ring_peek(struct ring *ring, int ms, int *kind, const void **data, size_t *size);
void ring_done(struct ring *ring);

/* No more pushes: ring_peek returns false as soon as the ring is empty. */
void ring_end(struct ring *ring);
bool ring_ended(struct ring *ring);

uint64_t ring_drops(struct ring *ring);
double ring_fill(struct ring *ring); /* 0..1, the highest so far */

#endif
