/*
 * lockstep.h - the clock whose owner is the virtual lab: faster than time, and the same every time.
 *
 * The lab listens on a Unix stream socket. Text lines, one answer for each request, in order:
 *
 *	hello				-> ok NOW_NS UTC_NS	(both as of lab time NOW)
 *	timeout ENDPOINT NS		-> ok			(how long the client waits on that endpoint)
 *	advance T_NS			-> now T_NS		(lab time is now T; the plant has moved)
 *	end ENDPOINT			-> end T_NS		(last byte of the latest transaction there)
 *	finish ENDPOINT REST LIMIT	-> end T_NS NOW_NS	(the same; where LIMIT is later than now, time is advanced to T + REST,
 *							 and to LIMIT at most)
 *	expect ENDPOINT NUMBER REST LIMIT			(no answer now: when the next request there has been dealt with,
 *							 unasked and between any answers:)
 *					   ended NUMBER 1 T_NS NOW_NS	(it was answered at once; as by `finish`)
 *					   ended NUMBER 0 T_NS NOW_NS	(it was not; nothing moved)
 *	answered ENDPOINT		-> answered 0|1|-1	(whether what came there last was answered at once; -1:
 *							 nothing came since the last `end` or `answered 0`)
 *	anything else			-> error TEXT
 *
 * In one process every seat (clock.h) waits for some instant; when all do, the earliest instant is asked
 * for by `advance`. While a seat is busy (also in the middle of a Modbus transaction) time stands still.
 * The lab answers transactions at once, and says by `end` when they would have ended on the wire.
 */
#ifndef HEATBENCH_BASE_LOCKSTEP_H
#define HEATBENCH_BASE_LOCKSTEP_H

#include "daq/base/clock.h"

/* Connects to the lab's control socket. Errors: ERROR_DEVICE with the path and what came. */
int lockstep_open(struct clock **out, const char *socket_path, struct error *e);

/* The same without a lab: time jumps to the earliest instant as soon as every seat waits. Starts at 0,
 * which is `utc`. For procedures over hours in milliseconds, and for tests. */
int lockstep_open_alone(struct clock **out, nanos utc, struct error *e);

/* Tells the lab the response time-out of one endpoint, in bench time: a reply that is later than this
 * is held back until time reaches it, a reply that is earlier is charged. */
int lockstep_timeout(struct clock *clock, const char *endpoint, nanos timeout, struct error *e);

/* What became of a request: a machine that is busy may keep it, or its answer, on the way for any while; this tells
 * silence from slowness. */
enum lockstep_answer {
	LOCKSTEP_UNKNOWN, /* nobody to ask: another clock, no such endpoint, the lab is gone */
	LOCKSTEP_UNHEARD, /* the lab has not seen it yet */
	LOCKSTEP_SILENT,  /* it has, and there is no answer before time moves */
	LOCKSTEP_SENT	  /* the answer is on its way */
};
enum lockstep_answer lockstep_answered(struct clock *clock, const char *endpoint);

#endif
