#include "daq/acquire/session_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_AFTER (100 * NANOS_PER_MS)
#define SAFE_PATIENCE (2 * NANOS_PER_S)

enum { RING_MINUTES = 10, RING_LEAST = 8 << 20, RING_MOST = 512 << 20, BUS_STOP_MS = 5000 };

/* Room for ten minutes of everything. */
static size_t ring_size(const struct plan *plan, const struct bench *bench)
{
	double bytes = 0, tick = (double)bench->tick / 1e9;

	for (int g = 0; g < plan->groups; g++)
		bytes += (40 + 9.0 * plan->group[g].channels) / (tick * plan->group[g].every);
	for (int p = 0; p < plan->polls; p++)
		bytes += (88 + 2.0 * plan->poll[p].read.count) / (tick * plan->group[plan->poll[p].group].every);
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
			.board = session->board, .journal = &session->journal, .keep_raw = session->setup.keep_raw};

		if (bench->bus[b].listen_only)
			return error_set(e, ERROR_CONFIG, "%s: bus %s is listen_only, and this program polls",
				bench->bus[b].source, bench->bus[b].words.name);
		if (bus_open(&session->bus[b], &setup, NULL, e) != 0)
			return -1;
	}
	for (int d = 0; d < bench->devices; d++)
		if (bus_identify(session->bus[bench->device[d].bus], d, &session->identity[d], e) != 0)
			return -1;
	return 0;
}

/* What a device said of itself under `what`, or NULL. */
static const char *identity_value(const struct session *session, int device, const char *what)
{
	if (device < 0)
		return NULL;
	for (int i = 0; i < session->identity[device].count; i++)
		if (strcmp(session->identity[device].what[i], what) == 0)
			return session->identity[device].value[i];
	return NULL;
}

/* Before anything is made: whether these are the devices under test that the bench file or the command line names. */
static int check_duts(const struct session *session, struct error *e)
{
	for (int i = 0; i < session->bench->duts; i++) {
		const struct bench_dut *d = &session->bench->dut[i];
		const char *serial = identity_value(session, d->serial_device, "serial");
		const char *firmware = identity_value(session, d->firmware_device, "firmware");

		if (serial && d->serial[0] && strcmp(serial, d->serial) != 0)
			return error_set(e, ERROR_DEVICE, "%s: the serial number of '%s' reads %s, expected %s", d->source,
				d->name, serial, d->serial);
		if (firmware && d->firmware[0] && strcmp(firmware, d->firmware) != 0)
			return error_set(e, ERROR_DEVICE, "%s: the firmware of '%s' reads %s, expected %s", d->source, d->name,
				firmware, d->firmware);
	}
	return 0;
}

int session_open(struct session **out, const struct session_setup *setup, struct error *e)
{
	struct session *session = calloc(1, sizeof(*session));

	if (!session)
		return error_set(e, ERROR_SYSTEM, "no memory for the session");
	session->setup = *setup;
	session->bench = setup->bench;
	session->step.last_tick = 0;
	pthread_mutex_init(&session->view_lock, NULL);
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
	if (open_buses(session, e) != 0 || check_duts(session, e) != 0)
		goto fail;
	*out = session;
	return 0;
fail:
	session_close(session);
	return -1;
}

void session_close(struct session *session)
{
	if (!session)
		return;
	for (int b = 0; b < session->bench->buses; b++)
		bus_close(session->bus[b]);
	run_reader_close(session->record);
	board_close(session->board);
	ring_close(session->ring);
	clock_leave(session->seat);
	pthread_mutex_destroy(&session->view_lock);
	free(session);
}

static int define_duts(struct session *session, struct run *run, struct error *e)
{
	for (int i = 0; i < session->bench->duts; i++) {
		const struct bench_dut *d = &session->bench->dut[i];
		const char *serial = identity_value(session, d->serial_device, "serial");
		const char *firmware = identity_value(session, d->firmware_device, "firmware");
		struct run_dut dut = {.serial_origin = serial ? session->setup.origin : ORIGIN_TYPED,
			.firmware_origin = firmware ? session->setup.origin : ORIGIN_TYPED};

		text_copy(dut.name, sizeof(dut.name), d->name);
		text_copy(dut.kind, sizeof(dut.kind), d->kind);
		text_copy(dut.profile, sizeof(dut.profile), d->profile);
		text_copy(dut.serial, sizeof(dut.serial), serial ? serial : d->serial);
		text_copy(dut.firmware, sizeof(dut.firmware), firmware ? firmware : d->firmware);
		if (run_define_dut(run, &dut, e) != 0)
			return -1;
	}
	return 0;
}

