#include "daq/acquire/board.h"

#include "daq/acquire/record.h"
#include "daq/base/error.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_ROWS = 4 };

struct row {
	int64_t tick; /* -1: never used */
	bool open;
	int missing;
	double *values;
	uint8_t *quality;
	bool *filled;
};

struct group {
	const struct plan_group *plan;
	int polled; /* channels that are read; the others are outputs */
	int64_t closed; /* last closed tick */
	struct row row[OPEN_ROWS];
};

struct window {
	bool active;
	int64_t first, last;
	struct clock_seat *wake;
	struct measurement m[BENCH_CHANNELS];
	double m2[BENCH_CHANNELS];
};

struct board {
	const struct bench *bench;
	const struct plan *plan;
	struct ring *ring;
	pthread_mutex_t lock;
	nanos start;
	int64_t first_tick, last_closed;
	struct group group[PLAN_GROUPS];
	struct board_value latest[BENCH_CHANNELS], command[BENCH_CHANNELS];
	struct board_value before[BENCH_CHANNELS]; /* what `command` was before it changed */
	struct window window;
	struct board_counts counts;
	char *tail; /* values and quality of one scan, for the ring */
};

static int group_open(struct board *board, int g, struct error *e)
{
	struct group *group = &board->group[g];
	size_t n;

	group->plan = &board->plan->group[g];
	group->closed = -1;
	n = (size_t)group->plan->channels;
	for (size_t i = 0; i < n; i++)
		group->polled += !board->bench->channel[group->plan->channel[i]].output;
	for (int i = 0; i < OPEN_ROWS; i++) {
		struct row *row = &group->row[i];

		row->tick = -1;
		row->values = calloc(n, sizeof(double));
		row->quality = calloc(n, 1);
		row->filled = calloc(n, sizeof(bool));
		if (!row->values || !row->quality || !row->filled)
			return error_set(e, ERROR_SYSTEM, "no memory for the scans");
	}
	return 0;
}

int board_open(struct board **out, const struct bench *bench, const struct plan *plan, struct ring *ring,
	struct error *e)
{
	struct board *board = calloc(1, sizeof(*board));

	if (!board)
		return error_set(e, ERROR_SYSTEM, "no memory for the scans");
	board->bench = bench;
	board->plan = plan;
	board->ring = ring;
	board->last_closed = -1;
	pthread_mutex_init(&board->lock, NULL);
	board->tail = malloc(BENCH_CHANNELS * (sizeof(double) + 1));
	for (int c = 0; c < bench->channels; c++) {
		board->latest[c] = (struct board_value){NAN, QUALITY_GAP, 0};
		board->command[c] = board->before[c] = (struct board_value){NAN, QUALITY_GAP, 0};
	}
	for (int g = 0; g < plan->groups; g++)
		if (!board->tail || group_open(board, g, e) != 0) {
			board_close(board);
			return error_set(e, ERROR_SYSTEM, "no memory for the scans");
		}
	*out = board;
	return 0;
}

void board_close(struct board *board)
{
	if (!board)
		return;
	for (int g = 0; g < PLAN_GROUPS; g++)
		for (int i = 0; i < OPEN_ROWS; i++) {
			free(board->group[g].row[i].values);
			free(board->group[g].row[i].quality);
			free(board->group[g].row[i].filled);
		}
	free(board->tail);
	pthread_mutex_destroy(&board->lock);
	free(board);
}

void board_start(struct board *board, nanos start, int64_t first_tick)
{
	pthread_mutex_lock(&board->lock);
	board->start = start;
	board->first_tick = first_tick;
	for (int g = 0; g < board->plan->groups; g++)
		board->group[g].closed = first_tick - 1;
	pthread_mutex_unlock(&board->lock);
}

nanos board_tick_time(const struct board *board, int64_t tick)
{
	return board->start + (tick - board->first_tick) * board->bench->tick;
}

nanos board_zero(const struct board *board)
{
	return board->start;
}

int64_t board_next_tick(const struct board *board, nanos now)
{
	if (now < board->start)
		return board->first_tick;
	return board->first_tick + (now - board->start) / board->bench->tick + 1;
}

/* The tick that was due last at `at`. */
static int64_t last_due(const struct board *board, nanos at)
{
	return board_next_tick(board, at) - 1;
}

