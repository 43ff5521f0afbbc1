/*
 * What limits may name: flow_error (%, or l/h) of each meter at each set point, or the flow channel's quantity and
 * " deviation"; where a limit names them, repeatability (%) of a set point and, of a whole meter, mean error (%),
 * deming slope, deming intercept (l/h), correction residual (%).
 */
#include "analytics/core/judge.h"

#include "benches/flow/evaluate.h"
#include "benches/flow/meter_class.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PER_WHOLE = 4 };

static struct run_limit class_limit(const struct flow_evaluation *ev, const struct meter_point *p, const char *quantity,
	double min, double max, const char *rule)
{
	struct run_limit l = {.set_point = p->set_point, .min = min, .max = max, .unit = "%"};
	char name[80];

	text_copy(l.dut, sizeof(l.dut), ev->run.dut[p->dut].name);
	text_copy(l.quantity, sizeof(l.quantity), quantity);
	text_copy(l.rule, sizeof(l.rule), rule);
	snprintf(l.source, sizeof(l.source), "%s%s", meter_class_name(name, sizeof(name), &ev->settings),
		meter_class_unverified(&ev->settings) ? " (" METER_UNVERIFIED ")" : "");
	return l;
}

int flow_class_limits(struct run_limit *out, const struct flow_evaluation *ev)
{
	int n = 0;

	for (int i = 0; i < ev->points; i++) {
		const struct meter_point *p = &ev->point[i];
		double mpe = round(1000 * p->mpe) / 1000; /* as one would write it */

		if (isnan(mpe))
			continue;
		out[n++] = class_limit(ev, p, "flow_error", -mpe, mpe,
			decision_rule_name((enum decision_rule)ev->settings.rule));
		if (p->used >= 3) /* of three runs at least, simply: a standard deviation of three says little */
			out[n++] = class_limit(ev, p, "repeatability", NAN, round(1000 * mpe / 3) / 1000, "simple");
	}
	return n;
}

static const char *state_of(const struct meter_point *p)
{
	return p->method == FLOW_GRAVIMETRIC ? "collected" : "compared";
}

static void against_class(struct judge_item *item, const struct flow_evaluation *ev, const struct meter_point *p)
{
	bool large = p->known && p->total.U > p->mpe / 3;

	if (large && ev->settings.rule == DECISION_SIMPLE)
		judge_doubt(item, "U is more than a third of the class limit: too much to accept simply");
	if (p->known && isnan(p->mpe) && ev->settings.standard == FLOW_STANDARD_ISO4064)
		flow_say(item->result.note, "outside Q1 to Q4: the class says nothing");
}

static void error_item(struct judge_item *item, const struct flow_evaluation *ev, const struct meter_point *p)
{
	const char *dut = ev->run.dut[p->dut].name;
	int flow = stored_channel(&ev->run, dut, "flow");
	struct report_result *r = &item->result;

	judge_item(item, dut, "flow_error", "", p->set_point, p->unit, "%");
	snprintf(item->alias, sizeof(item->alias), "%.30s deviation", flow < 0 ? "flow" : ev->run.channel[flow].quantity);
	item->base = p->reference;
	text_copy(item->base_unit, sizeof(item->base_unit), "l/h");
	text_copy(r->state, sizeof(r->state), state_of(p));
	text_copy(r->note, sizeof(r->note), p->why);
	item->doubtful = p->doubtful;
	r->n = p->n;
	if (!p->known) {
		if (!r->note[0])
			judge_doubt(item, "no trial could be used");
		item->doubtful = true;
		return;
	}
	r->value = p->error;
	r->U = p->total.U;
	r->k = p->total.k;
	r->n_effective = p->n_reference;
	if (!p->reference_known) {
		judge_doubt(item, "the reference's uncertainty is not known");
	}
	against_class(item, ev, p);
}

/* s of normal errors: relative standard uncertainty 1/sqrt(2 (m - 1)) (JCGM 100:2008, E.4.3). */
static void repeatability_item(struct judge_item *item, const struct flow_evaluation *ev, const struct meter_point *p)
{
	struct report_result *r = &item->result;

	judge_item(item, ev->run.dut[p->dut].name, "repeatability", "", p->set_point, p->unit, "%");
	r->value = p->repeatability;
	r->U = p->used > 1 ? 2 * p->repeatability / sqrt(2.0 * (p->used - 1)) : NAN;
	r->k = 2;
	r->n = p->used;
	item->doubtful = p->doubtful;
	text_copy(r->state, sizeof(r->state), state_of(p));
	if (isnan(r->value))
		judge_doubt(item, "fewer than two trials");
}

static struct judge_item *of_whole(struct judge_item *item, const struct flow_evaluation *ev, const struct flow_whole *w,
	const char *quantity, const char *unit, double value, double U, double k)
{
	judge_item(item, ev->run.dut[w->dut].name, quantity, "", NAN, "", unit);
	item->result.value = value;
	item->result.U = U;
	item->result.k = k;
	item->result.n = w->n;
	if (isnan(value))
		judge_doubt(item, "the run does not give it");
	return item + 1;
}

static struct judge_item *whole_items(struct judge_item *item, const struct flow_evaluation *ev, const struct flow_whole *w)
{
	struct stats_interval slope = line_fit_slope(&w->deming, FLOW_LEVEL),
			      intercept = line_fit_intercept(&w->deming, FLOW_LEVEL),
			      mean = stats_interval(w->relative.bias, w->relative.bias_u, w->relative.dof, FLOW_LEVEL);

	item = of_whole(item, ev, w, "mean error", "%", mean.value, mean.U, mean.k);
	item = of_whole(item, ev, w, "deming slope", "1", slope.value, slope.U, slope.k);
	item = of_whole(item, ev, w, "deming intercept", "l/h", intercept.value, intercept.U, intercept.k);
	return of_whole(item, ev, w, "correction residual", "%", w->correction.residual_sd,
		2 * w->correction.residual_sd / sqrt(2 * w->correction.fit.dof), 2);
}

static bool asked_for(const struct flow_evaluation *ev, const char *quantity)
{
	for (int i = 0; i < ev->limits; i++)
		if (strcmp(ev->limit[i].quantity, quantity) == 0)
			return true;
	return false;
}

/* What is not asked for stands in the tables only. */
static int keep_asked(struct judge_item *item, int n, const struct flow_evaluation *ev)
{
	int kept = 0;

	for (int i = 0; i < n; i++)
		if (strcmp(item[i].result.quantity, "flow_error") == 0 || asked_for(ev, item[i].result.quantity))
			item[kept++] = item[i];
	return kept;
}

int flow_judge(struct flow_evaluation *ev, struct error *e)
{
	struct judge_item *item = calloc((size_t)(2 * ev->points + PER_WHOLE * ev->wholes) + 1, sizeof(*item)), *next = item;
	struct judgement judgement;
	int status;

	if (!item)
		return error_set(e, ERROR_SYSTEM, "out of memory while judging %s", ev->run.path);
	for (int i = 0; i < ev->points; i++) {
		error_item(next++, ev, &ev->point[i]);
		repeatability_item(next++, ev, &ev->point[i]);
	}
	for (int i = 0; i < ev->wholes; i++)
		next = whole_items(next, ev, &ev->whole[i]);
	status = judge(&judgement, &ev->run, item, keep_asked(item, (int)(next - item), ev), ev->limit, ev->limits, e);
	free(item);
	if (status < 0)
		return -1;
	ev->result = judgement.result;
	ev->results = judgement.results;
	ev->verdict = judgement.verdict;
	text_copy(ev->sentence, sizeof(ev->sentence), judgement.sentence);
	return 0;
}