/* {"firmware":"2.1","serial":"4711"}, in the order of the names. Returns false where it does not fit. */
static bool identity_text(const struct bus_identity *identity, char *out, size_t size)
{
	const char *last = "";
	size_t used = (size_t)snprintf(out, size, "{");

	for (int n = 0; n < identity->count && used < size; n++) {
		int next = -1;

		for (int i = 0; i < identity->count; i++)
			if (strcmp(identity->what[i], last) > 0 &&
				(next < 0 || strcmp(identity->what[i], identity->what[next]) < 0))
				next = i;
		last = identity->what[next];
		used += (size_t)snprintf(out + used, size - used, "%s\"%s\":\"%s\"", n ? "," : "", last,
			identity->value[next]);
	}
	if (used < size)
		used += (size_t)snprintf(out + used, size - used, "}");
	return used < size;
}

static int define_devices(struct session *session, struct run *run, struct error *e)
{
	for (int i = 0; i < session->bench->devices; i++) {
		const struct bench_device *d = &session->bench->device[i];
		const struct words_config *w = &session->bench->bus[d->bus].words;
		struct run_device device = {.driver = "register map"};

		text_copy(device.name, sizeof(device.name), d->name);
		text_copy(device.map, sizeof(device.map), d->map->name);
		if (w->kind == WORDS_RTU)
			snprintf(device.address, sizeof(device.address), "rtu:%.80s?baud=%d&parity=%c unit %d", w->port,
				w->baud, w->parity, d->unit);
		else
			snprintf(device.address, sizeof(device.address), "tcp:%.80s:%d unit %d", w->host, w->tcp_port, d->unit);
		if (!identity_text(&session->identity[i], device.identity, sizeof(device.identity)))
			return error_set(e, ERROR_CONFIG, "%s: the identity of '%s' is too long to store", d->source, d->name);
		if (run_define_device(run, &device, e) != 0)
			return -1;
	}
	return 0;
}

static int define_certificates(struct session *session, struct run *run, struct error *e)
{
	for (int i = 0; i < session->bench->certificates; i++) {
		const struct bench_certificate *c = &session->bench->certificate[i];
		struct run_certificate certificate = {.U = c->U, .k = c->k};
		struct text points = TEXT_INIT;
		int result;

		text_copy(certificate.id, sizeof(certificate.id), c->id);
		text_copy(certificate.laboratory, sizeof(certificate.laboratory), c->laboratory);
		text_copy(certificate.date, sizeof(certificate.date), c->date);
		text_copy(certificate.due, sizeof(certificate.due), c->due);
		text_copy(certificate.file, sizeof(certificate.file), c->file);
		text_add(&points, "[");
		for (int p = 0; p < c->points; p++)
			text_add(&points, "%s[%.17g,%.17g]", p ? "," : "", c->reading[p], c->correction[p]);
		text_add(&points, "]");
		if (points.failed || !text_copy(certificate.points, sizeof(certificate.points), points.data))
			result = error_set(e, ERROR_CONFIG, "%s: certificate %s has too many points", c->source, c->id);
		else
			result = run_define_certificate(run, &certificate, e);
		text_free(&points);
		if (result != 0)
			return -1;
	}
	return 0;
}

static int define_limits(struct session *session, struct run *run, struct error *e)
{
	for (int i = 0; i < session->bench->limits; i++) {
		const struct bench_limit *l = &session->bench->limit[i];
		struct run_limit limit = {.set_point = l->set_point, .min = l->min, .max = l->max};

		if (l->dut >= 0)
			text_copy(limit.dut, sizeof(limit.dut), session->bench->dut[l->dut].name);
		text_copy(limit.quantity, sizeof(limit.quantity), l->quantity);
		text_copy(limit.valve, sizeof(limit.valve), l->valve);
		text_copy(limit.unit, sizeof(limit.unit), l->unit);
		text_copy(limit.rule, sizeof(limit.rule), l->rule);
		text_copy(limit.source, sizeof(limit.source), l->source);
		if (run_define_limit(run, &limit, e) != 0)
			return -1;
	}
	return 0;
}

static int define_channels(struct session *session, struct run *run, struct error *e)
{
	const struct bench *bench = session->bench;

	for (int i = 0; i < bench->channels; i++) {
		const struct bench_channel *c = &bench->channel[i];
		struct run_channel channel = {.device = c->device, .certificate = c->certificate,
			.origin = c->output ? ORIGIN_TYPED : session->setup.origin, .resolution = c->resolution,
			.uncertainty = c->uncertainty};

		if (c->output)
			channel.origin = session->setup.origin; /* acknowledged by the device */
		text_copy(channel.name, sizeof(channel.name), c->name);
		text_copy(channel.quantity, sizeof(channel.quantity), c->quantity);
		text_copy(channel.unit, sizeof(channel.unit), c->unit);
		text_copy(channel.kind, sizeof(channel.kind), register_kind_name(c->kind));
		text_copy(channel.group, sizeof(channel.group), session->plan.group[session->plan.group_of[i]].name);
		text_copy(channel.role, sizeof(channel.role), c->role);
		if (c->dut >= 0)
			text_copy(channel.dut, sizeof(channel.dut), bench->dut[c->dut].name);
		if (run_define_channel(run, &channel, e) != 0)
			return -1;
	}
	return 0;
}

