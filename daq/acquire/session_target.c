/*
 * session_target.c - what a procedure can ask of a live bench. A call of a finished step of a resumed run is
 * answered from the record; before the first call that is carried out again, the outputs are set as they were.
 */
#include "daq/acquire/session_private.h"

#include "daq/acquire/record.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SET_PATIENCE (30 * NANOS_PER_S)

enum { SETTLE_WINDOW = 3600 };

void session_doing(struct session *session, const char *format, ...)
{
	va_list args;

	pthread_mutex_lock(&session->view_lock);
	va_start(args, format);
	vsnprintf(session->doing, sizeof(session->doing), format, args);
	va_end(args);
	pthread_mutex_unlock(&session->view_lock);
}

/* Why the present call must return now, if it must. */
static int check_stop(struct session *session, struct error *e)
{
	struct error store = ERROR_INIT;

	if (writer_failed(session->writer, &store))
		return error_set(e, store.code, "%s", store.text);
	if (session_failed(session, e))
		return -1;
	if (atomic_load(&session->stop))
		return error_set(e, ERROR_STOPPED, "stopped by the user");
	return 0;
}

int session_write(struct session *session, int channel, double value, nanos patience, bool urgent,
	struct error *e)
{
	const struct bench_channel *c = &session->bench->channel[channel];
	struct bus *bus = session->bus[session->bench->device[c->device].bus];
	nanos give_up = clock_now(session->setup.clock) + patience;
	long ticket = bus_command(bus, channel, value, session->seat);
	int done;

	while ((done = bus_command_done(bus, ticket, e)) == 0) {
		bool stop = !urgent && check_stop(session, e) != 0;

		if (stop || clock_now(session->setup.clock) >= give_up) {
			bus_command_forget(bus, ticket);
			return stop ? -1
				    : error_set(e, ERROR_DEVICE, "%s: no acknowledgement within %.1f s", c->name,
					      (double)patience / 1e9);
		}
		clock_wait(session->seat, give_up);
	}
	return done > 0 ? 0 : -1;
}

static int target_set(void *self, int channel, double value, struct error *e)
{
	struct session *session = self;
	const struct bench_channel *c = &session->bench->channel[channel];
	char unit[24];

	if (!(value >= c->min && value <= c->max))
		return error_set(e, ERROR_LIMIT, "%s = %g %s is outside %g to %g %s (%s)", c->name, value, c->unit,
			c->min, c->max, c->unit, c->source);
	unit_label(c->unit, unit);
	session_doing(session, "setting %s to %g%s", c->name, value, unit);
	if (session_write(session, channel, value, SET_PATIENCE, false, e) != 0)
		return -1;
	journal_event_at(&session->journal, board_commanded_at(session->board, channel), LOG_INFO, "procedure", "%s = %g%s", c->name,
		value, unit);
	return 0;
}

static int wait_until(struct session *session, nanos until, struct error *e)
{
	while (clock_now(session->setup.clock) < until) {
		if (check_stop(session, e) != 0)
			return -1;
		clock_wait(session->seat, until);
	}
	return check_stop(session, e);
}

static int target_wait(void *self, nanos duration, struct error *e)
{
	struct session *session = self;

	session_doing(session, "holding %g s", (double)duration / 1e9);
	return wait_until(session, clock_now(session->setup.clock) + duration, e);
}

/* What must not be lost: a step, a mark, a call. When even the ring's reserve is full the run cannot be what it claims. */
static void push_must(struct session *session, int kind, const void *head, size_t head_size, const void *tail,
	size_t tail_size)
{
	if (!ring_push(session->ring, kind, head, head_size, tail, tail_size, true))
		session_fail(session, "the store is too slow: the ring before it is full");
}

static void put_step(struct session *session)
{
	push_must(session, RECORD_STEP, &session->step, sizeof(session->step), NULL, 0);
}

static int64_t next_tick(struct session *session)
{
	return board_next_tick(session->board, clock_now(session->setup.clock));
}

void session_end_step(struct session *session, bool done)
{
	pthread_mutex_lock(&session->view_lock);
	if (session->step.number && session->step.last_tick < 0 && !session->replaying) {
		session->step.last_tick = next_tick(session) - 1;
		session->step.done = done;
		put_step(session);
	}
	pthread_mutex_unlock(&session->view_lock);
}

