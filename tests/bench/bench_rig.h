/*
 * bench_rig.h - a bench in memory for benchmarks: one bus, one device, N float registers in one block, an
 * acquisition from bus thread to writer, without bench file and procedure.
 */
#ifndef HEATBENCH_TESTS_BENCH_BENCH_RIG_H
#define HEATBENCH_TESTS_BENCH_BENCH_RIG_H

#include "daq/acquire/board.h"
#include "daq/acquire/bus.h"
#include "daq/acquire/writer.h"
#include "daq/base/error.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

struct bench_rig {
	struct bench *bench;
	struct register_map map;
	struct plan plan;
	struct ring *ring;
	struct board *board;
	struct journal journal;
	struct clock *clock;
	struct clock_seat *seat;
	struct bus *bus;
	struct run *run;
	struct writer *writer;
};

static inline void rig_die(const char *what, const struct error *e)
{
	fprintf(stderr, "%s: %s\n", what, e->text);
	exit(2);
}

/* `registers` words from address 0 as u16 channels, read with function 4, every `tick`. */
static inline void rig_describe(struct bench_rig *r, int registers, nanos tick, const struct words_config *words)
{
	memset(r, 0, sizeof(*r));
	r->bench = calloc(1, sizeof(*r->bench));
	r->map = (struct register_map){.max_words = 125, .check = -1, .rows = registers};
	r->map.row = calloc((size_t)registers, sizeof(*r->map.row));
	snprintf(r->bench->name, sizeof(r->bench->name), "bench");
	r->bench->tick = tick;
	r->bench->buses = r->bench->devices = 1;
	r->bench->bus[0].words = *words;
	r->bench->bus[0].retry_after = NANOS_PER_S;
	snprintf(r->bench->device[0].name, sizeof(r->bench->device[0].name), "device");
	r->bench->device[0].unit = 1;
	r->bench->device[0].map = &r->map;
	r->bench->device[0].late_max = NANOS_PER_S;
	r->bench->device[0].keep_raw = KEEP_NEVER;
	for (int i = 0; i < registers; i++) {
		struct bench_channel *c = &r->bench->channel[r->bench->channels++];

		snprintf(r->map.row[i].name, sizeof(r->map.row[i].name), "r%d", i);
		r->map.row[i].address = i;
		r->map.row[i].function = 4;
		r->map.row[i].scale = 0.1;
		snprintf(c->name, sizeof(c->name), "c%d", i);
		snprintf(c->unit, sizeof(c->unit), "W");
		c->reg = i;
		c->every = 1;
		c->gain = 1;
		c->min = -INFINITY;
		c->max = INFINITY;
		c->dut = c->certificate = -1;
		c->resolution = c->uncertainty = NAN;
	}
}

static inline void rig_store(struct bench_rig *r, const char *folder)
{
	struct run_about about = {.bench = "bench", .origin = ORIGIN_SIMULATED, .seed = -1, .period = r->bench->tick};
	struct run_segment segment = {.utc = 1};
	struct error e = ERROR_INIT;

	about.utc = clock_utc(r->clock, clock_now(r->clock));
	if (run_create(&r->run, folder, &about, 0, &e) != 0)
		rig_die("run", &e);
	for (int i = 0; i < r->bench->channels; i++) {
		struct run_channel c = {.kind = "gauge", .unit = "W", .group = "scan", .device = -1, .certificate = -1,
			.resolution = NAN, .uncertainty = NAN};

		snprintf(c.name, sizeof(c.name), "%s", r->bench->channel[i].name);
		if (run_define_channel(r->run, &c, &e) != 0)
			rig_die("channel", &e);
	}
	if (run_define_group(r->run, "scan", 1, &e) < 0 || run_begin_segment(r->run, &segment, &e) < 0)
		rig_die("segment", &e);
}

/* Starts everything; `words` NULL: the real end. */
static inline void rig_start(struct bench_rig *r, const char *folder, struct words *words)
{
	struct bus_setup setup = {.bench = r->bench, .plan = &r->plan};
	struct error e = ERROR_INIT;

	if (plan_make(&r->plan, r->bench, &e) != 0)
		rig_die("plan", &e);
	r->ring = ring_open(64 << 20, false);
	if (board_open(&r->board, r->bench, &r->plan, r->ring, &e) != 0)
		rig_die("board", &e);
	r->journal = (struct journal){.ring = r->ring, .clock = r->clock, .board = r->board};
	setup.seat = r->seat;
	setup.board = r->board;
	setup.journal = &r->journal;
	if (bus_open(&r->bus, &setup, words, &e) != 0)
		rig_die("bus", &e);
	rig_store(r, folder);
	if (writer_start(&r->writer, r->run, r->ring, &e) != 0)
		rig_die("writer", &e);
	board_start(r->board, clock_now(r->clock) + 20 * NANOS_PER_MS, 0);
	if (bus_start(r->bus, &e) != 0)
		rig_die("thread", &e);
}

/* Ends everything; returns how many transactions were made, and how many records were dropped. */
static inline int64_t rig_stop(struct bench_rig *r, int64_t *drops)
{
	struct bus_health health;
	struct error e = ERROR_INIT;

	bus_stop(r->bus, r->seat, 5000);
	board_close_all(r->board);
	bus_health(r->bus, &health);
	*drops = (int64_t)ring_drops(r->ring);
	if (writer_stop(r->writer, &e) != 0)
		rig_die("writer", &e);
	run_abandon(r->run);
	bus_close(r->bus);
	board_close(r->board);
	ring_close(r->ring);
	free(r->map.row);
	free(r->bench);
	return health.transactions;
}

#endif
