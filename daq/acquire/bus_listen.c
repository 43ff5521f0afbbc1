/*
 * bus_listen.c - a Modbus RTU bus whose master is somebody else: values are taken from the answers that it gets, and nothing
 * is ever sent. What of a read is used says daq/device/rtu_listen.h; here is for whom.
 */
#include "daq/acquire/bus_listen.h"

#include "daq/acquire/record.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_PATIENCE (15 * NANOS_PER_S) /* a master that asks less often is not there */
#define AWAY_AFTER (30 * NANOS_PER_S)
#define LOOK (20 * NANOS_PER_MS)
#define LOCKSTEP_LOOK NANOS_PER_S /* what the lab writes meanwhile fits the kernel's buffer */

enum { STALE_GROUPS = 3 };

static const struct bench_device *config_of(struct bus *bus, int device)
{
	return &bus->setup.bench->device[device];
}

static int listen_kind_open(struct bus *bus, struct error *e)
{
	bus->listen = calloc(1, sizeof(*bus->listen));
	if (!bus->listen)
		return error_set(e, ERROR_SYSTEM, "no memory for %s", bus->source);
	rtu_listen_init(&bus->listen->parser, words_character_time(&bus->config->words));
	return listener_open(&bus->listen->port, &bus->config->words, e);
}

/* What waits in the port is of an unknown time. */
static void forget_backlog(struct bus *bus)
{
	uint8_t waste[512];

	while (bus->listen->port && listener_read(bus->listen->port, waste, sizeof(waste), 0) > 0)
		;
	rtu_listen_restart(&bus->listen->parser);
	memset(&bus->listen->parser.counts, 0, sizeof(bus->listen->parser.counts));
}

static void listen_kind_use_seat(struct bus *bus, struct clock_seat *seat)
{
	(void)seat;
	forget_backlog(bus);
}

/* Until `until`, listening; true: woken. */
static bool listen_kind_wait(struct bus *bus, nanos until)
{
	struct clock *clock = bus->seat->clock;
	nanos left = until - bus_now(bus);

	if (clock->lockstep || !bus->listen->port) {
		nanos look = left > LOCKSTEP_LOOK ? until - left + LOCKSTEP_LOOK : until;
		bool woken = clock_wait(bus->seat, look);

		listen_hear(bus, 0);
		return woken || look < until;
	}
	while (!atomic_load(&bus->stop) && bus->listen->port) {
		nanos real = (nanos)((double)(until - bus_now(bus)) / clock->speed);

		if (real < NANOS_PER_MS)
			return clock_wait(bus->seat, until);
		listen_hear(bus, (int)((real < LOOK ? real : LOOK) / NANOS_PER_MS));
	}
	return true;
}

static int listen_kind_identify(struct bus *bus, int device, struct bus_identity *out, struct error *e)
{
	const struct bench_device *config = config_of(bus, device);
	nanos until = bus_now(bus) + START_PATIENCE;
	struct bus_identity identity;

	if (!bus->listen->ever[device])
		forget_backlog(bus);
	while (bus_now(bus) < until && !(bus->listen->ever[device] && listen_identity_complete(bus, device))) {
		clock_wait(bus->seat, bus_now(bus) + LOOK);
		listen_hear(bus, 0);
		if (!bus->listen->port)
			break;
	}
	if (!bus->listen->ever[device])
		return error_set(e, ERROR_DEVICE, "%s: nothing was heard of device '%s' (unit %d on bus %s) in %.0f s: is its master on, "
			"and are the line's settings and wires right?", config->source, config->name, config->unit,
			bus->config->words.name, (double)START_PATIENCE / 1e9);
	listen_tell_identity(bus, device, &identity);
	if (config->expects && !listen_identity_complete(bus, device))
		return error_set(e, ERROR_DEVICE, "%s: the bench file demands an identity of '%s', and its master did not ask for it in %.0f s",
			config->source, config->name, (double)START_PATIENCE / 1e9);
	if (bus_check_expectations(config, &identity, e) != 0)
		return -1;
	bus->device[device].identity = *out = identity;
	return 0;
}

