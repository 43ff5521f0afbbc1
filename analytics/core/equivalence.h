/*
 * equivalence.h - is what came out the same, worse, or not known yet? Release N + 1 against release N, by days.
 *
 * Two one-sided tests (TOST: Schuirmann, J. Pharmacokin. Biopharm. 15 (1987) 657) on a shift with standard uncertainty u and dof
 * degrees of freedom: p_below and p_above are the chances of such a shift where the truth is -margin or below, margin or above.
 *	equivalent	the 1 - 2 alpha interval shift -+ t(1-alpha) u lies inside +-margin: both p < alpha
 *	worse		it lies outside as a whole, on either side
 *	inconclusive	neither: not enough days, and `needed` says how many in all
 * A difference that is not significant is no equivalence, and a wide interval is never a pass.
 *
 * Days are taken as independent of each other; releases that alternate by day (ABBA) see to that better than weeks of each.
 */
#ifndef HEATBENCH_CORE_EQUIVALENCE_H
#define HEATBENCH_CORE_EQUIVALENCE_H

enum equivalence_verdict { EQUIVALENCE_INCONCLUSIVE, EQUIVALENCE_EQUIVALENT, EQUIVALENCE_WORSE };

const char *equivalence_word(enum equivalence_verdict verdict); /* "inconclusive", "equivalent", "worse" */

struct equivalence {
	double n; /* days or units */
	double shift, u, dof;
	double margin, alpha;
	double low, high;		  /* 1 - 2 alpha */
	double p_below, p_above, p;	  /* p: of equivalence, the larger of both */
	enum equivalence_verdict verdict; /* inconclusive where anything is NaN */
	double needed;			  /* see equivalence_needed(); NaN where it cannot be told */
};

/* Daily values (or paired daily differences, say of ln(estimated/reference)) with this mean and sd, n of them; needed for a power
 * of 0.8 if mean and sd are what they seem. NaN for n < 2. Values that are all alike (sd = 0) are certain. */
struct equivalence equivalence_of_days(double mean, double sd, double n, double margin, double alpha);

/* Several units: each unit's mean daily value and the variance of that mean; units differ at random (unit_effect.h, REML, t with
 * units - 1 degrees of freedom). One unit is inconclusive: it cannot speak for the others. needed is NaN. */
struct equivalence equivalence_of_units(
	const double *mean, const double *variance, int units, double margin, double alpha);

/* A mean with what is known of it. */
struct equivalence_mean {
	double mean, u, dof;
};

/* Is |bias| larger than it was? shift = |after| - |before|. Equivalent: not worse by `margin`, the upper limit lies below it (an
 * improvement, however large, passes); worse: the lower limit lies above. Limits from those of both means (MOVER: Zou, Donner,
 * Stat. Med. 27 (2008) 1693); at alpha/2 where the interval of the bias that has to be the large one holds 0, as |bias| may then
 * be large either way (Bonferroni). `correlation` of the two estimates: 0 for different days; for replays of the same days that
 * of their daily values. p_below, u, dof and needed are NaN. */
struct equivalence equivalence_bias(const struct equivalence_mean *before,
	const struct equivalence_mean *after, double correlation, double margin, double alpha);

/* Chance that TOST shows a true shift to be inside +-margin, and that it shows it to be outside; u is true, and estimated with
 * dof degrees of freedom. Exact: integral over chi of the normal probability (Phillips, J. Pharmacokin. Biopharm. 18 (1990)
 * 137). */
double equivalence_power(double shift, double u, double dof, double margin, double alpha);
double equivalence_power_worse(double shift, double u, double dof, double margin, double alpha);

/* Days in all, until a verdict comes with this chance: equivalent where |shift| < margin, worse where it is above. NaN where
 * 10,000 days are not enough. */
double equivalence_needed(double shift, double sd, double margin, double alpha, double power);

/* The shift that n days with this daily sd show at level alpha, one-sided, with this power (0.5 < power < 1):
 * (t(1-alpha) + t(power)) sd/sqrt n, n - 1 degrees of freedom. NaN for n < 2. */
double equivalence_detectable(double sd, double n, double alpha, double power);

#endif
