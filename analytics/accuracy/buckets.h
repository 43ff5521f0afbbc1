/*
 * buckets.h - rows into means over stretches of a local day, split exactly at their edges.
 */
#ifndef HEATBENCH_ACCURACY_BUCKETS_H
#define HEATBENCH_ACCURACY_BUCKETS_H

#include "analytics/accuracy/comparison.h"

/* One stretch of a day that is being filled; lengths in s. */
struct bucket {
	double length; /* of all of them; 0: the whole day */
	double share;  /* that must be covered to count */
	int day;       /* -1: none yet */
	int64_t index; /* since the day's midnight */
	double seconds, reference_j, estimate_j;
};

/* Called with each bucket that is covered: mean powers. */
typedef void (*bucket_full)(void *self, int day, int64_t index, double seconds, double reference, double estimate);

/* A row of constant powers from `from` (s since midnight) for `seconds`, inside day `day` of length `day_length`. Rows ascend. */
void bucket_take(struct bucket *b, int day, double day_length, double from, double seconds, double reference, double estimate,
	bucket_full full, void *self);
void bucket_flush(struct bucket *b, double day_length, bucket_full full, void *self);

#endif
