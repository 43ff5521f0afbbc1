#include "analytics/core/judge.h"

#include "analytics/core/stored_run.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct court {
	struct judgement out;
	const struct stored_run *run;
	const struct run_limit *limit;
	int limits;
	bool *by_alias; /* [limits]: no value has its quantity's own name */
	int *used;	/* [limits]: what it was held against */
};

void judge_item(struct judge_item *item, const char *dut, const char *quantity, const char *valve, double set_point,
	const char *set_point_unit, const char *unit)
{
	struct report_result *r = &item->result;

	*item = (struct judge_item){.seen = NAN, .base = NAN};
	text_copy(r->dut, sizeof(r->dut), dut);
	text_copy(r->quantity, sizeof(r->quantity), quantity);
	text_copy(r->valve, sizeof(r->valve), valve);
	text_copy(r->unit, sizeof(r->unit), unit);
	text_copy(r->set_point_unit, sizeof(r->set_point_unit), set_point_unit);
	r->set_point = set_point;
	r->value = r->U = r->k = r->n_effective = r->min = r->max = NAN;
}

void judge_doubt(struct judge_item *item, const char *why)
{
	size_t used = strlen(item->result.note);

	item->doubtful = true;
	if (used < sizeof(item->result.note))
		snprintf(item->result.note + used, sizeof(item->result.note) - used, "%s%s", used ? "; " : "", why);
}

static struct report_result *add(struct court *c, struct error *e)
{
	struct report_result *more = realloc(c->out.result, (size_t)(c->out.results + 1) * sizeof(*more));

	if (!more) {
		error_set(e, ERROR_SYSTEM, "out of memory while judging %s", c->run->path);
		return NULL;
	}
	c->out.result = more;
	return &more[c->out.results++];
}

static bool names(const struct run_limit *l, const struct judge_item *item, bool by_alias)
{
	return strcmp(l->quantity, by_alias ? item->alias : item->result.quantity) == 0;
}

static bool applies(const struct run_limit *l, const struct judge_item *item, bool by_alias)
{
	const struct report_result *r = &item->result;

	return names(l, item, by_alias) && (!l->dut[0] || strcmp(l->dut, r->dut) == 0) &&
	       (!l->valve[0] || strcmp(l->valve, r->valve) == 0) &&
	       (isnan(l->set_point) || fabs(l->set_point - r->set_point) < 1e-6);
}

/* A limit's bound in the result's unit. */
static int bound(double *out, double value, const struct run_limit *l, const struct judge_item *item, struct error *e)
{
	const char *from = l->unit[0] ? l->unit : "1", *to = item->result.unit[0] ? item->result.unit : "1";
	double converted;

	if (isnan(value) || (strcmp(from, to) == 0)) {
		*out = value;
		return 0;
	}
	if (strcmp(from, "%") == 0 && !isnan(item->base)) {
		*out = value / 100 * item->base;
		return 0;
	}
	if (unit_convert(value, from, item->base_unit[0] ? item->base_unit : to, &converted, e) < 0)
		return -1;
	*out = item->base_unit[0] ? 100 * converted / item->base : converted;
	return 0;
}

static enum verdict decide(const struct judge_item *item, const struct report_result *r)
{
	enum verdict v;

	if (item->hidden) { /* anywhere between nothing and what would have been seen */
		if (r->min > item->seen)
			return VERDICT_FAILED;
		return r->max >= item->seen && isnan(r->min) && !item->doubtful ? VERDICT_PASSED
										: VERDICT_UNDECIDED;
	}
	v = decision_judge(r->rule, r->value, r->U, r->min, r->max);
	return item->doubtful ? VERDICT_UNDECIDED : v;
}

