/*
 * pump_run.h - a stored pump test, read once and kept as columns: who is under test, what was measured, in
 * which steps.
 */
#ifndef HEATBENCH_PUMP_RUN_H
#define HEATBENCH_PUMP_RUN_H

#include "daq/store/reader.h"

#include <stdbool.h>

struct error;

struct pump_run {
	char path[4096];
	struct run_summary summary;
	int duts, devices, certificates, channels, limits, steps, segments, healths, events, tables;
	struct run_dut *dut;
	struct run_device *device;
	struct run_certificate *certificate;
	struct run_channel *channel;
	bool *digit_inferred; /* [channels]: resolution was not known and is the least difference that occurs */
	struct run_limit *limit;
	struct run_step
		*step; /* of a device under test, in order; a step still going on ends at the last row */
	struct run_segment *segment;
	struct run_health *health;
	struct run_event *event;
	struct run_table *table;
	int steps_left_out;   /* that name no device under test */
	enum run_state state; /* of the evidence */
	char state_detail[512];
};

/* One channel's samples; valid as long as the run. */
struct pump_series {
	size_t rows;
	const int64_t *tick;
	const double *time, *value;
	const uint8_t *quality;
};

/* Reads everything. Errors: ERROR_DATA (no device under test, no steps, no channel with a role), ERROR_IO. */
int pump_run_read(struct pump_run *out, struct run_reader *reader, struct error *e);
void pump_run_free(struct pump_run *run);

/* The channel that plays `role` for the device, else the shared one (dut ""), else -1. */
int pump_run_channel(const struct pump_run *run, const char *dut, const char *role);

/* Samples of a channel; no rows for channel -1. */
struct pump_series pump_run_series(const struct pump_run *run, int channel);

/* Rows [*first, *end) whose ticks lie in [from, to]. */
void pump_series_range(const struct pump_series *s, int64_t from, int64_t to, size_t *first, size_t *end);

/* Whether a row may enter a mean: good and known. */
bool pump_series_good(const struct pump_series *s, size_t row);

const struct run_dut *pump_run_dut(const struct pump_run *run, const char *name); /* or NULL */

#endif
