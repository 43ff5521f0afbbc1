#include "daq/wire/lines_faulty.h"

#include "daq/base/error.h"
#include "daq/wire/lines_ring.h"

#include <stdio.h>
#include <stdlib.h>

struct memory_end {
	struct lines lines;
	struct lines_config config;
	bool level[LINES_MOST];
	double duty[LINES_MOST];
	struct lines_ring *ring[LINES_MOST];
	char why[96];
};

static bool is_of(struct memory_end *self, int line, enum line_kind kind)
{
	if (line >= 0 && line < self->config.lines && self->config.line[line].kind == kind)
		return true;
	snprintf(self->why, sizeof(self->why), "line %d is of another kind", line);
	return false;
}

static enum line_status memory_set(struct lines *l, int line, bool level)
{
	struct memory_end *self = (struct memory_end *)l;

	if (!is_of(self, line, LINE_OUTPUT))
		return LINE_REFUSED;
	self->level[line] = level;
	return LINE_OK;
}

static enum line_status memory_set_duty(struct lines *l, int line, double duty)
{
	struct memory_end *self = (struct memory_end *)l;

	if (!is_of(self, line, LINE_PWM))
		return LINE_REFUSED;
	if (!(duty >= 0 && duty <= 1)) {
		snprintf(self->why, sizeof(self->why), "%s: a duty of %g: expected 0 to 1",
			self->config.line[line].name, duty);
		return LINE_REFUSED;
	}
	self->duty[line] = duty;
	return LINE_OK;
}

static enum line_status memory_get(struct lines *l, int line, struct line_state *state)
{
	struct memory_end *self = (struct memory_end *)l;

	if (self->ring[line])
		*state = self->ring[line]->state;
	else
		state->level = self->level[line];
	return LINE_OK;
}

static int memory_take(struct lines *l, int line, struct edge *out, int room)
{
	struct memory_end *self = (struct memory_end *)l;

	return self->ring[line] ? lines_ring_take(self->ring[line], out, room) : 0;
}

static const char *memory_detail(struct lines *l)
{
	return ((struct memory_end *)l)->why;
}

static void memory_use_seat(struct lines *l, struct clock_seat *seat)
{
	(void)l;
	(void)seat;
}

static void memory_close(struct lines *l)
{
	struct memory_end *self = (struct memory_end *)l;

	for (int i = 0; i < LINES_MOST; i++)
		free(self->ring[i]);
	free(self);
}

static const struct lines_ops memory_ops = {
	.set = memory_set,
	.set_duty = memory_set_duty,
	.get = memory_get,
	.take = memory_take,
	.detail = memory_detail,
	.use_seat = memory_use_seat,
	.close = memory_close,
};

int lines_memory_open(struct lines **out, const struct lines_config *config, struct error *e)
{
	struct memory_end *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for a board");
	self->lines.ops = &memory_ops;
	self->config = *config;
	for (int i = 0; i < config->lines; i++) {
		self->level[i] = config->line[i].initial;
		self->duty[i] = config->line[i].duty;
		if (config->line[i].kind != LINE_EDGES)
			continue;
		self->ring[i] = calloc(1, sizeof(*self->ring[i]));
		if (!self->ring[i]) {
			memory_close(&self->lines);
			return error_set(e, ERROR_SYSTEM, "no memory for a board");
		}
		lines_ring_begin(self->ring[i], false);
	}
	*out = &self->lines;
	return 0;
}

void lines_memory_feed(struct lines *l, int line, nanos at, bool rising)
{
	struct memory_end *self = (struct memory_end *)l;
	struct edge edge = {.at = at, .rising = rising};

	lines_ring_put(self->ring[line], &edge);
}

double lines_memory_duty(const struct lines *l, int line)
{
	return ((const struct memory_end *)l)->duty[line];
}
