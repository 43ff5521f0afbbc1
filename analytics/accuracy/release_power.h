/*
 * release_power.h - how many days a comparison of two releases needs, and what so many days can find.
 *
 * The estimated effect is normal with standard deviation `se`, its estimated variance se^2 chi^2(dof)/dof apart from it (Student); then
 *	P(effect shown above zero)	= E[1 - Phi((t s - difference)/se)]
 *	P(shown inside +-margin)	= E[max(0, Phi((margin - t s - difference)/se) - Phi((-margin + t s - difference)/se))]
 * with t the one-sided quantile 1 - alpha and s = se sqrt(chi^2/dof), the expectation over chi^2. The second is Phillips, J. Pharmacokin.
 * Biopharm. 18 (1990) 137, without his tables; the first is the noncentral t distribution.
 */
#ifndef HEATBENCH_ACCURACY_RELEASE_POWER_H
#define HEATBENCH_ACCURACY_RELEASE_POWER_H

/* One-sided. NaN where se is not above 0, dof not above 0 or alpha not between 0 and 1. */
double release_power_shown(double difference, double se, double dof, double alpha);
double release_power_equivalent(double margin, double difference, double se, double dof, double alpha);

/* What pairs of days scatter by: each heat pump's own, what they have in common on a day, and the effects of several about their mean. The
 * mean over heat pumps has variance (between^2 + within^2/pairs)/units + common^2/pairs, with units - 1 degrees of freedom (the days have more). */
struct release_scatter {
	double within, common, between;
	int units; /* below 2: the days are all there is, `within` is of their means over heat pumps */
};

enum { RELEASE_PAIRS_MOST = 3650 };

/* Pairs of days (of each heat pump) at which releases that differ by `difference` are shown equivalent with this power; NaN: not by
 * RELEASE_PAIRS_MOST, or it cannot be told. */
double release_pairs_needed(struct release_scatter scatter, double margin, double difference, double alpha, double power);

/* Heat pumps with `pairs` each, at which equal releases are shown so; NaN likewise (above 1000). */
double release_units_needed(struct release_scatter scatter, double pairs, double margin, double alpha, double power);

/* The difference that is shown with this power. */
double release_detectable(struct release_scatter scatter, double pairs, double alpha, double power);

#endif
