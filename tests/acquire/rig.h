/*
 * rig.h - a bench in memory: one bus, its devices' registers as a function of address and time, ring and board, all in
 * lock-step time unless said otherwise. Scans come back out of the ring.
 */
#ifndef HEATBENCH_TESTS_ACQUIRE_RIG_H
#define HEATBENCH_TESTS_ACQUIRE_RIG_H

#include "tests/check.h"

#include "daq/acquire/board.h"
#include "daq/acquire/bus.h"
#include "daq/acquire/record.h"
#include "daq/base/lockstep.h"
#include "daq/wire/words_faulty.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define S NANOS_PER_S
#define MS NANOS_PER_MS

enum { RIG_CHECK = 4711, RIG_CHECK_AT = 900 };

struct rig {
	struct bench *bench;
	struct register_map map;
	struct plan plan;
	struct ring *ring;
	struct board *board;
	struct journal journal;
	struct clock *clock;
	struct clock_seat *seat; /* the test's own */
	struct bus *bus;
	struct bus_identity identity;
	int (*answer)(void *self, int unit, int function, int address, int count, uint16_t *words);
	uint16_t written[64];
	int writes;
	long label; /* for messages */
	/* what the default answer does */
	int serial;		 /* identity and check register */
	nanos silent_from, silent_to; /* unit 1 says nothing then */
};

/* The value of a register: changes with the address and with the time, slowly enough to be the same in one read. */
static inline uint16_t rig_word(int unit, int address, nanos now)
{
	return (uint16_t)(unit * 7919 + address * 131 + (int)(now / S) * 17);
}

static inline int rig_answer(void *self, int unit, int function, int address, int count, uint16_t *words)
{
	struct rig *rig = self;
	nanos now = clock_now(rig->clock);

	(void)function;
	if (unit == 1 && now >= rig->silent_from && now < rig->silent_to)
		return -1;
	for (int i = 0; i < count; i++)
		words[i] = address + i == RIG_CHECK_AT ? (uint16_t)rig->serial : rig_word(unit, address + i, now);
	return 0;
}

static inline int rig_accept(void *self, int unit, int address, int count, const uint16_t *words)
{
	struct rig *rig = self;
	nanos now = clock_now(rig->clock);

	if (unit == 1 && now >= rig->silent_from && now < rig->silent_to)
		return -1;
	for (int i = 0; i < count; i++)
		rig->written[(address + i) % 64] = words[i];
	rig->writes++;
	return 0;
}

static inline void rig_channel(struct rig *rig, int device, int reg, bool output)
{
	struct bench_channel *c = &rig->bench->channel[rig->bench->channels++];

	snprintf(c->name, sizeof(c->name), "d%d_%s", device, rig->map.row[reg].name);
	strcpy(c->unit, "1");
	c->device = device;
	c->reg = reg;
	c->every = 1;
	c->gain = 1;
	c->min = -INFINITY;
	c->max = INFINITY;
	c->dut = c->certificate = -1;
	c->resolution = c->uncertainty = c->nominal = NAN;
	c->output = output;
}

/* `registers` channels for each of `devices`, each read by itself (the rows lie apart), and one output each. The map's
 * last rows are the output and the check register, which is the identity too. */
static inline void rig_describe(struct rig *rig, int devices, int registers, nanos tick, nanos timeout)
{
	memset(rig, 0, sizeof(*rig));
	rig->answer = rig_answer;
	rig->serial = RIG_CHECK;
	rig->bench = calloc(1, sizeof(*rig->bench));
	rig->map = (struct register_map){.name = "test", .max_words = 125, .rows = registers + 2, .check = registers + 1,
		.identities = 1, .identity = {registers + 1}, .identity_name = {"serial"}};
	rig->map.row = calloc((size_t)registers + 2, sizeof(*rig->map.row));
	for (int i = 0; i < registers + 2; i++) {
		struct register_row *row = &rig->map.row[i];

		snprintf(row->name, sizeof(row->name), "r%d", i);
		*row = (struct register_row){.address = i < registers ? 100 + 10 * i : i == registers ? 10 : RIG_CHECK_AT,
			.function = 3, .scale = 1, .unit = "1", .writable = i == registers, .nominal = NAN, .min = NAN, .max = NAN};
		snprintf(row->name, sizeof(row->name), "r%d", i);
	}
	rig->bench->tick = tick;
	rig->bench->buses = 1;
	rig->bench->bus[0].words = (struct words_config){.name = "bus", .baud = 19200, .parity = 'E', .data_bits = 8,
		.stop_bits = 1, .response_timeout = timeout};
	rig->bench->bus[0].retry_after = 5 * S;
	for (int d = 0; d < devices; d++) {
		struct bench_device *device = &rig->bench->device[rig->bench->devices++];

		snprintf(device->name, sizeof(device->name), "device%d", d + 1);
		snprintf(device->source, sizeof(device->source), "rig.lua:%d", d + 1);
		device->unit = d + 1;
		device->map = &rig->map;
		device->late_max = S;
		for (int i = 0; i < registers; i++)
			rig_channel(rig, d, i, false);
		rig_channel(rig, d, registers, true);
	}
}

