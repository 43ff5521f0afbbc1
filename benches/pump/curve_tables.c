/* The tables of head, power and efficiency, and of what was promised. */
#include "benches/pump/pump_report.h"

#include "analytics/core/table_row.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>

#define COVERAGE 2.0 /* of uncertainties that are mostly the instruments': normal */

static void points_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#set point|\xe2\x80\xb0", "valve",
		"#flow|m\xc2\xb3/h", "#\xc2\xb1 U", "#head|m", "#\xc2\xb1 U", "#P1|W", "#\xc2\xb1 U", "#Ph|W",
		"#efficiency|%", "#\xc2\xb1 U|95 %", NULL};
	const struct pump_curve *first = &ev->curve[0];
	struct report_table *t =
		report_table(r, "curve_points", "Head, hydraulic power, efficiency", columns);

	if (t)
		snprintf(t->text, sizeof(t->text),
			"H = dp/(rho g) + dz + (v2\xc2\xb2 \xe2\x88\x92 v1\xc2\xb2)/2g with dz = %g m and "
			"%s; Ph = rho g Q H; efficiency "
			"= Ph/P1. Water at %.1f \xc2\xb0"
			"C (%s), %.2f kg/m\xc2\xb3 (Tanaka 2001; above 40 \xc2\xb0"
			"C IAPWS-IF97). P1 is %s.%s",
			ev->settings.taps.elevation,
			ev->settings.taps.inlet > 0 && ev->settings.taps.outlet > 0
				? "the diameters stated"
				: "the same diameter at both taps",
			first->temperature, first->temperature_measured ? "measured" : "stated, not measured",
			first->density,
			first->reference_power ? "the reference meter's" : "what the pump says of itself",
			isnan(first->speed)
				? " No speed is measured: each set point is taken to be one speed."
				: " Reduced to one speed by the affinity laws.");
	for (int i = 0; i < ev->curves; i++)
		for (int j = 0; j < ev->curve[i].n; j++) {
			const struct pump_curve_point *p = &ev->curve[i].at[j];
			struct row row = {.n = 0};

			row_text(&row, ev->curve[i].dut);
			row_number(&row, ev->curve[i].set_point);
			row_text(&row, p->point->valve);
			row_value(&row, p->flow, COVERAGE * p->flow_u);
			row_value(&row, p->head, COVERAGE * p->head_u);
			row_value(&row, p->power, COVERAGE * p->power_u);
			row_number(&row, p->hydraulic);
			row_value(&row, 100 * p->efficiency.value, 100 * p->efficiency.U);
			report_row(r, t, row.cell);
		}
}

static void curves_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#set point|\xe2\x80\xb0", "#n", "#speed|1/min",
		"#h0", "#h1", "#h2", "#s|m", "#p0", "#p1", "#p2", "#s|W", "#best efficiency|%",
		"#at|m\xc2\xb3/h", NULL};
	struct report_table *t = report_table(r, "curves", "Fitted curves", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"H = h0 + h1 Q + h2 Q\xc2\xb2 in m and P1 = p0 + p1 Q + p2 Q\xc2\xb2 in W over Q in "
			"m\xc2\xb3/h, by least squares from four "
			"points on; s: residual standard deviation. Nothing is said outside the flows that "
			"were measured.");
	for (int i = 0; i < ev->curves; i++) {
		const struct pump_curve *c = &ev->curve[i];
		struct row row = {.n = 0};

		row_text(&row, c->dut);
		row_number(&row, c->set_point);
		row_count(&row, c->n);
		row_number(&row, c->speed);
		for (int j = 0; j < 3; j++)
			row_number(&row, c->head.coefficient[j]);
		row_number(&row, c->head.residual_sd);
		for (int j = 0; j < 3; j++)
			row_number(&row, c->power.coefficient[j]);
		row_number(&row, c->power.residual_sd);
		row_fixed(&row, 100 * c->best_efficiency, 1);
		row_number(&row, isnan(c->best_efficiency) ? NAN : c->best_flow);
		report_row(r, t, row.cell);
	}
}