static int target_step_begin(void *self, const struct target_step *step, struct error *e)
{
	struct session *session = self;
	struct run_step *s = &session->step;

	session_end_step(session, true);
	pthread_mutex_lock(&session->view_lock);
	*s = (struct run_step){.number = s->number + 1, .set_point = step->set_point, .last_tick = -1,
		.first_tick = next_tick(session)};
	text_copy(s->name, sizeof(s->name), step->name);
	text_copy(s->dut, sizeof(s->dut), step->dut);
	text_copy(s->valve, sizeof(s->valve), step->valve);
	text_copy(s->unit, sizeof(s->unit), step->unit);
	put_step(session);
	pthread_mutex_unlock(&session->view_lock);
	log_write(session->setup.log, LOG_INFO, "step %lld: %s", (long long)s->number, s->name);
	if (session->setup.stepped)
		session->setup.stepped(session->setup.stepped_self, s->number, s->name,
			clock_now(session->setup.clock) - session->started_at);
	return check_stop(session, e);
}

/* Waits for the scans of `ticks` ticks from the next one on. */
static int collect(struct session *session, int64_t first, int64_t ticks, struct measurement *out,
	struct error *e)
{
	/* A window ends with its last scan, one rate group's period after its last tick at the latest. */
	nanos give_up = board_tick_time(session->board, first + ticks) + session->bench->tick * 3600;

	board_window_open(session->board, first, first + ticks - 1, session->seat);
	while (!board_window(session->board, out)) {
		if (check_stop(session, e) != 0)
			return -1;
		if (clock_now(session->setup.clock) >= give_up)
			return error_set(e, ERROR_SYSTEM, "the scans of a measurement never closed");
		clock_wait(session->seat, give_up);
	}
	return 0;
}

static int target_measure(void *self, const char *name, nanos duration, struct measurement *out, struct error *e)
{
	struct session *session = self;
	int64_t ticks = (duration + session->bench->tick / 2) / session->bench->tick;
	struct run_mark mark = {.step = session->step.number, .first_tick = next_tick(session)};

	if (ticks < 1)
		return error_set(e, ERROR_LIMIT, "a measurement of %g s is shorter than the bench's tick of %g s",
			(double)duration / 1e9, (double)session->bench->tick / 1e9);
	session_doing(session, "measuring %g s", (double)duration / 1e9);
	mark.last_tick = mark.first_tick + ticks - 1;
	text_copy(mark.name, sizeof(mark.name), name[0] ? name : session->step.name);
	if (collect(session, mark.first_tick, ticks, out, e) != 0)
		return -1;
	push_must(session, RECORD_MARK, &mark, sizeof(mark), NULL, 0);
	return check_stop(session, e);
}

/* Spread of the last `n` of the values seen. */
static double spread(const double *seen, int64_t count, int n)
{
	double low = INFINITY, high = -INFINITY;

	for (int64_t i = count - n; i < count; i++) {
		double v = seen[i % SETTLE_WINDOW];

		low = v < low ? v : low;
		high = v > high ? v : high;
	}
	return high - low;
}

static int target_settle(void *self, int channel, double band, nanos window, nanos limit, struct error *e)
{
	struct session *session = self;
	const struct bench_channel *c = &session->bench->channel[channel];
	nanos give_up = clock_now(session->setup.clock) + limit, period = session->bench->tick * c->every;
	int need = (int)((window + period - 1) / period);
	struct measurement *m = NULL;
	double seen[SETTLE_WINDOW];
	int result = -1;

	if (need < 2 || need > SETTLE_WINDOW)
		return error_set(e, ERROR_LIMIT, "settle: the window of %g s holds %d samples of %s: 2 to %d are needed",
			(double)window / 1e9, need, c->name, SETTLE_WINDOW);
	m = calloc(BENCH_CHANNELS, sizeof(*m));
	if (!m)
		return error_set(e, ERROR_SYSTEM, "no memory to settle");
	session_doing(session, "settling %s", c->name);
	for (int64_t count = 0; clock_now(session->setup.clock) < give_up;) {
		if (collect(session, next_tick(session), c->every, m, e) != 0)
			goto out;
		if (m[channel].good == 0) {
			count = 0;
			continue;
		}
		seen[count++ % SETTLE_WINDOW] = m[channel].last;
		if (count >= need && spread(seen, count, need) <= band) {
			result = 0;
			goto out;
		}
	}
	error_set(e, ERROR_LIMIT, "%s did not settle to within %g %s over %g s in %g s", c->name, band, c->unit,
		(double)window / 1e9, (double)limit / 1e9);
out:
	free(m);
	return result;
}

