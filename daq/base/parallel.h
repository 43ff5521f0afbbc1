/*
 * parallel.h - the same thing for many, by as many threads as there are processors.
 */
#ifndef HEATBENCH_BASE_PARALLEL_H
#define HEATBENCH_BASE_PARALLEL_H

struct error;

enum { PARALLEL_MOST = 8 };

/* Calls one(self, i, e) for i = 0 ... count - 1. Which thread takes which, and in which order, is open: no call may need what
 * another does. Returns when all have ended. Where one fails (-1), calls that have not begun are left out, and the error is that of
 * the least i that failed. Without memory for threads the caller's does it all. */
int parallel_each(int count, int (*one)(void *self, int i, struct error *e), void *self, struct error *e);

#endif
