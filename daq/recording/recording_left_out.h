/*
 * recording_left_out.h - how often something of a recording could not be used, as an import tells it in an event of the run.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_LEFT_OUT_H
#define HEATBENCH_RECORDING_RECORDING_LEFT_OUT_H

#include <stdbool.h>
#include <stddef.h>

struct recording_left_out {
	long long count;
	char what[200]; /* "rows left out: two rows with one time stamp", "cells without a number in column \"flow\"" */
};

/* The event's text: "12 rows left out: ...". Returns `out`. */
const char *recording_left_out_text(char *out, size_t size, const struct recording_left_out *left);

/* False for the text of any other event. */
bool recording_left_out_parse(struct recording_left_out *out, const char *text);

#endif
