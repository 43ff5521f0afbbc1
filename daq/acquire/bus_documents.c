/*
 * bus_documents.c - a bus of documents: a feed over HTTP, keys of Redis. One fetch serves every poll of a tick (Redis: each
 * poll asks for its own keys). Whether a document is a new one says its own time stamp (document_clock.h).
 */
#include "daq/acquire/bus_documents.h"

#include "daq/acquire/record.h"
#include "daq/base/text.h"
#include "daq/device/document_points.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEEP_MOST = 64 << 10, KEYS = PLAN_POLL_CHANNELS + 9 };

static const struct bench_device *config_of(struct bus *bus, int device)
{
	return &bus->setup.bench->device[device];
}

static int documents_kind_open(struct bus *bus, struct error *e)
{
	bus->documents = calloc(1, sizeof(*bus->documents));
	if (!bus->documents)
		return error_set(e, ERROR_SYSTEM, "no memory for %s", bus->source);
	bus->documents->fetched = -1;
	document_clock_lost(&bus->documents->clock);
	bus->documents->wire = bus->setup.documents;
	return bus->documents->wire ? 0 : documents_open(&bus->documents->wire, &bus->config->documents, bus->seat, e);
}

static void documents_kind_use_seat(struct bus *bus, struct clock_seat *seat)
{
	documents_use_seat(bus->documents->wire, seat);
}

static int add_key(const char **keys, int n, const char *key)
{
	for (int i = 0; i < n; i++)
		if (strcmp(keys[i], key) == 0)
			return n;
	keys[n] = key;
	return n + 1;
}

/* What is asked for: the keys of a poll's channels (NULL: none), who it is, its clock. */
static int collect_keys(struct bus *bus, int device, const struct plan_poll *poll, const char **keys)
{
	const struct register_map *map = config_of(bus, device)->map;
	int n = 0;

	for (int i = 0; poll && i < poll->channels; i++) {
		const struct register_row *row = &map->row[bus->setup.bench->channel[poll->channel[i]].reg];

		if (document_point_of(row) == DOCUMENT_POINT_NONE)
			n = add_key(keys, n, row->key);
	}
	for (int i = 0; i < map->identities; i++)
		n = add_key(keys, n, map->row[map->identity[i]].key);
	return bus->config->time_key[0] ? add_key(keys, n, bus->config->time_key) : n;
}

static void book(struct bus *bus, const struct documents_reply *r)
{
	pthread_mutex_lock(&bus->lock);
	bus->health.transactions++;
	bus->health.busy += r->last - r->before;
	bus->health.timeouts += r->status == WIRE_TIMEOUT;
	bus->health.checksums += r->status == WIRE_CHECKSUM;
	bus->health.exceptions += r->status == WIRE_EXCEPTION;
	bus->health.wrong += r->status == WIRE_MISMATCH;
	pthread_mutex_unlock(&bus->lock);
}

/* Fetches and takes apart; what is no document fails like what did not come. */
static void fetch(struct bus *bus, int device, const struct plan_poll *poll)
{
	struct bus_documents *d = bus->documents;
	struct document *document = NULL;
	struct error why = ERROR_INIT;
	const char *keys[KEYS];
	int n = collect_keys(bus, device, poll, keys);

	if (n == 0)
		n = add_key(keys, n, config_of(bus, device)->map->row[0].key); /* any: whether it answers */
	atomic_store(&bus->busy_since, clock_wall_ms());
	documents_fetch(d->wire, keys, n, &d->reply);
	atomic_store(&bus->busy_since, 0);
	if (d->reply.status == WIRE_OK && d->reply.unchanged && !d->document) {
		d->reply.status = WIRE_MISMATCH;
		text_copy(d->reply.detail, sizeof(d->reply.detail), "it says that nothing changed, and never gave a document");
	} else if (d->reply.status == WIRE_OK && !d->reply.unchanged) {
		if (document_parse(&document, d->reply.body, d->reply.size, &why) == 0) {
			document_free(d->document);
			d->document = document;
		} else {
			d->reply.status = WIRE_CHECKSUM;
			text_copy(d->reply.detail, sizeof(d->reply.detail), why.text);
		}
	}
	if (d->reply.status != WIRE_OK)
		documents_forget(d->wire);
	book(bus, &d->reply);
}

