#include "benches/pump/judge.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One value that a limit may be held against, and what stands in the way of a verdict. */
struct item {
	struct report_result result; /* without limit and verdict */
	char alias[48];	  /* after the channel's quantity: "volume flow", "feedback power deviation" */
	bool hidden_flow; /* reads zero, but may be anything up to `seen` */
	double seen;
	double base;   /* what a limit in % is a share of; NaN: none */
	bool doubtful; /* no more than undecided, as result.note says */
};

static struct report_result *add(struct pump_evaluation *ev, struct error *e)
{
	struct report_result *more = realloc(ev->result, (size_t)(ev->results + 1) * sizeof(*more));

	if (!more) {
		error_set(e, ERROR_SYSTEM, "out of memory while judging %s", ev->run.path);
		return NULL;
	}
	ev->result = more;
	return &more[ev->results++];
}

static void doubt(struct item *item, const char *why)
{
	size_t used = strlen(item->result.note);

	item->doubtful = true;
	snprintf(item->result.note + used, sizeof(item->result.note) - used, "%s%s", used ? "; " : "", why);
}

static void describe(struct item *item, const struct pump_point *p, const char *quantity, const char *unit)
{
	struct report_result *r = &item->result;

	*item = (struct item){.seen = NAN, .base = NAN};
	text_copy(r->dut, sizeof(r->dut), p->dut);
	text_copy(r->quantity, sizeof(r->quantity), quantity);
	text_copy(r->valve, sizeof(r->valve), p->valve);
	text_copy(r->unit, sizeof(r->unit), unit);
	text_copy(r->set_point_unit, sizeof(r->set_point_unit), p->unit);
	text_copy(r->state, sizeof(r->state), state_name(p->state));
	r->set_point = p->set_point;
	r->value = r->U = r->k = r->n_effective = r->min = r->max = NAN;
}

static void fill(struct item *item, const struct pump_point *p, const struct pump_value *v)
{
	struct report_result *r = &item->result;

	if (!v->known) {
		doubt(item, p->state == PUMP_NO_SIGNAL ? "no signal"
						       : "fewer than five good samples in a settled window");
		return;
	}
	r->value = v->value;
	r->U = v->total.U;
	r->k = v->total.k;
	r->n = v->n;
	r->n_effective = v->n_effective;
	if (v->certificate_expired)
		doubt(item, "the instrument's certificate has expired");
	if (p->unfinished)
		doubt(item, "the step did not end as it should");
	if (p->state == PUMP_NO_SIGNAL)
		doubt(item, "no signal for more than half of the step");
}

static const char *unit_of(const struct pump_run *run, const char *dut, enum pump_quantity q)
{
	int channel = pump_run_channel(run, dut, pump_quantity_name(q));

	return channel < 0 ? "" : run->channel[channel].unit;
}

/* The values of one point: item[0 .. PUMP_QUANTITIES]. Returns how many there are. */
static int point_items(struct item *item, const struct pump_run *run, const struct pump_point *p)
{
	const struct run_dut *dut = pump_run_dut(run, p->dut);
	int n = 0;

	for (int q = 0; q < PUMP_QUANTITIES; q++) {
		const char *name = pump_quantity_name((enum pump_quantity)q);
		int channel = pump_run_channel(run, p->dut, name);

		if (channel < 0)
			continue;
		describe(&item[n], p, name, run->channel[channel].unit);
		text_copy(item[n].alias, sizeof(item[n].alias), run->channel[channel].quantity);
		fill(&item[n], p, &p->quantity[q]);
		if (q == PUMP_FLOW && pump_state_flow_hidden(p->state)) {
			item[n].hidden_flow = true;
			item[n].seen = state_profile_find(dut->profile)->flow_seen;
			/* how little a zero scatters says nothing of the flow that it hides */
			item[n].result.U = item[n].result.k = NAN;
			text_copy(item[n].result.note, sizeof(item[n].result.note),
				"reads zero; may be below what the sensor sees");
		}
		n++;
	}
	if (pump_run_channel(run, p->dut, "feedback") >= 0 && pump_run_channel(run, p->dut, "power") >= 0) {
		describe(&item[n], p, "feedback_error", unit_of(run, p->dut, PUMP_FEEDBACK));
		snprintf(item[n].alias, sizeof(item[n].alias), "%.30s deviation",
			run->channel[pump_run_channel(run, p->dut, "feedback")].quantity);
		item[n].base = fabs(p->quantity[PUMP_POWER].value);
		fill(&item[n++], p, &p->gap);
	}
	return n;
}