/* Running mean and sum of squares (Welford 1962), so that long windows lose no digits. */
static void measure_value(struct window *w, int channel, double value, enum quality quality)
{
	struct measurement *m = &w->m[channel];
	double before;

	if (quality != QUALITY_GOOD || isnan(value)) {
		m->bad++;
		return;
	}
	m->good++;
	if (m->good == 1) {
		m->mean = m->min = m->max = value;
		w->m2[channel] = 0;
	} else {
		before = value - m->mean;
		m->mean += before / m->good;
		w->m2[channel] += before * (value - m->mean);
		if (value < m->min)
			m->min = value;
		if (value > m->max)
			m->max = value;
	}
	m->last = value;
}

static void fill_outputs(struct board *board, struct group *group, struct row *row)
{
	for (int i = 0; i < group->plan->channels; i++) {
		int c = group->plan->channel[i];

		if (!board->bench->channel[c].output)
			continue;
		/* A command that came after the scan was due belongs to the next one, however late this one closes. */
		const struct board_value *v =
			board->command[c].at <= board_tick_time(board, row->tick) ? &board->command[c] : &board->before[c];

		row->values[i] = v->value;
		row->quality[i] = (uint8_t)v->quality;
	}
}

/* The lock is held. */
static void close_row(struct board *board, int g, struct row *row)
{
	struct group *group = &board->group[g];
	struct record_scan head = {.group = g, .n = group->plan->channels, .tick = row->tick};
	size_t n = (size_t)head.n, values = n * sizeof(double);
	struct window *w = &board->window;

	fill_outputs(board, group, row);
	row->open = false;
	memcpy(board->tail, row->values, values);
	memcpy(board->tail + values, row->quality, n);
	ring_push(board->ring, RECORD_SCAN, &head, sizeof(head), board->tail, values + n, false);
	board->counts.scans++;
	group->closed = row->tick > group->closed ? row->tick : group->closed;
	if (row->tick > board->last_closed)
		board->last_closed = row->tick;
	for (size_t i = 0; i < n; i++) {
		int c = group->plan->channel[i];

		/* An output that nobody has set yet is not a fault. */
		board->counts.not_good += row->quality[i] != QUALITY_GOOD &&
					  !(board->bench->channel[c].output && isnan(board->command[c].value));
		board->latest[c].value = row->values[i];
		board->latest[c].quality = row->quality[i];
		if (w->active && row->tick >= w->first && row->tick <= w->last)
			measure_value(w, c, row->values[i], row->quality[i]);
	}
}

/* Whether every group has closed its last scan inside the window; the lock is held. */
static bool window_complete(const struct board *board)
{
	const struct window *w = &board->window;

	for (int g = 0; g < board->plan->groups; g++) {
		int every = board->group[g].plan->every;

		if (board->group[g].closed < w->last - w->last % every && w->last - w->last % every >= w->first)
			return false;
	}
	return true;
}

static void wake_if_complete(struct board *board)
{
	if (board->window.active && window_complete(board))
		clock_wake(board->window.wake);
}

/* The open row of a tick, made if it is new; NULL when that scan is closed already. The lock is held. */
static struct row *row_of(struct board *board, int g, int64_t tick)
{
	struct group *group = &board->group[g];
	struct row *row = &group->row[tick / group->plan->every % OPEN_ROWS];

	if (tick <= group->closed || row->tick > tick || (row->tick == tick && !row->open))
		return NULL;
	if (row->tick == tick)
		return row;
	if (row->open)
		close_row(board, g, row); /* four scans behind: nobody waits that long */
	row->tick = tick;
	row->open = true;
	row->missing = group->polled;
	for (int i = 0; i < group->plan->channels; i++) {
		row->values[i] = NAN;
		row->quality[i] = QUALITY_GAP;
		row->filled[i] = false;
	}
	return row;
}

/* Scans leave in the order of their ticks: an older open one goes first. The lock is held. */
static void close_up_to(struct board *board, int g, int64_t tick)
{
	struct group *group = &board->group[g];

	for (;;) {
		struct row *oldest = NULL;

		for (int i = 0; i < OPEN_ROWS; i++) {
			struct row *row = &group->row[i];

			if (row->open && row->tick <= tick && (!oldest || row->tick < oldest->tick))
				oldest = row;
		}
		if (!oldest)
			return;
		close_row(board, g, oldest);
	}
}

/* Closes the scans of a group up to tick `last`, also those that nobody opened: a bus that was away for some
 * ticks leaves gaps that say so, and a group of outputs alone has nobody who reports. The lock is held. */
