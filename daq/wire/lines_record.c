#include "daq/wire/lines_record.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/wire/recording.h"

#include <inttypes.h>
#include <stdlib.h>

struct record_end {
	struct lines lines;
	struct lines *inner;
	struct clock_seat *seat;
	struct recording *recording;
	nanos zero;
	struct text line;
};

static nanos since(const struct record_end *self, nanos at)
{
	return at - self->zero;
}

static nanos now_of(const struct record_end *self)
{
	return since(self, clock_now(self->seat->clock));
}

/* A line that memory ran out for is left out, which a replay will notice. */
static void put_line(struct record_end *self)
{
	if (!self->line.failed)
		recording_add(self->recording, self->line.data);
	text_free(&self->line);
}

static enum line_status put_status(struct record_end *self, nanos at, enum line_status status)
{
	char detail[400];

	text_add(&self->line, " @%" PRId64 " %s", at,
		status == LINE_OK     ? "ok"
		: status == LINE_GONE ? "gone"
				      : "refused");
	if (status != LINE_OK) {
		recording_quote(detail, sizeof(detail), lines_detail(self->inner));
		text_add(&self->line, " %s", detail);
	}
	put_line(self);
	return status;
}

static enum line_status record_set(struct lines *l, int line, bool level)
{
	struct record_end *self = (struct record_end *)l;
	nanos at = now_of(self);

	text_add(&self->line, "s %d %d", line, level);
	return put_status(self, at, lines_set(self->inner, line, level));
}

static enum line_status record_set_duty(struct lines *l, int line, double duty)
{
	struct record_end *self = (struct record_end *)l;
	nanos at = now_of(self);

	text_add(&self->line, "u %d %.17g", line, duty);
	return put_status(self, at, lines_set_duty(self->inner, line, duty));
}

static enum line_status record_get(struct lines *l, int line, struct line_state *state)
{
	struct record_end *self = (struct record_end *)l;
	nanos at = now_of(self);
	enum line_status status = lines_get(self->inner, line, state);

	text_add(&self->line, "g %d %" PRIu64 " %" PRIu64 " %d", line, state->edges, state->lost_edges,
		state->level);
	if (state->last)
		text_add(&self->line, " %" PRId64, since(self, state->last));
	else
		text_add(&self->line, " -");
	return put_status(self, at, status);
}

static int record_take(struct lines *l, int line, struct edge *out, int room)
{
	struct record_end *self = (struct record_end *)l;
	nanos at = now_of(self);
	int n = lines_take(self->inner, line, out, room);

	if (n <= 0)
		return n;
	text_add(&self->line, "t %d @%" PRId64 " %d", line, at, n);
	for (int i = 0; i < n; i++)
		text_add(&self->line, " %c%" PRId64, out[i].rising ? '+' : '-', since(self, out[i].at));
	put_line(self);
	return n;
}

static const char *record_detail(struct lines *l)
{
	return lines_detail(((struct record_end *)l)->inner);
}

static void record_use_seat(struct lines *l, struct clock_seat *seat)
{
	struct record_end *self = (struct record_end *)l;

	self->seat = seat;
	lines_use_seat(self->inner, seat);
}

static void record_close(struct lines *l)
{
	struct record_end *self = (struct record_end *)l;

	lines_close(self->inner);
	recording_close(self->recording);
	text_free(&self->line);
	free(self);
}

static const struct lines_ops record_ops = {
	.set = record_set,
	.set_duty = record_set_duty,
	.get = record_get,
	.take = record_take,
	.detail = record_detail,
	.use_seat = record_use_seat,
	.close = record_close,
};

static void describe(struct text *t, const struct lines_config *c)
{
	static const char *const kinds[] = {
		[LINE_OUTPUT] = "output", [LINE_EDGES] = "edges", [LINE_PWM] = "pwm"};

	text_add(t, "board=%s", c->name);
	for (int i = 0; i < c->lines; i++)
		text_add(t, " %s:%s", c->line[i].name, kinds[c->line[i].kind]);
}

int lines_record_open(struct lines **out, struct lines *inner, const char *path,
	const struct lines_config *config, struct clock_seat *seat, struct error *e)
{
	struct record_end *self = calloc(1, sizeof(*self));
	struct text opening = TEXT_INIT;
	int result;

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory to record board %s", config->name);
	describe(&opening, config);
	result = recording_create(&self->recording, path, "lines", opening.data ? opening.data : "", e);
	text_free(&opening);
	if (result != 0) {
		free(self);
		return -1;
	}
	self->lines.ops = &record_ops;
	self->inner = inner;
	self->seat = seat;
	self->zero = clock_now(seat->clock);
	*out = &self->lines;
	return 0;
}

void lines_record_bound(struct lines *recorder, int64_t bytes)
{
	recording_bound(((struct record_end *)recorder)->recording, bytes);
}

const char *lines_record_trouble(struct lines *recorder)
{
	return recording_trouble(((struct record_end *)recorder)->recording);
}