static int judge_one(struct court *c, const struct judge_item *item, const struct run_limit *l, struct error *e)
{
	struct report_result *r = add(c, e);
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

static int against_all(struct court *c, const struct judge_item *item, struct error *e)
{
	bool any = false;
	struct report_result *r;

	for (int i = 0; i < c->limits; i++) {
		if (!applies(&c->limit[i], item, c->by_alias[i]))
			continue;
		if (judge_one(c, item, &c->limit[i], e) < 0)
			return -1;
		c->used[i]++;
		any = true;
	}
	if (any)
		return 0;
	r = add(c, e);
	if (!r)
		return -1;
	*r = item->result;
	return 0;
}

static int not_measured(struct court *c, const struct run_limit *l, struct error *e)
{
	struct judge_item item;

	judge_item(&item, l->dut, l->quantity, l->valve, l->set_point, "", l->unit);
	text_copy(item.result.state, sizeof(item.result.state), "not measured");
	judge_doubt(&item, "the run holds nothing that this limit is for");
	return judge_one(c, &item, l, e);
}

/* " First failed: ..." behind the sentence. */
static void name_first(struct judgement *j, enum verdict which)
{
	size_t used = strlen(j->sentence);
	char value[32], U[32], limit[64], set_point[32] = "";

	for (int i = 0; i < j->results; i++) {
		const struct report_result *r = &j->result[i];

		if (r->verdict != which)
			continue;
		if (!isnan(r->set_point))
			snprintf(set_point, sizeof(set_point), " at %g", r->set_point);
		report_limit(limit, sizeof(limit), r->min, r->max);
		snprintf(j->sentence + used, sizeof(j->sentence) - used, " First %s: %s %s%s%s%s, ",
			verdict_name(which), r->dut, r->quantity, set_point, r->valve[0] ? " " : "",
			r->valve);
		used = strlen(j->sentence);
		if (isnan(r->value) || isnan(r->U))
			snprintf(j->sentence + used, sizeof(j->sentence) - used, "%s (limit %s %s).",
				r->note, limit, r->unit);
		else
			snprintf(j->sentence + used, sizeof(j->sentence) - used,
				"%s \xc2\xb1 %s %s against %s.",
				report_value(value, sizeof(value), r->value, r->U),
				report_uncertainty(U, sizeof(U), r->U), r->unit, limit);
		return;
	}
}


static void conclude(struct court *c)
{
	struct judgement *j = &c->out;
	int count[4] = {0}, judged;
	const char *but = c->run->state == RUN_CHANGED ? "the evidence was changed after the end of the run"
						       : "the run had no clean end";
	bool incomplete = stored_run_incomplete(c->run);

	for (int i = 0; i < j->results; i++) {
		count[j->result[i].verdict]++;
		j->verdict = verdict_worse(j->verdict, j->result[i].verdict);
	}
	judged = j->results - count[VERDICT_NONE];
	if (incomplete || judged == 0)
		j->verdict = verdict_worse(j->verdict, VERDICT_UNDECIDED);
	if (judged == 0)
		snprintf(j->sentence, sizeof(j->sentence), "No limits were given, so nothing was judged.");
	else if (j->verdict == VERDICT_PASSED)
		snprintf(j->sentence, sizeof(j->sentence), "All %d judged values hold their limits.",
			judged);
	else
		snprintf(j->sentence, sizeof(j->sentence),
			"%d values judged: %d failed, %d undecided, %d passed.", judged,
			count[VERDICT_FAILED], count[VERDICT_UNDECIDED], count[VERDICT_PASSED]);
	if (judged > 0)
		name_first(j, count[VERDICT_FAILED] ? VERDICT_FAILED : VERDICT_UNDECIDED);
	if (incomplete) {
		size_t used = strlen(j->sentence);

		snprintf(j->sentence + used, sizeof(j->sentence) - used,
			" Incomplete: %s, so it cannot pass.", but);
	}
}

int judge(struct judgement *out, const struct stored_run *run, const struct judge_item *item, int items,
	const struct run_limit *limit, int limits, struct error *e)
{
	struct court c = {.run = run, .limit = limit, .limits = limits};
	int status = -1;

	c.used = calloc((size_t)limits + 1, sizeof(*c.used));
	c.by_alias = calloc((size_t)limits + 1, sizeof(*c.by_alias));
	if (!c.used || !c.by_alias) {
		error_set(e, ERROR_SYSTEM, "out of memory while judging %s", run->path);
		goto out;
	}
	for (int i = 0; i < limits; i++) { /* a channel's quantity counts only where no value is called so */
		c.by_alias[i] = true;
		for (int j = 0; j < items && c.by_alias[i]; j++)
			c.by_alias[i] = !names(&limit[i], &item[j], false);
	}
	for (int i = 0; i < items; i++)
		if (against_all(&c, &item[i], e) < 0)
			goto out;
	for (int i = 0; i < limits; i++)
		if (!c.used[i] && not_measured(&c, &limit[i], e) < 0)
			goto out;
	conclude(&c);
	*out = c.out;
	c.out.result = NULL;
	status = 0;
out:
	free(c.out.result);
	free(c.used);
	free(c.by_alias);
	return status;
}
