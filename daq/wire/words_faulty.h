/*
 * words_faulty.h - the faulty end of a words wire, and an end that answers from memory.
 *
 * The faulty end stands in front of another end and misbehaves on the transactions that its table names. It
 * makes the same mistakes a real RTU wire makes: a late reply stays in the line and is handed out as the
 * answer to the next request, if that asks for as many words. For tests of what must never trust it.
 */
#ifndef HEATBENCH_WIRE_WORDS_FAULTY_H
#define HEATBENCH_WIRE_WORDS_FAULTY_H

#include "daq/wire/words.h"

enum words_fault_kind { FAULT_LATE, FAULT_MUTE, FAULT_SHORT, FAULT_GARBLED, FAULT_WRONG_UNIT, FAULT_EXCEPTION,
	FAULT_GONE };

struct words_fault {
	enum words_fault_kind kind;
	int from, count; /* transactions, counted from 0 */
	nanos late;	 /* FAULT_LATE: how long after the request the reply comes */
};

/* Takes over `inner` and closes it when closed. `faults` must outlive it. On failure inner is not closed. */
int words_faulty_open(struct words **out, struct words *inner, const struct words_fault *faults, int count,
	nanos response_timeout, struct clock_seat *seat, struct error *e);

/* A device in memory: `answer` fills `count` words of (unit, function, address) and returns 0, or a Modbus
 * exception code, or -1 for silence; writes go through `accept` likewise. Each transaction takes `duration`. */
struct words_memory {
	int (*answer)(void *self, int unit, int function, int address, int count, uint16_t *words);
	int (*accept)(void *self, int unit, int address, int count, const uint16_t *words);
	void *self;
	nanos duration, response_timeout;
};
int words_memory_open(struct words **out, const struct words_memory *memory, struct clock_seat *seat,
	struct error *e);

#endif
