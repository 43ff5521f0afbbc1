#include "daq/wire/lines_ring.h"

void lines_ring_begin(struct lines_ring *ring, bool level)
{
	ring->state.level = level;
	ring->known = true;
}

void lines_ring_put(struct lines_ring *ring, const struct edge *edge)
{
	int place;

	if (ring->known && edge->rising == ring->state.level)
		ring->state.lost_edges++;
	ring->known = true;
	ring->state.edges++;
	ring->state.level = edge->rising;
	ring->state.last = edge->at;
	if (ring->count == LINES_RING_EDGES) {
		ring->first = (ring->first + 1) % LINES_RING_EDGES;
		ring->count--;
		ring->state.lost_edges++;
	}
	place = (ring->first + ring->count++) % LINES_RING_EDGES;
	ring->edge[place] = *edge;
}

void lines_ring_lost(struct lines_ring *ring, uint64_t count)
{
	if (count == 0)
		return;
	ring->state.lost_edges += count;
	ring->known = false;
}

int lines_ring_take(struct lines_ring *ring, struct edge *out, int room)
{
	int n = 0;

	while (n < room && ring->count > 0) {
		out[n++] = ring->edge[ring->first];
		ring->first = (ring->first + 1) % LINES_RING_EDGES;
		ring->count--;
	}
	return n;
}
