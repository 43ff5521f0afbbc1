/*
 * lines_faulty.h - the faulty end of a board of lines, and a board in memory. For tests.
 */
#ifndef HEATBENCH_WIRE_LINES_FAULTY_H
#define HEATBENCH_WIRE_LINES_FAULTY_H

#include "daq/wire/lines.h"

enum lines_fault_kind {
	LINES_LOST,    /* edges from..from+count-1 of the line do not arrive */
	LINES_BOUNCE,  /* each of them is followed by two more within `width`: a contact that bounces */
	LINES_GONE,    /* calls from..from+count-1 find the chip gone; for outputs, PWMs and inputs */
	LINES_REFUSED, /* ... are refused by the driver */
};

struct lines_fault {
	enum lines_fault_kind kind;
	int line;
	uint64_t from, count; /* edges of the line, or calls of set, set_duty and get on it, counted from 0 */
	nanos width;	      /* LINES_BOUNCE */
};

/* Takes over `inner` and closes it when closed. `faults` must outlive it. On failure inner is not closed. */
int lines_faulty_open(struct lines **out, struct lines *inner, const struct lines_fault *faults, int count,
	struct error *e);

/* A board in memory: outputs and PWMs keep what they were set to, edges come from lines_memory_feed. */
int lines_memory_open(struct lines **out, const struct lines_config *config, struct error *e);
void lines_memory_feed(struct lines *memory, int line, nanos at, bool rising);
double lines_memory_duty(const struct lines *memory, int line);

#endif
