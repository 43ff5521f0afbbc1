/* The tables of what goes beyond settled means: lines, dynamics, affinity, curves, acceptance. */
#include "benches/pump/pump_report.h"

#include "analytics/core/stats.h"
#include "analytics/core/table_row.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>

static double U_of(const struct lsq *fit, int j)
{
	return stats_coverage_factor(PUMP_LEVEL, fit->dof) * lsq_u(fit, j);
}

static void lines_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "valve", "through", "#later by|s", "#n", "#a|W",
		"#\xc2\xb1 U|95 %", "#b|W/\xe2\x80\xb0", "#\xc2\xb1 U|95 %", "#residual s|W",
		"#band \xc2\xb1|W, 95 %", "#furthest|W", "#at|\xe2\x80\xb0", NULL};
	struct report_table *t;

	if (ev->lines == 0)
		return;
	t = report_table(r, "static_lines", "Static line: read-back = a + b \xc2\xb7 duty", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"Least squares through the settled means where the pump runs, or, under excitation, "
			"through "
			"moving means over 20 samples; these share samples, which is in their intervals, and "
			"the read-back's "
			"are taken later, as the pump answers. Band: holds a "
			"single such value. Furthest: the largest residual.");
	for (int i = 0; i < ev->lines; i++) {
		const struct pump_line *l = &ev->line[i];
		struct row row = {.n = 0};

		row_text(&row, l->dut);
		row_text(&row, l->valve);
		row_text(&row, l->excitation ? "moving means" : "settled means");
		row_number(&row, l->delay);
		row_count(&row, (long long)l->n);
		row_value(&row, l->fit.coefficient[0], U_of(&l->fit, 0));
		row_value(&row, l->fit.coefficient[1], U_of(&l->fit, 1));
		row_number(&row, l->fit.residual_sd);
		row_number(&row, l->band);
		row_number(&row, l->furthest);
		row_number(&row, l->furthest_at);
		report_row(r, t, row.cell);
	}
}

static void pole_text(struct row *row, const struct arx *m)
{
	char text[64];

	if (m->pole[0][1] != 0)
		snprintf(text, sizeof(text), "%.3f \xc2\xb1 %.3f i", m->pole[0][0], fabs(m->pole[0][1]));
	else
		snprintf(text, sizeof(text), "%.3f; %.3f", m->pole[0][0], m->pole[1][0]);
	row_text(row, m->fit.known ? text : "\xe2\x80\x93");
}

static void arx_row(struct report *r, struct report_table *t, const struct pump_evaluation *ev,
	const struct pump_dynamics *d, int answer)
{
	const struct arx *m = &d->model[answer];
	struct row row = {.n = 0};
	char unit[40];

	row_text(&row, d->dut);
	row_text(&row, d->valve);
	snprintf(unit, sizeof(unit), "%s / %s", answer == PUMP_FLOW ? "flow" : "read-back",
		ev->run.channel[d->channel[answer]].unit);
	row_text(&row, unit);
	row_count(&row, (long long)m->fit.n);
	row_count(&row, (long long)m->stretches);
	row_number(&row, m->one_step.rmse);
	row_fixed(&row, m->one_step.fit, 1);
	row_number(&row, m->free_run.rmse);
	row_fixed(&row, m->free_run.fit, 1);
	pole_text(&row, m);
	row_text(&row, !m->fit.known ? "\xe2\x80\x93" : m->stable ? "yes" : "no");
	row_number(&row, m->tau * d->period);
	row_number(&row, m->gain);
	report_row(r, t, row.cell);
}

