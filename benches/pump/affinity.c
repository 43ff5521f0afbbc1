#include "benches/pump/affinity.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The ratios of one pump as arrays; `x` has room for three. */
static void test_one(
	struct pump_affinity *a, const struct pump_ratio *ratio, int ratios, const char *dut, double *x)
{
	double *u = x + ratios, *dof = u + ratios;
	const struct stats_interval *far;
	size_t at;

	text_copy(a->dut, sizeof(a->dut), dut);
	for (int i = 0; i < ratios; i++) {
		bool own = strcmp(ratio[i].open->dut, dut) == 0;

		x[i] = own ? ratio[i].flow.value : NAN;
		u[i] = ratio[i].flow.u;
		dof[i] = ratio[i].flow.dof;
	}
	a->test = constancy_test(x, u, dof, (size_t)ratios);
	at = a->test.furthest_at;
	far = &ratio[at].flow;
	a->furthest = (far->value - a->test.mean) / a->test.mean;
	/* the mean holds the value itself: their difference varies by u^2 - u_mean^2 */
	a->furthest_U = far->k * sqrt(fmax(0, far->u * far->u - a->test.u * a->test.u)) / a->test.mean;
	a->furthest_at = ratio[at].open->set_point;
}

int pump_affinities_make(
	struct pump_affinity **out, int *count, const struct pump_ratio *ratio, int ratios, struct error *e)
{
	struct pump_affinity *made = calloc((size_t)ratios + 1, sizeof(*made));
	double *work = calloc(3 * (size_t)ratios + 1, sizeof(*work));
	int n = 0;

	if (!made || !work) {
		free(made);
		free(work);
		return error_set(e, ERROR_SYSTEM, "out of memory while comparing ratios");
	}
	for (int i = 0; i < ratios; i++) {
		bool seen = false;

		for (int j = 0; j < i && !seen; j++)
			seen = strcmp(ratio[i].open->dut, ratio[j].open->dut) == 0;
		if (seen)
			continue;
		test_one(&made[n], ratio, ratios, ratio[i].open->dut, work);
		n += made[n].test.k >= 2;
	}
	free(work);
	*out = made;
	*count = n;
	return 0;
}