static inline void rig_make(struct rig *rig)
{
	struct error e = ERROR_INIT;

	if (!rig->clock)
		must(lockstep_open_alone(&rig->clock, 0, &e));
	rig->seat = clock_join(rig->clock, "test");
	must(plan_make(&rig->plan, rig->bench, &e));
	rig->ring = ring_open(16 << 20, false);
	must(board_open(&rig->board, rig->bench, &rig->plan, rig->ring, &e));
	rig->journal = (struct journal){.ring = rig->ring, .clock = rig->clock};
}

/* The device in memory behind a faulty end (no faults: none). */
static inline struct words *rig_words(struct rig *rig, const struct words_fault *faults, int count, nanos duration)
{
	const nanos timeout = rig->bench->bus[0].words.response_timeout;
	const struct words_memory memory = {rig->answer, rig_accept, rig, duration, timeout};
	struct words *words = NULL, *faulty = NULL;
	struct error e = ERROR_INIT;

	must(words_memory_open(&words, &memory, rig->seat, &e));
	if (!count)
		return words;
	must(words_faulty_open(&faulty, words, faults, count, timeout, rig->seat, &e));
	return faulty;
}

static inline void rig_open_bus(struct rig *rig, struct words *words)
{
	struct bus_setup setup = {.bench = rig->bench, .plan = &rig->plan, .seat = rig->seat, .board = rig->board,
		.journal = &rig->journal, .keep_raw = false};
	struct error e = ERROR_INIT;

	must(bus_open(&rig->bus, &setup, words, &e));
	for (int d = 0; d < rig->bench->devices; d++)
		must(bus_identify(rig->bus, d, &rig->identity, &e));
}

static inline void rig_start(struct rig *rig)
{
	struct error e = ERROR_INIT;

	board_start(rig->board, clock_now(rig->clock) + rig->bench->tick, 0);
	rig->journal.board = rig->board;
	must(bus_start(rig->bus, &e));
}

/* Lets bench time pass, closing scans as the session's clerk does. */
static inline void rig_run(struct rig *rig, nanos duration)
{
	nanos end = clock_now(rig->clock) + duration, next;

	while (clock_now(rig->clock) < end) {
		next = board_tick_time(rig->board, board_next_tick(rig->board, clock_now(rig->clock)));
		clock_wait(rig->seat, next < end ? next : end);
		board_close_overdue(rig->board, clock_now(rig->clock));
	}
}

static inline void rig_stop(struct rig *rig)
{
	assert_true(bus_stop(rig->bus, rig->seat, 20000));
	board_close_all(rig->board);
	ring_end(rig->ring);
}

static inline void rig_free(struct rig *rig)
{
	bus_close(rig->bus);
	board_close(rig->board);
	ring_close(rig->ring);
	clock_leave(rig->seat);
	clock_close(rig->clock);
	free(rig->map.row);
	free(rig->bench);
}

/* One scan out of the ring. */
struct rig_scan {
	int group, n;
	int64_t tick;
	double value[64];
	uint8_t quality[64];
};

/* The next scan, past everything else; false: there is none. `text` (may be NULL) collects the events passed. */
static inline bool rig_next(struct rig *rig, struct rig_scan *scan, char *text, size_t size)
{
	const void *data;
	size_t bytes;
	int kind;

	while (ring_peek(rig->ring, 0, &kind, &data, &bytes)) {
		const struct record_scan *head = data;
		const struct record_event *event = data;

		if (kind == RECORD_EVENT && text)
			snprintf(text + strlen(text), size - strlen(text), "%s: %s\n", event->source, event->text);
		if (kind == RECORD_SCAN) {
			*scan = (struct rig_scan){.group = head->group, .n = head->n, .tick = head->tick};
			memcpy(scan->value, (const char *)data + sizeof(*head), (size_t)head->n * sizeof(double));
			memcpy(scan->quality, (const char *)data + sizeof(*head) + (size_t)head->n * sizeof(double), (size_t)head->n);
		}
		ring_done(rig->ring);
		if (kind == RECORD_SCAN)
			return true;
	}
	return false;
}

/* A good value must be what its register was at some time inside its tick. */
static inline void rig_check_good(struct rig *rig, const struct rig_scan *s)
{
	nanos at = board_tick_time(rig->board, s->tick), end = at + rig->bench->tick * rig->plan.group[s->group].every;

	for (int i = 0; i < s->n; i++) {
		const struct bench_channel *c = &rig->bench->channel[rig->plan.group[s->group].channel[i]];
		int unit = rig->bench->device[c->device].unit, address = rig->map.row[c->reg].address;
		bool right = c->output || s->quality[i] != QUALITY_GOOD;

		if (address == RIG_CHECK_AT)
			right |= s->value[i] == RIG_CHECK;
		for (nanos t = at; !right && t < end + S; t += S)
			right = s->value[i] == rig_word(unit, address, t < end ? t : end);
		if (!right)
			fail_msg("bench %ld, tick %lld: %s = %g is good, and wrong", rig->label, (long long)s->tick, c->name,
				s->value[i]);
	}
}

#endif
