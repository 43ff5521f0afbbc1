/*
 * stored_run.h - a stored run, read once and kept as columns: who is under test, what was measured, in which
 * steps. What every bench's evaluation begins with.
 */
#ifndef HEATBENCH_PUMP_RUN_H
#define HEATBENCH_PUMP_RUN_H

#include "daq/store/reader.h"

#include <stdbool.h>

struct error;

struct stored_run {
	char path[4096];
	struct run_summary summary;
	int duts, devices, certificates, channels, limits, steps, marks, segments, healths, events, tables;
	struct run_dut *dut;
	struct run_device *device;
	struct run_certificate *certificate;
	struct run_channel *channel;
	bool *digit_inferred; /* [channels]: resolution was not known and is the least difference that occurs */
	struct run_limit *limit;
	struct run_step *step; /* in order; one still going on ends at the last row */
	struct run_mark *mark; /* windows that the procedure measured */
	struct run_segment *segment;
	struct run_health *health;
	struct run_event *event;
	struct run_table *table;
	int steps_left_out;   /* that name no device under test */
	enum run_state state; /* of the evidence */
	char state_detail[512];
};

/* One channel's samples; valid as long as the run. */
struct stored_series {
	size_t rows;
	const int64_t *tick;
	const double *time, *value;
	const uint8_t *quality;
};

/* Reads everything. Errors: ERROR_DATA (no device under test), ERROR_IO. */
int stored_run_read(struct stored_run *out, struct run_reader *reader, struct error *e);

/* The same without the samples (tables 0), for runs of weeks: who walks through them reads them piece by piece. */
int stored_run_read_definitions(struct stored_run *out, struct run_reader *reader, struct error *e);

/* Leaves out the steps that name no device under test (where there is only one, nobody needs to name it).
 * Errors: ERROR_DATA (none is left). */
int stored_run_keep_tested(struct stored_run *run, struct error *e);

/* Whether the run had no clean end, or was changed since: then it cannot pass. */
bool stored_run_incomplete(const struct stored_run *run);

/* Whether a certificate had expired when the run began. */
bool stored_run_expired(const struct stored_run *run, const struct run_certificate *certificate);
void stored_run_free(struct stored_run *run);

/* The channel that plays `role` for the device, else the shared one (dut ""), else -1. */
int stored_channel(const struct stored_run *run, const char *dut, const char *role);

/* Samples of a channel; no rows for channel -1. */
struct stored_series stored_series(const struct stored_run *run, int channel);

/* Rows [*first, *end) whose ticks lie in [from, to]. */
void stored_series_range(const struct stored_series *s, int64_t from, int64_t to, size_t *first, size_t *end);

/* Whether a row may enter a mean: good and known. */
bool stored_series_good(const struct stored_series *s, size_t row);

const struct run_dut *stored_dut(const struct stored_run *run, const char *name); /* or NULL */

#endif
