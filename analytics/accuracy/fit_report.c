#include "analytics/accuracy/fit.h"

#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdio.h>

static void add_rows(const struct fit *f, struct text *t)
{
	const struct model *m = &f->model;
	const struct model_fit *fit = &m->fit;
	char room[24];

	text_add(t, "%s, version %s: %s on %zu of %zu rows, %s to %s\n", m->name, m->version, fit->method, fit->in_sample.rows, f->given,
		fit->from, fit->to);
	if (f->excluded)
		text_add(t, "  not used: %zu rows that were excluded\n", f->excluded);
	if (f->no_target)
		text_add(t, "  not used: %zu rows without the reference\n", f->no_target);
	for (int i = 0; i < m->inputs; i++)
		if (f->no_input[i])
			text_add(t, "  not used: %zu rows without %s\n", f->no_input[i], m->input[i].name);
	if (f->not_finite)
		text_add(t, "  not used: %zu rows with a product beyond all numbers\n", f->not_finite);
	for (int r = 0; r < m->rules; r++)
		if (f->filled[r])
			text_add(t, "  by rule: %s in %zu of the rows used (%s)\n", m->input[m->rule[r].fills].name, f->filled[r],
				model_rule_names[m->rule[r].kind]);
	if (f->floored)
		text_add(t, "  at the floor of %g%s: %zu of the rows used\n", m->floor, unit_label(m->unit, room), f->floored);
}

static void add_terms(const struct fit *f, struct text *t)
{
	const struct model *m = &f->model;
	char room[MODEL_TERM_NAME];

	text_add(t, "  %-40s %14s %14s\n", "term", "coefficient", "standard error");
	for (int i = 0; i < m->terms; i++) {
		double u = m->fit.standard_error[i];

		text_add(t, "  %-40s %14.8g ", model_term_name(m, i, room), m->term[i].coefficient);
		if (m->term[i].mark == MODEL_FIXED)
			text_add(t, "%14s\n", "fixed");
		else if (!f->found[i])
			text_add(t, "%14s\n", m->term[i].coefficient == 0 ? "dropped" : "-");
		else if (isnan(u))
			text_add(t, "%14s\n", "not defined");
		else
			text_add(t, "%14.3g\n", u);
	}
	text_add(t, "  standard errors for a memory of %d rows in %zu stretches without a gap\n", m->fit.lag, f->stretches);
	if (!isnan(m->fit.lambda))
		text_add(t, "  lambda %.6g (seed %d)\n", m->fit.lambda, m->fit.seed);
	if (!isnan(f->scale))
		text_add(t, "  scale of the residuals %.4g; %.2f %% of the rows have less than half a weight\n", f->scale, 100 * f->low_weight);
}

static void add_scores(const char *label, const struct model_scores *s, const char *unit, struct text *t)
{
	char room[24];

	unit = unit_label(unit, room);
	text_add(t, "  %-28s RMSE %.4g%s, MAE %.4g%s, mean error %+.4g%s", label, s->rmse, unit, s->mae, unit, s->mean_error, unit);
	if (isnan(s->energy_error))
		text_add(t, ", energy not defined");
	else
		text_add(t, ", energy %+.3f %%", 100 * s->energy_error);
	text_add(t, " (%zu rows)\n", s->rows);
}

void fit_report(const struct fit *f, struct text *t)
{
	const struct model *m = &f->model;
	char label[64];

	add_rows(f, t);
	add_terms(f, t);
	add_scores("on its own rows", &m->fit.in_sample, m->unit, t);
	for (int i = 0; i < m->fit.pumps; i++) {
		const struct model_fit_pump *p = &m->fit.pump[i];

		snprintf(label, sizeof(label), "on %.40s, without it", p->name);
		if (p->why[0])
			text_add(t, "  %-28s not defined: %s\n", label, p->why);
		else
			add_scores(label, &p->left_out, m->unit, t);
	}
	if (f->left_out.rows)
		add_scores("all heat pumps left out", &f->left_out, m->unit, t);
}
