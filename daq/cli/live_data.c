#include "daq/cli/live_data.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/cli/runs.h"
#include "daq/store/lock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_PAUSE_MS = 10000, VALUES_MAX = 50000000 };

static int ring_make(
	struct live_ring *ring, const struct run_rate *rate, nanos span, nanos period, struct error *e)
{
	nanos step = period * rate->every;

	if (step <= 0)
		return error_set(e, ERROR_DATA, "the run does not say how long its ticks are");
	*ring = (struct live_ring){.capacity = span / step + 2, .pause = 1.5 * (double)step / 1e9};
	text_copy(ring->group, sizeof(ring->group), rate->group);
	return 0;
}

static int ring_allocate(struct live_ring *ring, struct error *e)
{
	size_t n = (size_t)ring->capacity, all = n * (size_t)(ring->columns > 0 ? ring->columns : 1);

	if (all <= VALUES_MAX) {
		ring->time = calloc(n, sizeof(*ring->time));
		ring->value = calloc(all, sizeof(*ring->value));
		ring->quality = calloc(all, sizeof(*ring->quality));
	}
	if (ring->time && ring->value && ring->quality)
		return 0;
	return error_set(e, ERROR_SYSTEM, "no memory for %lld rows of %d channels: choose a shorter --span",
		(long long)ring->capacity, ring->columns);
}

/* The oldest rows make room. */
static void ring_add(struct live_ring *ring, const struct run_table *t, int64_t row)
{
	int64_t at = (ring->first + ring->rows) % ring->capacity;

	if (ring->rows < ring->capacity)
		ring->rows++;
	else
		ring->first = (ring->first + 1) % ring->capacity;
	ring->time[at] = t->time[row];
	for (int c = 0; c < ring->columns; c++) {
		ring->value[at * ring->columns + c] = t->value[c][row];
		ring->quality[at * ring->columns + c] = t->quality[c][row];
	}
}

static bool is_wanted(const struct setting_list *wanted, const char *name)
{
	for (int i = 0; i < wanted->count; i++)
		if (strcmp(wanted->item[i], name) == 0)
			return true;
	return wanted->count == 0;
}

static int check_wanted(
	const struct setting_list *wanted, const struct run_channel *channel, int count, struct error *e)
{
	const char **names = calloc((size_t)count + 1, sizeof(*names)), *near;
	int result = 0;

	if (!names)
		return error_set(e, ERROR_SYSTEM, "no memory for the names of the channels");
	for (int i = 0; i < count; i++)
		names[i] = channel[i].name;
	for (int w = 0; w < wanted->count && result == 0; w++) {
		int i = 0;

		while (i < count && strcmp(names[i], wanted->item[w]) != 0)
			i++;
		if (i < count)
			continue;
		near = nearest_name(wanted->item[w], names);
		result = error_set(e, ERROR_USAGE, "the run has no channel '%s'%s%s%s", wanted->item[w],
			near ? " (did you mean '" : "; heatbench runs show lists them", near ? near : "",
			near ? "'?)" : "");
	}
	free(names);
	return result;
}

/* Which column of which ring each shown channel is; the recorded time of an imported run is the axis itself.
 */
static void place_series(struct live_data *data, const struct run_channel *channel, int count)
{
	for (int i = 0; i < count; i++) {
		struct live_series *s = &data->series[data->serieses];

		for (int r = 0; r < data->rings; r++) {
			if (strcmp(channel[i].group, data->ring[r].group) != 0)
				continue;
			s->channel = channel[i];
			s->ring = r;
			s->column = data->ring[r].columns++;
			s->steps = strcmp(channel[i].kind, "setpoint") == 0 ||
				   strcmp(channel[i].kind, "state") == 0;
			if (strcmp(channel[i].role, "time") != 0 && is_wanted(data->wanted, channel[i].name))
				data->serieses++;
		}
	}
}

/* A run that has just begun may have no channels yet: then the next look asks again. */
static int define(struct live_data *data, struct run_reader *reader, struct error *e)
{
	struct run_channel *channel = NULL;
	struct run_rate *rate = NULL;
	int channels = 0, rates = 0, result = -1;

	if (run_reader_channels(reader, &channel, &channels, e) != 0 ||
		run_reader_groups(reader, &rate, &rates, e) != 0)
		goto out;
	if (channels == 0 || rates == 0) {
		result = 0;
		goto out;
	}
	if (check_wanted(data->wanted, channel, channels, e) != 0)
		goto out;
	data->ring = calloc((size_t)rates, sizeof(*data->ring));
	data->series = calloc((size_t)channels + 1, sizeof(*data->series));
	if (!data->ring || !data->series) {
		error_set(e, ERROR_SYSTEM, "no memory for %d channels", channels);
		goto out;
	}
	for (int r = 0; r < rates; r++, data->rings++)
		if (ring_make(&data->ring[r], &rate[r], data->span, data->summary.about.period, e) != 0)
			goto out;
	place_series(data, channel, channels);
	for (int r = 0; r < rates; r++)
		if (ring_allocate(&data->ring[r], e) != 0)
			goto out;
	result = 0;
out:
	free(rate);
	free(channel);
	return result;
}

static int take_rows(struct live_data *data, struct run_reader *reader, struct error *e)
{
	for (int r = 0; r < data->rings; r++) {
		struct live_ring *ring = &data->ring[r];
		struct run_table t;

		if (run_reader_table_since(reader, ring->group, ring->next_tick, &t, e) != 0)
			return -1;
		for (int64_t i = t.rows > ring->capacity ? t.rows - ring->capacity : 0; i < t.rows; i++)
			ring_add(ring, &t, i);
		if (t.rows)
			ring->next_tick = t.tick[t.rows - 1] + 1;
		run_table_free(&t);
	}
	return 0;
}

