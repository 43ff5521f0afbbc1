/*
 * cross_check.h - one quantity against another that should be the same, over the cells that both cover.
 */
#ifndef HEATBENCH_METERS_CROSS_CHECK_H
#define HEATBENCH_METERS_CROSS_CHECK_H

#include "benches/meters/period.h"

enum agreement_verdict { CHECK_UNKNOWN, CHECK_AGREES, CHECK_DISAGREES, CHECK_NOT_RESOLVABLE, CHECK_SHORT };

enum {
	CHECK_ELECTRIC_REGISTER, CHECK_ELECTRIC_VIPF, CHECK_HEAT_REGISTER, CHECK_HEAT_FLOW, CHECK_VOLUME_REGISTER,
	CHECK_ELECTRIC_ESTIMATE, CHECK_HEAT_ESTIMATE, CHECKS
};

struct meters_check {
	int pump, kind;
	int what, against; /* enum meters_quantity */
	double value, reference; /* kWh or m3 over the common cells */
	double seconds;		 /* they cover */
	double turn;		 /* s in which the heat meter works out what it shows; NaN: no part of this */
	double deviation, U, tolerance; /* %; U: how well the deviation can be known */
	enum agreement_verdict verdict;
};

extern const char *const meters_check_names[CHECKS];   /* "electric_register_deviation" ... */
extern const char *const meters_verdict_names[];       /* by enum agreement_verdict */

/* "agrees"; "not judged: shorter than 100 refreshes of 32 s". Returns `out`. */
const char *meters_verdict_words(char out[80], const struct meters_check *check, const struct meters_settings *settings);

/* 1 where the pump has both; else 0. What a heat meter shows is as old as its turn at either end: less than `refreshes_least` turns
 * cannot tell (CHECK_SHORT). */
int meters_check(struct meters_check *out, const struct meters_pump *pump, int index, int kind, struct meters_choice choice);

/* |deviation| <= tolerance agrees, more does not, as far as U is small enough to tell: a U above the tolerance tells only
 * deviations above both together. */
enum agreement_verdict meters_agreement(double deviation, double U, double tolerance);

#endif
