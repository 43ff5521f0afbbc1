/*
 * plan.h - what is read when: the bench's channels sorted into rate groups and read transactions.
 *
 * A channel that a procedure may set (output) is not read: its value is the last one the device acknowledged.
 */
#ifndef HEATBENCH_ACQUIRE_PLAN_H
#define HEATBENCH_ACQUIRE_PLAN_H

#include "daq/acquire/bench.h"

enum { PLAN_GROUPS = 16, PLAN_POLLS = 256, PLAN_POLL_CHANNELS = 64 };

/* Channels that share a rate: one wide table of the store. */
struct plan_group {
	char name[32]; /* "scan" for every tick, else "scan_<every>" */
	int every;
	int channels;
	int channel[BENCH_CHANNELS];
};

/* One read transaction and the channels it serves. */
struct plan_poll {
	int bus, device, group;
	int block; /* number within the device */
	struct register_block read;
	int channels;
	int channel[PLAN_POLL_CHANNELS];
	int at[PLAN_POLL_CHANNELS]; /* word offset in the reply */
};

struct plan {
	int groups, polls;
	struct plan_group group[PLAN_GROUPS];
	struct plan_poll poll[PLAN_POLLS];
	int group_of[BENCH_CHANNELS], column_of[BENCH_CHANNELS];
};

/* Errors: ERROR_CONFIG (too many groups or reads, named). */
int plan_make(struct plan *plan, const struct bench *bench, struct error *e);

/* Time on one bus for a full round of its reads, averaged over its rate groups: share of the tick. Counts the
 * request, a turnaround, the reply and the silent intervals of 3.5 characters. */
double plan_bus_load(const struct plan *plan, const struct bench *bench, int bus);

/* The device whose reads take the largest share of the bus, for advice. */
int plan_heaviest_device(const struct plan *plan, const struct bench *bench, int bus, double *share);

/* Time on one bus for a full round of its reads; `device` -1: of all devices, else of that one. */
nanos plan_round_time(const struct plan *plan, const struct bench *bench, int bus, int device);

/* Bytes that one transaction of a poll keeps raw. */
double plan_raw_bytes(const struct bench *bench, const struct plan_poll *poll);

/* Bytes per second that the run's database will grow by, from the store's measured figures. */
double plan_bytes_per_second(const struct plan *plan, const struct bench *bench, bool keep_raw);

#endif
