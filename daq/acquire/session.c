#include "daq/acquire/session_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_AFTER (100 * NANOS_PER_MS)

enum { RING_MINUTES = 10, RING_LEAST = 8 << 20, RING_MOST = 512 << 20, BUS_STOP_MS = 5000 };

/* Room for ten minutes of everything. */
static size_t ring_size(const struct plan *plan, const struct bench *bench)
{
	double bytes = 0, tick = (double)bench->tick / 1e9;

	for (int g = 0; g < plan->groups; g++)
		bytes += (40 + 9.0 * plan->group[g].channels) / (tick * plan->group[g].every);
	for (int p = 0; p < plan->polls; p++)
		bytes += (88 + plan_raw_bytes(bench, &plan->poll[p])) / (tick * plan->group[plan->poll[p].group].every);
	bytes *= RING_MINUTES * 60;
	if (bytes < RING_LEAST)
		return RING_LEAST;
	return bytes < RING_MOST ? (size_t)bytes : RING_MOST;
}

/* Opens every bus and identifies every device on it. */
static int open_buses(struct session *session, struct error *e)
{
	const struct bench *bench = session->bench;

	for (int b = 0; b < bench->buses; b++) {
		struct bus_setup setup = {.bench = bench, .plan = &session->plan, .number = b, .seat = session->seat,
			.board = session->board, .journal = &session->journal, .keep_raw = session->setup.keep_raw,
			.record = session->setup.record};

		if (bus_open(&session->bus[b], &setup, NULL, e) != 0)
			return -1;
	}
	for (int d = 0; d < bench->devices; d++)
		if (bus_identify(session->bus[bench->device[d].bus], d, &session->identity[d], e) != 0)
			return -1;
	return 0;
}

int session_open(struct session **out, const struct session_setup *setup, struct error *e)
{
	struct session *session = calloc(1, sizeof(*session));
	pthread_mutexattr_t attr;

	if (!session)
		return error_set(e, ERROR_SYSTEM, "no memory for the session");
	session->setup = *setup;
	session->bench = setup->bench;
	session->step.last_tick = 0;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE); /* a step that cannot be stored fails the session */
	pthread_mutex_init(&session->view_lock, &attr);
	pthread_mutexattr_destroy(&attr);
	session->seat = clock_join(setup->clock, "session");
	if (!session->seat) {
		error_set(e, ERROR_SYSTEM, "no memory for the session");
		goto fail;
	}
	if (plan_make(&session->plan, session->bench, e) != 0)
		goto fail;
	session->ring = ring_open(ring_size(&session->plan, session->bench), setup->clock->lockstep);
	if (!session->ring) {
		error_set(e, ERROR_SYSTEM, "no memory for ten minutes of samples");
		goto fail;
	}
	session->journal = (struct journal){.ring = session->ring, .clock = setup->clock, .log = setup->log};
	if (board_open(&session->board, session->bench, &session->plan, session->ring, e) != 0)
		goto fail;
	if (open_buses(session, e) != 0 || session_check_duts(session, e) != 0)
		goto fail;
	*out = session;
	return 0;
fail:
	session_close(session);
	return -1;
}

bool session_close(struct session *session)
{
	bool hangs = false;

	if (!session)
		return true;
	for (int b = 0; b < session->bench->buses; b++)
		hangs |= !bus_close(session->bus[b]);
	if (hangs)
		return false; /* a thread that hangs in the wire may come back: what it touches stays */
	run_reader_close(session->record);
	board_close(session->board);
	ring_close(session->ring);
	clock_leave(session->seat);
	pthread_mutex_destroy(&session->view_lock);
	free(session);
	return true;
}

/* How many steps, from the first on, ended as they should. */
static int load_record(struct session *session, const char *path, struct error *e)
{
	struct run_step *steps = NULL;
	int count = 0;

	if (run_reader_open(&session->record, path, e) != 0 ||
		run_reader_steps(session->record, &steps, &count, e) != 0)
		return -1;
	for (int i = 0; i < count && steps[i].done && steps[i].number == session->finished_steps + 1; i++)
		session->finished_steps++;
	free(steps);
	session->replaying = true;
	return 0;
}

static int begin_segment(struct session *session, nanos start, struct error *e)
{
	struct run_segment segment = {.monotonic_zero = start, .utc = clock_utc(session->setup.clock, start),
		.first_tick = run_next_tick(session->run)};
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f) {
		if (fgets(segment.boot_id, sizeof(segment.boot_id), f))
			segment.boot_id[strcspn(segment.boot_id, "\n")] = '\0';
		fclose(f);
	}
	text_copy(segment.bench_digest, sizeof(segment.bench_digest), session->bench->digest);
	session->segment = run_begin_segment(session->run, &segment, e);
	if (session->segment < 0)
		return -1;
	board_start(session->board, start, segment.first_tick);
	session->journal.board = session->board;
	return run_commit(session->run, e);
}

