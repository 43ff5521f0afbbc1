/*
 * requirement.h - a value with its 95 % interval against a limit, when the reference itself may be off.
 *
 * A size (RMSE, CV(RMSE)) passes when the whole interval is not above the limit, fails when the whole of it is above. A
 * deviation (NMBE) is the model's less the reference's, and a meter of a class may be off by up to its permitted error p without
 * anybody being able to tell: the model's own deviation lies somewhere in [low - p, high + p]. It passes when all of that is
 * inside +-limit, and fails when all of it is outside on one side: whatever the meter's error is, the verdict would be the
 * same (guard band of JCGM 106:2012, 8.3, with p as a bound instead of a distribution, since it is systematic). What is neither is
 * undecided, and "not resolvable" where the value is not larger than p: then no number of days will decide.
 */
#ifndef HEATBENCH_ACCURACY_REQUIREMENT_H
#define HEATBENCH_ACCURACY_REQUIREMENT_H

#include "analytics/accuracy/comparison.h"
#include "analytics/core/decision.h"

struct requirement_outcome {
	enum verdict verdict;
	bool not_resolvable;
	const char *why; /* undecided; "" */
};

/* |value| at most `limit`. `permitted` NaN: the reference's class was not said; it is taken as true. A limit of NaN: not judged. */
struct requirement_outcome requirement_deviation(const struct interval *value, double limit, double permitted);

/* value at most `limit`. */
struct requirement_outcome requirement_size(const struct interval *value, double limit);

#endif