static void ratio_item(struct item *item, const struct pump_run *run, const struct pump_ratio *ratio)
{
	int channel = pump_run_channel(run, ratio->throttled->dut, "flow");
	struct report_result *r = &item->result;
	const struct pump_value *a = &ratio->throttled->quantity[PUMP_FLOW],
				*b = &ratio->open->quantity[PUMP_FLOW];

	describe(item, ratio->throttled, "flow_ratio", "1");
	snprintf(item->alias, sizeof(item->alias), "%.36s ratio",
		channel < 0 ? "" : run->channel[channel].quantity);
	text_copy(r->valve, sizeof(r->valve), "throttled/open");
	r->value = ratio->flow.value;
	r->U = ratio->flow.U;
	r->k = ratio->flow.k;
	r->n = a->n + b->n;
	r->n_effective = a->n_effective + b->n_effective;
	if (isnan(r->value))
		doubt(item, "one of the two does not flow, or was not measured");
}

static bool names(const struct run_limit *l, const struct item *item, bool by_alias)
{
	return strcmp(l->quantity, by_alias ? item->alias : item->result.quantity) == 0;
}

static bool applies(const struct run_limit *l, const struct item *item, bool by_alias)
{
	const struct report_result *r = &item->result;

	return names(l, item, by_alias) && (!l->dut[0] || strcmp(l->dut, r->dut) == 0) &&
	       (!l->valve[0] || strcmp(l->valve, r->valve) == 0) &&
	       (isnan(l->set_point) || fabs(l->set_point - r->set_point) < 1e-6);
}

/* A limit's bound in the result's unit. */
static int bound(
	double *out, double value, const struct run_limit *l, const struct item *item, struct error *e)
{
	const char *from = l->unit[0] ? l->unit : "1", *to = item->result.unit[0] ? item->result.unit : "1";
	double converted;

	if (strcmp(from, "%") == 0 && !isnan(item->base)) {
		*out = value / 100 * item->base;
		return 0;
	}
	if (isnan(value) || strcmp(from, to) == 0) {
		*out = value;
		return 0;
	}
	if (unit_convert(value, from, to, &converted, e) < 0)
		return -1;
	*out = converted;
	return 0;
}

static enum verdict decide(const struct item *item, const struct report_result *r)
{
	enum verdict v;

	if (item->hidden_flow) { /* anywhere between nothing and what the sensor would have seen */
		if (r->min > item->seen)
			return VERDICT_FAILED;
		return r->max >= item->seen && isnan(r->min) && !item->doubtful ? VERDICT_PASSED
										: VERDICT_UNDECIDED;
	}
	v = decision_judge(r->rule, r->value, r->U, r->min, r->max);
	return item->doubtful ? VERDICT_UNDECIDED : v;
}

static int judge_one(
	struct pump_evaluation *ev, const struct item *item, const struct run_limit *l, struct error *e)
{
	struct report_result *r = add(ev, e);
	int rule = l->rule[0] ? decision_rule_parse(l->rule) : DECISION_GUARDED;

	if (!r)
		return -1;
	*r = item->result;
	if (rule < 0)
		return error_set(e, ERROR_DATA, "%s: no decision rule is called \"%s\" (simple or guarded)",
			l->source, l->rule);
	r->rule = (enum decision_rule)rule;
	text_copy(r->limit_source, sizeof(r->limit_source), l->source);
	if (bound(&r->min, l->min, l, item, e) < 0 || bound(&r->max, l->max, l, item, e) < 0)
		return -1;
	r->verdict = decide(item, r);
	return 0;
}

/* `used[i]` counts what limit i was held against. */
static int judge_item(
	struct pump_evaluation *ev, const struct item *item, const bool *by_alias, int *used, struct error *e)
{
	bool any = false;
	struct report_result *r;

	for (int i = 0; i < ev->limits; i++) {
		if (!applies(&ev->limit[i], item, by_alias[i]))
			continue;
		if (judge_one(ev, item, &ev->limit[i], e) < 0)
			return -1;
		used[i]++;
		any = true;
	}
	if (any)
		return 0;
	r = add(ev, e);
	if (!r)
		return -1;
	*r = item->result;
	return 0;
}

static int not_measured(struct pump_evaluation *ev, const struct run_limit *l, struct error *e)
{
	struct pump_point nowhere = {.set_point = l->set_point};
	struct item item;

	describe(&item, &nowhere, l->quantity, l->unit);
	text_copy(item.result.dut, sizeof(item.result.dut), l->dut);
	text_copy(item.result.valve, sizeof(item.result.valve), l->valve);
	text_copy(item.result.state, sizeof(item.result.state), "not measured");
	doubt(&item, "the run holds nothing that this limit is for");
	return judge_one(ev, &item, l, e);
}

/* Whether any limit speaks of a finding: else it stands in the tables only. */
static bool asked_for(const struct pump_evaluation *ev, const struct pump_finding *f)
{
	for (int i = 0; i < ev->limits; i++)
		if (strcmp(ev->limit[i].quantity, f->result.quantity) == 0)
			return true;
	return false;
}

static void finding_item(struct item *item, const struct pump_finding *f)
{
	*item = (struct item){.result = f->result, .seen = NAN, .base = NAN};
	if (isnan(f->result.value))
		doubt(item, "the run does not give it");
}