static void keep_block(struct bus *bus, const struct plan_poll *poll, int number, int64_t tick)
{
	struct heard *h = &bus->listen->heard[number];
	enum keep_raw keep = config_of(bus, poll->device)->keep_raw;
	struct record_block head = {.device = poll->device, .block = poll->block, .status = QUALITY_GOOD,
		.words = poll->read.count, .tick = tick, .before = h->before, .after = h->after, .last = h->last};
	nanos turnaround = h->last - words_reply_time(&bus->config->words, poll->read.function, poll->read.count) - h->after;
	size_t size = (size_t)poll->read.count * 2;

	if (keep == KEEP_AUTO)
		keep = bus->setup.keep_raw ? KEEP_ALWAYS : KEEP_ON_CHANGE;
	for (int w = 0; w < poll->read.count; w++)
		if (!h->seen[w])
			return; /* nobody knows all of it */
	if (!h->fresh || keep == KEEP_NEVER ||
		(keep == KEEP_ON_CHANGE && bus->kept_once[number] && memcmp(bus->kept[number], h->words, size) == 0))
		return;
	h->fresh = false;
	memcpy(bus->kept[number], h->words, size);
	bus->kept_once[number] = true;
	head.half_width = turnaround > 0 ? turnaround / 2 : 0;
	ring_push(bus->setup.journal->ring, RECORD_BLOCK, &head, sizeof(head), h->words, size, false);
}

/* The instant of a channel's words: false: they were never heard, or not in one answer. */
static bool heard_at(const struct heard *h, int at, int words, nanos *when)
{
	for (int w = 0; w < words; w++)
		if (!h->seen[at + w] || h->at[at + w] != h->at[at])
			return false;
	*when = h->at[at];
	return true;
}

static enum quality read_channel(struct bus *bus, const struct plan_poll *poll, int number, int i, double *value, nanos *latest)
{
	const struct bench *bench = bus->setup.bench;
	const struct bench_channel *c = &bench->channel[poll->channel[i]];
	const struct register_row *row = &bench->device[poll->device].map->row[c->reg];
	const struct heard *h = &bus->listen->heard[number];
	nanos stale_after = c->stale_after ? c->stale_after : STALE_GROUPS * c->every * bench->tick, when;
	double raw;

	*value = NAN;
	if (!heard_at(h, poll->at[i], register_words(row->type), &when))
		return QUALITY_GAP;
	if (!register_decode(row, h->words + poll->at[i], &raw))
		return QUALITY_EXCEPTION;
	*value = bench_reading(bench, c, raw);
	*latest = when > *latest ? when : *latest;
	if (bus_now(bus) - when > stale_after)
		return QUALITY_STALE;
	if (bus->device[poll->device].stranger)
		return QUALITY_SUSPECT;
	if (*value < c->min || *value > c->max)
		return QUALITY_RANGE;
	return bus_judge_history(bus, poll->channel[i], *value);
}

static void say_silence(struct bus *bus, int device)
{
	if (bus->device[device].out || bus_now(bus) - bus->listen->heard_at[device] <= AWAY_AFTER)
		return;
	bus->device[device].out = true;
	journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, device)->name, "was not heard for %.0f s", (double)AWAY_AFTER / 1e9);
}

static void listen_kind_poll(struct bus *bus, int number, int64_t tick)
{
	const struct plan_poll *poll = &bus->setup.plan->poll[number];
	double values[PLAN_POLL_CHANNELS];
	uint8_t qualities[PLAN_POLL_CHANNELS];
	nanos latest = 0;

	listen_hear(bus, 0);
	for (int i = 0; i < poll->channels; i++)
		qualities[i] = (uint8_t)read_channel(bus, poll, number, i, &values[i], &latest);
	keep_block(bus, poll, number, tick);
	say_silence(bus, poll->device);
	board_publish(bus->setup.board, poll, tick, latest ? latest : bus_now(bus), values, qualities);
}

static void listen_kind_end(struct bus *bus)
{
	const struct rtu_listen_counts *c = &bus->listen->parser.counts;

	journal_event(bus->setup.journal, LOG_INFO, bus->source, "heard %" PRId64 " questions and %" PRId64 " answers to them, %" PRId64
		" unanswered; %" PRId64 " exceptions, %" PRId64 " writes, %" PRId64 " answers to something else, %" PRId64 " stray bytes",
		c->requests, c->replies, c->unanswered, c->exceptions, c->writes, c->misfits, c->noise);
}

static void listen_kind_close(struct bus *bus)
{
	if (!bus->listen)
		return;
	listener_close(bus->listen->port);
	free(bus->listen);
}

const struct bus_kind bus_kind_listen = {
	.open = listen_kind_open,
	.use_seat = listen_kind_use_seat,
	.identify = listen_kind_identify,
	.wait = listen_kind_wait,
	.poll = listen_kind_poll,
	.end = listen_kind_end,
	.close = listen_kind_close,
};
