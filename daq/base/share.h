/*
 * share.h - a long job in pieces that all processors do together.
 */
#ifndef HEATBENCH_BASE_SHARE_H
#define HEATBENCH_BASE_SHARE_H

/* Calls work(self, piece) once for each piece (0 to pieces - 1), from as many threads as there are processors (8 at most), and
 * returns when all are done. Pieces that are done at the same time are far from each other: neighbours would wait for the same
 * pages of memory. A thread that cannot be started is none: the caller's does its share as well. */
void share_out(int pieces, void (*work)(void *self, int piece), void *self);

#endif
