#include "analytics/core/stored_run.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const struct run_dut *stored_dut(const struct stored_run *run, const char *name)
{
	for (int i = 0; i < run->duts; i++)
		if (strcmp(run->dut[i].name, name) == 0)
			return &run->dut[i];
	return NULL;
}

static int find_channel(const struct stored_run *run, const char *dut, const char *role)
{
	for (int i = 0; i < run->channels; i++)
		if (strcmp(run->channel[i].dut, dut) == 0 && strcmp(run->channel[i].role, role) == 0)
			return i;
	return -1;
}

int stored_channel(const struct stored_run *run, const char *dut, const char *role)
{
	int own = find_channel(run, dut, role);

	return own >= 0 ? own : find_channel(run, "", role);
}

struct stored_series stored_series(const struct stored_run *run, int channel)
{
	for (int i = 0; i < run->tables && channel >= 0; i++) {
		const struct run_table *t = &run->table[i];

		for (int c = 0; c < t->columns; c++)
			if (t->channel[c] == channel)
				return (struct stored_series){
					(size_t)t->rows, t->tick, t->time, t->value[c], t->quality[c]};
	}
	return (struct stored_series){0, NULL, NULL, NULL, NULL};
}

bool stored_series_good(const struct stored_series *s, size_t row)
{
	return s->quality[row] == QUALITY_GOOD && isfinite(s->value[row]);
}

/* First row with tick >= `tick`. */
static size_t lower_bound(const struct stored_series *s, int64_t tick)
{
	size_t low = 0, high = s->rows;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->tick[middle] < tick)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void stored_series_range(const struct stored_series *s, int64_t from, int64_t to, size_t *first, size_t *end)
{
	*first = lower_bound(s, from);
	*end = to < from ? *first : lower_bound(s, to + 1);
}

/* Each rate group that a channel names, once. */
static int read_tables(struct stored_run *run, struct run_reader *reader, struct error *e)
{
	run->table = calloc((size_t)run->channels + 1, sizeof(*run->table));
	if (!run->table)
		return error_set(e, ERROR_SYSTEM, "out of memory while reading %s", run->path);
	for (int i = 0; i < run->channels; i++) {
		bool known = false;

		for (int j = 0; j < run->tables && !known; j++)
			known = strcmp(run->table[j].group, run->channel[i].group) == 0;
		if (known)
			continue;
		if (run_reader_table(reader, run->channel[i].group, &run->table[run->tables], e) < 0)
			return -1;
		run->tables++;
	}
	return 0;
}

/* Least difference of neighbouring good samples; NaN where nothing changes. */
static double least_difference(const struct stored_series *s)
{
	double least = NAN;

	for (size_t i = 1; i < s->rows; i++) {
		double d = stored_series_good(s, i - 1) && stored_series_good(s, i)
				   ? fabs(s->value[i] - s->value[i - 1])
				   : 0;

		if (d > 0)
			least = fmin(least, d);
	}
	return least;
}

/* A recording seldom says its resolution, but shows it: whole watts must not pass for exact ones. */
static int infer_digits(struct stored_run *run, struct error *e)
{
	run->digit_inferred = calloc((size_t)run->channels + 1, sizeof(*run->digit_inferred));
	if (!run->digit_inferred)
		return error_set(e, ERROR_SYSTEM, "out of memory while reading %s", run->path);
	for (int i = 0; i < run->channels; i++) {
		struct stored_series series = stored_series(run, i);

		if (!isnan(run->channel[i].resolution))
			continue;
		run->channel[i].resolution = least_difference(&series);
		run->digit_inferred[i] = !isnan(run->channel[i].resolution);
	}
	return 0;
}

static void end_steps(struct stored_run *run)
{
	for (int i = 0; i < run->steps; i++)
		if (run->step[i].last_tick < 0 && !run->step[i].done) /* one that ended before its first tick is empty */
			run->step[i].last_tick = run->summary.last_tick;
}

