#include "analytics/accuracy/abba.h"

#include "analytics/core/ttest.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static int by_unit_and_day(const void *a, const void *b)
{
	const struct abba_day *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (int)x->newer - (int)y->newer;
}

static double error_of(const struct abba_day *d)
{
	return d->estimate > 0 && d->reference > 0 ? log(d->estimate / d->reference) : NAN;
}

static void make_pair(struct release_pair *out, const struct abba_day *a, const struct abba_day *b)
{
	const struct abba_day *old = a->newer ? b : a, *fresh = a->newer ? a : b;

	out->unit = old->unit;
	out->old_day = old->day;
	out->cluster = fresh->day;
	out->old_error = error_of(old);
	out->difference = error_of(fresh) - out->old_error;
}

/* Moves what cannot count to no place: returns how many days are left at the beginning of day[]. */
static int sift(struct abba_day *day, int days, struct abba_design *design)
{
	int kept = 0;

	for (int i = 0; i < days; i++) {
		if (i + 1 < days && day[i].unit == day[i + 1].unit && day[i].day == day[i + 1].day && day[i].newer != day[i + 1].newer) {
			design->shared++;
			i++;
		} else if (isnan(error_of(&day[i]))) {
			design->undefined[day[i].newer]++;
		} else {
			design->days[day[i].newer]++;
			day[kept++] = day[i];
		}
	}
	return kept;
}

/* The days [first, end) of one heat pump: each with the first still free of the other release. */
static void pair_unit(struct abba_day *day, int first, int end, int apart, struct release_pair *out, struct abba_design *design)
{
	int from = first;

	for (int i = first; i < end; i++) {
		day[i].paired = false;
		design->switches += i > first && day[i].newer != day[i - 1].newer;
		while (day[i].day - day[from].day > apart)
			from++;
		for (int j = from; j < i && !day[i].paired; j++) {
			if (day[j].paired || day[j].newer == day[i].newer)
				continue;
			make_pair(&out[design->pairs++], &day[j], &day[i]);
			design->old_first += !day[j].newer;
			day[i].paired = day[j].paired = true;
		}
	}
	for (int i = first; i < end; i++)
		design->unpaired[day[i].newer] += !day[i].paired;
}

static void pair_all(struct abba_day *day, int days, int apart, struct release_pair *out, struct abba_design *design)
{
	design->separate = design->days[0] > 0 && design->days[1] > 0;
	for (int first = 0, end; first < days; first = end) {
		int before = design->switches;

		for (end = first; end < days && day[end].unit == day[first].unit;)
			end++;
		pair_unit(day, first, end, apart, out, design);
		design->separate &= design->switches - before < 2;
	}
}

/* Mean and squares about it of the differences with the new release later, or earlier; what is of the heat pump is taken off. */
static int moments(const struct release_pair *pair, int pairs, bool later, double *mean, double *sd)
{
	double sum = 0, squares = 0;
	int n = 0;

	for (int pass = 0; pass < 2; pass++) {
		n = 0;
		for (int i = 0; i < pairs; i++) {
			double x = pair[i].difference, of_unit = 0;
			int in_unit = 0;

			if ((pair[i].cluster > pair[i].old_day) != later)
				continue;
			for (int j = 0; j < pairs; j++)
				if (pair[j].unit == pair[i].unit) {
					of_unit += pair[j].difference;
					in_unit++;
				}
			x -= of_unit / in_unit;
			sum += pass ? 0 : x;
			squares += pass ? (x - *mean) * (x - *mean) : 0;
			n++;
		}
		*mean = n ? sum / n : NAN;
	}
	*sd = n > 1 ? sqrt(squares / (n - 1)) : 0;
	return n;
}

/* Student's test of two samples: as good as the pairs are apart from each other. */
static struct release_interval order_effect(const struct release_pair *pair, int pairs, double alpha)
{
	struct release_interval out = {.value = NAN, .u = NAN, .dof = NAN, .low = NAN, .high = NAN, .p = NAN};
	double later, earlier, sd_later, sd_earlier;
	int n = moments(pair, pairs, true, &later, &sd_later), m = moments(pair, pairs, false, &earlier, &sd_earlier);
	struct ttest test = ttest_pooled(later, sd_later, n, earlier, sd_earlier, m);
	double k;

	if (isnan(test.u))
		return out;
	k = gsl_cdf_tdist_Pinv(1 - alpha, test.dof);
	return (struct release_interval){.value = test.difference, .u = test.u, .dof = test.dof, .low = test.difference - k * test.u,
		.high = test.difference + k * test.u, .p = test.t >= 0 ? test.p / 2 : 1 - test.p / 2};
}

void abba_pair(struct abba_day *day, int *days, int apart, double alpha, struct release_pair *out, struct abba_design *design)
{
	struct abba_design d = {.pairs = 0};

	qsort(day, (size_t)*days, sizeof(*day), by_unit_and_day);
	*days = sift(day, *days, &d);
	pair_all(day, *days, apart, out, &d);
	d.order = order_effect(out, d.pairs, alpha);
	*design = d;
}

const char *abba_doubt(const struct abba_design *d)
{
	if (d->days[0] == 0 || d->days[1] == 0)
		return "one of the releases has no day that counts";
	if (d->separate)
		return "all days of one release lie before all of the other: weather and season cannot be told from the release";
	if (d->pairs < 2)
		return "the days of the two releases are too far apart to make two pairs";
	return NULL;
}
