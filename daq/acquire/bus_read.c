#include "daq/acquire/bus_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PROBATION_LEAST (10 * NANOS_PER_S)
#define GARBAGE_QUIET (100 * NANOS_PER_MS)
#define HURRY_QUIET (200 * NANOS_PER_MS)
/* A line that babbles must not teach the bus to wait for ever: more than this is only believed of a bench file. */
#define LATE_MOST (10 * NANOS_PER_S)

enum { SILENT_IS_OUT = 2, WRITE_ATTEMPTS = 3 };
/* A check register that does not fit so often in a row, on a line that was made quiet between, is no late reply: who answers
 * there is to say who it is. */
enum { MISFITS = 3 };

static const struct bench_device *config_of(struct bus *bus, int device)
{
	return &bus->setup.bench->device[device];
}

static void start_probation(struct bus *bus, nanos late_max)
{
	nanos length = 5 * late_max > PROBATION_LEAST ? 5 * late_max : PROBATION_LEAST;

	bus->probation_until = bus_now(bus) + length;
}

/* Something went wrong at `since`: the bus must be quiet before it is used again. */
static void owe_recovery(struct bus *bus, int device, nanos quiet, nanos since)
{
	bus->recovery.owed = true;
	bus->recovery.device = device;
	bus->recovery.quiet = quiet;
	bus->recovery.since = since;
}

/* Learns from what comes late. */
void bus_recover(struct bus *bus)
{
	struct bus_device *d = &bus->device[bus->recovery.device];
	nanos latest = 0, start = bus_now(bus);
	int bytes, device = bus->recovery.device;

	if (!bus->recovery.owed || !bus->words)
		return;
	bus->recovery.owed = false;
	/* On the way to the safe state one dead device must not keep the others waiting. */
	if (atomic_load(&bus->hurry) && bus->recovery.quiet > HURRY_QUIET)
		bus->recovery.quiet = HURRY_QUIET;
	bytes = words_drain(bus->words, bus->recovery.quiet, &latest);
	pthread_mutex_lock(&bus->lock);
	bus->health.busy += bus_now(bus) - start;
	bus->health.late += bytes > 0;
	pthread_mutex_unlock(&bus->lock);
	if (bytes > 0) {
		nanos late = latest - bus->recovery.since, learnt = late * 3 / 2;

		if (learnt > LATE_MOST)
			learnt = LATE_MOST;
		if (learnt > d->late_max)
			d->late_max = learnt;
		journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, device)->name,
			"%d bytes came %.0f ms after their time-out and were thrown away", bytes, (double)late / 1e6);
	}
	start_probation(bus, d->late_max);
}

static void port_is_gone(struct bus *bus, const char *why)
{
	journal_event(bus->setup.journal, LOG_ERROR, bus->source, "the port is gone (%s); trying again every %.0f s",
		why, (double)bus->config->retry_after / 1e9);
	words_close(bus->words);
	bus->words = NULL;
	bus->recovery.owed = false;
	bus->reopen_at = bus_now(bus) + bus->config->retry_after;
	for (int d = 0; d < bus->setup.bench->devices; d++)
		if (config_of(bus, d)->bus == bus->setup.number)
			bus_device_was_away(bus, d);
}

void bus_device_was_away(struct bus *bus, int device)
{
	const struct bench *bench = bus->setup.bench;

	bus->device[device].unproven = true;
	for (int c = 0; bus->setup.board && c < bench->channels; c++)
		if (bench->channel[c].device == device && bench->channel[c].output &&
			!isnan(board_commanded(bus->setup.board, c)))
			board_command(bus->setup.board, c, board_commanded(bus->setup.board, c), QUALITY_SUSPECT,
				bus_now(bus));
}

static void device_answers(struct bus *bus, int device)
{
	struct bus_device *d = &bus->device[device];

	d->silent = 0;
	if (!d->out)
		return;
	d->out = false;
	journal_event(bus->setup.journal, LOG_INFO, config_of(bus, device)->name, "answers again");
}

static void device_silent(struct bus *bus, int device, nanos since)
{
	struct bus_device *d = &bus->device[device];

	owe_recovery(bus, device, d->late_max, since);
	if (++d->silent < SILENT_IS_OUT)
		return;
	d->retry_at = bus_now(bus) + bus->config->retry_after;
	if (d->out)
		return;
	d->out = true;
	journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, device)->name,
		"does not answer; asked again every %.0f s", (double)bus->config->retry_after / 1e9);
	bus_device_was_away(bus, device);
}

/* Books a transaction and does what its outcome asks for. */
static enum quality judge(struct bus *bus, int device, const struct words_reply *r)
{
	struct bus_health *h = &bus->health;
	nanos response = bus->config->words.response_timeout;

