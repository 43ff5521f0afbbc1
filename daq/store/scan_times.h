/*
 * scan_times.h - when a scan was taken, as an export writes it beside its tick: UTC and the time since the start. Inside daq/store
 * only: an export writes it, an import holds it against what the segments say.
 */
#ifndef HEATBENCH_STORE_SCAN_TIMES_H
#define HEATBENCH_STORE_SCAN_TIMES_H

#include "daq/store/run.h"

#include <stdbool.h>

struct scan_times {
	const struct run_segment *segment;
	int segments;
	nanos period;
};

/* Nanoseconds since the start of scan `tick`: by its segment, or where the group has a column of recorded instants (s since
 * 1970; NaN: none in this row) by that. False: not known. */
bool scan_times_since(const struct scan_times *times, int64_t tick, bool recorded, double instant, nanos *since);

/* "2024-01-31T12:00:00.000000000Z" and "17.000000000"; both empty where it is not known. */
void scan_times_text(const struct scan_times *times, bool known, nanos since, char utc[48], char elapsed[32]);

#endif
