/* Energy, heat, COP: of the whole run, by day, by source; cross-checks. */
#include "benches/meters/meters_report.h"

#include "analytics/core/table_row.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>

static const char dash[] = "\xe2\x80\x93";

const char *meters_duration(char out[32], double seconds)
{
	long long s = isnan(seconds) ? 0 : llround(seconds);

	if (isnan(seconds))
		text_copy(out, 32, dash);
	else if (s < 120)
		snprintf(out, 32, "%.3g s", seconds);
	else if (s < 2 * 3600)
		snprintf(out, 32, "%lld min", s / 60);
	else
		snprintf(out, 32, "%lld h %02lld min", s / 3600, s / 60 % 60);
	return out;
}

static void period_cells(struct row *row, const struct meters_period *d)
{
	char gap[32];

	row_fixed(row, d->electric_covered, 1);
	row_fixed(row, d->heat_covered, 1);
	row_text(row, meters_duration(gap, fmax(d->electric_gap, d->heat_gap)));
	row_value(row, d->electric.value, d->electric.U);
	row_value(row, d->heat.value, d->heat.U);
	row_value(row, d->cop.value, d->cop.U);
	row_text(row, d->why);
}

static void wholes_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#el. covered|%", "#heat covered|%", "#longest gap", "#electricity|kWh",
		"#\xc2\xb1 U|95 %", "#heat|kWh", "#\xc2\xb1 U|95 %", "#COP", "#\xc2\xb1 U|95 %", "remark", NULL};
	struct report_table *t = report_table(r, "totals", "The whole run", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"COP = heat/electricity. U: what the meters' classes permit at the operating points of the run, weighted by "
			"energy, and the digit of a register. Covered: share of the time between the first and the last sample with "
			"good samples no further apart than a gap begins; gaps are never filled, but a register counts on through them.");
	for (int i = 0; i < ev->wholes; i++) {
		struct row row = {.n = 0};

		row_text(&row, ev->walk.pump[i].name);
		period_cells(&row, &ev->whole[i]);
		report_row(r, t, row.cell);
	}
}

static void days_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"under test", "day, UTC", "#el. covered|%", "#heat covered|%", "#longest gap",
		"#electricity|kWh", "#\xc2\xb1 U|95 %", "#heat|kWh", "#\xc2\xb1 U|95 %", "#COP", "#\xc2\xb1 U|95 %", "remark", NULL};
	struct report_table *t = report_table(r, "days", "Days", columns);
	char name[16];

	if (t)
		snprintf(t->text, sizeof(t->text),
			"Days are UTC days of 24 h. A day of which less than %g %% is covered is undecided. days.csv holds the same and "
			"the single sources, unrounded.", ev->settings.coverage);
	for (int i = 0; i < ev->days; i++) {
		struct row row = {.n = 0};

		row_text(&row, ev->walk.pump[ev->day[i].pump].name);
		row_text(&row, meters_day_name(name, ev->day[i].day));
		period_cells(&row, &ev->day[i]);
		report_row(r, t, row.cell);
	}
}

static void sources_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"under test", "quantity", "#total", "unit", "#covered|%", "gap beyond", "#gaps", "used for", NULL};
	struct report_table *t = report_table(r, "sources", "What energy and heat were taken from", columns);
	char limit[32];

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Registers by their differences, everything else integrated between samples (trapezoids). Total: where it was "
			"covered; of a register also what it counted through gaps.");
	for (int p = 0; p < ev->walk.pumps; p++) {
		for (int q = 0; q < QUANTITIES; q++) {
			const struct integral *x = &ev->walk.pump[p].quantity[q];
			struct row row = {.n = 0};

			if (!x->used)
				continue;
			row_text(&row, ev->walk.pump[p].name);
			row_text(&row, meters_quantity_names[q]);
			row_fixed(&row, ev->whole[p].amount[q], 3);
			row_text(&row, q == VOLUME_COUNTER || q == VOLUME_FLOW ? "m\xc2\xb3" : "kWh");
			row_fixed(&row, ev->whole[p].covered[q], 2);
			row_text(&row, isinf(x->limit) ? dash : meters_duration(limit, x->limit));
			row_count(&row, x->gaps);
			row_text(&row, q == ev->choice[p].electric ? "electricity" : q == ev->choice[p].heat ? "heat" : "");
			report_row(r, t, row.cell);
		}
	}
}

static void checks_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"under test", "this", "against", "#this", "#that", "unit", "#over", "#deviation|%",
		"#\xc2\xb1 U|%", "#tolerance|%", "verdict", NULL};
	struct report_table *t;
	char over[32], words[80];

	if (ev->checks == 0)
		return;
	t = report_table(r, "checks", "Cross-checks", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"Sums over the stretches of five minutes that both cover alike. U: the registers' digits; where the CiC's estimate "
			"is held against a meter, what the meter's class permits. Not resolvable: U is larger than the tolerance, and "
			"the deviation not larger than both together. Not judged: what a heat meter shows is as old as its turn at either end, and in so "
			"short a time that tells more than the meters do.");
	for (int i = 0; i < ev->checks; i++) {
		const struct meters_check *c = &ev->check[i];
		bool volume = c->kind == CHECK_VOLUME_REGISTER;
		struct row row = {.n = 0};

		row_text(&row, ev->walk.pump[c->pump].name);
		row_text(&row, meters_quantity_names[c->what]);
		row_text(&row, meters_quantity_names[c->against]);
		row_fixed(&row, c->seconds > 0 ? c->value : NAN, 3);
		row_fixed(&row, c->seconds > 0 ? c->reference : NAN, 3);
		row_text(&row, volume ? "m\xc2\xb3" : "kWh");
		row_text(&row, meters_duration(over, c->seconds));
		row_fixed(&row, c->deviation, 2);
		row_fixed(&row, c->U, 2);
		row_number(&row, c->tolerance);
		row_text(&row, meters_verdict_words(words, c, &ev->settings));
		report_row(r, t, row.cell);
	}
}

void meters_report_tables(struct report *r, const struct meters_evaluation *ev)
{
	wholes_table(r, ev);
	days_table(r, ev);
	checks_table(r, ev);
	sources_table(r, ev);
}