static int target_read(void *self, int channel, double *value, enum quality *quality, struct error *e)
{
	struct session *session = self;
	struct board_value values[BENCH_CHANNELS];

	board_snapshot(session->board, values);
	*value = values[channel].value;
	*quality = values[channel].quality;
	return check_stop(session, e);
}

static int target_ask(void *self, const char *prompt, char *answer, size_t size, struct error *e)
{
	struct session *session = self;

	session_doing(session, "asking: %s", prompt);
	if (!session->setup.ask)
		return error_set(e, ERROR_LIMIT, "the procedure asks \"%s\", but there is no terminal and no --answers FILE",
			prompt);
	if (session->setup.ask(session->setup.ask_self, prompt, answer, size, e) != 0)
		return -1;
	journal_event(&session->journal, LOG_INFO, "operator", "asked \"%s\", answered \"%s\"", prompt, answer);
	return check_stop(session, e);
}

static int target_note(void *self, const char *text, struct error *e)
{
	struct session *session = self;

	journal_event(&session->journal, LOG_INFO, "note", "%s", text);
	return check_stop(session, e);
}

/* "set NAME VALUE" of a finished call: what that output was set to. */
static void remember_set(struct session *session, const char *what)
{
	char name[48];
	double value;
	int channel;

	if (sscanf(what, "set %47s %lf", name, &value) != 2)
		return;
	channel = bench_find_channel(session->bench, name);
	if (channel >= 0)
		board_command(session->board, channel, value, QUALITY_SUSPECT, clock_now(session->setup.clock));
}

/* One output as the finished steps left it, if they touched it. */
static int restore_output(struct session *session, int channel, struct error *e)
{
	double value = board_commanded(session->board, channel);

	if (!session->bench->channel[channel].output || isnan(value))
		return 0;
	return session_write(session, channel, value, SET_PATIENCE, false, e);
}

/* The way out of the safe state is the way into it, backwards; outputs that it does not know come first. */
static int restore_outputs(struct session *session, struct error *e)
{
	const struct bench *bench = session->bench;

	for (int c = 0; c < bench->channels; c++) {
		bool in_safe = false;

		for (int s = 0; s < bench->safes; s++)
			in_safe |= bench->safe[s].channel == c;
		if (!in_safe && restore_output(session, c, e) != 0)
			return -1;
	}
	for (int s = bench->safes - 1; s >= 0; s--)
		if (restore_output(session, bench->safe[s].channel, e) != 0)
			return -1;
	journal_event(&session->journal, LOG_INFO, "session", "resumed after step %lld",
		(long long)session->finished_steps);
	return 0;
}

static int stop_replaying(struct session *session, struct error *e)
{
	session->replaying = false;
	session->step.number = session->finished_steps;
	session->step.last_tick = 0; /* finished: nothing to end */
	run_reader_close(session->record);
	session->record = NULL;
	return restore_outputs(session, e);
}

static int target_recall(void *self, long call, const char *what, char **answer, struct error *e)
{
	struct session *session = self;
	char *recorded = NULL, *said = NULL;
	int64_t step = 0;
	int result = -1;

	*answer = NULL;
	if (!session->replaying)
		return 0;
	if (run_reader_call(session->record, call, &step, &recorded, &said, e) != 0)
		return -1;
	if (!said || step > session->finished_steps) {
		result = stop_replaying(session, e);
	} else if (strcmp(recorded, what) != 0) {
		error_set(e, ERROR_DATA, "call %ld of the procedure was '%s' when the run was made, now it is '%s'", call,
			recorded, what);
	} else {
		remember_set(session, what);
		*answer = said;
		said = NULL;
		result = 0;
	}
	free(recorded);
	free(said);
	return result;
}

static int target_record(void *self, long call, const char *what, const char *answer, struct error *e)
{
	struct session *session = self;
	struct record_call head = {.call = call, .step = session->step.number};
	struct text tail = TEXT_INIT;

	text_add_bytes(&tail, what, strlen(what) + 1);
	text_add_bytes(&tail, answer, strlen(answer) + 1);
	if (tail.failed)
		return error_set(e, ERROR_SYSTEM, "no memory to record a call");
	push_must(session, RECORD_CALL, &head, sizeof(head), tail.data, tail.length);
	text_free(&tail);
	return 0;
}

void session_target(struct session *session, struct target *out)
{
	*out = (struct target){
		.bench = session->bench,
		.self = session,
		.set = target_set,
		.wait = target_wait,
		.step = target_step_begin,
		.measure = target_measure,
		.settle = target_settle,
		.read = target_read,
		.ask = target_ask,
		.note = target_note,
		.recall = target_recall,
		.record = target_record,
	};
}
