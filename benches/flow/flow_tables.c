/* The tables of numbers: set points, collections, trials, comparisons, budgets. */
#include "benches/flow/flow_report.h"

#include "analytics/core/table_row.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>

static const char *name_of(const struct flow_evaluation *ev, int dut)
{
	return ev->run.dut[dut].name;
}

static void set_point(struct row *row, double value, const char *unit)
{
	char text[48];

	snprintf(text, sizeof(text), "%.4g %s", value, unit[0] == 'p' ? "\xe2\x80\xb0" : unit);
	row_text(row, text);
}

static void points_table(struct report *r, const struct flow_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#set point", "#flow|l/h", "#error|%", "#\xc2\xb1 U|95 %", "#k",
		"#\xce\xbd eff", "#difference|l/h", "#\xc2\xb1 U|95 %", "#trials", "#repeatability|%", "#limit|%",
		"U \xe2\x89\xa4 limit/3", "#water|\xc2\xb0" "C", NULL};
	struct report_table *t = report_table(r, "points", "Error at each set point", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Error = 100 (reading \xe2\x88\x92 reference)/reference, mean of the trials. Flow is the reference's. "
			"Repeatability: standard deviation of the trials. Limit: of the class; where U is more than a third of it, "
			"the measurement is too weak to accept by it simply.");
	for (int i = 0; i < ev->points; i++) {
		const struct meter_point *p = &ev->point[i];
		struct row row = {.n = 0};

		row_text(&row, name_of(ev, p->dut));
		set_point(&row, p->set_point, p->unit);
		row_fixed(&row, p->reference, 1);
		row_value(&row, p->error, p->total.U);
		row_fixed(&row, p->total.k, 2);
		row_dof(&row, p->total.dof, 0);
		row_value(&row, p->difference, p->difference_U);
		snprintf(row.text[row.n], sizeof(row.text[0]), p->used == p->trials ? "%d" : "%d of %d", p->used, p->trials);
		row.cell[row.n] = row.text[row.n];
		row.n++;
		row_number(&row, p->repeatability);
		row_number(&row, p->mpe);
		row_text(&row, isnan(p->mpe) ? "\xe2\x80\x93" : p->total.U <= p->mpe / 3 ? "yes" : "no");
		row_fixed(&row, p->temperature, 1);
		report_row(r, t, row.cell);
	}
}

static void collections_table(struct report *r, const struct flow_evaluation *ev)
{
	static const char *const columns[] = {"collection", "#flow|l/h", "#empty|kg", "#full|kg", "#buoyancy", "#mass|kg",
		"#time|s", "#water|\xc2\xb0" "C", "#density|kg/m3", "#volume|l", "#needed|kg", "remark", NULL};
	struct report_table *t;

	if (ev->collections == 0)
		return;
	t = report_table(r, "collections", "Collections", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"Readings of the scale are means of its stable ones. Mass = difference times buoyancy; volume is at the "
			"meter, corrected for the diverter and the line between. Needed: for its digit to bring no more than "
			"was asked for.");
	for (int i = 0; i < ev->collections; i++) {
		const struct flow_collection *c = &ev->collection[i];
		struct flow_needed needed = flow_collection_needed(c->resolution > 0 ? c->resolution : 0, 0, ev->settings.target);
		struct row row = {.n = 0};

		row_text(&row, ev->run.step[ev->collected[i]].name);
		row_fixed(&row, c->volume / c->duration * 3600, 1);
		row_fixed(&row, c->empty.mean, 4);
		row_fixed(&row, c->full.mean, 4);
		row_fixed(&row, c->buoyancy, 6);
		row_fixed(&row, c->mass, 4);
		row_fixed(&row, c->duration, 3);
		row_fixed(&row, c->temperature, 2);
		row_fixed(&row, c->density, 3);
		row_fixed(&row, c->volume, 4);
		row_number(&row, needed.mass);
		row_text(&row, c->why);
		report_row(r, t, row.cell);
	}
}