static void close_through(struct board *board, int g, int64_t last)
{
	struct group *group = &board->group[g];
	int every = group->plan->every;

	for (int64_t tick = group->closed + 1; tick <= last; tick++) {
		if (tick % every)
			tick += every - 1 - tick % every; /* to just before the next scan */
		else if (row_of(board, g, tick))
			close_up_to(board, g, tick);
	}
	if (last > group->closed)
		group->closed = last; /* a window must not wait for ticks without a scan */
}

void board_publish(struct board *board, const struct plan_poll *poll, int64_t tick, nanos at,
	const double *values, const uint8_t *quality)
{
	struct row *row;

	pthread_mutex_lock(&board->lock);
	row = row_of(board, poll->group, tick);
	if (!row) {
		board->counts.late++;
		goto out;
	}
	for (int i = 0; i < poll->channels; i++) {
		int column = board->plan->column_of[poll->channel[i]];

		row->values[column] = values[i];
		row->quality[column] = quality[i];
		row->missing -= !row->filled[column];
		row->filled[column] = true;
		board->latest[poll->channel[i]].at = at;
	}
	if (row->missing == 0) {
		close_through(board, poll->group, tick);
		wake_if_complete(board);
	}
out:
	pthread_mutex_unlock(&board->lock);
}

void board_command(struct board *board, int channel, double value, enum quality quality, nanos at)
{
	pthread_mutex_lock(&board->lock);
	/* Two commands within one tick: the scan before them still has what it had. */
	if (last_due(board, board->command[channel].at) != last_due(board, at))
		board->before[channel] = board->command[channel];
	board->command[channel] = (struct board_value){value, quality, at};
	board->latest[channel] = board->command[channel];
	pthread_mutex_unlock(&board->lock);
}

void board_doubt(struct board *board, int channel, nanos at)
{
	double value = board_commanded(board, channel);

	if (!isnan(value))
		board_command(board, channel, value, QUALITY_SUSPECT, at);
}

nanos board_commanded_at(struct board *board, int channel)
{
	nanos at;

	pthread_mutex_lock(&board->lock);
	at = board->command[channel].at;
	pthread_mutex_unlock(&board->lock);
	return at;
}

double board_commanded(struct board *board, int channel)
{
	double value;

	pthread_mutex_lock(&board->lock);
	value = board->command[channel].value;
	pthread_mutex_unlock(&board->lock);
	return value;
}

void board_close_overdue(struct board *board, nanos now)
{
	int64_t tick;

	pthread_mutex_lock(&board->lock);
	tick = last_due(board, now);
	for (int g = 0; now >= board->start && g < board->plan->groups; g++)
		close_through(board, g, board->group[g].polled ? tick - board->group[g].plan->every : tick);
	wake_if_complete(board);
	pthread_mutex_unlock(&board->lock);
}

void board_close_all(struct board *board)
{
	pthread_mutex_lock(&board->lock);
	for (int g = 0; g < board->plan->groups; g++)
		close_up_to(board, g, INT64_MAX);
	pthread_mutex_unlock(&board->lock);
}

int64_t board_snapshot(struct board *board, struct board_value *out)
{
	int64_t tick;

	pthread_mutex_lock(&board->lock);
	memcpy(out, board->latest, (size_t)board->bench->channels * sizeof(*out));
	tick = board->last_closed;
	pthread_mutex_unlock(&board->lock);
	return tick;
}

void board_window_open(struct board *board, int64_t first, int64_t last, struct clock_seat *wake)
{
	struct window *w = &board->window;

	pthread_mutex_lock(&board->lock);
	w->active = true;
	w->first = first;
	w->last = last;
	w->wake = wake;
	for (int c = 0; c < board->bench->channels; c++) {
		w->m[c] = (struct measurement){NAN, NAN, NAN, NAN, NAN, 0, 0};
		w->m2[c] = 0;
	}
	pthread_mutex_unlock(&board->lock);
}

bool board_window(struct board *board, struct measurement *out)
{
	struct window *w = &board->window;
	bool complete;

	pthread_mutex_lock(&board->lock);
	complete = w->active && window_complete(board);
	if (complete) {
		w->active = false;
		for (int c = 0; c < board->bench->channels; c++) {
			out[c] = w->m[c];
			out[c].sd = w->m[c].good > 1 ? sqrt(w->m2[c] / (w->m[c].good - 1)) : NAN;
		}
	}
	pthread_mutex_unlock(&board->lock);
	return complete;
}

void board_counts(struct board *board, struct board_counts *out)
{
	pthread_mutex_lock(&board->lock);
	*out = board->counts;
	pthread_mutex_unlock(&board->lock);
}
