/*
 * rtu_listen.h - Modbus RTU overheard: frames out of a stream of bytes of both directions, questions paired with answers.
 *
 * Frames are found by the length that their function gives them and by their CRC, not by silence: adapters deliver in lumps.
 * ("Modbus application protocol" V1.1b3 for lengths, "Modbus over serial line" V1.02, 6.2.2 for the CRC.)
 *
 * What is used must be beyond doubt, because a reply carries no address:
 *  - a reply belongs to the request right before it: the same unit and function, the length that was asked for, within
 *    RTU_LISTEN_PATIENCE; at most two stray bytes may lie between (a line that turns round makes such), and no frame can hide
 *    in those, since the shortest has five. Anything else is a misfit, and used for nothing.
 *  - for RTU_LISTEN_LATE after a question went unanswered its answer may still come: an answer of the same length to a question
 *    for other registers of that unit is not used then, and counts as a misfit.
 *  - a write counts when its echo, which repeats what was written, follows by the same rule.
 * A question that is asked again, or followed by another, went unanswered.
 */
#ifndef HEATBENCH_DEVICE_RTU_LISTEN_H
#define HEATBENCH_DEVICE_RTU_LISTEN_H

#include "daq/base/clock.h"

#include <stddef.h>

#define RTU_LISTEN_PATIENCE (3 * NANOS_PER_S)
#define RTU_LISTEN_LATE (10 * NANOS_PER_S)
/* A frame that does not go on for so long has ended in the middle. */
#define RTU_LISTEN_STALL (200 * NANOS_PER_MS)
/* Question and echo of a single write look the same: what comes later than this is the question asked again. */
#define RTU_LISTEN_ECHO (100 * NANOS_PER_MS)

enum { RTU_LISTEN_ROOM = 1024, RTU_LISTEN_LOST = 16 };

enum heard_kind {
	HEARD_READ,	 /* words that a device gave: unit, function, address, count, words */
	HEARD_WRITE,	 /* words that a device took (functions 6 and 16) */
	HEARD_EXCEPTION, /* a device refused a request: `exception` */
};

struct rtu_heard {
	enum heard_kind kind;
	int unit, function, address, count, exception;
	nanos before, after, last; /* first byte of the request, its last byte, last byte of the answer */
	uint16_t words[125];
};

struct rtu_listen_counts {
	int64_t requests, replies, unanswered, exceptions, writes;
	int64_t misfits; /* answers that fit no request */
	int64_t others;	 /* good frames of other functions */
	int64_t noise;	 /* bytes that are part of no frame */
};

struct rtu_question {
	int unit, function, address, count;
	nanos after; /* its last byte */
};

struct rtu_listen {
	nanos character; /* time of one on the wire; for the instants of bytes that come in one lump */
	uint8_t byte[RTU_LISTEN_ROOM];
	nanos at[RTU_LISTEN_ROOM]; /* of each */
	int have;
	bool in_step; /* what comes next begins a frame */
	int stray;    /* bytes thrown away since the last frame */
	struct {
		bool open;
		int unit, function, address, count;
		nanos before, after;
		uint16_t words[125]; /* of a write */
	} request;
	struct rtu_question lost[RTU_LISTEN_LOST]; /* questions without an answer, the latest of them */
	int losses;
	struct rtu_listen_counts counts;
};

void rtu_listen_init(struct rtu_listen *l, nanos character);

/* Takes some bytes, the last of which came at `last`; returns how many it has room for. */
size_t rtu_listen_feed(struct rtu_listen *l, const uint8_t *bytes, size_t size, nanos last);

/* The next thing that was heard, as of `now`; false: nothing more yet. */
bool rtu_listen_next(struct rtu_listen *l, nanos now, struct rtu_heard *out);

/* What came so far is of another time: a request that waits is not answered by what comes now. */
void rtu_listen_restart(struct rtu_listen *l);

#endif
