/*
 * release.h - does a new release (firmware or model) estimate worse than the old one? From pairs of daily errors.
 *
 * An error is e = ln(E_estimated/E_reference) of a day of one heat pump; a pair is a day under the old release and one under the new (or
 * the same day under both, where both estimate from one log). Two effects are estimated from the same pairs:
 *	difference	d = e_new - e_old
 *	change of |bias|	c = s_new e_new - s_old e_old,  s the sign of the heat pump's mean e under that release: mean c = |bias new| - |bias old|
 * The first is held against +-margin from both sides (equivalence.h: equivalent where the interval of 1 - 2 alpha, 90 %, lies inside), the
 * second from above (worse: by more than the margin) and from below (not worse: by less). The size of an estimated bias is on average larger than
 * that of the bias; where old bias is small against its uncertainty u, the upper limit of the second gets what this may be: mean over heat pumps of
 * 2 (u phi(r) - r u Phi(-r)), r = max(0, |bias old|/u - 1) (mean of the folded normal distribution, Leone, Nelson, Nottingham, Technometrics 3
 * (1961) 543, a standard uncertainty nearer to zero than found), at alpha/2 where that is within 2 u of zero (Bonferroni: either sign may be it).
 *
 * Mean and uncertainty of either:
 *	one heat pump, or several that are meant themselves (`fixed`): mean of the heat pumps' means; its variance from sums over clusters
 *	(days: the heat pumps share the weather), G/(G-1) sum_g (sum over pairs of g (x - mean of its heat pump)/(n of it x heat pumps))^2, G - 1
 *	degrees of freedom. With one heat pump and a pair a day this is Student's paired test.
 *	several heat pumps that stand for others (random unit effect): variance of their means / heat pumps, and what days have in common: (the sum
 *	over clusters - the same sum with each pair a cluster of its own) heat pumps/(heat pumps - 1), not below 0 (Cameron, Gelbach and Miller,
 *	J. Bus. Econ. Stat. 29 (2011) 238, cluster in two ways likewise); the smaller of heat pumps - 1 and G - 1 degrees of freedom.
 */
#ifndef HEATBENCH_ACCURACY_RELEASE_H
#define HEATBENCH_ACCURACY_RELEASE_H

#include "analytics/accuracy/release_power.h"

#include <stdbool.h>

enum { RELEASE_UNITS = 64, RELEASE_METRICS = 4 };

struct release_pair {
	int unit, cluster;   /* 0 .. RELEASE_UNITS - 1; pairs of one cluster are not independent */
	double difference;   /* d */
	double old_error;    /* e under the old release; NaN in all pairs: there is no reference */
	int old_day;	     /* not looked at here: cluster is the day under the new release */
};

struct release_rules {
	double margin; /* as a ratio: 0.01 */
	double alpha;  /* 0.05: intervals of 90 % */
	double power;  /* 0.8, for the days needed */
	bool fixed;
};

struct release_interval {
	double value, u, dof, low, high; /* low and high at 1 - 2 alpha; NaN: not known */
	double p;			 /* one-sided, against "not above zero" */
};

struct release_unit {
	int pairs;
	double sd; /* of d */
	double old_bias, new_bias;
	struct release_interval difference, bias; /* of this heat pump alone */
};

/* Not worse: differs, or may, but is not farther from the reference by the margin; `nearer` says whether it is nearer. */
enum release_verdict { RELEASE_INCONCLUSIVE, RELEASE_EQUIVALENT, RELEASE_NOT_WORSE, RELEASE_WORSE };

struct release_effect {
	int pairs, units, clusters;
	bool random;	   /* units stand for others */
	bool has_reference;
	double old_bias, new_bias; /* means of the heat pumps' */
	struct release_interval difference, bias;
	double p_low, p_high;	   /* one-sided, against "below -margin", "above margin"; the larger is that of equivalence */
	double bias_most;	   /* upper limit of the growth of |bias| */
	double p_worse, p_worse_holm; /* one-sided, against "|bias| grew by the margin at most"; Holm over the metrics */
	bool not_inferior;	   /* bias_most below the margin, or equivalent */
	bool nearer, farther;	   /* |bias| has shrunk, has grown at all: one-sided at alpha, whatever the margin */
	struct release_scatter scatter;
	enum release_verdict verdict;
	struct release_unit unit[RELEASE_UNITS];
};

extern const char *const release_verdict_names[]; /* "inconclusive", "equivalent", "not worse", "worse" */

struct release_rules release_rules_default(void);

/* Without a verdict yet: release_decide(). Units without pairs do not count. Nothing known (too few): NaN. */
void release_effect(struct release_effect *out, const struct release_pair *pair, int pairs, const struct release_rules *rules);

/* Verdict of each metric: equivalent; worse, where the p of Holm's step-down over the metrics (holm.h) is at most alpha; not worse, where it is
 * not inferior; else inconclusive. Of all: worse where one is; equivalent where all are, each at alpha (all must hold, so that nothing is to be
 * adjusted: Berger, Technometrics 24 (1982) 295); not worse where all are one or the other; else inconclusive. */
enum release_verdict release_decide(struct release_effect *const *metric, int metrics, const struct release_rules *rules);

/* What the scatter of the pairs says of the days still needed. */
struct release_plan {
	double detectable;	/* ln: found with `power` by as many pairs */
	double needed, still;	/* pairs of each heat pump until equal releases are shown equal with `power`; beyond those there are; NaN */
	double needed_as_found; /* until a verdict with `power`, if the difference really is as large as it was found; NaN */
	double units_needed;	/* heat pumps, where more days do not help; NaN */
};
struct release_plan release_plan(const struct release_effect *effect, const struct release_rules *rules);

#endif
