#include "analytics/accuracy/fit_private.h"

#include "analytics/core/autocorrelation.h"
#include "analytics/core/hac.h"
#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int term_named(const struct model *m, const char *name, struct error *e)
{
	char names[MODEL_TERMS][MODEL_TERM_NAME];
	const char *known[MODEL_TERMS + 1] = {NULL}, *near;

	for (int t = 0; t < m->terms; t++) {
		known[t] = model_term_name(m, t, names[t]);
		if (strcmp(known[t], name) == 0)
			return t;
	}
	near = nearest_name(name, known);
	return error_set(e, ERROR_USAGE, "model %s has no term '%s'%s%s%s", m->name, name, near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
}

int fit_fix(struct model *template, const char *text, struct error *e)
{
	const char *equals = strrchr(text, '=');
	char name[MODEL_TERM_NAME], *end;
	double value;
	int term;

	if (!equals || (size_t)(equals - text) >= sizeof(name))
		return error_set(e, ERROR_USAGE, "'%s': TERM=VALUE was expected, such as constant=5.15", text);
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = '\0';
	value = strtod(equals + 1, &end);
	if (end == equals + 1 || *end || !isfinite(value))
		return error_set(e, ERROR_USAGE, "'%s': '%s' is no number", text, equals + 1);
	term = term_named(template, name, e);
	if (term < 0)
		return -1;
	template->term[term].coefficient = value;
	template->term[term].mark = MODEL_FIXED;
	return 0;
}

/* A fit under way. */
struct work {
	const struct fit_rows *rows;
	const struct fit_settings *settings;
	struct fit_design design;
	struct regress_rows regress;
	enum regress_role role[MODEL_TERMS];
	double fixed[MODEL_TERMS];
	int *group;
	bool by_day; /* group = heat pump x FIT_FOLDS + fold */
	struct error *e;
};

static int check_settings(const struct fit_settings *s, struct error *e)
{
	const struct model *m = s->template;
	char one[MODEL_TERM_NAME], two[MODEL_TERM_NAME];

	if (s->seed < 0)
		return error_set(e, ERROR_USAGE, "seed is %d; a whole number from 0 was expected", s->seed);
	if (!isnan(s->gap) && !(s->gap > 0))
		return error_set(e, ERROR_USAGE, "gap is %g s; a time above 0 was expected", s->gap);
	if (m->terms == 0)
		return error_set(e, ERROR_USAGE, "template %s has no terms: there is nothing to find", m->name);
	for (int a = 0; a < m->terms; a++)
		for (int b = 0; b < a; b++)
			if (strcmp(model_term_name(m, a, one), model_term_name(m, b, two)) == 0)
				return error_set(e, ERROR_USAGE, "template %s has two terms '%s'", m->name, one);
	return 0;
}

static void choose_roles(struct work *w)
{
	const struct model *m = w->settings->template;
	bool all = w->settings->method == REGRESS_NONNEGATIVE;

	for (int t = 0; t < m->terms; t++)
		all = all && m->term[t].mark != MODEL_NONNEGATIVE;
	for (int t = 0; t < m->terms; t++) {
		w->fixed[t] = m->term[t].coefficient;
		if (m->term[t].mark == MODEL_FIXED)
			w->role[t] = REGRESS_FIXED;
		else if (all || m->term[t].mark == MODEL_NONNEGATIVE)
			w->role[t] = REGRESS_BOUNDED;
	}
}

static int pumps_with_rows(const struct fit_design *d)
{
	int count = 0;

	for (size_t i = 0; i < d->n; i++)
		count += i == 0 || d->pump[i] != d->pump[i - 1];
	return count;
}

static int prepare(struct work *w, struct fit *out)
{
	struct fit_design *d = &w->design;

	if (check_settings(w->settings, w->e) < 0 || fit_design(w->rows, w->settings->template, d, out, w->e) < 0)
		return -1;
	choose_roles(w);
	out->stretches = fit_stretches(w->settings->gap, d);
	w->by_day = pumps_with_rows(d) < FIT_PUMPS_LEAST;
	w->group = malloc(d->n * sizeof(*w->group));
	if (!w->group)
		return error_set(w->e, ERROR_SYSTEM, "no memory for %zu rows", d->n);
	fit_folds(d, w->by_day, w->settings->seed, w->group);
	w->regress = (struct regress_rows){.n = d->n,
		.p = d->p,
		.column = d->column,
		.y = d->y,
		.name = d->names,
		.group = w->group,
		.groups = w->rows->heat_pumps * (w->by_day ? FIT_FOLDS : 1)};
	return 0;
}

static struct regress_settings regress_settings(const struct work *w)
{
	return (struct regress_settings){
		.method = w->settings->method, .lambda = w->settings->lambda, .role = w->role, .fixed = w->fixed};
}

static int standard_errors(struct work *w, const struct regress *r, struct model_fit *out)
{
	struct fit_design *d = &w->design;
	struct hac_rows rows = {d->n, d->p, d->column, d->room, d->starts};
	double covariance[REGRESS_COLUMNS * REGRESS_COLUMNS];

	out->lag = w->settings->lag < 0 ? (int)autocorrelation_lag(d->n) : w->settings->lag;
	if ((size_t)out->lag >= d->n)
		return error_set(w->e, ERROR_USAGE, "a memory of %d rows is too long for %zu rows", out->lag, d->n);
	regress_scores(&w->regress, r, d->room);
	if (!hac_covariance(&rows, out->lag, r->bread, covariance))
		return error_set(w->e, ERROR_SYSTEM, "no memory for a lag of %d rows", out->lag);
	for (int t = 0; t < d->p; t++)
		out->standard_error[t] = r->found[t] ? sqrt(covariance[t * d->p + t]) : NAN;
	return 0;
}

/* Fits without the heat pump and looks at its rows, `from` to before `to`. */
static int leave_out(struct work *w, const struct regress *all, int pump, size_t from, size_t to, struct model_fit_pump *out,
	struct fit_sums *sums)
{
	bool gone[MODEL_FIT_PUMPS * FIT_FOLDS] = {false};
	struct regress_settings settings = regress_settings(w);
	struct error why = ERROR_INIT;
	struct fit_sums own = {0};
	struct regress r;
	int folds = w->by_day ? FIT_FOLDS : 1;

	for (int f = 0; f < folds; f++)
		gone[pump * folds + f] = true;
	settings.left_out = gone;
	settings.start = all->coefficient;
	if (regress_fit(&w->regress, &settings, &r, &why) < 0) {
		if (why.code == ERROR_SYSTEM)
			return error_set(w->e, why.code, "%s", why.text);
		text_copy(out->why, sizeof(out->why), why.text);
		return 0;
	}
	fit_add(&w->design, r.coefficient, w->settings->template->floor, from, to, &own);
	fit_add(&w->design, r.coefficient, w->settings->template->floor, from, to, sums);
	out->left_out = fit_scores(&own);
	return 0;
}

static int leave_each_out(struct work *w, const struct regress *all, struct fit *out)
{
	const struct fit_design *d = &w->design;
	struct model_fit *fit = &out->model.fit;
	struct fit_sums sums = {0};
	int with_rows = pumps_with_rows(d);

	fit->pumps = w->rows->heat_pumps;
	for (int g = 0; g < fit->pumps; g++) {
		fit->pump[g].left_out = (struct model_scores){0, NAN, NAN, NAN, NAN};
		text_copy(fit->pump[g].name, sizeof(fit->pump[g].name), w->rows->heat_pump_name[g]);
		text_copy(fit->pump[g].why, sizeof(fit->pump[g].why), "none of its rows is whole");
	}
	for (size_t from = 0, to; from < d->n; from = to) {
		int g = d->pump[from];

		for (to = from + 1; to < d->n && d->pump[to] == g; to++)
			;
		text_copy(fit->pump[g].why, sizeof(fit->pump[g].why), with_rows < 2 ? "there is no other heat pump to fit" : "");
		if (with_rows > 1 && leave_out(w, all, g, from, to, &fit->pump[g], &sums) < 0)
			return -1;
	}
	out->left_out = fit_scores(&sums);
	return 0;
}

static void write_time(double at, char out[24])
{
	time_t seconds = (time_t)floor(at);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text_copy(out, 24, "not known");
}

static void describe_span(const struct fit_design *d, struct model_fit *out)
{
	double first = d->time[0], last = d->time[0];

	for (size_t i = 1; i < d->n; i++) {
		first = fmin(first, d->time[i]);
		last = fmax(last, d->time[i]);
	}
	write_time(first, out->from);
	write_time(last, out->to);
}

/* Name, version and source of the model. */
static void sign(const struct work *w, struct model *m)
{
	const struct fit_settings *s = w->settings;
	const struct model *t = s->template;

	text_copy(m->name, sizeof(m->name), s->name ? s->name : t->name);
	if (s->version)
		text_copy(m->version, sizeof(m->version), s->version);
	else
		snprintf(m->version, sizeof(m->version), "fit-%.12s", m->fit.coefficient_digest);
	if (s->source)
		text_copy(m->source, sizeof(m->source), s->source);
	else
		snprintf(m->source, sizeof(m->source), "fitted by %s to %zu rows of %d heat pumps, %s to %s; template: %s, version %s",
			m->fit.method, w->design.n, pumps_with_rows(&w->design), m->fit.from, m->fit.to, t->name, t->version);
}

static int build_model(struct work *w, const struct regress *r, struct fit *out)
{
	struct model *m = &out->model;
	struct fit_sums sums = {0};

	for (int t = 0; t < m->terms; t++) {
		m->term[t].coefficient = r->coefficient[t];
		out->found[t] = r->found[t];
	}
	m->fit.known = true;
	m->fit.lambda = r->lambda;
	m->fit.seed = w->settings->seed;
	text_copy(m->fit.method, sizeof(m->fit.method), regress_method_names[r->method]);
	fit_add(&w->design, r->coefficient, m->floor, 0, w->design.n, &sums);
	m->fit.in_sample = fit_scores(&sums);
	out->floored = sums.floored;
	out->residual_sd = r->residual_sd;
	out->scale = r->scale;
	out->low_weight = r->low_weight;
	describe_span(&w->design, &m->fit);
	model_coefficient_digest(m, m->fit.coefficient_digest);
	sign(w, m);
	if (standard_errors(w, r, &m->fit) < 0 || leave_each_out(w, r, out) < 0)
		return -1;
	return fit_digest(w->rows, w->settings->template, &w->design, m->fit.data_digest, w->e);
}

int accuracy_fit(const struct fit_rows *rows, const struct fit_settings *settings, struct fit *out, struct error *e)
{
	struct work w = {.rows = rows, .settings = settings, .e = e};
	struct fit fit = {.model = *settings->template};
	struct regress_settings how;
	struct regress r;
	int result = -1;

	memset(&fit.model.fit, 0, sizeof(fit.model.fit));
	if (prepare(&w, &fit) < 0)
		goto out;
	how = regress_settings(&w);
	if (regress_fit(&w.regress, &how, &r, e) < 0 || build_model(&w, &r, &fit) < 0)
		goto out;
	*out = fit;
	result = 0;
out:
	fit_design_free(&w.design);
	free(w.group);
	return result;
}

int fit_write(const struct fit *fit, const char *path, struct error *e)
{
	return model_write(&fit->model, path, e);
}
