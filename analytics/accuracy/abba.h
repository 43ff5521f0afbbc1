/*
 * abba.h - days under an old and a new release of the same heat pumps, and the pairs that they make.
 *
 * Days of different releases are paired in order, the one that waited longest first, where they are not farther apart than `apart`: what
 * changes slowly (weather, season) is then nearly the same in both. ABBA (old, new, new, old ...) pairs as often old first as new first, so that
 * a drift cancels; always old first (ABAB) cannot tell a drift from the release; all old before all new makes no pairs to speak of.
 */
#ifndef HEATBENCH_ACCURACY_ABBA_H
#define HEATBENCH_ACCURACY_ABBA_H

#include "analytics/accuracy/release.h"

struct abba_day {
	int unit;	    /* 0 .. RELEASE_UNITS - 1 */
	int day;	    /* days since 1970, local */
	bool newer;	    /* under the new release */
	double estimate, reference; /* energy or COP, any unit, the same for all */
	bool paired;	    /* set by abba_pair() */
};

struct abba_design {
	int days[2];	   /* that count: old, new; each heat pump's */
	int undefined[2];  /* one of both is not above zero: no logarithm */
	int shared;	   /* days of a heat pump that both releases claim: not counted for either */
	int unpaired[2];   /* no day of the other release within `apart` */
	int pairs, old_first; /* of the pairs, those with the old release on the earlier day */
	int switches;	   /* from one release to the other, from day to day, all heat pumps */
	bool separate;	   /* in every heat pump all days of one release lie before all of the other */
	struct release_interval order; /* ln: what pairs with the new release later show above the others: twice the drift in a pair */
};

/* Sorts day[] by heat pump and day, those that count first: *days becomes their number. At most *days/2 pairs, in `out`, whose cluster is the day
 * under the new release. A heat pump, a day and a release come once. */
void abba_pair(struct abba_day *day, int *days, int apart, double alpha, struct release_pair *out, struct abba_design *design);

/* Why nothing can be decided however the numbers look, as a sentence; NULL: nothing stands in the way. */
const char *abba_doubt(const struct abba_design *design);

#endif
