#include "analytics/accuracy/metrics.h"

#include <math.h>

const struct metric_row metric_rows[METRICS] = {
	[METRIC_BIAS] = {"bias", "bias", "W"},
	[METRIC_MAE] = {"mae", "MAE", "W"},
	[METRIC_RMSE] = {"rmse", "RMSE", "W"},
	[METRIC_NMBE] = {"nmbe", "NMBE", "%"},
	[METRIC_CVRMSE] = {"cv_rmse", "CV(RMSE)", "%"},
	[METRIC_R2] = {"r2", "R\xc2\xb2", ""},
	[METRIC_ENERGY] = {"energy_error", "energy error", "%"},
};

void error_sums_add(struct error_sums *s, double reference, double estimate, double seconds)
{
	double error = estimate - reference;

	s->n += 1;
	s->error += error;
	s->absolute += fabs(error);
	s->square += error * error;
	s->reference += reference;
	s->reference_square += reference * reference;
	s->seconds += seconds;
	s->reference_j += reference * seconds;
	s->estimate_j += estimate * seconds;
}

void error_sums_join(struct error_sums *to, const struct error_sums *from)
{
	to->n += from->n;
	to->error += from->error;
	to->absolute += from->absolute;
	to->square += from->square;
	to->reference += from->reference;
	to->reference_square += from->reference_square;
	to->seconds += from->seconds;
	to->reference_j += from->reference_j;
	to->estimate_j += from->estimate_j;
}

static double quotient(double a, double b)
{
	return b != 0 && isfinite(a / b) ? a / b : NAN;
}

/* The variance of a reference that never changes is what rounding left of it. */
static double r2(const struct error_sums *s)
{
	double spread = s->reference_square - s->reference * s->reference / s->n;

	return s->n > 1 && spread > 1e-12 * s->reference_square ? 1 - s->square / spread : NAN;
}

double metric_of(const struct error_sums *s, enum metric metric)
{
	if (!(s->n > 0))
		return NAN;
	switch (metric) {
	case METRIC_BIAS:
		return s->error / s->n;
	case METRIC_MAE:
		return s->absolute / s->n;
	case METRIC_RMSE:
		return sqrt(s->square / s->n);
	case METRIC_NMBE:
		return 100 * quotient(s->error, s->reference);
	case METRIC_CVRMSE:
		return 100 * quotient(sqrt(s->square / s->n), fabs(s->reference / s->n));
	case METRIC_R2:
		return r2(s);
	case METRIC_ENERGY:
		return 100 * quotient(s->estimate_j - s->reference_j, s->reference_j);
	default:
		return NAN;
	}
}