static void keep_document(struct bus *bus, const struct plan_poll *poll, int64_t tick)
{
	struct bus_documents *d = bus->documents;
	const struct documents_reply *r = &d->reply;
	enum keep_raw keep = config_of(bus, poll->device)->keep_raw;
	struct record_block head = {.device = poll->device, .block = poll->block, .status = d->quality, .tick = tick,
		.before = r->before, .after = r->after, .last = r->last, .half_width = (r->last - r->before) / 2};
	bool changed = !d->kept || !r->body || strcmp(d->kept, r->body) != 0;

	if (keep == KEEP_AUTO)
		keep = bus->setup.keep_raw ? KEEP_ALWAYS : KEEP_ON_CHANGE;
	if (keep == KEEP_NEVER || (keep == KEEP_ON_CHANGE && !changed))
		return;
	if (r->size > KEEP_MOST && !d->told_long) {
		d->told_long = true;
		journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, poll->device)->name,
			"its documents are longer than %d KiB and are not kept", KEEP_MOST / 1024);
	}
	if (r->body && keep == KEEP_ON_CHANGE) {
		free(d->kept);
		d->kept = strdup(r->body);
	}
	ring_push(bus->setup.journal->ring, RECORD_BLOCK, &head, sizeof(head), r->size <= KEEP_MOST ? r->body : NULL,
		r->size <= KEEP_MOST ? r->size : 0, false);
}

/* A key without a value is told once, by its name; and once that it has one again. */
static void say_found(struct bus *bus, int channel, const char *key, enum document_found found)
{
	enum document_found *told = &bus->documents->told[channel];
	const struct bench_channel *c = &bus->setup.bench->channel[channel];

	if (found == *told)
		return;
	*told = found;
	if (found == DOCUMENT_VALUE)
		journal_event(bus->setup.journal, LOG_INFO, c->name, "%s has a value again", key);
	else
		journal_event(bus->setup.journal, LOG_WARNING, c->name, "%s is %s: no value", key, document_found_name(found));
}

/* One channel's value; the quality is that of the document, or says why there is none. */
static double value_of(struct bus *bus, int channel, enum quality *quality)
{
	const struct bench_channel *c = &bus->setup.bench->channel[channel];
	const struct register_row *row = &config_of(bus, c->device)->map->row[c->reg];
	const struct document_clock *clock = &bus->documents->clock;
	enum document_found found;
	double raw = NAN;

	switch (document_point_of(row)) {
	case DOCUMENT_POINT_OFFSET:
		if (clock->news == CLOCK_JUMPED && *quality == QUALITY_GOOD)
			*quality = QUALITY_SUSPECT;
		raw = clock->offset;
		break;
	case DOCUMENT_POINT_AGE:
		if (*quality == QUALITY_STALE)
			*quality = QUALITY_GOOD; /* that of the document; its age is measured now */
		raw = clock->age;
		break;
	case DOCUMENT_POINT_NONE:
	case DOCUMENT_POINTS:
		found = document_number(bus->documents->document, row->key, &raw);
		say_found(bus, channel, row->key, found);
		if (found != DOCUMENT_VALUE)
			*quality = found == DOCUMENT_WRONG ? QUALITY_EXCEPTION : QUALITY_GAP;
		raw = raw * row->scale + row->offset;
		break;
	}
	if (isnan(raw) && *quality != QUALITY_EXCEPTION)
		*quality = QUALITY_GAP;
	return bench_reading(bus->setup.bench, c, raw);
}

static void read_values(struct bus *bus, const struct plan_poll *poll, double *values, uint8_t *qualities)
{
	for (int i = 0; i < poll->channels; i++) {
		const struct bench_channel *c = &bus->setup.bench->channel[poll->channel[i]];
		enum quality quality = bus->documents->quality;

		values[i] = NAN;
		if (bus->documents->reply.status == WIRE_OK && quality != QUALITY_GAP)
			values[i] = value_of(bus, poll->channel[i], &quality);
		if (quality == QUALITY_GOOD && (values[i] < c->min || values[i] > c->max))
			quality = QUALITY_RANGE;
		if (quality == QUALITY_GOOD)
			quality = bus_judge_history(bus, poll->channel[i], values[i]);
		qualities[i] = (uint8_t)quality;
	}
}