/* All values of the run: points, ratios, and what limits ask of the models. */
static struct item *collect(const struct pump_evaluation *ev, int *count, struct error *e)
{
	struct item *item = calloc(
		(size_t)(ev->points * (PUMP_QUANTITIES + 1) + ev->ratios + ev->findings + 1), sizeof(*item));
	int n = 0;

	if (!item) {
		error_set(e, ERROR_SYSTEM, "out of memory while judging %s", ev->run.path);
		return NULL;
	}
	for (int i = 0; i < ev->points; i++)
		n += point_items(item + n, &ev->run, &ev->point[i]);
	for (int i = 0; i < ev->ratios; i++)
		ratio_item(&item[n++], &ev->run, &ev->ratio[i]);
	for (int i = 0; i < ev->findings; i++)
		if (asked_for(ev, &ev->finding[i]))
			finding_item(&item[n++], &ev->finding[i]);
	*count = n;
	return item;
}

/* " First failed: ..." behind the sentence. */
static void name_first(struct pump_evaluation *ev, enum verdict which)
{
	size_t used = strlen(ev->sentence);
	char value[32], U[32], limit[64], set_point[32] = "";

	for (int i = 0; i < ev->results; i++) {
		const struct report_result *r = &ev->result[i];

		if (r->verdict != which)
			continue;
		if (!isnan(r->set_point))
			snprintf(set_point, sizeof(set_point), " at %g", r->set_point);
		report_limit(limit, sizeof(limit), r->min, r->max);
		snprintf(ev->sentence + used, sizeof(ev->sentence) - used, " First %s: %s %s%s%s%s, ",
			verdict_name(which), r->dut, r->quantity, set_point, r->valve[0] ? " " : "",
			r->valve);
		used = strlen(ev->sentence);
		if (isnan(r->value) || isnan(r->U))
			snprintf(ev->sentence + used, sizeof(ev->sentence) - used, "%s (limit %s %s).",
				r->note, limit, r->unit);
		else
			snprintf(ev->sentence + used, sizeof(ev->sentence) - used,
				"%s \xc2\xb1 %s %s against %s.",
				report_value(value, sizeof(value), r->value, r->U),
				report_uncertainty(U, sizeof(U), r->U), r->unit, limit);
		return;
	}
}

static void conclude(struct pump_evaluation *ev)
{
	int count[4] = {0}, judged;
	const char *but = ev->run.state == RUN_CHANGED ? "the evidence was changed after the end of the run"
						       : "the run had no clean end";

	for (int i = 0; i < ev->results; i++) {
		count[ev->result[i].verdict]++;
		ev->verdict = verdict_worse(ev->verdict, ev->result[i].verdict);
	}
	judged = ev->results - count[VERDICT_NONE];
	if (ev->incomplete || judged == 0)
		ev->verdict = verdict_worse(ev->verdict, VERDICT_UNDECIDED);
	if (judged == 0)
		snprintf(ev->sentence, sizeof(ev->sentence), "No limits were given, so nothing was judged.");
	else if (ev->verdict == VERDICT_PASSED)
		snprintf(ev->sentence, sizeof(ev->sentence), "All %d judged values hold their limits.",
			judged);
	else
		snprintf(ev->sentence, sizeof(ev->sentence),
			"%d values judged: %d failed, %d undecided, %d passed.", judged,
			count[VERDICT_FAILED], count[VERDICT_UNDECIDED], count[VERDICT_PASSED]);
	if (judged > 0)
		name_first(ev, count[VERDICT_FAILED] ? VERDICT_FAILED : VERDICT_UNDECIDED);
	if (ev->incomplete) {
		size_t used = strlen(ev->sentence);

		snprintf(ev->sentence + used, sizeof(ev->sentence) - used,
			" Incomplete: %s, so it cannot pass.", but);
	}
}

int pump_judge(struct pump_evaluation *ev, struct error *e)
{
	int items = 0, status = -1, *used = calloc((size_t)ev->limits + 1, sizeof(*used));
	bool *by_alias = calloc((size_t)ev->limits + 1, sizeof(*by_alias));
	struct item *item = collect(ev, &items, e);

	if (!item || !used || !by_alias) {
		error_set(e, ERROR_SYSTEM, "out of memory while judging %s", ev->run.path);
		goto out;
	}
	for (int i = 0; i < ev->limits;
		i++) { /* a channel's quantity counts only where no value is called so */
		by_alias[i] = true;
		for (int j = 0; j < items && by_alias[i]; j++)
			by_alias[i] = !names(&ev->limit[i], &item[j], false);
	}
	for (int i = 0; i < items; i++)
		if (judge_item(ev, &item[i], by_alias, used, e) < 0)
			goto out;
	for (int i = 0; i < ev->limits; i++)
		if (!used[i] && not_measured(ev, &ev->limit[i], e) < 0)
			goto out;
	conclude(ev);
	status = 0;
out:
	free(item);
	free(used);
	free(by_alias);
	return status;
}
