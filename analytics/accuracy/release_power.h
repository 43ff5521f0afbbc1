/*
 * release_power.h - how many days, or heat pumps, a comparison of two releases needs (analytics/core/equivalence.h has the powers).
 */
#ifndef HEATBENCH_ACCURACY_RELEASE_POWER_H
#define HEATBENCH_ACCURACY_RELEASE_POWER_H

/* What pairs of days scatter by: each heat pump's own, what they have in common on a day, and the effects of several about their mean. The
 * mean over heat pumps has variance (between^2 + within^2/pairs)/units + common^2/pairs, with units - 1 degrees of freedom (the days have more). */
struct release_scatter {
	double within, common, between;
	int units; /* below 2: the days are all there is, `within` is of their means over heat pumps */
};

/* What is to be shown, and how surely. */
struct release_aim {
	double margin, difference; /* ln; |difference| < margin: to be shown equivalent, else to be shown outside */
	double alpha, power;
};

enum { RELEASE_PAIRS_MOST = 3650, RELEASE_UNITS_MOST = 1000 };

/* Pairs of days (of each heat pump) that it takes; NaN: RELEASE_PAIRS_MOST do not do, or it cannot be told. */
double release_pairs_needed(struct release_scatter scatter, const struct release_aim *aim);

/* Heat pumps with `pairs` each that it takes; NaN likewise. */
double release_units_needed(struct release_scatter scatter, double pairs, const struct release_aim *aim);

/* The difference that so many pairs show to be one, one-sided. */
double release_detectable(struct release_scatter scatter, double pairs, double alpha, double power);

#endif
