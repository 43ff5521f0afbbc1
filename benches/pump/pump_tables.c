/* The tables of numbers: steps, points with their budgets, comparisons. */
#include "benches/pump/pump_report.h"

#include "analytics/core/table_row.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void steps_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"step", "under test", "valve", "#set point|\xe2\x80\xb0",
		"#dead time|s", "#settling|s", "#window|s", "#flow", "#last half", "#read-back", "#last half",
		"#flagged", "#codes", "state", NULL};
	struct report_table *t = report_table(r, "steps", "Steps", columns);

	if (!t)
		return;
	text_copy(t->text, sizeof(t->text),
		"Dead time: last sample that had not moved. Settling: first sample that is at the end level "
		"for good. Window: length "
		"of what is averaged (of flow; power has its own). Last half: mean of the last half of the "
		"step, as earlier evaluations took it. Flagged: readings "
		"that were not good and entered nothing. Codes: read-backs with no flow that look like "
		"status codes.");
	for (int i = 0; i < ev->steps; i++) {
		const struct pump_step *s = &ev->step[i];
		const struct pump_mean *flow = &s->quantity[PUMP_FLOW],
				       *feedback = &s->quantity[PUMP_FEEDBACK];
		struct row row = {.n = 0};

		row_count(&row, (long long)s->step->number);
		row_text(&row, s->step->dut);
		row_text(&row, s->step->valve);
		row_number(&row, s->step->set_point);
		row_number(&row, s->dead_time);
		row_number(&row, s->settling_time);
		row_number(&row, s->to - (isnan(flow->window) ? feedback->window : flow->window));
		row_number(&row, flow->mean.mean);
		row_number(&row, flow->half);
		row_number(&row, feedback->mean.mean);
		row_number(&row, feedback->half);
		row_count(&row, (long long)(flow->rows - flow->good + feedback->rows - feedback->good));
		row_count(&row, (long long)s->codes);
		snprintf(row.text[row.n], sizeof(row.text[0]), "%s%s%s",
			s->excitation ? "excitation" : state_name(s->state),
			settle_usable(flow->settle.state) ? "" : "; flow ",
			settle_usable(flow->settle.state) ? "" : settle_state_name(flow->settle.state));
		row.cell[row.n] = row.text[row.n];
		report_row(r, t, row.cell);
	}
}

static void point_row(struct report *r, struct report_table *t, const struct pump_point *p,
	const char *quantity, const char *unit, const struct pump_value *v)
{
	struct row row = {.n = 0};

	row_text(&row, p->dut);
	row_text(&row, p->valve);
	row_number(&row, p->set_point);
	row_text(&row, quantity);
	row_value(&row, v->value, v->total.U);
	row_text(&row, unit);
	row_number(&row, v->sd);
	row_number(&row, v->total.u);
	row_fixed(&row, v->total.k, 2);
	row_dof(&row, v->total.dof, 0);
	row_count(&row, (long long)v->n);
	row_fixed(&row, v->n_effective, 1);
	row_count(&row, v->steps);
	report_row(r, t, row.cell);
}

static void points_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "valve", "#set point|\xe2\x80\xb0", "quantity",
		"#value", "#\xc2\xb1 U|95 %", "unit", "#sd", "#u", "#k", "#\xce\xbd eff", "#n", "#n eff",
		"#steps", NULL};
	struct report_table *t;

	if (ev->points == 0)
		return;
	t = report_table(r, "points", "Settled means and their uncertainty", columns);
	if (!t)
		return;
	text_copy(t->text, sizeof(t->text),
		"u is the combined standard uncertainty (JCGM 100:2008) of scatter, repeated steps, rest of "
		"the approach, resolution and "
		"instrument; \xce\xbd eff after Welch and Satterthwaite; U = k u at 95 %. n eff: independent "
		"samples worth the n that "
		"were averaged, from their autocorrelation.");
	for (int i = 0; i < ev->points; i++) {
		const struct pump_point *p = &ev->point[i];

		for (int q = 0; q < PUMP_QUANTITIES; q++) {
			int channel =
				stored_channel(&ev->run, p->dut, pump_quantity_name((enum pump_quantity)q));

			if (channel >= 0 && p->quantity[q].known)
				point_row(r, t, p,
					q == PUMP_FEEDBACK ? "read-back"
					: q == PUMP_POWER  ? "reference power"
					: q == PUMP_DP	   ? "differential pressure"
							   : "flow",
					ev->run.channel[channel].unit, &p->quantity[q]);
		}
		if (p->gap.known)
			point_row(r, t, p, "read-back \xe2\x88\x92 reference", "W", &p->gap);
	}
}