static void promise_row(struct report *r, struct report_table *t, const struct pump_guarantee *g,
	const char *what, const char *unit, const struct stats_interval *got, double factor, double promised)
{
	struct row row = {.n = 0};

	if (!(promised > 0))
		return;
	row_text(&row, g->curve->dut);
	row_number(&row, g->curve->set_point);
	row_text(&row, what);
	row_number(&row, promised * factor);
	row_value(&row, got->value * factor, got->U * factor);
	row_text(&row, unit);
	row_fixed(&row, 100 * (got->value / promised - 1), 1);
	report_row(r, t, row.cell);
}

static void guarantee_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#set point|\xe2\x80\xb0", "what", "#guaranteed",
		"#measured", "#\xc2\xb1 U|95 %", "unit", "#off by|%", NULL};
	const struct pump_settings *s = &ev->settings;
	struct report_table *t;

	if (ev->guarantees == 0)
		return;
	t = report_table(r, "guarantee", "Guarantee point, ISO 9906 (unverified table)", columns);
	if (t)
		snprintf(t->text, sizeof(t->text),
			"Grade %s. Head is read where the measured curve crosses the guaranteed flow, flow "
			"where it crosses the "
			"guaranteed head, power and efficiency where it meets the line from the origin "
			"through the guarantee "
			"point. Tolerances and rule are from memory of ISO 9906:2012, Table 8: hold them "
			"against the standard "
			"before anything is accepted or refused by them.",
			s->grade);
	for (int i = 0; i < ev->guarantees; i++) {
		const struct pump_guarantee *g = &ev->guarantee[i];

		promise_row(r, t, g, "head at the guaranteed flow", "m", &g->head, 1, s->head);
		promise_row(r, t, g, "flow at the guaranteed head", "m\xc2\xb3/h", &g->flow, 1, s->flow);
		promise_row(r, t, g, "power", "W", &g->power, 1, s->power);
		promise_row(r, t, g, "efficiency", "%", &g->efficiency, 100, s->efficiency);
	}
}

static void eei_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#Q100|m\xc2\xb3/h", "#H100|m", "#Phyd|W",
		"#Pref|W", "#PL 100 %|W", "#PL 75 %|W", "#PL 50 %|W", "#PL 25 %|W", "#EEI",
		"#\xc2\xb1 U|95 %", "remark", NULL};
	struct report_table *t;

	if (ev->eeis == 0)
		return;
	t = report_table(r, "eei", "Energy efficiency index (unverified table)", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"Q100 and H100: where flow times head is largest on the strongest curve. Loads: on "
			"the control line from "
			"(Q100, H100) to (0, H100/2), between two measured set points interpolated over "
			"head. Formula from memory "
			"of Regulation (EC) 641/2009, (EU) 622/2012 and EN 16297. U holds the instruments' "
			"part.");
	for (int i = 0; i < ev->eeis; i++) {
		const struct pump_eei *e = &ev->eei[i];
		struct row row = {.n = 0};

		row_text(&row, e->dut);
		row_number(&row, e->flow100);
		row_number(&row, e->head100);
		row_number(&row, e->hydraulic);
		row_number(&row, e->reference);
		for (int j = 0; j < EEI_LOADS; j++)
			row_number(&row, e->load[j]);
		row_value(&row, e->index.value, e->index.U);
		row_text(&row, isnan(e->index.value) ? "not every load was measured"
			       : e->at_the_edge	     ? "the largest product may lie beyond what was measured"
						     : "");
		report_row(r, t, row.cell);
	}
}

void pump_report_curves(struct report *r, const struct pump_evaluation *ev)
{
	if (ev->curves == 0)
		return;
	points_table(r, ev);
	curves_table(r, ev);
	guarantee_table(r, ev);
	eei_table(r, ev);
}
