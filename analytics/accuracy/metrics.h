/*
 * metrics.h - errors of an estimate against a reference, from sums that add: by bucket, day, regime, heat pump.
 *
 *	e = estimate - reference
 *	bias = sum e / n		MAE = sum |e| / n		RMSE = sqrt(sum e^2 / n)
 *	NMBE = sum e / sum r		CV(RMSE) = RMSE / mean r	R2 = 1 - sum e^2 / sum (r - mean r)^2
 *	energy error = (sum estimate x seconds - sum reference x seconds) / (sum reference x seconds)
 *
 * NMBE and CV(RMSE) as in ASHRAE Guideline 14-2014, 5.2.11, with n in place of n - p: the model was not fitted to these data.
 */
#ifndef HEATBENCH_ACCURACY_METRICS_H
#define HEATBENCH_ACCURACY_METRICS_H

#include <stddef.h>

/* Doubles only: a row of a matrix for the bootstrap. */
struct error_sums {
	double n, error, absolute, square, reference, reference_square; /* of W, each value once */
	double seconds, reference_j, estimate_j;			    /* J: weighted with the time */
};
enum { ERROR_SUMS = sizeof(struct error_sums) / sizeof(double) };

enum metric { METRIC_BIAS, METRIC_MAE, METRIC_RMSE, METRIC_NMBE, METRIC_CVRMSE, METRIC_R2, METRIC_ENERGY, METRICS };

struct metric_row {
	const char *name, *title, *unit; /* "cv_rmse", "CV(RMSE)", "%" */
};
extern const struct metric_row metric_rows[METRICS];

void error_sums_add(struct error_sums *s, double reference, double estimate, double seconds);
void error_sums_join(struct error_sums *to, const struct error_sums *from);

/* In W, %, or 1 (R2). NaN where it is not defined: nothing there, a reference of zero. */
double metric_of(const struct error_sums *s, enum metric metric);

#endif
