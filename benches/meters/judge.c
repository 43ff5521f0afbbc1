/*
 * What limits may name. Of the whole run: electric_energy, heat_energy (kWh), cop, electric_coverage, heat_coverage (%) and the
 * cross-checks (%, meters_check_names); of each day: daily_electric_energy, daily_heat_energy, daily_cop.
 */
#include "benches/meters/evaluate.h"

#include "analytics/core/judge.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OF_WHOLE = 5, OF_DAY = 3 };

static struct judge_item *item_of(struct judge_item *item, const struct meters_evaluation *ev, const struct meters_period *d,
	const char *quantity, const char *unit, const struct meters_value *v)
{
	char name[16];

	judge_item(item, ev->walk.pump[d->pump].name, quantity, d->day < 0 ? "" : meters_day_name(name, d->day), NAN, "", unit);
	item->result.value = v->value;
	item->result.U = v->U;
	item->result.k = isnan(v->U) ? NAN : 2;
	return item + 1;
}

/* A value of a period that is not covered is seen, and decides nothing. */
static void doubt(struct judge_item *item, const struct meters_period *d, double covered, double limit)
{
	char why[120];

	if (isnan(item->result.value))
		judge_doubt(item, d->why[0] ? d->why : "not measured");
	else if (strstr(item->result.quantity, "cop") ? !d->decided : !(covered >= limit)) {
		snprintf(why, sizeof(why), "covered to %.3g %%, not %g %%", covered, limit);
		judge_doubt(item, strstr(item->result.quantity, "cop") ? d->why : why);
	} else if (isnan(item->result.U))
		judge_doubt(item, "the meter's class was not said: U is not known");
}

static struct judge_item *period_items(struct judge_item *item, const struct meters_evaluation *ev, const struct meters_period *d)
{
	bool day = d->day >= 0;
	double limit = ev->settings.coverage;
	struct judge_item *electric = item, *heat, *cop;

	heat = item_of(electric, ev, d, day ? "daily_electric_energy" : "electric_energy", "kWh", &d->electric);
	cop = item_of(heat, ev, d, day ? "daily_heat_energy" : "heat_energy", "kWh", &d->heat);
	item = item_of(cop, ev, d, day ? "daily_cop" : "cop", "1", &d->cop);
	doubt(electric, d, d->electric_covered, limit);
	doubt(heat, d, d->heat_covered, limit);
	doubt(cop, d, fmin(d->electric_covered, d->heat_covered), limit);
	return item;
}

static struct judge_item *coverage_items(struct judge_item *item, const struct meters_evaluation *ev, const struct meters_period *d)
{
	struct meters_value electric = {d->electric_covered, 0}, heat = {d->heat_covered, 0};

	if (!isnan(electric.value))
		item = item_of(item, ev, d, "electric_coverage", "%", &electric);
	if (!isnan(heat.value))
		item = item_of(item, ev, d, "heat_coverage", "%", &heat);
	return item;
}

static struct judge_item *check_item(struct judge_item *item, const struct meters_evaluation *ev, const struct meters_check *c)
{
	struct meters_value v = {c->deviation, c->U};
	struct meters_period whole = {.pump = c->pump, .day = -1};
	char words[80];
	struct judge_item *next = item_of(item, ev, &whole, meters_check_names[c->kind], "%", &v);

	meters_verdict_words(words, c, &ev->settings);
	text_copy(item->result.state, sizeof(item->result.state), words);
	if (isnan(v.value))
		judge_doubt(item, "no time that both cover");
	else if (c->verdict == CHECK_SHORT)
		judge_doubt(item, words);
	return next;
}

int meters_judge(struct meters_evaluation *ev, struct error *e)
{
	size_t room = (size_t)(ev->wholes * OF_WHOLE + ev->checks + ev->days * OF_DAY) + 1;
	struct judge_item *item = calloc(room, sizeof(*item)), *next = item;
	struct judgement judgement;
	int status;

	if (!item)
		return error_set(e, ERROR_SYSTEM, "out of memory while judging %s", ev->run.path);
	for (int i = 0; i < ev->wholes; i++) {
		next = period_items(next, ev, &ev->whole[i]);
		next = coverage_items(next, ev, &ev->whole[i]);
		for (int c = 0; c < ev->checks; c++)
			if (ev->check[c].pump == i)
				next = check_item(next, ev, &ev->check[c]);
	}
	for (int i = 0; i < ev->days; i++)
		next = period_items(next, ev, &ev->day[i]);
	status = judge(&judgement, &ev->run, item, (int)(next - item), ev->limit, ev->limits, e);
	free(item);
	if (status < 0)
		return -1;
	ev->result = judgement.result;
	ev->results = judgement.results;
	ev->verdict = judgement.verdict;
	text_copy(ev->sentence, sizeof(ev->sentence), judgement.sentence);
	return 0;
}
