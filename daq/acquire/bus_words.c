/*
 * bus_words.c - buses of Modbus devices: what bus.c wants done, in terms of registers. Staying in step is
 * bus_read.c's business.
 */
#include "daq/acquire/bus_private.h"

#include "daq/acquire/record.h"
#include "daq/wire/words_record.h"

#include <math.h>
#include <string.h>

/* The real end, with a recorder in front where one is wanted. */
static int open_port(struct bus *bus, struct error *e)
{
	const struct words_config *config = &bus->config->words;
	struct words *port = NULL, *recorder = NULL;
	char path[512];

	if (words_open(&port, config, bus->seat, e) != 0)
		return -1;
	if (bus_record_path(bus, path, sizeof(path)) &&
		words_record_open(&recorder, port, path, config, bus->seat, e) != 0) {
		words_close(port);
		return -1;
	}
	bus->words = recorder ? recorder : port;
	return 0;
}

bool bus_have_port(struct bus *bus)
{
	struct error e = ERROR_INIT;

	if (bus->words)
		return true;
	if (bus_now(bus) < bus->reopen_at)
		return false;
	if (open_port(bus, &e) != 0) {
		bus->reopen_at = bus_now(bus) + bus->config->retry_after;
		return false;
	}
	journal_event(bus->setup.journal, LOG_INFO, bus->source, "the port is back");
	for (int d = 0; d < bus->setup.bench->devices; d++)
		bus->device[d].silent = 0;
	return true;
}

static int words_kind_open(struct bus *bus, struct error *e)
{
	return bus->words ? 0 : open_port(bus, e);
}

static void words_kind_use_seat(struct bus *bus, struct clock_seat *seat)
{
	if (bus->words)
		words_use_seat(bus->words, seat);
}

static int words_kind_identify(struct bus *bus, int device, struct bus_identity *out, struct error *e)
{
	const struct bench_device *config = &bus->setup.bench->device[device];
	const struct register_map *map = config->map;
	struct bus_device *d = &bus->device[device];
	enum quality quality;
	struct words_reply r;

	if (bus_read_identity(bus, device, &d->identity, &quality, e) != 0 || bus_check_expectations(config, &d->identity, e) != 0)
		return -1;
	if (map->check >= 0) {
		const struct register_row *row = &map->row[map->check];

		if (bus_read(bus, device, row->function, row->address, register_words(row->type), &r) != QUALITY_GOOD ||
			!register_decode(row, r.words, &d->check))
			return error_set(e, ERROR_DEVICE, "%s: device '%s' (unit %d on bus %s) does not give its check register %s: %s",
				config->source, config->name, config->unit, bus->config->words.name, row->name,
				wire_status_name(r.status));
		d->checked = true;
	}
	*out = d->identity;
	return 0;
}

/* Keeps the raw words of a transaction, as the bench file says. */
static void keep_block(struct bus *bus, const struct plan_poll *poll, int number, int64_t tick,
	const struct words_reply *r, enum quality quality)
{
	enum keep_raw keep = bus->setup.bench->device[poll->device].keep_raw;
	const struct words_config *words = &bus->config->words;
	struct record_block head = {.device = poll->device, .block = poll->block, .status = quality,
		.words = r->count, .tick = tick, .before = r->before, .after = r->after, .last = r->last};
	nanos turnaround = r->last - words_reply_time(words, poll->read.function, poll->read.count) - r->after;
	bool changed = !bus->kept_once[number] || quality != QUALITY_GOOD ||
		       memcmp(bus->kept[number], r->words, (size_t)r->count * 2) != 0;

	if (keep == KEEP_AUTO)
		keep = bus->setup.keep_raw ? KEEP_ALWAYS : KEEP_ON_CHANGE;
	if (keep == KEEP_NEVER || (keep == KEEP_ON_CHANGE && !changed))
		return;
	if (quality == QUALITY_GOOD) {
		memcpy(bus->kept[number], r->words, (size_t)r->count * 2);
		bus->kept_once[number] = true;
	}
	head.half_width = turnaround > 0 ? turnaround / 2 : 0;
	ring_push(bus->setup.journal->ring, RECORD_BLOCK, &head, sizeof(head), r->words, (size_t)r->count * 2, false);
}

/* Decodes what a poll read into channel values. */
static void decode_poll(struct bus *bus, const struct plan_poll *poll, const struct words_reply *r,
	enum quality quality, double *values, uint8_t *qualities)
{
	const struct bench *bench = bus->setup.bench;
	const struct register_map *map = bench->device[poll->device].map;

	for (int i = 0; i < poll->channels; i++) {
		const struct bench_channel *channel = &bench->channel[poll->channel[i]];
		double raw = NAN;

		qualities[i] = (uint8_t)quality;
		values[i] = NAN;
		if (r->count == 0)
			continue;
		if (!register_decode(&map->row[channel->reg], r->words + poll->at[i], &raw)) {
			qualities[i] = QUALITY_EXCEPTION;
			continue;
		}
		values[i] = bench_reading(bench, channel, raw);
		if (quality == QUALITY_GOOD && (values[i] < channel->min || values[i] > channel->max))
			qualities[i] = QUALITY_RANGE;
		if (qualities[i] == QUALITY_GOOD)
			qualities[i] = (uint8_t)bus_judge_history(bus, poll->channel[i], values[i]);
	}
}

static void words_kind_poll(struct bus *bus, int number, int64_t tick)
{
	const struct plan_poll *poll = &bus->setup.plan->poll[number];
	double values[PLAN_POLL_CHANNELS];
	uint8_t qualities[PLAN_POLL_CHANNELS];
	struct words_reply r;
	enum quality quality = QUALITY_GAP;

	memset(&r, 0, offsetof(struct words_reply, words));
	if (bus_have_port(bus))
		quality = bus_prove(bus, poll->device);
	r.before = r.after = r.last = bus_now(bus);
	if (bus->words && (quality == QUALITY_GOOD || quality == QUALITY_SUSPECT))
		quality = bus_read(bus, poll->device, poll->read.function, poll->read.address, poll->read.count, &r);
	decode_poll(bus, poll, &r, quality, values, qualities);
	if (quality != QUALITY_GAP)
		keep_block(bus, poll, number, tick, &r, quality);
	board_publish(bus->setup.board, poll, tick, r.last, values, qualities);
	bus_recover(bus);
}

static int words_kind_write(struct bus *bus, int channel, double value, bool *good, struct error *e)
{
	const struct bench_channel *c = &bus->setup.bench->channel[channel];
	const struct register_row *row = &bus->setup.bench->device[c->device].map->row[c->reg];
	uint16_t words[4];

	if (register_encode(row, value, words, e) != 0 ||
		bus_write(bus, channel, row->address, register_words(row->type), words, e) != 0)
		return -1;
	*good = bus_prove(bus, c->device) == QUALITY_GOOD;
	return 0;
}

static void words_kind_close(struct bus *bus)
{
	words_close(bus->words);
}

const struct bus_kind bus_kind_words = {
	.open = words_kind_open,
	.use_seat = words_kind_use_seat,
	.identify = words_kind_identify,
	.poll = words_kind_poll,
	.write = words_kind_write,
	.close = words_kind_close,
};