static void arx_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "valve", "answer", "#n", "#stretches",
		"#one step|rmse", "#fit|%", "#free run|rmse", "#fit|%", "#poles", "stable",
		"#time constant|s", "#gain|per \xe2\x80\xb0", NULL};
	struct report_table *t;

	if (ev->dynamics_count == 0)
		return;
	t = report_table(r, "arx", "Dynamics: second-order ARX model", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"y[k] = b1 u[k\xe2\x88\x92"
			"1] + b2 u[k\xe2\x88\x92"
			"2] + a1 y[k\xe2\x88\x92"
			"1] + a2 y[k\xe2\x88\x92"
			"2] + c "
			"by least squares; u is the duty that was set. One step: each value from the two "
			"measured before it. "
			"Free run: from the first two of each stretch on by the duty alone, which is the "
			"test of the "
			"model. Fit: 100 % is perfect, 0 % no better than the mean. Time constant: of the "
			"slower pole. "
			"Gain: in the long run, to be held against the slope of the static line.");
	for (int i = 0; i < ev->dynamics_count; i++)
		for (int a = PUMP_ANSWERS - 1; a >= 0; a--)
			if (ev->dynamics[i].channel[a] >= 0)
				arx_row(r, t, ev, &ev->dynamics[i], a);
}

static void coefficients_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {
		"under test", "valve", "answer", "term", "#value", "#u", "#\xc2\xb1 U|95 %", NULL};
	struct report_table *t;

	if (ev->dynamics_count == 0)
		return;
	t = report_table(r, "arx_coefficients", "Coefficients of the models", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"Standard errors for residuals without memory; noise of the measurement makes a1 and "
			"a2 too small, "
			"which these intervals do not know.");
	for (int i = 0; i < ev->dynamics_count; i++)
		for (int a = PUMP_ANSWERS - 1; a >= 0; a--) {
			const struct pump_dynamics *d = &ev->dynamics[i];
			const struct lsq *fit = &d->model[a].fit;

			for (int j = 0; j < ARX_TERMS && d->channel[a] >= 0 && fit->known; j++) {
				struct row row = {.n = 0};

				row_text(&row, d->dut);
				row_text(&row, d->valve);
				row_text(&row, a == PUMP_FLOW ? "flow" : "read-back");
				row_text(&row, arx_term_name((enum arx_term)j));
				row_number(&row, fit->coefficient[j]);
				row_number(&row, lsq_u(fit, j));
				row_number(&row, U_of(fit, j));
				report_row(r, t, row.cell);
			}
		}
}

static void affinity_table(struct report *r, const struct pump_evaluation *ev)
{
	static const char *const columns[] = {"under test", "#ratios", "#mean ratio", "#\xc2\xb1 U|95 %",
		"#F", "#p", "constant within its uncertainty", "#furthest|%", "#\xc2\xb1 U|95 %",
		"#at|\xe2\x80\xb0", NULL};
	struct report_table *t;

	if (ev->affinities == 0)
		return;
	t = report_table(r, "affinity",
		"Affinity: is the flow ratio of the valve positions one and the same?", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"Welch's analysis of variance over the ratios above: p is the chance of such "
			"differences where "
			"there are none; below 5 % they are more than scatter, rest of the approach and "
			"digit explain. "
			"Furthest: the ratio furthest from the mean one, in percent of it.");
	for (int i = 0; i < ev->affinities; i++) {
		const struct pump_affinity *a = &ev->affinity[i];
		struct row row = {.n = 0};

		row_text(&row, a->dut);
		row_count(&row, (long long)a->test.k);
		row_value(&row, a->test.mean, 2 * a->test.u);
		row_number(&row, a->test.F);
		if (a->test.p < 0.0001)
			row_text(&row, "< 0.0001");
		else
			row_fixed(&row, a->test.p, 4);
		row_text(&row, a->test.p < PUMP_AFFINITY_P ? "no" : "yes");
		row_value(&row, 100 * a->furthest, 100 * a->furthest_U);
		row_number(&row, a->furthest_at);
		report_row(r, t, row.cell);
	}
}

void pump_report_models(struct report *r, const struct pump_evaluation *ev)
{
	affinity_table(r, ev);
	lines_table(r, ev);
	arx_table(r, ev);
	coefficients_table(r, ev);
}