	pthread_mutex_lock(&bus->lock);
	h->transactions++;
	h->busy += r->last - r->before;
	h->timeouts += r->status == WIRE_TIMEOUT;
	h->checksums += r->status == WIRE_CHECKSUM;
	h->exceptions += r->status == WIRE_EXCEPTION;
	h->wrong += r->status == WIRE_MISMATCH;
	pthread_mutex_unlock(&bus->lock);
	switch (r->status) {
	case WIRE_OK:
		device_answers(bus, device);
		return QUALITY_GOOD;
	case WIRE_EXCEPTION:
		device_answers(bus, device);
		return QUALITY_EXCEPTION;
	case WIRE_TIMEOUT:
		device_silent(bus, device, r->before + response);
		return QUALITY_TIMEOUT;
	case WIRE_CHECKSUM:
		device_answers(bus, device);
		owe_recovery(bus, device, GARBAGE_QUIET, r->last);
		return QUALITY_CHECKSUM;
	case WIRE_MISMATCH:
		owe_recovery(bus, device, bus->device[device].late_max, r->last);
		return QUALITY_CHECKSUM;
	case WIRE_GONE:
		port_is_gone(bus, r->detail);
		break;
	}
	return QUALITY_TIMEOUT;
}

static void exchange(struct bus *bus, int device, int function, int address, int count, struct words_reply *r)
{
	atomic_store(&bus->busy_since, clock_wall_ms());
	words_read(bus->words, config_of(bus, device)->unit, function, address, count, r);
	atomic_store(&bus->busy_since, 0);
}

/* What is owed is done, and what came since and nobody asked for is thrown away. */
static void make_quiet(struct bus *bus, int device)
{
	bus_recover(bus);
	if (!words_pending(bus->words))
		return;
	owe_recovery(bus, device, bus->device[device].late_max, bus_now(bus));
	bus_recover(bus);
}

/* Whether words of the device that hold its check register, `at` words in, show what it gave at start. */
static bool check_fits(struct bus *bus, int device, const uint16_t *words)
{
	const struct register_map *map = config_of(bus, device)->map;
	struct bus_device *d = &bus->device[device];
	double value;

	if (register_decode(&map->row[map->check], words, &value) && value == d->check) {
		d->misfits = 0;
		return true;
	}
	pthread_mutex_lock(&bus->lock);
	bus->health.wrong++;
	pthread_mutex_unlock(&bus->lock);
	owe_recovery(bus, device, d->late_max, bus_now(bus));
	if (++d->misfits >= MISFITS) {
		d->misfits = 0;
		bus_device_was_away(bus, device);
	}
	return false;
}

/* Where a read happens to hold the check register, it must fit as well: else a late reply to another request
 * could stand in for it, and its own reply then pass the check. */
static bool block_fits(struct bus *bus, int device, int function, int address, const struct words_reply *r)
{
	const struct register_map *map = config_of(bus, device)->map;
	const struct register_row *row;
	int at;

	if (map->check < 0 || !bus->device[device].checked)
		return true;
	row = &map->row[map->check];
	at = row->address - address;
	if (row->function != function || at < 0 || at + register_words(row->type) > r->count)
		return true;
	return check_fits(bus, device, r->words + at);
}

/* Whether the check register gives what it gave at start. */
static bool in_step(struct bus *bus, int device)
{
	const struct register_map *map = config_of(bus, device)->map;
	const struct register_row *row;
	struct words_reply r;

	if (map->check < 0 || !bus->device[device].checked)
		return false;
	if (words_pending(bus->words)) { /* an answer too many: the one before was not ours */
		owe_recovery(bus, device, bus->device[device].late_max, bus_now(bus));
		return false;
	}
	row = &map->row[map->check];
	exchange(bus, device, row->function, row->address, register_words(row->type), &r);
	return judge(bus, device, &r) == QUALITY_GOOD && check_fits(bus, device, r.words);
}

enum quality bus_read(struct bus *bus, int device, int function, int address, int count, struct words_reply *reply)
{
	struct bus_device *d = &bus->device[device];
	enum quality quality;

	reply->count = 0;
	reply->status = WIRE_TIMEOUT;
	reply->before = reply->after = reply->last = bus_now(bus);
	if (d->silent >= SILENT_IS_OUT && bus_now(bus) < d->retry_at)
		return QUALITY_GAP;
	make_quiet(bus, device);
	exchange(bus, device, function, address, count, reply);
	quality = judge(bus, device, reply);
	if (quality != QUALITY_GOOD)
		return quality;
	if (d->stranger || d->unproven || !block_fits(bus, device, function, address, reply))
		return QUALITY_SUSPECT;
	if (bus_now(bus) < bus->probation_until && !in_step(bus, device))
		return QUALITY_SUSPECT;
	return QUALITY_GOOD;
}

