#include "daq/acquire/bus_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PROBATION_LEAST (10 * NANOS_PER_S)
#define GARBAGE_QUIET (100 * NANOS_PER_MS)

enum { SILENT_IS_OUT = 2, WRITE_ATTEMPTS = 3 };

static nanos now_of(struct bus *bus)
{
	return clock_now(bus->seat->clock);
}

static const struct bench_device *config_of(struct bus *bus, int device)
{
	return &bus->setup.bench->device[device];
}

static void start_probation(struct bus *bus, nanos late_max)
{
	nanos length = 5 * late_max > PROBATION_LEAST ? 5 * late_max : PROBATION_LEAST;

	bus->probation_until = now_of(bus) + length;
}

/* Leaves the bus quiet after something went wrong at `since`, and learns from what comes late. */
static void recover_step(struct bus *bus, int device, nanos quiet, nanos since)
{
	struct bus_device *d = &bus->device[device];
	nanos latest = 0, start = now_of(bus);
	int bytes;

	bytes = words_drain(bus->words, quiet, &latest);
	pthread_mutex_lock(&bus->lock);
	bus->health.busy += now_of(bus) - start;
	bus->health.late += bytes > 0;
	pthread_mutex_unlock(&bus->lock);
	if (bytes > 0) {
		nanos late = latest - since;

		if (late * 3 / 2 > d->late_max)
			d->late_max = late * 3 / 2;
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
	bus->reopen_at = now_of(bus) + bus->config->retry_after;
}

/* The set points of a device that was away are not known any more. */
static void forget_outputs(struct bus *bus, int device)
{
	const struct bench *bench = bus->setup.bench;

	for (int c = 0; bus->setup.board && c < bench->channels; c++)
		if (bench->channel[c].device == device && bench->channel[c].output &&
			!isnan(board_commanded(bus->setup.board, c)))
			board_command(bus->setup.board, c, board_commanded(bus->setup.board, c), QUALITY_SUSPECT,
				now_of(bus));
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

	recover_step(bus, device, d->late_max, since);
	if (++d->silent < SILENT_IS_OUT)
		return;
	d->retry_at = now_of(bus) + bus->config->retry_after;
	if (d->out)
		return;
	d->out = true;
	journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, device)->name,
		"does not answer; asked again every %.0f s", (double)bus->config->retry_after / 1e9);
	forget_outputs(bus, device);
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
		recover_step(bus, device, GARBAGE_QUIET, r->last);
		return QUALITY_CHECKSUM;
	case WIRE_MISMATCH:
		recover_step(bus, device, bus->device[device].late_max, r->last);
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

/* Whether the check register gives what it gave at start. */
static bool in_step(struct bus *bus, int device)
{
	const struct register_map *map = config_of(bus, device)->map;
	struct bus_device *d = &bus->device[device];
	const struct register_row *row;
	struct words_reply r;
	double value;

	if (map->check < 0 || !d->checked || !bus->words)
		return false;
	row = &map->row[map->check];
	exchange(bus, device, row->function, row->address, register_words(row->type), &r);
	if (judge(bus, device, &r) != QUALITY_GOOD)
		return false;
	if (register_decode(row, r.words, &value) && value == d->check)
		return true;
	pthread_mutex_lock(&bus->lock);
	bus->health.wrong++;
	pthread_mutex_unlock(&bus->lock);
	recover_step(bus, device, d->late_max, r.last);
	return false;
}

enum quality bus_read(struct bus *bus, int device, int function, int address, int count, struct words_reply *reply)
{
	struct bus_device *d = &bus->device[device];
	enum quality quality;

	reply->count = 0;
	reply->status = WIRE_TIMEOUT;
	reply->before = reply->after = reply->last = now_of(bus);
	if (d->silent >= SILENT_IS_OUT && now_of(bus) < d->retry_at)
		return QUALITY_GAP;
	if (words_pending(bus->words))
		recover_step(bus, device, d->late_max, now_of(bus));
	exchange(bus, device, function, address, count, reply);
	quality = judge(bus, device, reply);
	if (quality != QUALITY_GOOD)
		return quality;
	if (d->stranger)
		return QUALITY_SUSPECT;
	if (now_of(bus) < bus->probation_until && !in_step(bus, device))
		return QUALITY_SUSPECT;
	return QUALITY_GOOD;
}

int bus_write(struct bus *bus, int device, int address, int count, const uint16_t *words, struct error *e)
{
	const struct bench_device *config = config_of(bus, device);
	struct words_reply r;

	for (int attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
		if (!bus->words && !bus_have_port(bus))
			return error_set(e, ERROR_DEVICE, "%s: the port of bus %s is gone", config->name,
				bus->config->words.name);
		if (words_pending(bus->words))
			recover_step(bus, device, bus->device[device].late_max, now_of(bus));
		atomic_store(&bus->busy_since, clock_wall_ms());
		words_write(bus->words, config->unit, address, count, words, &r);
		atomic_store(&bus->busy_since, 0);
		if (judge(bus, device, &r) == QUALITY_GOOD)
			return 0;
		if (r.status == WIRE_EXCEPTION)
			break;
	}
	return error_set(e, ERROR_DEVICE, "%s (unit %d on bus %s) did not take %d word%s at %d: %s, %s", config->name,
		config->unit, bus->config->words.name, count, count == 1 ? "" : "s", address,
		wire_status_name(r.status), r.detail);
}

int bus_read_identity(struct bus *bus, int device, struct bus_identity *out, struct error *e)
{
	const struct bench_device *config = config_of(bus, device);
	const struct register_map *map = config->map;
	struct bus_identity identity = {0};
	struct words_reply r;
	double value;

	for (int i = 0; i < map->identities; i++) {
		const struct register_row *row = &map->row[map->identity[i]];

		if (bus_read(bus, device, row->function, row->address, register_words(row->type), &r) != QUALITY_GOOD ||
			!register_decode(row, r.words, &value))
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
