#include "daq/wire/lines_replay.h"

#include "daq/base/error.h"
#include "daq/wire/lines_replay_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay_end {
	struct lines lines;
	struct clock_seat *seat;
	nanos zero;
	struct lines_replay_line *line;
	int count, at;
	bool tolerant;
	int call[LINES_MOST], take[LINES_MOST]; /* tolerant: where each line of the board is */
	int given[LINES_MOST];			/* edges of its present `t` that were taken already */
	const char *detail;
	struct lines_replay_state state;
};

static void deviate(struct replay_end *self, const struct lines_replay_line *came)
{
	char expected[64], now[64];

	if (self->state.trouble[0])
		return;
	lines_replay_describe(came, now, sizeof(now));
	if (self->tolerant) {
		snprintf(self->state.trouble, sizeof(self->state.trouble), "never recorded: %s", now);
	} else if (self->at < self->count) {
		lines_replay_describe(&self->line[self->at], expected, sizeof(expected));
		snprintf(self->state.trouble, sizeof(self->state.trouble), "line %d: expected %s, came %s",
			self->line[self->at].number, expected, now);
	} else {
		snprintf(self->state.trouble, sizeof(self->state.trouble),
			"after the recording's end came %s", now);
	}
}

/* The next recorded call of the same kind, value and line, going round once. */
static const struct lines_replay_line *find_by_content(
	struct replay_end *self, const struct lines_replay_line *call)
{
	int *at = &self->call[call->line];

	for (int i = 0; i < self->count; i++) {
		int k = (*at + i) % self->count;

		if (lines_replay_same(&self->line[k], call)) {
			*at = k + 1;
			return &self->line[k];
		}
	}
	return NULL;
}

static const struct lines_replay_line *find(struct replay_end *self, const struct lines_replay_line *call)
{
	const struct lines_replay_line *found = NULL;

	if (self->state.trouble[0])
		return NULL;
	if (self->tolerant)
		found = find_by_content(self, call);
	else if (self->at < self->count && lines_replay_same(&self->line[self->at], call))
		found = &self->line[self->at++];
	if (!found)
		deviate(self, call);
	else
		self->state.line++;
	return found;
}

static enum line_status answer(
	struct replay_end *self, const struct lines_replay_line *call, const struct lines_replay_line **found)
{
	*found = call->line >= 0 && call->line < LINES_MOST ? find(self, call) : NULL;
	self->detail = *found ? (*found)->detail : self->state.trouble;
	return *found ? (*found)->status : LINE_GONE;
}

static enum line_status replay_set(struct lines *l, int line, bool level)
{
	const struct lines_replay_line call = {.kind = 's', .line = line, .level = level}, *found;

	return answer((struct replay_end *)l, &call, &found);
}

static enum line_status replay_set_duty(struct lines *l, int line, double duty)
{
	const struct lines_replay_line call = {.kind = 'u', .line = line, .duty = duty}, *found;

	return answer((struct replay_end *)l, &call, &found);
}

static enum line_status replay_get(struct lines *l, int line, struct line_state *state)
{
	struct replay_end *self = (struct replay_end *)l;
	const struct lines_replay_line call = {.kind = 'g', .line = line}, *found;
	enum line_status status = answer(self, &call, &found);

	if (!found)
		return status;
	*state = found->state;
	state->last = state->last == NANOS_NEVER ? 0 : self->zero + state->last;
	return status;
}

/* The `t` that is next for this line, once its time has come; its place in *at. */
static const struct lines_replay_line *next_take(struct replay_end *self, int line, int **at)
{
	*at = self->tolerant ? &self->take[line] : &self->at;
	while (self->tolerant && **at < self->count &&
		(self->line[**at].kind != 't' || self->line[**at].line != line))
		++**at;
	if (self->state.trouble[0] || **at >= self->count || self->line[**at].kind != 't' ||
		self->line[**at].line != line ||
		clock_now(self->seat->clock) - self->zero < self->line[**at].at)
		return NULL;
	return &self->line[**at];
}

static int replay_take(struct lines *l, int line, struct edge *out, int room)
{
	struct replay_end *self = (struct replay_end *)l;
	const struct lines_replay_line *found;
	int *at, n = 0;

	if (line < 0 || line >= LINES_MOST)
		return 0;
	found = next_take(self, line, &at);
	if (!found)
		return 0;
	while (n < room && self->given[line] < found->edges) {
		out[n] = found->edge[self->given[line]++];
		out[n++].at += self->zero;
	}
	if (self->given[line] == found->edges) {
		self->given[line] = 0;
		++*at;
		self->state.line++;
	}
	return n;
}

static const char *replay_detail(struct lines *l)
{
	struct replay_end *self = (struct replay_end *)l;

	return self->detail ? self->detail : "";
}

static void replay_use_seat(struct lines *l, struct clock_seat *seat)
{
	((struct replay_end *)l)->seat = seat;
}

static void replay_close(struct lines *l)
{
	struct replay_end *self = (struct replay_end *)l;

	lines_replay_free(self->line, self->count);
	free(self);
}

static const struct lines_ops replay_ops = {
	.set = replay_set,
	.set_duty = replay_set_duty,
	.get = replay_get,
	.take = replay_take,
	.detail = replay_detail,
	.use_seat = replay_use_seat,
	.close = replay_close,
};

int lines_replay_open(struct lines **out, const char *path, struct clock_seat *seat, struct error *e)
{
	struct replay_end *self = calloc(1, sizeof(*self));
	struct recording_text text;
	int result;

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory to replay %s", path);
	if (recording_read(&text, path, "lines", e) != 0) {
		free(self);
		return -1;
	}
	self->lines.ops = &replay_ops;
	self->seat = seat;
	self->zero = clock_now(seat->clock);
	self->state.cut = text.cut;
	self->state.ended = text.ended;
	result = lines_replay_read(&self->line, &self->count, &text, path, e);
	recording_text_free(&text);
	if (result != 0) {
		free(self);
		return -1;
	}
	self->state.lines = self->count;
	*out = &self->lines;
	return 0;
}

void lines_replay_tolerant(struct lines *replay)
{
	((struct replay_end *)replay)->tolerant = true;
}

void lines_replay_state(struct lines *replay, struct lines_replay_state *out)
{
	*out = ((struct replay_end *)replay)->state;
}
