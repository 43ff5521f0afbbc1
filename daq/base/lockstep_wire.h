/*
 * lockstep_wire.h - the connection to the virtual lab's control socket: lines there and back (lockstep.h).
 *
 * Answers come in the order of the questions. Only `ended` comes when it comes, and is kept for who expects it. Who uses the
 * connection from several threads holds a lock.
 */
#ifndef HEATBENCH_BASE_LOCKSTEP_WIRE_H
#define HEATBENCH_BASE_LOCKSTEP_WIRE_H

#include "daq/base/clock.h"

#include <stddef.h>

struct lockstep_wire;

/* Errors: ERROR_DEVICE, ERROR_SYSTEM, with the path. */
int lockstep_wire_open(struct lockstep_wire **out, const char *path, struct error *e);
void lockstep_wire_close(struct lockstep_wire *wire); /* NULL is fine */

/* One question (with its line end), one answer (without). False when the lab is gone. */
bool lockstep_wire_ask(struct lockstep_wire *wire, const char *question, char *answer, size_t size);

/* What became of the transaction that a place expected. */
struct lockstep_ended {
	bool answered; /* else the lab is silent: nothing has moved */
	nanos end;     /* its last byte */
	nanos now;     /* lab time from then on */
};

/* Tells the lab what to do by itself when the next transaction on an endpoint is over: advance by `rest` after it, up to `limit`.
 * Returns the number by which lockstep_wire_ended() knows it, 0 where that cannot be told: then it is asked as before. */
long lockstep_wire_expect(struct lockstep_wire *wire, const char *endpoint, nanos rest, nanos limit);

/* Waits for it for `ms` of real time, and then asks the lab whether there is anything to say; with 0 it only looks. False where the lab
 * has not said it; the number is of no use afterwards, either way. */
bool lockstep_wire_ended(struct lockstep_wire *wire, long number, int ms, struct lockstep_ended *out);

#endif
