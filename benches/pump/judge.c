#include "benches/pump/judge.h"

#include "analytics/core/judge.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void describe(struct judge_item *item, const struct pump_point *p, const char *quantity, const char *unit)
{
	judge_item(item, p->dut, quantity, p->valve, p->set_point, p->unit, unit);
	text_copy(item->result.state, sizeof(item->result.state), state_name(p->state));
}

static void fill(struct judge_item *item, const struct pump_point *p, const struct pump_value *v)
{
	struct report_result *r = &item->result;

	if (!v->known) {
		judge_doubt(item, p->state == PUMP_NO_SIGNAL ? "no signal"
						       : "fewer than five good samples in a settled window");
		return;
	}
	r->value = v->value;
	r->U = v->total.U;
	r->k = v->total.k;
	r->n = v->n;
	r->n_effective = v->n_effective;
	if (v->certificate_expired)
		judge_doubt(item, "the instrument's certificate has expired");
	if (p->unfinished)
		judge_doubt(item, "the step did not end as it should");
	if (p->state == PUMP_NO_SIGNAL)
		judge_doubt(item, "no signal for more than half of the step");
}

static const char *unit_of(const struct stored_run *run, const char *dut, enum pump_quantity q)
{
	int channel = stored_channel(run, dut, pump_quantity_name(q));

	return channel < 0 ? "" : run->channel[channel].unit;
}

/* The values of one point: item[0 .. PUMP_QUANTITIES]. Returns how many there are. */
static int point_items(struct judge_item *item, const struct stored_run *run, const struct pump_point *p)
{
	const struct run_dut *dut = stored_dut(run, p->dut);
	int n = 0;

	for (int q = 0; q < PUMP_QUANTITIES; q++) {
		const char *name = pump_quantity_name((enum pump_quantity)q);
		int channel = stored_channel(run, p->dut, name);

		if (channel < 0)
			continue;
		describe(&item[n], p, name, run->channel[channel].unit);
		text_copy(item[n].alias, sizeof(item[n].alias), run->channel[channel].quantity);
		fill(&item[n], p, &p->quantity[q]);
		if (q == PUMP_FLOW && pump_state_flow_hidden(p->state)) {
			item[n].hidden = true;
			item[n].seen = state_profile_find(dut->profile)->flow_seen;
			/* how little a zero scatters says nothing of the flow that it hides */
			item[n].result.U = item[n].result.k = NAN;
			text_copy(item[n].result.note, sizeof(item[n].result.note),
				"reads zero; may be below what the sensor sees");
		}
		n++;
	}
	if (stored_channel(run, p->dut, "feedback") >= 0 && stored_channel(run, p->dut, "power") >= 0) {
		describe(&item[n], p, "feedback_error", unit_of(run, p->dut, PUMP_FEEDBACK));
		snprintf(item[n].alias, sizeof(item[n].alias), "%.30s deviation",
			run->channel[stored_channel(run, p->dut, "feedback")].quantity);
		item[n].base = fabs(p->quantity[PUMP_POWER].value);
		fill(&item[n++], p, &p->gap);
	}
	return n;
}

static void ratio_item(struct judge_item *item, const struct stored_run *run, const struct pump_ratio *ratio)
{
	int channel = stored_channel(run, ratio->throttled->dut, "flow");
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
		judge_doubt(item, "one of the two does not flow, or was not measured");
}

/* Whether any limit speaks of a finding: else it stands in the tables only. */
static bool asked_for(const struct pump_evaluation *ev, const struct pump_finding *f)
{
	for (int i = 0; i < ev->limits; i++)
		if (strcmp(ev->limit[i].quantity, f->result.quantity) == 0)
			return true;
	return false;
}

static void finding_item(struct judge_item *item, const struct pump_finding *f)
{
	*item = (struct judge_item){.result = f->result, .seen = NAN, .base = NAN};
	if (isnan(f->result.value))
		judge_doubt(item, "the run does not give it");
}

/* All values of the run: points, ratios, and what limits ask of the models. */
static struct judge_item *collect(const struct pump_evaluation *ev, int *count, struct error *e)
{
	struct judge_item *item = calloc(
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

int pump_judge(struct pump_evaluation *ev, struct error *e)
{
	struct judgement judgement;
	int items = 0, status;
	struct judge_item *item = collect(ev, &items, e);

	if (!item)
		return -1;
	status = judge(&judgement, &ev->run, item, items, ev->limit, ev->limits, e);
	free(item);
	if (status < 0)
		return -1;
	ev->result = judgement.result;
	ev->results = judgement.results;
	ev->verdict = judgement.verdict;
	text_copy(ev->sentence, sizeof(ev->sentence), judgement.sentence);
	return 0;
}
