#include "analytics/core/uncertainty.h"

#include "analytics/core/stats.h"

#include <math.h>

/* clang-format off */
static const struct {
	const char *name;
	double squared_divisor; /* 0: the row's own */
} distributions[] = {
	[DISTRIBUTION_NORMAL]	   = {"normal", 0},
	[DISTRIBUTION_RECTANGULAR] = {"rectangular", 3},
	[DISTRIBUTION_TRIANGULAR]  = {"triangular", 6},
	[DISTRIBUTION_U_SHAPED]	   = {"U-shaped", 2},
	[DISTRIBUTION_RESOLUTION]  = {"resolution", 12},
};
/* clang-format on */

const char *distribution_name(enum distribution d)
{
	return (size_t)d < sizeof(distributions) / sizeof(*distributions) ? distributions[d].name : "?";
}

double uncertainty_standard(const struct uncertainty_row *row)
{
	double squared = distributions[row->distribution].squared_divisor;

	if (squared > 0)
		return fabs(row->value) / sqrt(squared);
	return fabs(row->value) / (row->divisor > 0 ? row->divisor : 1);
}

double uncertainty_digit(double digit, double sd)
{
	double squared = sd > 0 ? sd * sd / (digit * digit) - 1.0 / 12 : 0;
	double bias = digit / M_PI * exp(-2 * M_PI * M_PI * fmax(0, squared)) / sqrt(2);

	if (!(digit > 0))
		return digit;
	return fmin(digit / sqrt(12), bias * (squared > 0 ? 1 : M_PI));
}

double uncertainty_share(const struct uncertainty_row *row)
{
	return fabs(row->sensitivity) * uncertainty_standard(row);
}

struct uncertainty uncertainty_combine(const struct uncertainty_row *rows, size_t n, double level)
{
	struct uncertainty out = {0, INFINITY, NAN, NAN, level};
	double squares = 0, taken = 0;

	for (size_t i = 0; i < n; i++) {
		double share = uncertainty_share(&rows[i]);

		if (!(share > 0))
			continue;
		squares += share * share;
		taken += share * share * share * share / rows[i].dof;
	}
	out.u = sqrt(squares);
	if (taken > 0)
		out.dof = squares * squares / taken;
	out.k = stats_coverage_factor(level, out.dof);
	out.U = out.k * out.u;
	return out;
}
