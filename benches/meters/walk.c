#include "benches/meters/walk.h"

#include "daq/base/error.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_TICKS = 40000, SPACINGS = 4096, SPACINGS_LEAST = 10, GROUPS_MOST = 32 };

/* Who wants a column of a rate group. */
struct listener {
	int pump, role; /* pump -1: clock `role` */
	int column;
};

struct group {
	struct run_rate rate;
	struct run_table table;
	struct listener *listener; /* [pumps * ROLES + clocks] */
	int listeners;
	int64_t row;
};

struct walking {
	struct meters_walk *walk;
	const struct stored_run *run;
	double origin; /* s since 1970 of the tables' times */
	struct group group[GROUPS_MOST];
	int groups;
	double distance[SPACINGS];
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of the good samples of a column that was not heard before: the median of their distances, and the least difference. A few
 * samples say nothing of their distance: then it is that of the rate group. */
static void learn(struct walking *w, struct meters_pump *p, enum meters_role role, const struct run_table *t, int column)
{
	const struct meters_channel *c = &p->role[role];
	double resolution = w->run->channel[c->channel].resolution, step = NAN, last = NAN, value = NAN;
	double group = (double)w->run->summary.about.period / 1e9 * t->every;
	int n = 0;

	for (int64_t i = 0; i < t->rows; i++) {
		double v = t->value[column][i] * c->scale;

		if (t->quality[column][i] != QUALITY_GOOD || isnan(v))
			continue;
		if (n < SPACINGS && t->time[i] > last)
			w->distance[n++] = t->time[i] - last;
		if (v != value && !isnan(value))
			step = fmin(isnan(step) ? INFINITY : step, fabs(v - value));
		last = t->time[i];
		value = v;
	}
	if (n == 0)
		return;
	qsort(w->distance, (size_t)n, sizeof(*w->distance), compare);
	meters_pump_spacing(p, role, n < SPACINGS_LEAST ? group : w->distance[n / 2], isnan(resolution) ? step : resolution * fabs(c->scale));
}

static int clock_take(struct meters_clock *c, double time, double value, uint8_t quality, struct error *e)
{
	if (quality != QUALITY_GOOD || isnan(value))
		return 0;
	if (c->readings == c->room) {
		size_t room = c->room ? 2 * (size_t)c->room : 1024;
		double *t = realloc(c->time, room * sizeof(*t)), *o;

		c->time = t ? t : c->time;
		o = realloc(c->offset, room * sizeof(*o));
		c->offset = o ? o : c->offset;
		if (!t || !o)
			return error_set(e, ERROR_SYSTEM, "no memory for %zu readings of a clock", room);
		c->room = (int64_t)room;
	}
	c->time[c->readings] = time;
	c->offset[c->readings++] = value;
	return 0;
}

static void listen(struct walking *w, struct group *g)
{
	const struct run_table *t = &g->table;

	g->listeners = 0;
	for (int k = 0; k < t->columns; k++) {
		for (int p = 0; p < w->walk->pumps; p++)
			for (int r = 0; r < ROLES; r++)
				if (w->walk->pump[p].role[r].channel == t->channel[k])
					g->listener[g->listeners++] = (struct listener){p, r, k};
		for (int c = 0; c < w->walk->clocks; c++)
			if (w->walk->clock[c].channel == t->channel[k])
				g->listener[g->listeners++] = (struct listener){-1, c, k};
	}
	for (int i = 0; i < g->listeners; i++) {
		const struct listener *l = &g->listener[i];

		if (l->pump >= 0 && isnan(w->walk->pump[l->pump].role[l->role].spacing))
			learn(w, &w->walk->pump[l->pump], (enum meters_role)l->role, t, l->column);
	}
}

/* The present row of a group, to all who want it. */
static int give_row(struct walking *w, struct group *g, double time, bool *touched, struct error *e)
{
	const struct run_table *t = &g->table;

	for (int i = 0; i < g->listeners; i++) {
		const struct listener *l = &g->listener[i];
		double value = t->value[l->column][g->row];
		uint8_t quality = t->quality[l->column][g->row];

		if (l->pump < 0) {
			if (clock_take(&w->walk->clock[l->role], time, value, quality, e) < 0)
				return -1;
			continue;
		}
		meters_pump_sample(&w->walk->pump[l->pump], (enum meters_role)l->role, time, value, quality);
		touched[l->pump] = true;
	}
	return 0;
}

/* All groups side by side, by their ticks. */
static int give_chunk(struct walking *w, struct error *e)
{
	bool touched[METERS_PUMPS];

	for (int g = 0; g < w->groups; g++) {
		w->group[g].row = 0;
		listen(w, &w->group[g]);
	}
	for (;;) {
		int64_t tick = INT64_MAX;
		double time = NAN;

		for (int g = 0; g < w->groups; g++)
			if (w->group[g].row < w->group[g].table.rows && w->group[g].table.tick[w->group[g].row] < tick)
				tick = w->group[g].table.tick[w->group[g].row];
		if (tick == INT64_MAX)
			return 0;
		memset(touched, 0, sizeof(touched));
		for (int i = 0; i < w->groups; i++) {
			struct group *g = &w->group[i];

			if (g->row >= g->table.rows || g->table.tick[g->row] != tick)
				continue;
			time = w->origin + g->table.time[g->row];
			if (give_row(w, g, time, touched, e) < 0)
				return -1;
			g->row++;
		}
		for (int p = 0; p < w->walk->pumps; p++)
			if (touched[p])
				meters_pump_instant(&w->walk->pump[p], time);
	}
}

static int read_chunk(struct walking *w, struct run_reader *reader, int64_t first, int64_t last, struct error *e)
{
	for (int g = 0; g < w->groups; g++) {
		run_table_free(&w->group[g].table);
		if (run_reader_table_between(reader, w->group[g].rate.group, first, last, &w->group[g].table, e) < 0)
			return -1;
	}
	return 0;
}

static int begin(struct walking *w, struct run_reader *reader, struct error *e)
{
	struct run_rate *rate = NULL;
	int count = 0, result = -1;
	size_t listeners = (size_t)w->walk->pumps * ROLES + METERS_CLOCKS;

	if (run_reader_groups(reader, &rate, &count, e) < 0)
		return -1;
	if (count > GROUPS_MOST) {
		error_set(e, ERROR_DATA, "%s has %d rate groups, more than the %d that are possible", w->run->path, count, GROUPS_MOST);
		goto out;
	}
	for (int g = 0; g < count; g++) {
		w->group[g].rate = rate[g];
		w->groups = g + 1;
		w->group[g].listener = calloc(listeners, sizeof(*w->group[g].listener));
		if (!w->group[g].listener) {
			error_set(e, ERROR_SYSTEM, "no memory to walk through %s", w->run->path);
			goto out;
		}
	}
	for (int c = 0; c < w->run->channels && w->walk->clocks < METERS_CLOCKS; c++)
		if (strcmp(w->run->channel[c].role, "clock_offset") == 0)
			w->walk->clock[w->walk->clocks++] = (struct meters_clock){.channel = c};
	result = 0;
out:
	free(rate);
	return result;
}

int meters_walk(struct meters_walk *walk, const struct stored_run *run, struct run_reader *reader, struct error *e)
{
	struct walking *w = calloc(1, sizeof(*w));
	int64_t last = run->summary.last_tick;
	int result = -1;

	if (!w)
		return error_set(e, ERROR_SYSTEM, "no memory to walk through %s", run->path);
	w->walk = walk;
	w->run = run;
	w->origin = run->segments ? (double)run->segment[0].utc / 1e9 : 0;
	if (begin(w, reader, e) < 0)
		goto out;
	for (int64_t tick = run->summary.first_tick; tick <= last && run->summary.scans > 0; tick += CHUNK_TICKS)
		if (read_chunk(w, reader, tick, tick + CHUNK_TICKS - 1, e) < 0 || give_chunk(w, e) < 0)
			goto out;
	for (int p = 0; p < walk->pumps; p++)
		meters_pump_end(&walk->pump[p]);
	result = 0;
out:
	for (int g = 0; g < w->groups; g++) {
		run_table_free(&w->group[g].table);
		free(w->group[g].listener);
	}
	free(w);
	return result;
}

void meters_walk_free(struct meters_walk *walk)
{
	for (int c = 0; c < walk->clocks; c++) {
		free(walk->clock[c].time);
		free(walk->clock[c].offset);
	}
	walk->clocks = 0;
}
