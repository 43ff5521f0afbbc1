#include "benches/pump/finding.h"

#include "benches/pump/evaluate.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Findings of one kind of source at most. */
enum { PER_LINE = 3, PER_DYNAMICS = 3, PER_GUARANTEE = 4 };

static struct report_result *put(struct pump_finding *list, int *n, const char *dut, const char *valve,
	const char *quantity, const char *unit)
{
	struct report_result *r = &list[(*n)++].result;

	*r = (struct report_result){.set_point = NAN,
		.value = NAN,
		.U = NAN,
		.k = NAN,
		.n_effective = NAN,
		.min = NAN,
		.max = NAN};
	text_copy(r->dut, sizeof(r->dut), dut);
	text_copy(r->valve, sizeof(r->valve), valve);
	text_copy(r->quantity, sizeof(r->quantity), quantity);
	text_copy(r->unit, sizeof(r->unit), unit);
	return r;
}

static void interval(struct report_result *r, double value, double u, double dof)
{
	struct stats_interval i = stats_interval(value, u, dof, PUMP_LEVEL);

	r->value = value;
	r->U = i.U;
	r->k = i.k;
}

static void scaled(struct report_result *r, const struct stats_interval *i, double factor)
{
	r->value = i->value * factor;
	r->U = i->U * factor;
	r->k = i->k;
}

static void from_line(struct pump_finding *list, int *n, const struct pump_line *line)
{
	static const char *const names[] = {"feedback intercept", "feedback slope"}, *const units[] = {"W",
											     "W/permille"};
	struct report_result *r;

	for (int j = 0; j < 2; j++) {
		r = put(list, n, line->dut, line->valve, names[j], units[j]);
		interval(r, line->fit.coefficient[j], lsq_u(&line->fit, j), line->fit.dof);
		r->n = (int64_t)line->n;
	}
	/* s of normal residuals: relative standard uncertainty 1/sqrt(2 dof) (JCGM 100:2008, E.4.3) */
	r = put(list, n, line->dut, line->valve, "feedback residual", "W");
	interval(r, line->fit.residual_sd, line->fit.residual_sd / sqrt(2 * line->fit.dof), INFINITY);
	r->n = (int64_t)line->n;
}

static void from_dynamics(struct pump_finding *list, int *n, const struct pump_dynamics *d)
{
	static const char *const names[PUMP_ANSWERS] = {"arx flow fit", "arx fit"};
	struct report_result *r;

	for (int a = 0; a < PUMP_ANSWERS; a++) {
		if (d->channel[a] < 0)
			continue;
		r = put(list, n, d->dut, d->valve, names[a], "%");
		r->value = d->model[a].free_run.fit;
		r->n = (int64_t)d->model[a].free_run.n;
		text_copy(r->note, sizeof(r->note), "free run; no uncertainty is known: judge it simply");
	}
	if (d->channel[PUMP_FEEDBACK] < 0)
		return;
	r = put(list, n, d->dut, d->valve, "time constant", "s");
	r->value = d->model[PUMP_FEEDBACK].tau * d->period;
	r->n = (int64_t)d->model[PUMP_FEEDBACK].fit.n;
	text_copy(r->note, sizeof(r->note), "slower pole; no uncertainty is known: judge it simply");
}

static void from_affinity(struct pump_finding *list, int *n, const struct pump_affinity *a)
{
	struct report_result *r = put(list, n, a->dut, "throttled/open", "affinity deviation", "%");

	r->value = 100 * a->furthest;
	r->U = 100 * a->furthest_U;
	r->n = (int64_t)a->test.k;
	snprintf(r->note, sizeof(r->note), "furthest of %zu ratios, at %g", a->test.k, a->furthest_at);
}

static void from_curve(struct pump_finding *list, int *n, const struct pump_curve *c)
{
	struct report_result *r = put(list, n, c->dut, "", "best efficiency", "%");
	double most = 0;

	for (int i = 0; i < c->n; i++) /* as well as it is known at a measured point */
		most = fmax(most, c->at[i].efficiency.U);
	r->set_point = c->set_point;
	text_copy(r->set_point_unit, sizeof(r->set_point_unit), c->unit);
	r->value = 100 * c->best_efficiency;
	r->U = 100 * most;
	r->n = c->n;
	snprintf(r->note, sizeof(r->note), "of the fit, at %.3g m\xc2\xb3/h", c->best_flow);
}

