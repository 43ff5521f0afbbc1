/* Hourly energy as it was reckoned before, so that a difference to the counters in the cloud can be explained. */
#include "analytics/accuracy/parts.h"

#include "analytics/accuracy/rows.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>

enum { HOUR = 3600 };

static void by_mode(struct accuracy_production *out, double mode, double wh)
{
	out->active_wh += mode == 2 || mode == 3 ? wh : 0;
	out->boiler_wh += mode == 3 || mode == 4 ? wh : 0;
	out->antifreeze_wh += mode >= 96 && mode <= 99 ? wh : 0;
	out->commissioning_wh += mode >= 100 ? wh : 0;
}

static void add_hour(struct accuracy_production *out, double label, double wh)
{
	if (out->hours == 0 || out->hour[out->hours - 1] != label) {
		out->hour[out->hours] = label;
		out->wh[out->hours++] = 0;
	}
	out->wh[out->hours - 1] += wh;
}

static void aggregate(struct accuracy_production *out, const struct study_pump *p, const double *estimate, double cap)
{
	const double *mode = p->column[ROLE_SUPERVISORY_MODE];

	for (int64_t i = 1; i < p->rows; i++) {
		double interval = p->time[i] - p->time[i - 1], counted = cap > 0 ? fmin(interval, cap) : interval;
		double wh = (isnan(estimate[i]) ? 0 : estimate[i]) * counted / HOUR;

		if (p->excluded[i] == EXCLUDED_LISTED)
			continue;
		out->old_wh += wh;
		out->gaps_wh += p->step[i - 1] == 0 ? wh : 0;
		out->zeros_s += isnan(estimate[i]) ? counted : 0;
		by_mode(out, mode ? mode[i] : NAN, wh);
		add_hour(out, ceil(p->time[i] / HOUR) * HOUR, wh);
	}
}

int accuracy_production_make(struct accuracy_production *out, const struct study_pump *p, int pump, const struct model *model, int number,
	const struct comparison *c, double cap, int64_t duplicates, struct error *e)
{
	struct accuracy_production a = {.pump = pump, .model = number, .duplicates = duplicates};
	struct comparison_rows rows = {.rows = 0};
	int result = -1;

	*out = a;
	if (!c->there)
		return 0;
	if (comparison_rows_make(&rows, p->rows, e) < 0)
		return -1;
	a.hour = malloc((size_t)(p->rows + 1) * sizeof(*a.hour));
	a.wh = malloc((size_t)(p->rows + 1) * sizeof(*a.wh));
	if (!a.hour || !a.wh) {
		error_set(e, ERROR_SYSTEM, "no memory for the hours of %s", p->name);
		goto out;
	}
	if (comparison_estimates(&rows, p, model, NULL, e) < 0)
		goto out;
	aggregate(&a, p, rows.estimate, cap);
	for (int d = 0; d < c->days; d++)
		for (int r = 0; r < REGIMES; r++) {
			a.new_wh += c->day[d].regime[r].estimate_j / HOUR;
			a.reference_wh += c->day[d].regime[r].reference_j / HOUR;
		}
	*out = a;
	result = 0;
out:
	comparison_rows_free(&rows);
	if (result < 0) {
		free(a.hour);
		free(a.wh);
	}
	return result;
}
