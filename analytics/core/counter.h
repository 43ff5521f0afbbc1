/*
 * counter.h - what a counter counted, from its readings: one at a time, in order of time, in constant memory.
 *
 * A counter wraps, is reset or replaced, freezes for a while, and now and then reads nonsense. What its readings came to is told in
 * increments, each with what it is. A reading that does not fit the one before it (lower, or higher than the greatest
 * rate allows) is never believed by itself: it has to be followed by readings that go on from it. Until then nothing is counted;
 * when the counter goes on from where it was before, the odd readings are dropped.
 */
#ifndef HEATBENCH_CORE_COUNTER_H
#define HEATBENCH_CORE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

enum counter_kind {
	COUNTER_ORDINARY,
	COUNTER_GAP,	    /* as ordinary, but nobody looked for longer than `gap` */
	COUNTER_WRAPPED,    /* past its modulus */
	COUNTER_RESET,	    /* began again from a lower reading: what was counted in between is not known */
	COUNTER_REPLACED,   /* another counter: not known */
	COUNTER_IMPOSSIBLE, /* jumped up by more than the greatest rate allows: not known */
	COUNTER_KINDS
};

/* In the counter's unit and seconds. */
struct counter_rules {
	double modulus;	 /* of a counter that wraps; 0: it does not, or nobody knows */
	double max_rate; /* per second; NaN: not known, then every step up is possible */
	double step;	 /* smallest difference it can show, at least; steps back of as much are noise; NaN: not known */
	double gap;	 /* s between readings from which on it was not looked at; NaN: never */
	int confirm;	 /* readings that must go on from an odd one before it is believed; 0: 3 */
	bool float32;	 /* the reading is one: the spacing of such numbers is a step too */
};

#define COUNTER_UINT16 65536.0
#define COUNTER_UINT32 4294967296.0
#define COUNTER_BCD8 100000000.0

struct counter_increment {
	enum counter_kind kind;
	double from, to; /* s */
	double amount;	 /* NaN: not known */
};

struct counter {
	struct counter_rules rules;
	int64_t readings, missing, dropped, kinds[COUNTER_KINDS];
	double total;	       /* of all known amounts */
	bool begun, odd;       /* odd: a reading waits to be believed */
	double time, value;    /* last one believed */
	double changed;	       /* s: when it last counted */
	int64_t identity, odd_identity;
	double odd_from, odd_first, odd_time, odd_value, odd_amount, odd_widest; /* where it began, how far it went */
	int follows;
};

void counter_begin(struct counter *c, const struct counter_rules *rules);

/* One reading. NaN is missing and changes nothing. `identity`: a number of the device as it said itself, -1: not known; where
 * two known ones differ it was replaced, whatever it reads. Returns how many increments are in `out`: 0, 1 or 2 (an odd
 * reading that was believed late brings what was counted since). A time that does not go on is dropped. */
int counter_take(struct counter *c, double time, double value, int64_t identity, struct counter_increment out[2]);

/* Readings that nothing followed are dropped: call it at the end. */
void counter_end(struct counter *c);

/* Distance of neighbouring single-precision numbers at `value`: 2^-3 kWh at 1 GWh in kWh. */
double counter_float32_step(double value);

const char *counter_kind_name(enum counter_kind kind); /* "ordinary", "gap", ... */

#endif
