#include "analytics/core/regress_private.h"

#include "daq/base/error.h"

#include <math.h>
#include <string.h>

/* How steeply the error must fall with a coefficient, as a cosine between its column and y, for it to leave its bound. */
#define STEEP 1e-12L

/* Least squares over the columns that are not at their bound; 0 for the others. */
static void solve_inside(const struct triangle *t, const bool *inside, long double *z)
{
	int place[REGRESS_COLUMNS] = {0}, count = 0;
	long double b[REGRESS_COLUMNS];
	struct triangle some;

	for (int j = 0; j < t->p; j++) {
		z[j] = 0;
		if (inside[j])
			place[count++] = j;
	}
	some = triangle_pick(t, place, count, NULL);
	triangle_solve(&some, b, NULL);
	for (int k = 0; k < count; k++)
		z[place[k]] = b[k];
}

/* The column at its bound that would do most good; -1: none does any. */
static int steepest(const struct triangle *t, const struct regress_answer *at, long double size)
{
	long double slope[REGRESS_COLUMNS], most = STEEP * size;
	int best = -1;

	triangle_gradient(t, at->b, slope);
	for (int j = 0; j < t->p; j++)
		if (!at->found[j] && slope[j] / triangle_length(t, j) > most) {
			most = slope[j] / triangle_length(t, j);
			best = j;
		}
	return best;
}

/* Goes from b towards z until a bounded coefficient is 0, and leaves it there. False: z was reached. */
static bool stop_at_bound(const struct regress_task *task, struct regress_answer *at, const long double *z)
{
	long double share = 1;
	int stop = -1;

	for (int j = 0; j < task->count; j++)
		if (at->found[j] && task->bounded[j] && z[j] <= 0 && at->b[j] / (at->b[j] - z[j]) <= share) {
			share = at->b[j] > 0 ? at->b[j] / (at->b[j] - z[j]) : 0;
			stop = j;
		}
	for (int j = 0; j < task->count; j++)
		at->b[j] += share * (z[j] - at->b[j]);
	if (stop < 0)
		return false;
	at->b[stop] = 0;
	at->found[stop] = false;
	return true;
}

int regress_nonnegative(const struct regress_task *task, struct regress_answer *out)
{
	const struct triangle *t = &task->all;
	long double z[REGRESS_COLUMNS], size = triangle_length(t, t->p);
	int turns = 3 * task->count * task->count, next;

	for (int j = 0; j < task->count; j++) {
		out->found[j] = !task->bounded[j];
		out->b[j] = 0;
	}
	do {
		do {
			solve_inside(t, out->found, z);
		} while (stop_at_bound(task, out, z) && turns-- > 0);
		next = steepest(t, out, size);
		if (next >= 0)
			out->found[next] = true;
	} while (next >= 0 && turns-- > 0);
	if (next >= 0)
		return error_set(task->e, ERROR_DATA, "nonnegative does not settle: columns are nearly sums of each other");
	return 0;
}
