/*
 * interlock.h - what ends a run by itself: channels that must stay within bounds (bench.h: bench_interlock).
 *
 * Looked at once a tick, from what the board has: a good value out of bounds ends the run at the next look, and so does a
 * channel that gave no good value for longer than its `blind`.
 */
#ifndef HEATBENCH_ACQUIRE_INTERLOCK_H
#define HEATBENCH_ACQUIRE_INTERLOCK_H

#include "daq/acquire/board.h"

struct interlocks {
	nanos good_at[BENCH_INTERLOCKS]; /* when its channel was last seen good */
};

/* Everything counts as seen good at `now`. */
void interlocks_begin(struct interlocks *self, nanos now);

/* Returns the index of the interlock that has tripped, with a sentence that says why; -1: none. */
int interlocks_look(struct interlocks *self, const struct bench *bench, const struct board_value *values, nanos now,
	char *why, size_t size);

#endif
