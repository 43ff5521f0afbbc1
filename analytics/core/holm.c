#include "analytics/core/holm.h"

#include <math.h>

/* The smallest p that has no adjusted one yet; -1 where all have. */
static int next(const double *p, const double *adjusted, int n)
{
	int least = -1;

	for (int i = 0; i < n; i++)
		if (!isnan(p[i]) && isnan(adjusted[i]) && (least < 0 || p[i] < p[least]))
			least = i;
	return least;
}

void holm_adjust(const double *p, double *adjusted, int n)
{
	double most = 0;
	int tests = 0;

	for (int i = 0; i < n; i++) {
		adjusted[i] = NAN;
		tests += !isnan(p[i]);
	}
	for (; tests > 0; tests--) {
		int i = next(p, adjusted, n);

		most = fmax(most, fmin(1, tests * p[i]));
		adjusted[i] = most;
	}
}
