#include "benches/meters/period.h"

#include "analytics/core/meters_permitted.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { DAY = 86400 };

static int first_used(const struct meters_pump *p, const int *order)
{
	for (; *order >= 0; order++)
		if (p->quantity[*order].used)
			return *order;
	return -1;
}

struct meters_choice meters_choose(const struct meters_pump *p, const struct meters_settings *s)
{
	static const int electric[][3] = {[METERS_AUTO] = {ELECTRIC_COUNTER, ELECTRIC_POWER, -1}, [METERS_COUNTER] = {ELECTRIC_COUNTER, -1},
		[METERS_POWER] = {ELECTRIC_POWER, -1}};
	static const int heat[][4] = {[METERS_AUTO] = {HEAT_COUNTER, HEAT_POWER, HEAT_FLOW, -1}, [METERS_COUNTER] = {HEAT_COUNTER, -1},
		[METERS_POWER] = {HEAT_POWER, HEAT_FLOW, -1}};

	return (struct meters_choice){first_used(p, electric[s->source]), first_used(p, heat[s->source])};
}

const char *meters_day_name(char out[16], int64_t day)
{
	time_t at = (time_t)(day * DAY);
	struct tm date;

	if (day < 0 || !gmtime_r(&at, &date) || strftime(out, 16, "%Y-%m-%d", &date) == 0)
		text_copy(out, 16, "whole run");
	return out;
}

/* What the class permits of `by`, whose operating points `points` knows. */
static double class_U(const struct integral_sum *points, bool known, double value, double otherwise)
{
	if (known && points->amount != 0)
		return points->permitted * fabs(value / points->amount);
	return otherwise / 100 * fabs(value);
}

static struct integral_sum sum_of(const struct meters_pump *p, int quantity, int64_t day)
{
	const struct integral *x = &p->quantity[quantity];

	return day < 0 ? integral_total(x) : integral_sum(x, day * CELLS_A_DAY, (day + 1) * CELLS_A_DAY);
}

/* U with k = 2: of two readings of a register each is rectangular over its digit. */
static struct meters_value value_of(const struct meters_pump *p, int quantity, int64_t day)
{
	bool electric = quantity == ELECTRIC_COUNTER || quantity == ELECTRIC_POWER;
	int points = electric ? ELECTRIC_POWER : HEAT_FLOW;
	struct integral_sum sum, at;
	double widest = fmax(permitted_electric_share(p->settings, 0), permitted_electric_share(p->settings, 1e9)), U;

	if (quantity < 0)
		return (struct meters_value){NAN, NAN};
	sum = sum_of(p, quantity, day);
	if (!(sum.seconds > 0))
		return (struct meters_value){NAN, NAN};
	at = sum_of(p, points, day);
	U = class_U(&at, p->quantity[points].used, sum.amount, electric ? widest : NAN);
	return (struct meters_value){sum.amount, hypot(U, 2 * meters_pump_digit(p, (enum meters_quantity)quantity) / sqrt(6))};
}

static void decide(struct meters_period *d, const struct meters_pump *p, struct meters_choice choice)
{
	double limit = p->settings->coverage;

	if (choice.electric < 0)
		text_copy(d->why, sizeof(d->why), "no electricity meter");
	else if (choice.heat < 0)
		text_copy(d->why, sizeof(d->why), "no heat meter");
	else if (!(d->electric_covered >= limit))
		snprintf(d->why, sizeof(d->why), "covered to %.3g %%, not %g %%", d->electric_covered, limit);
	else if (!(d->heat_covered >= limit))
		snprintf(d->why, sizeof(d->why), "heat covered to %.3g %%, not %g %%", d->heat_covered, limit);
	d->decided = !d->why[0];
}

static struct meters_period period(const struct meters_pump *p, int index, struct meters_choice choice, int64_t day, double from, double to)
{
	struct meters_period d = {.pump = index, .day = day, .from = from, .to = to, .cop = {NAN, NAN}, .electric_gap = NAN, .heat_gap = NAN};
	double inside_from = fmax(from, p->first), inside_to = fmin(to, p->last);

	for (int q = 0; q < QUANTITIES; q++) {
		struct integral_sum sum = sum_of(p, q, day);
		bool any = p->quantity[q].used;

		d.amount[q] = any && (sum.seconds > 0 || sum.amount != 0) ? sum.amount : NAN;
		d.covered[q] = any && to > from ? 100 * sum.seconds / (to - from) : NAN;
	}
	d.electric = value_of(p, choice.electric, day);
	d.heat = value_of(p, choice.heat, day);
	d.electric_covered = choice.electric < 0 ? NAN : d.covered[choice.electric];
	d.heat_covered = choice.heat < 0 ? NAN : d.covered[choice.heat];
	if (choice.electric >= 0)
		d.electric_gap = integral_longest_gap(&p->quantity[choice.electric], inside_from, inside_to);
	if (choice.heat >= 0)
		d.heat_gap = integral_longest_gap(&p->quantity[choice.heat], inside_from, inside_to);
	if (d.electric.value > 0) {
		d.cop.value = d.heat.value / d.electric.value;
		d.cop.U = hypot(d.heat.U / d.electric.value, d.cop.value * d.electric.U / d.electric.value);
	}
	decide(&d, p, choice);
	return d;
}

struct meters_period meters_whole(const struct meters_pump *p, int index, struct meters_choice choice)
{
	return period(p, index, choice, -1, p->first, p->last);
}

struct meters_period meters_day(const struct meters_pump *p, int index, struct meters_choice choice, int64_t day)
{
	return period(p, index, choice, day, (double)day * DAY, (double)(day + 1) * DAY);
}
