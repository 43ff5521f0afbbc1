/*
 * live_trace.h - one channel of a live picture as gnuplot's data: its line, lone samples, and where it was
 * not good.
 */
#ifndef HEATBENCH_CLI_LIVE_TRACE_H
#define HEATBENCH_CLI_LIVE_TRACE_H

#include "daq/cli/live_data.h"

struct text;

/* What was found on the way; lowest > highest: no good sample. */
struct live_trace {
	double lowest, highest;
	double last; /* the newest value, NaN: none */
	enum quality quality;
	int64_t good, bad; /* samples: drawn, marked */
	bool lone;	   /* some of the good ones are drawn as points */
};

/* Adds the data blocks $l<n> (line), $p<n> (good samples between two that are not) and $b<n> (not good: time
 * and a height from 0, rising by `row`). Where there are more samples than a screen has columns, a column
 * keeps its lowest and its highest. */
struct live_trace live_trace_add(
	struct text *script, const struct live_data *data, const struct live_series *series, int n, int row);

#endif
