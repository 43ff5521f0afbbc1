#include "analytics/core/regress_private.h"

#include "daq/base/error.h"

#include <math.h>

enum { STEPS = 100 };

#define RIDGE_MOST 100.0
#define RIDGE_DECADES 10.0
#define LASSO_DECADES 5.0

static struct triangle without(const struct regress_task *task, int left_out)
{
	struct triangle rest = triangle_empty(task->count);

	for (int g = 0; g < task->rows->groups; g++)
		if (g != left_out)
			triangle_join(&rest, &task->group[g]);
	return rest;
}

/* From the greatest lambda down, each where the last one ended. */
static void add_errors(const struct regress_task *task, int left_out, const double *lambda, long double *sum)
{
	struct triangle rest = without(task, left_out);
	struct regress_answer answer = {{0}, {0}};
	bool ridge = task->settings->method == REGRESS_RIDGE;

	for (int k = 0; k < STEPS; k++) {
		bool known = (ridge ? regress_ridge : regress_lasso)(&rest, task->constant, lambda[k], &answer);

		sum[k] += known ? triangle_squares(&task->group[left_out], answer.b) : (long double)INFINITY;
	}
}

int regress_choose(const struct regress_task *task, double *lambda)
{
	bool ridge = task->settings->method == REGRESS_RIDGE;
	double most = ridge ? RIDGE_MOST : regress_lasso_most(&task->all, task->constant);
	double tried[STEPS];
	long double sum[STEPS] = {0};
	int groups = 0, best = 0;

	for (int k = 0; k < STEPS; k++)
		tried[k] = most * pow(10, -(ridge ? RIDGE_DECADES : LASSO_DECADES) * k / (STEPS - 1));
	for (int g = 0; task->rows->group && g < task->rows->groups; g++)
		groups += task->group[g].n > 0;
	if (groups < 2)
		return error_set(task->e, ERROR_DATA, "there are no two groups of rows to choose lambda by: give one");
	for (int g = 0; g < task->rows->groups; g++)
		if (task->group[g].n > 0)
			add_errors(task, g, tried, sum);
	for (int k = 1; k < STEPS; k++)
		if (sum[k] < sum[best])
			best = k;
	if (!isfinite(sum[best]))
		return error_set(task->e, ERROR_DATA, "no lambda settles in all groups: columns are nearly sums of each other");
	*lambda = tried[best];
	return 0;
}
