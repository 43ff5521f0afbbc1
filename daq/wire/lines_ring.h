/*
 * lines_ring.h - edges of one input between the thread that reads them and the one that takes them.
 *
 * Not locked: the end that has two threads locks around it. State counts every edge ever put in, also those
 * that ran over.
 */
#ifndef HEATBENCH_WIRE_LINES_RING_H
#define HEATBENCH_WIRE_LINES_RING_H

#include "daq/wire/lines.h"

enum { LINES_RING_EDGES = 4096 };

struct lines_ring {
	struct line_state state;
	int first, count;
	bool known; /* the level before the first edge is known */
	struct edge edge[LINES_RING_EDGES];
};

/* The level that the line had when it was opened. */
void lines_ring_begin(struct lines_ring *ring, bool level);

/* An edge to the level that the line already has means that one between was lost. */
void lines_ring_put(struct lines_ring *ring, const struct edge *edge);

/* Edges that the end knows to be lost and whose place it knows (a gap in the kernel's numbers). The next edge
 * is not also counted as one that does not alternate. */
void lines_ring_lost(struct lines_ring *ring, uint64_t count);

/* Oldest first; returns how many. */
int lines_ring_take(struct lines_ring *ring, struct edge *out, int room);

#endif