static void states_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {
		"under test", "valve", "#set point|\xe2\x80\xb0", "state", "how it was told", NULL};
	struct report_table *t = NULL;

	for (int i = 0; i < ev->points; i++) {
		const struct pump_point *p = &ev->point[i];
		struct row row = {.n = 0};

		if (p->state == PUMP_RUNNING)
			continue;
		if (!t)
			t = report_table(r, "states", "Where the pump was not simply running", columns);
		row_text(&row, p->dut);
		row_text(&row, p->valve);
		row_number(&row, p->set_point);
		row_text(&row, state_name(p->state));
		row_text(&row, p->why);
		report_row(r, t, row.cell);
	}
}

/* Shares in the variance of the first point of each quantity and device: what a better instrument would
 * bring. */
static void budget_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#set point|\xe2\x80\xb0", "quantity",
		"contribution", "#u", "unit", "#\xce\xbd", "#share of u\xc2\xb2|%", NULL};
	struct report_table *t;
	const char *done = "";

	if (ev->points == 0)
		return;
	t = report_table(r, "budget", "Uncertainty budget, one example each", columns);
	for (int i = 0; i < ev->points; i++) {
		const struct pump_point *p = &ev->point[i];

		if (strcmp(done, p->dut) == 0 || !p->quantity[PUMP_FLOW].known)
			continue;
		done = p->dut;
		for (int q = 0; q < PUMP_QUANTITIES; q++) {
			const struct pump_value *v = &p->quantity[q];
			int channel =
				stored_channel(&ev->run, p->dut, pump_quantity_name((enum pump_quantity)q));

			for (int j = 0; j < v->rows; j++) {
				double u = uncertainty_share(&v->row[j]);
				struct row row = {.n = 0};
				char share[32];

				row_text(&row, p->dut);
				row_number(&row, p->set_point);
				row_text(&row, pump_quantity_name((enum pump_quantity)q));
				row_text(&row, v->row[j].name);
				row_number(&row, u);
				row_text(&row, ev->run.channel[channel].unit);
				row_dof(&row, v->row[j].dof, 1);
				snprintf(share, sizeof(share), "%.1f",
					100 * u * u / (v->total.u * v->total.u));
				row_text(&row, share);
				report_row(r, t, row.cell);
			}
		}
	}
}

static void ratios_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#set point|\xe2\x80\xb0",
		"#flow throttled / open", "#\xc2\xb1 U|95 %", "#k", NULL};
	struct report_table *t;

	if (ev->ratios == 0)
		return;
	t = report_table(r, "ratios", "Valve against valve", columns);
	for (int i = 0; i < ev->ratios; i++) {
		const struct pump_ratio *x = &ev->ratio[i];
		struct row row = {.n = 0};

		row_text(&row, x->open->dut);
		row_number(&row, x->open->set_point);
		row_value(&row, x->flow.value, x->flow.U);
		row_fixed(&row, x->flow.k, 2);
		report_row(r, t, row.cell);
	}
}

static void differences_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"quantity", "valve", "#set point|\xe2\x80\xb0", "difference",
		"#value", "#\xc2\xb1 U|95 %", "#k", "#\xce\xbd eff", "tells them apart", NULL};
	struct report_table *t;

	if (ev->differences == 0)
		return;
	t = report_table(r, "differences", "Pump against pump", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"After Welch. Where both were measured with the same channel its instrument's "
			"uncertainty cancels, else it is in the interval twice.");
	for (int i = 0; i < ev->differences; i++) {
		const struct pump_difference *d = &ev->difference[i];
		struct row row = {.n = 0};
		char names[80];

		row_text(&row, pump_quantity_name(d->quantity));
		row_text(&row, d->a->valve);
		row_number(&row, d->a->set_point);
		snprintf(names, sizeof(names), "%s \xe2\x88\x92 %s", d->a->dut, d->b->dut);
		row_text(&row, names);
		row_value(&row, d->value.value, d->value.U);
		row_fixed(&row, d->value.k, 2);
		row_dof(&row, d->value.dof, 0);
		row_text(&row, fabs(d->value.value) > d->value.U ? "yes" : "no");
		report_row(r, t, row.cell);
	}
}

void pump_report_tables(struct report *r, const struct pump_evaluation *ev)
{
	states_table(r, ev);
	pump_report_curves(r, ev);
	points_table(r, ev);
	ratios_table(r, ev);
	pump_report_models(r, ev);
	differences_table(r, ev);
	steps_table(r, ev);
	budget_table(r, ev);
}
