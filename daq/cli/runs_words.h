/*
 * runs_words.h - times, spans and numbers of a run in words.
 */
#ifndef HEATBENCH_CLI_RUNS_WORDS_H
#define HEATBENCH_CLI_RUNS_WORDS_H

#include "daq/base/clock.h"

#include <stddef.h>

struct run_summary;

void words_utc(nanos utc, char *out, size_t size);	/* 2026-11-20T13:30:00Z; "" for 0 */
void words_span(nanos span, char *out, size_t size);	/* 12.0 s, 6 min 10 s, 3 h 05 min, 2 d 04 h */
void words_number(double v, char *out, size_t size);	/* "" for NaN */
nanos words_duration(const struct run_summary *summary); /* to the clean end, else to the last scan */

#endif