int stored_run_keep_tested(struct stored_run *run, struct error *e)
{
	int kept = 0;

	for (int i = 0; i < run->steps; i++) {
		struct run_step *s = &run->step[i];

		if (!s->dut[0] && run->duts == 1 && !isnan(s->set_point))
			text_copy(s->dut, sizeof(s->dut), run->dut[0].name);
		if (stored_dut(run, s->dut))
			run->step[kept++] = *s;
	}
	run->steps_left_out = run->steps - kept;
	run->steps = kept;
	if (kept == 0)
		return error_set(e, ERROR_DATA, "%s holds no step of a device under test: nothing to evaluate",
			run->path);
	return 0;
}

bool stored_run_incomplete(const struct stored_run *run)
{
	return run->summary.ended_utc == 0 || strcmp(run->summary.verdict, "complete") != 0 ||
	       run->state != RUN_INTACT;
}

bool stored_run_expired(const struct stored_run *run, const struct run_certificate *c)
{
	char day[16];
	time_t start = (time_t)(run->summary.about.utc / NANOS_PER_S);
	struct tm date;

	gmtime_r(&start, &date);
	strftime(day, sizeof(day), "%Y-%m-%d", &date);
	return c->due[0] && strcmp(c->due, day) < 0;
}

static int read_definitions(struct stored_run *run, struct run_reader *reader, struct error *e)
{
	if (run_reader_summary(reader, &run->summary, e) < 0 ||
		run_reader_duts(reader, &run->dut, &run->duts, e) < 0 ||
		run_reader_devices(reader, &run->device, &run->devices, e) < 0 ||
		run_reader_certificates(reader, &run->certificate, &run->certificates, e) < 0 ||
		run_reader_channels(reader, &run->channel, &run->channels, e) < 0 ||
		run_reader_limits(reader, &run->limit, &run->limits, e) < 0 ||
		run_reader_steps(reader, &run->step, &run->steps, e) < 0 ||
		run_reader_marks(reader, &run->mark, &run->marks, e) < 0 ||
		run_reader_segments(reader, &run->segment, &run->segments, e) < 0 ||
		run_reader_health(reader, &run->health, &run->healths, e) < 0 ||
		run_reader_events(reader, &run->event, &run->events, e) < 0)
		return -1;
	return 0;
}

static int stored_read(struct stored_run *out, struct run_reader *reader, bool samples, struct error *e)
{
	struct stored_run run = {.path = ""};

	text_copy(run.path, sizeof(run.path), run_reader_path(reader));
	if (read_definitions(&run, reader, e) < 0)
		goto fail;
	if (run.duts == 0) {
		error_set(e, ERROR_DATA, "%s names no device under test: nothing to evaluate", run.path);
		goto fail;
	}
	end_steps(&run);
	if ((samples && read_tables(&run, reader, e) < 0) || infer_digits(&run, e) < 0)
		goto fail;
	if (run_verify(run.path, &run.state, run.state_detail, sizeof(run.state_detail), e) < 0)
		goto fail;
	*out = run;
	return 0;
fail:
	stored_run_free(&run);
	return -1;
}

int stored_run_read(struct stored_run *out, struct run_reader *reader, struct error *e)
{
	return stored_read(out, reader, true, e);
}

int stored_run_read_definitions(struct stored_run *out, struct run_reader *reader, struct error *e)
{
	return stored_read(out, reader, false, e);
}

void stored_run_free(struct stored_run *run)
{
	for (int i = 0; i < run->tables; i++)
		run_table_free(&run->table[i]);
	free(run->table);
	free(run->dut);
	free(run->device);
	free(run->certificate);
	free(run->channel);
	free(run->digit_inferred);
	free(run->limit);
	free(run->step);
	free(run->mark);
	free(run->segment);
	free(run->health);
	free(run->event);
	*run = (struct stored_run){.path = ""};
}
