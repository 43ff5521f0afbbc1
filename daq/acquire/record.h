/*
 * record.h - what goes through the ring: the kinds of records and their heads. Everything that a thread
 * wants stored is pushed as one of these; the writer (writer.h) turns it into rows of the store.
 */
#ifndef HEATBENCH_ACQUIRE_RECORD_H
#define HEATBENCH_ACQUIRE_RECORD_H

#include "daq/base/clock.h"

#include <stddef.h>
#include <stdint.h>

enum record_kind {
	RECORD_SCAN,  /* record_scan, then double[n], then uint8_t quality[n] */
	RECORD_BLOCK, /* record_block, then the raw words */
	RECORD_EVENT, /* record_event */
	RECORD_STEP,  /* struct run_step */
	RECORD_CALL,  /* record_call, then what and answer, each terminated */
	RECORD_MARK,  /* struct run_mark */
	RECORD_CLOCK, /* record_clock */
};

struct record_scan {
	int32_t group, n;
	int64_t tick;
};

struct record_block {
	int32_t device, block, status, words;
	int64_t tick;
	nanos before, after, last, half_width;
};

struct record_event {
	nanos at;
	int64_t tick;
	char level[12], source[48], text[400];
};

struct record_call {
	int64_t call, step;
};

struct record_clock {
	nanos monotonic, utc, bound;
};

#endif