static int take_steps(struct live_data *data, struct run_reader *reader, struct error *e)
{
	struct run_segment *segment = NULL;
	struct run_step *step = NULL;
	int steps = 0, segments = 0;

	if (run_reader_steps(reader, &step, &steps, e) != 0)
		return -1;
	if (run_reader_segments(reader, &segment, &segments, e) != 0) {
		free(step);
		return -1;
	}
	free(data->step);
	free(data->segment);
	data->step = step;
	data->steps = steps;
	data->segment = segment;
	data->segments = segments;
	return 0;
}

/* From its end backwards, or all. After a long pause (a suspended computer) too, so that no more is read than
 * will be shown. */
static int skip_ahead(struct live_data *data, struct run_reader *reader, struct error *e)
{
	struct run_summary now;
	int64_t first;

	if (run_reader_summary(reader, &now, e) != 0)
		return -1;
	first = now.last_tick - data->span / now.about.period;
	for (int r = 0; r < data->rings; r++)
		if (data->ring[r].next_tick < first)
			data->ring[r].next_tick = first;
	data->summary = now;
	return 0;
}

static void find_extent(struct live_data *data)
{
	double first = INFINITY, last = -INFINITY;

	for (int r = 0; r < data->rings; r++) {
		const struct live_ring *ring = &data->ring[r];

		if (!ring->rows)
			continue;
		first = fmin(first, ring->time[ring->first]);
		last = fmax(last, ring->time[(ring->first + ring->rows - 1) % ring->capacity]);
	}
	data->to = isfinite(last) ? last : 0;
	data->from = isfinite(first) ? fmax(first, data->to - (double)data->span / 1e9) : 0;
}

/* Who writes it is asked before its rows are read: a run that ended meanwhile is read to its end, and found
 * ended at the next look at the latest. */
int live_data_look(struct live_data *data, struct error *e)
{
	bool written = lock_holder(data->folder) != 0;
	int64_t now = clock_wall_ms();
	struct run_reader *reader = NULL;
	int result = -1;

	if (run_reader_open(&reader, data->folder, e) != 0)
		return -1;
	if (!data->rings && define(data, reader, e) != 0)
		goto out;
	if ((!written || !data->looked || now - data->looked > LONG_PAUSE_MS) &&
		skip_ahead(data, reader, e) != 0)
		goto out;
	if (take_rows(data, reader, e) != 0 || take_steps(data, reader, e) != 0)
		goto out;
	data->state = written ? LIVE_RUNNING : data->summary.ended_utc ? LIVE_ENDED : LIVE_CUT;
	runs_evaluation(data->folder, data->evaluation, sizeof(data->evaluation));
	data->looked = now;
	find_extent(data);
	result = 0;
out:
	run_reader_close(reader);
	return result;
}

int live_data_open(
	struct live_data *data, const char *folder, nanos span, struct setting_list *wanted, struct error *e)
{
	struct run_reader *reader = NULL;
	const char *name;
	int result = -1;

	*data = (struct live_data){.span = span, .wanted = wanted};
	if (run_reader_open(&reader, folder, e) != 0)
		return -1;
	text_copy(data->folder, sizeof(data->folder), run_reader_path(reader));
	name = strrchr(data->folder, '/');
	text_copy(data->name, sizeof(data->name), name ? name + 1 : data->folder);
	if (run_reader_summary(reader, &data->summary, e) == 0 && define(data, reader, e) == 0)
		result = 0;
	run_reader_close(reader);
	if (result != 0)
		live_data_close(data);
	return result;
}

void live_data_close(struct live_data *data)
{
	for (int r = 0; r < data->rings; r++) {
		free(data->ring[r].time);
		free(data->ring[r].value);
		free(data->ring[r].quality);
	}
	free(data->ring);
	free(data->series);
	free(data->step);
	free(data->segment);
	*data = (struct live_data){.rings = 0};
}

static int64_t place_of(const struct live_ring *ring, int64_t i)
{
	return (ring->first + i) % ring->capacity;
}

int64_t live_data_rows(const struct live_data *data, const struct live_series *series)
{
	return data->ring[series->ring].rows;
}

double live_data_time(const struct live_data *data, const struct live_series *series, int64_t i)
{
	const struct live_ring *ring = &data->ring[series->ring];

	return ring->time[place_of(ring, i)];
}

double live_data_value(const struct live_data *data, const struct live_series *series, int64_t i)
{
	const struct live_ring *ring = &data->ring[series->ring];

	return ring->value[place_of(ring, i) * ring->columns + series->column];
}

enum quality live_data_quality(const struct live_data *data, const struct live_series *series, int64_t i)
{
	const struct live_ring *ring = &data->ring[series->ring];

	return (enum quality)ring->quality[place_of(ring, i) * ring->columns + series->column];
}

double live_data_instant(const struct live_data *data, int64_t tick)
{
	nanos period = data->summary.about.period, since = tick * period;
	int s = 0;

	while (s + 1 < data->segments && data->segment[s + 1].first_tick <= tick)
		s++;
	if (data->segments)
		since = data->segment[s].utc - data->segment[0].utc +
			(tick - data->segment[s].first_tick) * period;
	return (double)since / 1e9;
}

const struct run_step *live_data_step(const struct live_data *data)
{
	const struct run_step *last = data->steps ? &data->step[data->steps - 1] : NULL;

	return last && last->last_tick < 0 ? last : NULL;
}