static void trials_table(struct report *r, const struct flow_evaluation *ev)
{
	static const char *const columns[] = {"under test", "step", "#reference|l/h", "#reading|l/h", "#error|%", "#volume|l",
		"#counted|l", "#pulses", "#K|imp/l", "remark", NULL};
	struct report_table *t = report_table(r, "trials", "Trials", columns);

	for (int i = 0; i < ev->trials; i++) {
		const struct flow_trial *x = &ev->trial[i];
		struct row row = {.n = 0};

		row_text(&row, name_of(ev, x->dut));
		row_text(&row, ev->run.step[x->step].name);
		row_fixed(&row, x->reference, 2);
		row_fixed(&row, x->reading, 2);
		row_fixed(&row, x->error, 3);
		row_fixed(&row, x->volume, 4);
		row_fixed(&row, x->volume_reading, 4);
		row_fixed(&row, x->pulses, 2);
		row_fixed(&row, x->k_factor, 3);
		row_text(&row, x->why);
		report_row(r, t, row.cell);
	}
}

/* A chance below a thousandth is said as such. */
static void chance(struct row *row, double p)
{
	if (p < 0.001)
		row_text(row, "< 0.001");
	else
		row_fixed(row, p, 3);
}

static void comparisons_table(struct report *r, const struct flow_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#set point", "#samples", "#independent|reference",
		"#error of means|%", "#of medians|%", "#by totals|%", "#difference|l/h", "#t paired", "#p", "#t pooled", "#p", NULL};
	struct report_table *t = NULL;

	for (int i = 0; i < ev->points; i++) {
		const struct meter_point *p = &ev->point[i];
		struct row row = {.n = 0};

		if (p->method != FLOW_COMPARISON || !p->known)
			continue;
		t = t ? t : report_table(r, "comparisons", "Compared with the reference meter", columns);
		if (t)
			text_copy(t->text, sizeof(t->text),
				"p: chance of such a difference where there is none, by Student's t over independent readings: a value "
				"that the reference holds counts once, and samples with a memory for fewer. Paired: reading minus "
				"reference at the same time; pooled: two means with one standard deviation. Neither knows of the "
				"reference's own uncertainty, which is in the table above.");
		row_text(&row, name_of(ev, p->dut));
		set_point(&row, p->set_point, p->unit);
		row_count(&row, (long long)p->n);
		row_fixed(&row, p->n_reference, 1);
		row_fixed(&row, p->mean_error, 2);
		row_fixed(&row, p->median_error, 2);
		row_fixed(&row, p->volume_error, 2);
		row_number(&row, p->paired.difference);
		row_fixed(&row, p->paired.t, 2);
		chance(&row, p->paired.p);
		row_fixed(&row, p->pooled.t, 2);
		chance(&row, p->pooled.p);
		report_row(r, t, row.cell);
	}
}

static void budget_table(struct report *r, const struct flow_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#set point", "contribution", "#value", "distribution", "#divisor",
		"#sensitivity", "#contribution|%", "#share|%", "#\xce\xbd", "trials", NULL};
	struct report_table *t = report_table(r, "budget", "Uncertainty budgets", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Value / divisor \xc3\x97 sensitivity = contribution to the error, in % (JCGM 100:2008). Contributions that are "
			"new in each trial shrink by pooling: then the value is that of the trial where it is largest, and the "
			"sensitivity holds the pooling. Share: of the variance.");
	for (int i = 0; i < ev->points; i++) {
		const struct meter_point *p = &ev->point[i];

		for (int j = 0; j < p->rows && p->known; j++) {
			double u = uncertainty_share(&p->row[j]);
			struct row row = {.n = 0};

			row_text(&row, name_of(ev, p->dut));
			set_point(&row, p->set_point, p->unit);
			row_text(&row, p->row[j].name);
			row_number(&row, p->row[j].value);
			row_text(&row, distribution_name(p->row[j].distribution));
			row_fixed(&row, p->row[j].value / uncertainty_standard(&p->row[j]), 2);
			row_number(&row, p->row[j].sensitivity);
			row_number(&row, u);
			row_fixed(&row, 100 * u * u / (p->total.u * p->total.u), 1);
			row_dof(&row, p->row[j].dof, 1);
			row_text(&row, p->shared[j] ? "shared" : "each its own");
			report_row(r, t, row.cell);
		}
	}
}

void flow_report_tables(struct report *r, const struct flow_evaluation *ev)
{
	points_table(r, ev);
	comparisons_table(r, ev);
	collections_table(r, ev);
	trials_table(r, ev);
	budget_table(r, ev);
}
