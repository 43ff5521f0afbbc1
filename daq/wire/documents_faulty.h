/*
 * documents_faulty.h - a document end that answers from memory, and one that stands in front of another and misbehaves on
 * the fetches its table names. For tests of what must never trust it.
 */
#ifndef HEATBENCH_WIRE_DOCUMENTS_FAULTY_H
#define HEATBENCH_WIRE_DOCUMENTS_FAULTY_H

#include "daq/wire/documents.h"

/* `answer` gives the document (its own, until it is asked again), or NULL for silence. Each fetch takes `duration`. */
struct documents_memory {
	const char *(*answer)(void *self, const char *const *keys, int count);
	void *self;
	nanos duration, response_timeout;
};
int documents_memory_open(struct documents **out, const struct documents_memory *memory, struct clock_seat *seat,
	struct error *e);

enum documents_fault_kind { DOCUMENTS_MUTE, DOCUMENTS_CUT, DOCUMENTS_REFUSED, DOCUMENTS_GARBAGE, DOCUMENTS_GONE,
	DOCUMENTS_UNCHANGED };

struct documents_fault {
	enum documents_fault_kind kind;
	int from, count; /* fetches, counted from 0 */
};

/* Takes over `inner` and closes it when closed. `faults` must outlive it. On failure inner is not closed. */
int documents_faulty_open(struct documents **out, struct documents *inner, const struct documents_fault *faults, int count,
	nanos response_timeout, struct clock_seat *seat, struct error *e);

#endif