int session_start(struct session *session, struct run *run, const char *resumed, struct error *e)
{
	nanos start = clock_now(session->setup.clock) + START_AFTER;

	session->run = run;
	session->started_at = start;
	if (resumed && load_record(session, resumed, e) != 0)
		return -1;
	if (begin_segment(session, start, e) != 0)
		return -1;
	guard_folder(session->setup.guard, run_path(run));
	if (writer_start(&session->writer, run, session->ring, e) != 0)
		return -1;
	session->started = true;
	session_pair_clocks(session);
	guard_arm(session->setup.guard);
	for (int b = 0; b < session->bench->buses; b++)
		if (bus_start(session->bus[b], e) != 0)
			return -1;
	return session_watch_start(session, e);
}

void session_stop(struct session *session)
{
	atomic_store(&session->stop, true);
	clock_wake(session->seat);
}

void session_fail(struct session *session, const char *why)
{
	pthread_mutex_lock(&session->view_lock);
	if (!session->failure[0])
		text_copy(session->failure, sizeof(session->failure), why);
	pthread_mutex_unlock(&session->view_lock);
	session_stop(session);
}

bool session_failed(struct session *session, struct error *e)
{
	bool failed;

	pthread_mutex_lock(&session->view_lock);
	failed = session->failure[0] != '\0';
	if (failed) {
		error_clear(e);
		error_set(e, ERROR_SYSTEM, "%s", session->failure);
	}
	pthread_mutex_unlock(&session->view_lock);
	return failed;
}

static int put_health(struct session *session, struct error *e)
{
	int result = 0;

	for (int b = 0; b < session->bench->buses; b++) {
		struct run_health row = {.segment = session->segment};
		struct bus_health h;

		bus_health(session->bus[b], &h);
		text_copy(row.bus, sizeof(row.bus), session->bench->bus[b].words.name);
		row.transactions = h.transactions;
		row.timeouts = h.timeouts;
		row.checksums = h.checksums;
		row.exceptions = h.exceptions;
		row.wrong = h.wrong;
		row.late = h.late;
		row.missed_ticks = h.missed_ticks;
		row.drops = (int64_t)ring_drops(session->ring);
		row.utilisation = h.span > 0 ? (double)h.busy / (double)h.span : NAN;
		memcpy(row.lateness, h.lateness, sizeof(row.lateness));
		if (run_put_health(session->run, &row, e) != 0)
			result = -1;
	}
	return result;
}

int session_finish(struct session *session, bool done, struct error *e)
{
	int result = 0;

	if (!session->started)
		return 0;
	session_end_step(session, done);
	if (session->clerk_runs && session_reach_safe(session, e) != 0)
		result = -1;
	for (int b = 0; b < session->bench->buses; b++)
		if (!bus_stop(session->bus[b], session->seat, BUS_STOP_MS))
			result = error_set(e, ERROR_DEVICE, "bus %s hangs and was left behind",
				session->bench->bus[b].words.name);
	session_pair_clocks(session);
	session_watch_stop(session);
	board_close_all(session->board);
	if (writer_stop(session->writer, e) != 0)
		result = -1;
	session->writer = NULL;
	session->started = false;
	if (put_health(session, e) != 0)
		result = -1;
	return result;
}

void session_view(struct session *session, struct session_view *out)
{
	memset(out, 0, sizeof(*out));
	out->now = clock_now(session->setup.clock);
	out->tick = board_snapshot(session->board, out->value);
	board_counts(session->board, &out->counts);
	out->drops = ring_drops(session->ring);
	for (int b = 0; b < session->bench->buses; b++)
		if (session->bus[b])
			bus_health(session->bus[b], &out->health[b]);
	pthread_mutex_lock(&session->view_lock);
	out->step_number = session->step.number;
	text_copy(out->step.name, sizeof(out->step.name), session->step.name);
	text_copy(out->step.dut, sizeof(out->step.dut), session->step.dut);
	text_copy(out->step.valve, sizeof(out->step.valve), session->step.valve);
	out->step.set_point = session->step.set_point;
	out->started = session->started_at;
	out->safe = session->safe;
	text_copy(out->doing, sizeof(out->doing), session->doing);
	pthread_mutex_unlock(&session->view_lock);
}
