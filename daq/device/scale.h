/*
 * scale.h - scales on a serial line: what to ask, and what a line of theirs means. Pure: no port, no clock.
 *
 * A driver is a const struct; the list of drivers is one array (scale.c). Dialects: MT-SICS and Kern's KCP, which have the
 * same grammar (scale_sics.c), and Sartorius SBI in 16 and in 22 characters (scale_sbi.c).
 *
 * What the dialects force:
 *  - No reply has a checksum, and none says which request it answers beyond its first word. The widths of the fields are
 *    the only check there is, so they are held to (`width`, `padded`); who asks proves that it is in step
 *    (scale_exchange.h). A digit that turns into another digit is not noticed but by the port's parity.
 *  - SBI leaves the unit out while the weight is not stable: then the unit must be known beforehand (`blank_unit`).
 *  - A verified balance may put the digits that are not verified in brackets; they count as digits.
 */
#ifndef HEATBENCH_DEVICE_SCALE_H
#define HEATBENCH_DEVICE_SCALE_H

#include "daq/base/clock.h"
#include "daq/base/quality.h"

#include <stdbool.h>
#include <stddef.h>

enum scale_ask {
	SCALE_WEIGH,	    /* the weight now, stable or not */
	SCALE_WEIGH_STABLE, /* the weight once it is stable; the answer may take long */
	SCALE_TARE,
	SCALE_ZERO,
	SCALE_SERIAL,
	SCALE_MODEL,
	SCALE_ASKS
};

enum scale_state {
	SCALE_STABLE,	      /* weight known */
	SCALE_DYNAMIC,	      /* weight known, not settled (SBI: only if the unit is known) */
	SCALE_OVERLOAD,
	SCALE_UNDERLOAD,
	SCALE_NOT_EXECUTABLE, /* busy, adjusting, or did not become stable in its own time */
	SCALE_FAULT,	      /* it reports an error; `text` says which */
	SCALE_FOREIGN_UNIT,   /* a good weight in a unit that is none of mass here (pieces, %, lb) */
	SCALE_DONE,	      /* a command was carried out, an identity is in `text` */
	SCALE_OTHER_ANSWER,   /* well-formed, but the answer to another request */
	SCALE_GARBLED,	      /* no line of this dialect */
	SCALE_NO_ANSWER,      /* nothing came (scale_exchange.h) */
	SCALE_STATES
};

struct scale_reply {
	enum scale_state state;
	double weight;	   /* kg; NaN unless stable or dynamic */
	double resolution; /* kg, of the last digit; NaN likewise */
	int decimals;	   /* digits behind the point, in the unit that came */
	int unverified;	   /* of all digits, how many stood in brackets */
	int width;	   /* characters from the first blank or digit of the weight to its last; 0: no weight */
	bool padded;	   /* the weight was filled up with blanks, so its width must not change */
	char unit[8];	   /* as it came; "" when it was left out */
	char text[64];	   /* identity, or what the state is about, in words */
};

struct scale_port {
	int baud;
	char parity;
	int data_bits, stop_bits;
	bool handshake;
};

struct scale_driver {
	const char *name, *title;
	struct scale_port port;	       /* as it comes from the factory, or as its manual recommends */
	nanos pause;		       /* shortest time from one request to the next */
	const char *ask[SCALE_ASKS];   /* bytes to send; NULL: it has no such request */
	bool silent[SCALE_ASKS];       /* that request is not answered */
	const char *cancel;	       /* ends a request that waits; NULL: none */
	void (*parse)(enum scale_ask ask, const char *line, const char *blank_unit, struct scale_reply *reply);
};

extern const struct scale_driver *const scale_drivers[];
extern const int scale_driver_count;

/* NULL: no driver of that name. */
const struct scale_driver *scale_driver_find(const char *name);

/* What `line` (without its end) says to `ask`. `blank_unit`: unit of a weight whose unit was left out, "" if unknown.
 * Any bytes will do: what is no reply is SCALE_GARBLED. */
void scale_parse(const struct scale_driver *driver, enum scale_ask ask, const char *line, const char *blank_unit,
	struct scale_reply *reply);

/* kg in one `unit` ("g", "kg", "mg", "t"); NaN for any other. */
double scale_unit_kg(const char *unit);

/* How far a weight in this state may be trusted. Only a stable weight is good; a dynamic one is suspect. */
enum quality scale_state_quality(enum scale_state state);
const char *scale_state_name(enum scale_state state); /* "stable", "dynamic", "overload" ... */

/* For the drivers. */
extern const struct scale_driver scale_mt_sics, scale_kern_kcp, scale_sartorius_sbi;

/* A reply of that state; `text` may be NULL. */
void scale_reply_set(struct scale_reply *reply, enum scale_state state, const char *text);

/* A weight: `number` has blanks, a sign, digits with at most one point, the last of them perhaps in brackets, and nothing
 * else. Sets everything but `text` and makes the reply garbled, or foreign, where it must. */
void scale_reply_weight(struct scale_reply *reply, enum scale_state state, const char *number, size_t length,
	const char *unit, const char *blank_unit);

#endif
