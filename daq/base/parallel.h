/*
 * parallel.h - the same thing for many, by as many threads as there are processors (share.h), with errors.
 */
#ifndef HEATBENCH_BASE_PARALLEL_H
#define HEATBENCH_BASE_PARALLEL_H

struct error;

/* Calls one(self, i, e) for i = 0 ... count - 1. Which thread takes which, and in which order, is open: no call may need what
 * another does. Returns when all have ended. Where one fails (-1), calls that have not begun are left out, and the error is that of
 * the least i that failed. */
int parallel_each(int count, int (*one)(void *self, int i, struct error *e), void *self, struct error *e);

#endif
