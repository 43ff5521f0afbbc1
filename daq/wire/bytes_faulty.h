/*
 * bytes_faulty.h - the faulty end of a bytes wire, and an end that answers from memory.
 *
 * The faulty end stands in front of another end and misbehaves in the exchanges that its table names; an exchange begins
 * with a write. It makes the mistakes of a real serial line: an answer that is late stays in the line in front of the
 * next ones, and is read as the answer to whatever was asked last.
 */
#ifndef HEATBENCH_WIRE_BYTES_FAULTY_H
#define HEATBENCH_WIRE_BYTES_FAULTY_H

#include "daq/wire/bytes.h"

enum bytes_fault_kind {
	BYTES_LATE,    /* the answer comes `late` after the request; so does what follows it, if that were earlier */
	BYTES_MUTE,    /* no answer */
	BYTES_SHORT,   /* the second half of the answer is lost */
	BYTES_GARBLED, /* one bit of a byte in its middle is another */
	BYTES_GONE,    /* the port is gone, for writes and reads */
};

struct bytes_fault {
	enum bytes_fault_kind kind;
	int from, count; /* exchanges, counted from 0 */
	nanos late;
};

/* Takes over `inner` and closes it when closed. `faults` must outlive it. On failure inner is not closed. */
int bytes_faulty_open(struct bytes **out, struct bytes *inner, const struct bytes_fault *faults, int count,
	struct error *e);

/* A device in memory: `answer` writes what it says to a request into `reply` and returns how many bytes (0: silence),
 * or -1: the port is gone. They can be read `duration` after the request. */
struct bytes_memory {
	int (*answer)(void *self, const char *request, size_t size, char *reply, size_t room);
	void *self;
	nanos duration;
};
int bytes_memory_open(struct bytes **out, const struct bytes_memory *memory, struct clock_seat *seat, struct error *e);

#endif
