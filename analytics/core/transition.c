#include "analytics/core/transition.h"

#include <math.h>
#include <stdbool.h>

static bool goes_on(const struct transition *last, double from, double change)
{
	return from <= last->to && (change > 0) == (last->change > 0);
}

size_t transition_find(const double *t, const double *x, size_t n, double least, double within, double gap,
	struct transition *out, size_t most)
{
	struct transition last = {-INFINITY, -INFINITY, 0};
	size_t found = 0, before = 0, begin = 0; /* `begin`: sample at which `last` began */

	for (size_t j = 1; j < n; j++) {
		double change;

		if (t[j] - t[j - 1] > gap) {
			before = j;
			last.to = -INFINITY;
			continue;
		}
		while (before + 1 < j && t[j] - t[before + 1] >= within)
			before++;
		change = x[j] - x[before];
		if (!(fabs(change) >= least))
			continue;
		if (!goes_on(&last, t[before], change)) {
			begin = before;
			found++;
		}
		last = (struct transition){t[begin], t[j], change};
		if (found <= most)
			out[found - 1] = (struct transition){t[begin], t[j], x[j] - x[begin]};
	}
	return found;
}
