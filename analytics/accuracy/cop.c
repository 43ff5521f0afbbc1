/* COP: heat over electricity, of the CiC and of the meters, over the days that have all four. */
#include "analytics/accuracy/parts.h"

#include "analytics/core/bootstrap.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Sums of a day over its rows. */
static struct error_sums of_day(const struct comparison_day *d)
{
	struct error_sums sum = {0};

	for (int r = 0; r < REGIMES; r++)
		error_sums_join(&sum, &d->regime[r]);
	return sum;
}

enum { ELECTRIC_R, ELECTRIC_E, HEAT_R, HEAT_E, SUMS };

static double quotient(double a, double b)
{
	return b > 0 && isfinite(a / b) ? a / b : NAN;
}

static void cops(const void *self, const double *s, double *value)
{
	(void)self;
	value[0] = quotient(s[HEAT_R], s[ELECTRIC_R]);
	value[1] = quotient(s[HEAT_E], s[ELECTRIC_E]);
	value[2] = 100 * (quotient(value[1], value[0]) - 1);
}

/* Both targets cover the same days, but not the same seconds: mean powers make the quotient. */
static int collect(struct accuracy_cop *out, double *sums, const struct comparison *electric, const struct comparison *heat)
{
	int n = 0;

	for (int d = 0; d < electric->days; d++) {
		struct error_sums el = of_day(&electric->day[d]), th = of_day(&heat->day[d]);
		double *row = sums + (size_t)n * SUMS, more, reference;

		if (!(el.seconds > 0) || !(th.seconds > 0) || fabs(el.seconds - th.seconds) > 0.1 * el.seconds)
			continue;
		row[ELECTRIC_R] = el.reference_j;
		row[ELECTRIC_E] = el.estimate_j;
		row[HEAT_R] = th.reference_j * el.seconds / th.seconds;
		row[HEAT_E] = th.estimate_j * el.seconds / th.seconds;
		reference = quotient(row[HEAT_R], row[ELECTRIC_R]);
		more = hypot(electric->day[d].permitted_j / el.reference_j, heat->day[d].permitted_j / th.reference_j);
		out->day[n++] = (struct accuracy_cop_day){d, reference, quotient(row[HEAT_E], row[ELECTRIC_E]),
			isfinite(more) ? fabs(reference) * more : NAN};
	}
	return n;
}

int accuracy_cop_make(struct accuracy_cop *out, const struct comparison *electric, const struct comparison *heat,
	const struct comparison_resampling *how, struct error *e)
{
	const struct bootstrap_plan plan = {.block = how->block, .replicates = how->replicates, .seed = how->seed, .level = how->level};
	const struct interval unknown = {NAN, NAN, NAN};
	struct accuracy_cop c = {.pump = electric->pump, .electric_model = electric->model, .heat_model = heat->model, .reference = unknown,
		.estimate = unknown, .error = unknown};
	struct bootstrap b[3];
	double *sums;

	if (!electric->there || !heat->there) {
		text_copy(c.why, sizeof(c.why), electric->there ? heat->why : electric->why);
		*out = c;
		return 0;
	}
	sums = malloc((size_t)electric->days * SUMS * sizeof(*sums));
	c.day = calloc((size_t)electric->days, sizeof(*c.day));
	if (!sums || !c.day) {
		free(sums);
		free(c.day);
		return error_set(e, ERROR_SYSTEM, "no memory for the COP of %d days", electric->days);
	}
	c.days = collect(&c, sums, electric, heat);
	if (c.days == 0)
		snprintf(c.why, sizeof(c.why), "on no day electricity and heat cover the same time");
	else {
		bootstrap_sums(sums, c.days, SUMS, &plan, cops, NULL, 3, b);
		c.reference = (struct interval){b[0].estimate, b[0].low, b[0].high};
		c.estimate = (struct interval){b[1].estimate, b[1].low, b[1].high};
		c.error = (struct interval){b[2].estimate, b[2].low, b[2].high};
		c.there = !isnan(c.reference.value);
		if (!c.there)
			snprintf(c.why, sizeof(c.why), "no electricity was used");
	}
	free(sums);
	*out = c;
	return 0;
}