static enum quality worse(enum quality a, enum quality b)
{
	if (a == QUALITY_SUSPECT || b == QUALITY_SUSPECT)
		return QUALITY_SUSPECT;
	return a == QUALITY_GOOD ? b : a;
}

static void take_document(struct bus *bus, const struct plan_poll *poll, int64_t tick)
{
	struct bus_documents *d = bus->documents;

	fetch(bus, poll->device, poll);
	d->fetched = tick;
	d->clock.news = CLOCK_NO_NEWS;
	d->quality = documents_judge_fetch(bus, poll->device);
	if (d->quality == QUALITY_GOOD)
		d->quality = worse(documents_judge_identity(bus, poll->device), documents_judge_time(bus, poll->device));
	keep_document(bus, poll, tick);
}

static void documents_kind_poll(struct bus *bus, int number, int64_t tick)
{
	const struct plan_poll *poll = &bus->setup.plan->poll[number];
	struct bus_documents *d = bus->documents;
	struct bus_device *state = &bus->device[poll->device];
	bool feed = bus->config->documents.kind == DOCUMENTS_HTTP;
	double values[PLAN_POLL_CHANNELS];
	uint8_t qualities[PLAN_POLL_CHANNELS];
	nanos at = bus_now(bus);

	if (!feed || d->fetched != tick) {
		if (state->silent >= DOCUMENTS_SILENT_IS_OUT && bus_now(bus) < state->retry_at)
			d->quality = QUALITY_GAP;
		else
			take_document(bus, poll, tick);
	}
	if (d->reply.status == WIRE_OK && d->quality != QUALITY_GAP)
		at = d->reply.last - (d->reply.last - d->reply.before) / 2;
	read_values(bus, poll, values, qualities);
	board_publish(bus->setup.board, poll, tick, at, values, qualities);
}

static int documents_kind_identify(struct bus *bus, int device, struct bus_identity *out, struct error *e)
{
	const struct bench_device *config = config_of(bus, device);
	struct bus_documents *d = bus->documents;
	struct bus_identity identity;
	const char *missing = "";
	char address[320];
	double stamp;

	documents_address(&bus->config->documents, address, sizeof(address));
	fetch(bus, device, NULL);
	if (d->reply.status != WIRE_OK)
		return error_set(e, ERROR_DEVICE, "%s: device '%s' (%.150s) gives no document: %s", config->source, config->name, address,
			d->reply.detail);
	if (!documents_read_identity(bus, device, &identity, &missing))
		return error_set(e, ERROR_DEVICE, "%s: the document of '%s' (%.150s) does not say whose it is: %s has no text",
			config->source, config->name, address, missing);
	if (bus->config->time_key[0] &&
		(document_number(d->document, bus->config->time_key, &stamp) != DOCUMENT_VALUE || !document_clock_plausible(stamp)))
		return error_set(e, ERROR_DEVICE, "%s: the document of '%s' (%.150s) has no time in ms since 1970 under '%s' (time = \"\" "
			"in %s{...} where it has none at all)", config->source, config->name, address, bus->config->time_key,
			bus->config->documents.kind == DOCUMENTS_HTTP ? "http_feed" : "redis");
	if (bus_check_expectations(config, &identity, e) != 0)
		return -1;
	bus->device[device].identity = *out = identity;
	return 0;
}

static void documents_kind_close(struct bus *bus)
{
	if (!bus->documents)
		return;
	documents_close(bus->documents->wire);
	document_free(bus->documents->document);
	free(bus->documents->kept);
	free(bus->documents);
}

const struct bus_kind bus_kind_documents = {
	.open = documents_kind_open,
	.use_seat = documents_kind_use_seat,
	.identify = documents_kind_identify,
	.poll = documents_kind_poll,
	.close = documents_kind_close,
};
