/*
 * safe.h - the way to the safe state, by plain writes in the order of the bench file: for whoever has no
 * session (the guard, a bench that was left running).
 */
#ifndef HEATBENCH_ACQUIRE_SAFE_H
#define HEATBENCH_ACQUIRE_SAFE_H

#include "daq/acquire/bench.h"

/* Opens the buses that it needs itself. Every step is tried until `deadline_ms` of real time are over, also
 * after another one failed. `say` (may be NULL) gets a sentence for each step. Returns how many failed. */
int safe_walk(const struct bench *bench, int deadline_ms, void (*say)(void *self, const char *text), void *self);

/* Steps that belong together, because one must not be taken where an earlier one failed (no relay opens over a
 * running pump): those of one device under test, else of one device. A number below SAFE_GROUPS. */
enum { SAFE_GROUPS = BENCH_DUTS + BENCH_DEVICES };
int safe_group(const struct bench *bench, int number);

/* Outputs of the bench that no safe step covers, as "a, b"; "" for none. */
void safe_uncovered(const struct bench *bench, char *out, size_t size);

#endif
