#include "analytics/core/hold.h"

#include <math.h>
#include <stdlib.h>

enum { HOLD_LEAST = 3 }; /* distances between changes */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double share(const double *sorted, size_t n, double p)
{
	return sorted[(size_t)(p * (double)(n - 1))];
}

static double sampling(const double *t, double *room, size_t n)
{
	for (size_t i = 1; i < n; i++)
		room[i - 1] = t[i] - t[i - 1];
	qsort(room, n - 1, sizeof(*room), ascending);
	return share(room, n - 1, 0.5);
}

struct hold hold_find(const double *t, const double *x, size_t n)
{
	struct hold h = {false, NAN, 0};
	double *room = n > HOLD_LEAST ? calloc(n, sizeof(*room)) : NULL, interval, last = NAN;
	size_t distances = 0;

	if (!room)
		return h;
	interval = sampling(t, room, n);
	for (size_t i = 1; i < n; i++) {
		if (x[i] == x[i - 1])
			continue;
		if (h.changes++ > 0)
			room[distances++] = t[i] - last;
		last = t[i];
	}
	if (distances >= HOLD_LEAST) {
		qsort(room, distances, sizeof(*room), ascending);
		h.period = share(room, distances, 0.5);
		h.held = h.period >= 2.5 * interval && share(room, distances, 0.1) >= 0.6 * h.period;
	}
	if (!h.held)
		h.period = NAN;
	free(room);
	return h;
}

size_t hold_readings(const double *x, size_t n)
{
	size_t readings = n > 0;

	for (size_t i = 1; i < n; i++)
		readings += x[i] != x[i - 1];
	return readings;
}

/* Refreshes of the value first seen at sample `first` before the one first seen at sample `next`. */
static size_t repeats(const double *t, size_t first, size_t next, double begin, double end, double period,
	double *when, size_t *at)
{
	double times = isfinite(period) ? round((end - begin) / period) : 1;
	size_t found = 0, i = first;

	for (double m = 1; m < times; m++) {
		when[found] = begin + (end - begin) * m / times;
		while (i + 1 < next && t[i] < when[found])
			i++;
		at[found++] = i;
	}
	return found;
}

size_t hold_refreshes(const double *t, const double *x, size_t n, double gap, double *when, size_t *at)
{
	struct hold h = hold_find(t, x, n);
	size_t found = 0, first = 0;
	double begin = NAN; /* of the value that stands; NaN: not known */

	for (size_t i = 1; i < n; i++) {
		bool whole = t[i] - t[i - 1] <= gap;
		double change = (t[i - 1] + t[i]) / 2;

		if (whole && x[i] == x[i - 1])
			continue;
		if (whole && isfinite(begin))
			found += repeats(t, first, i, begin, change, h.period, when + found, at + found);
		begin = whole ? change : NAN;
		first = i;
		if (whole) {
			when[found] = change;
			at[found++] = i;
		}
	}
	return found;
}
