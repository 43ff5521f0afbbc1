/* All heat pumps of a model together: sums of the same day are added, so that days, not heat pumps, are resampled. */
#include "analytics/accuracy/comparison.h"

#include "analytics/accuracy/rows.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void join_sums(struct error_sums *to, const struct error_sums *from, int n)
{
	for (int i = 0; i < n; i++)
		error_sums_join(&to[i], &from[i]);
}

/* A sum of what is known of all; not known where one that counts does not know it. */
static double join_known(double sum, bool first, double value)
{
	return first ? value : sum + value;
}

static void join_day(struct comparison_day *to, const struct comparison_day *from)
{
	bool first = to->covered == 0;

	join_sums(to->span, from->span, SPANS);
	join_sums(to->regime, from->regime, REGIMES);
	join_sums(to->level, from->level, 3);
	if (from->covered <= 0)
		return;
	to->permitted_j = join_known(to->permitted_j, first, from->permitted_j);
	to->register_j = join_known(to->register_j, first, from->register_j);
	if (!isnan(from->outside))
		to->outside = isnan(to->outside) ? from->outside
						 : (to->outside * to->covered + from->outside * from->covered) / (to->covered + from->covered);
	to->covered += from->covered;
}

static void join_events(struct comparison *to, const struct comparison *from)
{
	for (int i = 0; i < from->events; i++) {
		int at = to->events;

		while (at > 0 && fabs(to->event[at - 1].estimate - to->event[at - 1].reference) < fabs(from->event[i].estimate - from->event[i].reference))
			at--;
		if (at == WORST)
			continue;
		to->events += to->events < WORST;
		memmove(&to->event[at + 1], &to->event[at], (size_t)(to->events - at - 1) * sizeof(to->event[0]));
		to->event[at] = from->event[i];
	}
}

static void join_one(struct comparison *to, const struct comparison *from, double *count)
{
	for (int d = 0; d < to->days; d++)
		join_day(&to->day[d], &from->day[d]);
	join_sums(&to->point[0][0], &from->point[0][0], POWER_BINS * TEMPERATURE_BINS);
	join_sums(to->power, from->power, POWER_BINS);
	join_sums(to->temperature, from->temperature, TEMPERATURE_BINS);
	join_sums(to->hour, from->hour, 24);
	for (int i = 0; i < to->days * 24; i++)
		if (!isnan(from->residual[i])) {
			to->residual[i] = (count[i] > 0 ? to->residual[i] * count[i] + from->residual[i] : from->residual[i]) / (count[i] + 1);
			count[i]++;
		}
	for (int i = 0; i < EXCLUSIONS; i++) {
		to->seconds_by_reason[i] += from->seconds_by_reason[i];
		to->rows_by_reason[i] += from->rows_by_reason[i];
	}
	to->floored += from->floored;
	to->outside_range += from->outside_range;
	for (int r = 0; r < MODEL_RULES; r++)
		to->rule_used[r] += from->rule_used[r];
	join_events(to, from);
	memcpy(to->pair_reference + to->pairs, from->pair_reference, (size_t)from->pairs * sizeof(double));
	memcpy(to->pair_estimate + to->pairs, from->pair_estimate, (size_t)from->pairs * sizeof(double));
	memcpy(to->pair_day + to->pairs, from->pair_day, (size_t)from->pairs * sizeof(int));
	to->pairs += from->pairs;
}

/* Mean of the heat pumps' autocorrelations, where their rows are equally far apart. */
static void join_acf(struct comparison *to, const struct comparison *of, int count)
{
	double n[LAGS + 1] = {0};

	for (int k = 0; k <= LAGS; k++)
		to->acf[k] = NAN;
	for (int i = 0; i < count; i++) {
		if (!of[i].there || isnan(of[i].acf_spacing))
			continue;
		if (isnan(to->acf_spacing))
			to->acf_spacing = of[i].acf_spacing;
		if (fabs(of[i].acf_spacing - to->acf_spacing) > 0.01 * to->acf_spacing)
			continue;
		for (int k = 0; k <= LAGS; k++) {
			if (isnan(of[i].acf[k]))
				continue;
			to->acf[k] = n[k] > 0 ? (to->acf[k] * n[k] + of[i].acf[k]) / (n[k] + 1) : of[i].acf[k];
			n[k]++;
		}
	}
}

static double permitted_of(const struct comparison *c)
{
	double permitted = 0, reference = 0;

	for (int d = 0; d < c->days; d++) {
		if (c->day[d].covered <= 0)
			continue;
		permitted += c->day[d].permitted_j;
		for (int r = 0; r < REGIMES; r++)
			reference += c->day[d].regime[r].reference_j;
	}
	return reference != 0 && isfinite(permitted / reference) ? 100 * permitted / fabs(reference) : NAN;
}

int comparison_join(struct comparison *out, const struct comparison *of, int count, struct error *e)
{
	struct comparison c = {.pump = -1, .model = of[0].model, .permitted = NAN, .acf_spacing = NAN,
		.skew = {.skew = NAN, .u = NAN, .rmse_before = NAN, .rmse_after = NAN, .why = "each heat pump has its own"}};
	int pairs = 0;
	double *seen;

	for (int i = 0; i < count; i++)
		pairs += of[i].pairs;
	seen = calloc((size_t)of[0].days * 24 + 1, sizeof(*seen));
	if (!seen || comparison_allocate(&c, of[0].days, pairs, e) < 0) {
		free(seen);
		comparison_free(&c);
		return e && e->code ? -1 : error_set(e, ERROR_SYSTEM, "no memory for a comparison of %d days", of[0].days);
	}
	for (int i = 0; i < count; i++) {
		if (!of[i].there)
			continue;
		c.there = true;
		join_one(&c, &of[i], seen);
	}
	if (!c.there)
		text_copy(c.why, sizeof(c.why), count == 1 ? of[0].why : "no heat pump could be compared with it");
	join_acf(&c, of, count);
	c.permitted = permitted_of(&c);
	free(seen);
	*out = c;
	return 0;
}