static void from_guarantee(struct pump_finding *list, int *n, const struct pump_guarantee *g)
{
	static const char *const names[PER_GUARANTEE] = {
		"guarantee head", "guarantee flow", "guarantee power", "guarantee efficiency"};
	static const char *const units[PER_GUARANTEE] = {"m", "m3/h", "W", "%"};
	const struct stats_interval *value[PER_GUARANTEE] = {&g->head, &g->flow, &g->power, &g->efficiency};

	for (int i = 0; i < PER_GUARANTEE; i++) {
		struct report_result *r = put(list, n, g->curve->dut, "", names[i], units[i]);

		scaled(r, value[i], i == PER_GUARANTEE - 1 ? 100 : 1);
		r->n = g->curve->n;
		snprintf(r->note, sizeof(r->note), "ISO 9906, %s%s", PUMP_ACCEPTANCE_SOURCE,
			isnan(r->value) ? "; outside what was measured" : "");
	}
}

static void from_eei(struct pump_finding *list, int *n, const struct pump_eei *e)
{
	struct report_result *r = put(list, n, e->dut, "", "eei", "1");

	scaled(r, &e->index, 1);
	r->n = e->strongest->n;
	snprintf(r->note, sizeof(r->note), "%s%s", PUMP_ACCEPTANCE_SOURCE,
		e->at_the_edge ? "; flow times head is largest at an end of what was measured" : "");
}

int pump_findings_make(
	struct pump_finding **out, int *count, const struct pump_evaluation *ev, struct error *e)
{
	int most = ev->lines * PER_LINE + ev->dynamics_count * PER_DYNAMICS + ev->affinities + ev->curves +
		   ev->guarantees * PER_GUARANTEE + ev->eeis,
	    n = 0;
	struct pump_finding *list = calloc((size_t)most + 1, sizeof(*list));

	if (!list)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", ev->run.path);
	for (int i = 0; i < ev->lines; i++)
		from_line(list, &n, &ev->line[i]);
	for (int i = 0; i < ev->dynamics_count; i++)
		from_dynamics(list, &n, &ev->dynamics[i]);
	for (int i = 0; i < ev->affinities; i++)
		from_affinity(list, &n, &ev->affinity[i]);
	for (int i = 0; i < ev->curves; i++)
		from_curve(list, &n, &ev->curve[i]);
	for (int i = 0; i < ev->guarantees; i++)
		from_guarantee(list, &n, &ev->guarantee[i]);
	for (int i = 0; i < ev->eeis; i++)
		from_eei(list, &n, &ev->eei[i]);
	*out = list;
	*count = n;
	return 0;
}

static struct run_limit promise(const struct pump_settings *s, const char *dut, const char *quantity,
	double min, double max, const char *unit)
{
	struct run_limit l = {.set_point = NAN, .min = min, .max = max, .rule = "simple"};

	text_copy(l.dut, sizeof(l.dut), dut);
	text_copy(l.quantity, sizeof(l.quantity), quantity);
	text_copy(l.unit, sizeof(l.unit), unit);
	snprintf(l.source, sizeof(l.source), "guarantee, ISO 9906:2012 grade %s (%s)", s->grade,
		PUMP_ACCEPTANCE_SOURCE);
	return l;
}

int pump_promises(struct run_limit *out, const struct pump_settings *s, const char *dut)
{
	const struct pump_grade *g = pump_grade_find(s->grade);
	int n = 0;

	if (!(s->flow > 0) || !g || (s->dut[0] && strcmp(s->dut, dut) != 0))
		return 0;
	out[n++] = promise(
		s, dut, "guarantee head", s->head * (1 + g->head_min), s->head * (1 + g->head_max), "m");
	out[n++] = promise(
		s, dut, "guarantee flow", s->flow * (1 + g->flow_min), s->flow * (1 + g->flow_max), "m3/h");
	if (s->power > 0)
		out[n++] = promise(s, dut, "guarantee power", NAN, s->power * (1 + g->power_max), "W");
	if (s->efficiency > 0)
		out[n++] = promise(s, dut, "guarantee efficiency",
			100 * s->efficiency * (1 + g->efficiency_min), NAN, "%");
	return n;
}
