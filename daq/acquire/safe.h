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

/* Outputs of the bench that no safe step covers, as "a, b"; "" for none. */
void safe_uncovered(const struct bench *bench, char *out, size_t size);

#endif