int bus_write(struct bus *bus, int channel, int address, int count, const uint16_t *words, struct error *e)
{
	int device = bus->setup.bench->channel[channel].device;
	const struct bench_device *config = config_of(bus, device);
	struct words_reply r;
	nanos begun = bus_now(bus);

	for (int attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
		if (!bus->words && !bus_have_port(bus))
			return error_set(e, ERROR_DEVICE, "%s: the port of bus %s is gone", config->name,
				bus->config->words.name);
		make_quiet(bus, device);
		atomic_store(&bus->busy_since, clock_wall_ms());
		words_write(bus->words, config->unit, address, count, words, &r);
		atomic_store(&bus->busy_since, 0);
		if (judge(bus, device, &r) == QUALITY_GOOD)
			return 0;
		/* In a hurry silence is not waited for again; what answers, though with something else, is asked again. */
		if (r.status == WIRE_EXCEPTION || (atomic_load(&bus->hurry) && r.status != WIRE_MISMATCH))
			break;
		/* It may have taken the words all the same: from the first attempt on nobody knows what it has. */
		if (attempt == 0)
			board_doubt(bus->setup.board, channel, begun);
	}
	return error_set(e, ERROR_DEVICE, "%s (unit %d on bus %s) did not take %d word%s at %d: %s, %s", config->name,
		config->unit, bus->config->words.name, count, count == 1 ? "" : "s", address,
		wire_status_name(r.status), r.detail);
}

int bus_read_identity(struct bus *bus, int device, struct bus_identity *out, enum quality *quality, struct error *e)
{
	const struct bench_device *config = config_of(bus, device);
	const struct register_map *map = config->map;
	struct bus_identity identity = {0};
	struct words_reply r;
	double value;

	for (int i = 0; i < map->identities; i++) {
		const struct register_row *row = &map->row[map->identity[i]];

		*quality = bus_read(bus, device, row->function, row->address, register_words(row->type), &r);
		if (*quality == QUALITY_SUSPECT && bus->device[device].unproven)
			*quality = QUALITY_GOOD; /* it is about to prove itself (bus_prove) */
		if (*quality == QUALITY_GOOD && !register_decode(row, r.words, &value))
			*quality = QUALITY_EXCEPTION;
		if (*quality != QUALITY_GOOD)
			return error_set(e, ERROR_DEVICE,
				"%s: device '%s' (map %s, unit %d on bus %s) does not give its %s: %s%s%s%s%s", config->source,
				config->name, map->name, config->unit, bus->config->words.name, map->identity_name[i],
				wire_status_name(r.status), r.detail[0] ? ", " : "", r.detail,
				map->baud_hint[0] ? "; factory setting " : "", map->baud_hint);
		text_copy(identity.what[i], sizeof(identity.what[i]), map->identity_name[i]);
		snprintf(identity.value[i], sizeof(identity.value[i]), "%.15g", value);
		identity.count++;
	}
	*out = identity;
	return 0;
}

static bool same_identity(const struct bus_identity *a, const struct bus_identity *b)
{
	for (int i = 0; i < a->count && i < b->count; i++)
		if (strcmp(a->value[i], b->value[i]) != 0)
			return false;
	return a->count == b->count;
}

/* It is asked again if it does not say what it said at start: a late reply would not be said twice. What it says is
 * believed without its check register, which another device does not have. */
enum quality bus_prove(struct bus *bus, int device)
{
	struct bus_device *d = &bus->device[device];
	struct bus_identity now[2] = {0};
	struct error e = ERROR_INIT;
	enum quality quality;

	if (!d->unproven)
		return d->stranger ? QUALITY_SUSPECT : QUALITY_GOOD;
	if (!bus->words)
		return QUALITY_GAP;
	for (int i = 0; i < 2; i++) {
		if (bus_read_identity(bus, device, &now[i], &quality, &e) != 0)
			return quality;
		if (!same_identity(&d->identity, &now[i]))
			continue;
		d->unproven = d->stranger = false;
		if (d->checked)
			start_probation(bus, d->late_max);
		return QUALITY_GOOD;
	}
	if (!same_identity(&now[0], &now[1]))
		return QUALITY_SUSPECT;
	d->unproven = false;
	d->stranger = true;
	journal_event(bus->setup.journal, LOG_ERROR, config_of(bus, device)->name,
		"another device answers in its place: its values are suspect");
	return QUALITY_SUSPECT;
}
