/*
 * transition.h - the steps of a signal: the stretches in which it changed by much within little time.
 *
 * A sample belongs to a step where it differs by at least `least` from the one that was `within` seconds
 * before it (the latest sample at least that old; the first after a gap, or the sample right before, where
 * there is none). Samples of one direction whose stretches touch are one step. Nothing is looked for across a
 * gap.
 */
#ifndef HEATBENCH_CORE_TRANSITION_H
#define HEATBENCH_CORE_TRANSITION_H

#include <stddef.h>

struct transition {
	double from, to; /* s, as t; a sudden change lies up to `within` from either end */
	double change;	 /* of the signal from its start to its end */
};

/* t ascending, in seconds; x finite; least > 0. Samples more than `gap` seconds apart have a gap between
 * them. Stores the first `most` steps (out may be NULL for most = 0) and returns how many there are. */
size_t transition_find(const double *t, const double *x, size_t n, double least, double within, double gap,
	struct transition *out, size_t most);

#endif