int session_define(struct session *session, struct run *run, struct error *e)
{
	if (define_duts(session, run, e) != 0 || define_devices(session, run, e) != 0 ||
		define_certificates(session, run, e) != 0 || define_limits(session, run, e) != 0 ||
		define_channels(session, run, e) != 0)
		return -1;
	for (int g = 0; g < session->plan.groups; g++)
		if (run_define_group(run, session->plan.group[g].name, session->plan.group[g].every, e) < 0)
			return -1;
	return 0;
}

int session_same_devices(struct session *session, const char *path, struct error *e)
{
	struct run_reader *record = NULL;
	struct run_device *then = NULL;
	char now[sizeof(then->identity)];
	int count = 0, result = -1;

	if (run_reader_open(&record, path, e) != 0 || run_reader_devices(record, &then, &count, e) != 0)
		goto out;
	for (int i = 0; i < count && i < session->bench->devices; i++)
		if (!identity_text(&session->identity[i], now, sizeof(now)) || strcmp(then[i].identity, now) != 0) {
			error_set(e, ERROR_DEVICE, "%s: '%s' is another device than the run was begun with: it was %s, it is %s",
				session->bench->device[i].source, then[i].name, then[i].identity, now);
			goto out;
		}
	result = 0;
out:
	free(then);
	run_reader_close(record);
	return result;
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

/* Whether nothing that is read from the device comes. */
static bool is_silent(struct session *session, const struct board_value *value, int device)
{
	int inputs = 0;

	for (int c = 0; c < session->bench->channels; c++) {
		if (session->bench->channel[c].device != device || session->bench->channel[c].output)
			continue;
		if (value[c].quality != QUALITY_TIMEOUT && value[c].quality != QUALITY_GAP)
			return false;
		inputs++;
	}
	return inputs > 0;
}

/* One safe step through the bus that runs. */
static int safe_step(struct session *session, int number, struct error *e)
{
	const struct bench_safe *safe = &session->bench->safe[number];
	struct error why = ERROR_INIT;
	int result = 0;
	nanos until;

	if (session_write(session, safe->channel, safe->value, SAFE_PATIENCE, true, &why) != 0) {
		journal_event(&session->journal, LOG_ERROR, "safe state", "%s", why.text);
		result = error_set(e, ERROR_DEVICE, "the safe state was not confirmed: %s", why.text);
	}
	until = clock_now(session->setup.clock) + safe->pause;
	while (clock_now(session->setup.clock) < until)
		clock_wait(session->seat, until);
	return result;
}

/* Walks the safe steps; every step is tried, whatever became of the one before. Devices that do not answer come
 * last, so that they keep no other from being made safe in time. Returns how many failed. */
static int walk_safe(struct session *session, struct error *e)
{
	const struct bench *bench = session->bench;
	struct board_value value[BENCH_CHANNELS];
	bool silent[BENCH_DEVICES], put_off[BENCH_SAFE] = {false};
	int failed = 0;

	board_snapshot(session->board, value);
	for (int d = 0; d < bench->devices; d++)
		silent[d] = is_silent(session, value, d);
	for (int s = 0; s < bench->safes; s++) {
		int device = bench->channel[bench->safe[s].channel].device;

		put_off[s] = silent[device];
		if (!put_off[s] && safe_step(session, s, e) != 0) {
			silent[device] = true;
			failed++;
		}
	}
	for (int s = 0; s < bench->safes; s++)
		if (put_off[s] && safe_step(session, s, e) != 0)
			failed++;
	return failed;
}

static int reach_safe(struct session *session, struct error *e)
{
	session_doing(session, "going to the safe state");
	if (walk_safe(session, e) != 0)
		return -1;
	journal_event(&session->journal, LOG_INFO, "safe state", "reached: %d steps acknowledged", session->bench->safes);
	pthread_mutex_lock(&session->view_lock);
	session->safe = true;
	pthread_mutex_unlock(&session->view_lock);
	guard_disarm(session->setup.guard);
	return 0;
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
	if (session->clerk_runs && reach_safe(session, e) != 0)
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
