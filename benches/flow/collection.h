/*
 * collection.h - one gravimetric collection: from the scale's readings before and after to the volume that passed
 * the meters (ISO 4185). The same for all meters in series.
 *
 *	m = (W2 - W1) eps, eps = (1 - rho_a/8000)/(1 - rho_a/rho_w)
 *	flying start	V = m/rho(t, p) T/(T + delta) - V_line beta dT, T between the diverter's switches, delta its
 *			correction
 *	standing start	V = m/rho(t, p) - V_line beta dT
 *	q = V/T
 */
#ifndef HEATBENCH_FLOW_COLLECTION_H
#define HEATBENCH_FLOW_COLLECTION_H

#include "benches/flow/collection_needed.h"
#include "benches/flow/trial.h"

enum { FLOW_STABLE_LEAST = 3 }; /* stable readings before and after */

struct flow_weight { /* one window of readings */
	size_t n, unstable, overloaded;
	double mean, u, dof; /* kg; u: of the mean, type A */
	double drift, drift_u; /* kg over the window */
};

struct flow_collection {
	bool known, doubtful, expired;
	char why[240];
	bool flying;
	bool by_tick;		  /* the diverter's instants are known to a tick only */
	struct flow_weight empty, full;
	int64_t before, after;	  /* last tick of "empty", first of "full" */
	double from, to;	  /* s in the run's time: diverter in the tank; standing: the mark "collect" */
	double duration;	  /* s */
	double temperature, density, air, buoyancy; /* degC, kg/m3, kg/m3, 1 */
	double mass, volume;	  /* kg; l at the meter */
	double resolution;	  /* kg; NaN: not known */
	bool scale_known;	  /* its uncertainty */
	struct flow_rows rows;	  /* of the volume; sensitivities for E = 0, in % */
};

/* The collection of one step. Where it cannot be used `known` is false and `why` says so in words.
 * Errors: ERROR_SYSTEM. */
int flow_collect(struct flow_collection *out, const struct stored_run *run, int step,
	const struct flow_settings *settings, struct error *e);

/* One meter's part in it. */
struct flow_trial flow_collected(const struct flow_collection *collection, const struct stored_run *run, int step,
	int dut, const struct flow_settings *settings);

/* Seconds in the run's time of an instant in bench time. */
double flow_seconds(const struct stored_run *run, nanos at);

/* Volume from mass, as above; in l. */
double flow_volume(double mass, double density, double duration, double correction, double line_volume,
	double expansion, double warming, bool flying);

/* How many pulses a counter had at t: between the instants of its pulses by straight lines. NaN outside them. */
double flow_count_at(const double *edge, const double *count, size_t n, double t);

#endif
