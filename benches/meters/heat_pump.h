/*
 * heat_pump.h - one heat pump's meters through a whole run: samples in, amounts in cells out. Memory grows with the days, not
 * with the samples.
 */
#ifndef HEATBENCH_METERS_HEAT_PUMP_H
#define HEATBENCH_METERS_HEAT_PUMP_H

#include "analytics/core/counter.h"
#include "analytics/core/heat.h"
#include "analytics/core/meters_roles.h"
#include "analytics/core/meters_settings.h"
#include "benches/meters/integral.h"
#include "benches/meters/steps.h"

enum meters_quantity {
	ELECTRIC_COUNTER, /* kWh, from the register */
	ELECTRIC_POWER,	  /* kWh, power integrated */
	HEAT_COUNTER, HEAT_POWER,
	HEAT_FLOW,	  /* kWh, k x flow x temperature difference, integrated */
	VOLUME_COUNTER,	  /* m3 */
	VOLUME_FLOW,
	ELECTRIC_VIPF,	  /* kWh, V x I x PF of the meter */
	ESTIMATED_POWER, ESTIMATED_HEAT, /* kWh, the CiC's */
	QUANTITIES
};

/* One channel, in its role's unit. */
struct meters_channel {
	int channel; /* of the run, -1: none */
	const char *group; /* rate group; NULL */
	double scale, offset;
	double spacing; /* s between good samples, usually; NaN: not known yet */
	double time, value; /* last good one; NaN: none yet */
	double last_row;
	int64_t rows, good, backwards, quality[QUALITY_COUNT];
	double sum, min, max, least_step; /* of good ones; NaN: none */
	double changed, held; /* when it last changed, and how long values were held before they did, together, unless `standstill` */
	int64_t changes;
};

enum { COUNTERS = 3, LOST_MOST = 200 };

/* An increment that was neither ordinary nor a mere gap. */
struct meters_lost {
	enum meters_quantity quantity;
	struct counter_increment what;
};

struct meters_pump {
	const struct meters_settings *settings;
	const struct heat_medium *medium;
	int dut;
	const char *name;
	struct meters_channel role[ROLES];
	struct integral quantity[QUANTITIES];
	struct counter counter[COUNTERS]; /* ELECTRIC_COUNTER, HEAT_COUNTER, VOLUME_COUNTER */
	bool counting[COUNTERS];
	struct meters_lost lost[LOST_MOST];
	int losts;
	double first, last; /* s since 1970: first and last row */
	double cold, heat_all;	    /* kWh of heat below the least difference, and of all; absolute */
	double weak, electric_all;  /* kWh below the least current, and of all */
	struct meters_steps steps;
	bool viewed[VIEWS];	    /* the CiC shows it */
	unsigned fresh[(ROLES + 31) / 32];
};

/* Errors: ERROR_DATA (a channel's unit). The settings and medium must outlive it. */
int meters_pump_begin(struct meters_pump *p, const struct stored_run *run, int dut, const struct meters_settings *settings,
	const struct heat_medium *medium, struct error *e);
void meters_pump_free(struct meters_pump *p);

/* How far apart the samples of a role usually are, and its digit as far as known (in the role's unit; NaN), before the first
 * of them is taken. */
void meters_pump_spacing(struct meters_pump *p, enum meters_role role, double seconds, double step);

/* One row of a channel; then, when all rows of this instant were given, what follows from them. */
void meters_pump_sample(struct meters_pump *p, enum meters_role role, double time, double value, uint8_t quality);
void meters_pump_instant(struct meters_pump *p, double time);
void meters_pump_end(struct meters_pump *p);

/* How often a channel shows another value while it moves, s: a meter integrates in turns (BENCHES E5) and holds what it shows
 * between them. NaN: it did not move often enough to tell (changes_least). */
double meters_pump_refresh(const struct meters_pump *p, enum meters_role role);

/* How long its heat meter takes to work out what it shows, s: the channel of it that changes most often (the others may show the
 * same twice), and not less than it is read. NaN: it has none. */
double meters_pump_turn(const struct meters_pump *p);

/* The counter behind a quantity, or NULL. */
const struct counter *meters_pump_counter(const struct meters_pump *p, enum meters_quantity quantity);

/* The smallest difference that its register can show, of single precision too; 0 for what is no register. */
double meters_pump_digit(const struct meters_pump *p, enum meters_quantity quantity);

extern const char *const meters_quantity_names[QUANTITIES]; /* "energy register", "power", ... */

#endif
