#include "daq/wire/lines_faulty.h"

#include "daq/base/error.h"
#include "daq/wire/lines_ring.h"

#include <stdio.h>
#include <stdlib.h>

struct faulty_end {
	struct lines lines;
	struct lines *inner;
	const struct lines_fault *faults;
	int count;
	uint64_t calls[LINES_MOST], edges[LINES_MOST];
	struct lines_ring *ring[LINES_MOST]; /* made when the line first has an edge */
	char why[96];
};

static const struct lines_fault *fault_at(
	const struct faulty_end *self, int line, enum lines_fault_kind kind, uint64_t number)
{
	for (int i = 0; i < self->count; i++) {
		const struct lines_fault *f = &self->faults[i];

		if (f->line == line && f->kind == kind && number >= f->from && number - f->from < f->count)
			return f;
	}
	return NULL;
}

static enum line_status misbehave(struct faulty_end *self, int line)
{
	uint64_t call = self->calls[line]++;

	self->why[0] = '\0';
	if (fault_at(self, line, LINES_GONE, call)) {
		snprintf(self->why, sizeof(self->why), "line %d: the chip is gone", line);
		return LINE_GONE;
	}
	if (fault_at(self, line, LINES_REFUSED, call)) {
		snprintf(self->why, sizeof(self->why), "line %d: the driver refuses", line);
		return LINE_REFUSED;
	}
	return LINE_OK;
}

static enum line_status faulty_set(struct lines *l, int line, bool level)
{
	struct faulty_end *self = (struct faulty_end *)l;
	enum line_status status = misbehave(self, line);

	return status == LINE_OK ? lines_set(self->inner, line, level) : status;
}

static enum line_status faulty_set_duty(struct lines *l, int line, double duty)
{
	struct faulty_end *self = (struct faulty_end *)l;
	enum line_status status = misbehave(self, line);

	return status == LINE_OK ? lines_set_duty(self->inner, line, duty) : status;
}

static void pass(struct faulty_end *self, int line, const struct edge *edge)
{
	uint64_t number = self->edges[line]++;
	const struct lines_fault *bounce = fault_at(self, line, LINES_BOUNCE, number);
	struct edge back = {.rising = !edge->rising}, again = *edge;

	if (fault_at(self, line, LINES_LOST, number))
		return;
	lines_ring_put(self->ring[line], edge);
	if (!bounce)
		return;
	back.at = edge->at + bounce->width / 3;
	again.at = edge->at + 2 * (bounce->width / 3);
	lines_ring_put(self->ring[line], &back);
	lines_ring_put(self->ring[line], &again);
}

/* What the inner end has goes through the faults into a ring of this end's own. */
static void fetch(struct faulty_end *self, int line)
{
	struct edge edges[256];
	struct line_state state;
	int n;

	if (!self->ring[line]) {
		self->ring[line] = calloc(1, sizeof(*self->ring[line]));
		if (!self->ring[line])
			return;
		if (lines_get(self->inner, line, &state) == LINE_OK && state.edges == 0)
			lines_ring_begin(self->ring[line], state.level);
	}
	while ((n = lines_take(self->inner, line, edges, 256)) > 0)
		for (int i = 0; i < n; i++)
			pass(self, line, &edges[i]);
}

static enum line_status faulty_get(struct lines *l, int line, struct line_state *state)
{
	struct faulty_end *self = (struct faulty_end *)l;
	enum line_status status = misbehave(self, line);

	if (status == LINE_OK)
		status = lines_get(self->inner, line, state);
	fetch(self, line);
	if (self->ring[line] && self->edges[line] > 0)
		*state = self->ring[line]->state;
	return status;
}

static int faulty_take(struct lines *l, int line, struct edge *out, int room)
{
	struct faulty_end *self = (struct faulty_end *)l;

	fetch(self, line);
	return self->ring[line] ? lines_ring_take(self->ring[line], out, room) : 0;
}

static const char *faulty_detail(struct lines *l)
{
	struct faulty_end *self = (struct faulty_end *)l;

	return self->why[0] ? self->why : lines_detail(self->inner);
}

static void faulty_use_seat(struct lines *l, struct clock_seat *seat)
{
	lines_use_seat(((struct faulty_end *)l)->inner, seat);
}

static void faulty_close(struct lines *l)
{
	struct faulty_end *self = (struct faulty_end *)l;

	lines_close(self->inner);
	for (int i = 0; i < LINES_MOST; i++)
		free(self->ring[i]);
	free(self);
}

static const struct lines_ops faulty_ops = {
	.set = faulty_set,
	.set_duty = faulty_set_duty,
	.get = faulty_get,
	.take = faulty_take,
	.detail = faulty_detail,
	.use_seat = faulty_use_seat,
	.close = faulty_close,
};

int lines_faulty_open(
	struct lines **out, struct lines *inner, const struct lines_fault *faults, int count, struct error *e)
{
	struct faulty_end *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for a faulty board");
	self->lines.ops = &faulty_ops;
	self->inner = inner;
	self->faults = faults;
	self->count = count;
	*out = &self->lines;
	return 0;
}
