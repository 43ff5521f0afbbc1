#include "analytics/accuracy/model.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/digest.h"

#include <stdio.h>
#include <string.h>

const char *const model_target_names[] = {"electric_power", "heat_power", NULL};
const char *const model_variant_names[] = {"as_written", "inverted", NULL};
const char *const model_mark_names[] = {"free", "fixed", "nonnegative", NULL};
const char *const model_rule_names[] = {"product", "cold_probability", "crankcase", NULL};

static int choose(struct model_rule *rule, const char *input, const char *variant, struct error *e)
{
	for (int v = 0; model_variant_names[v]; v++)
		if (strcmp(model_variant_names[v], variant) == 0) {
			rule->variant = v;
			return 0;
		}
	return error_set(e, ERROR_USAGE, "the rule for %s is '%s' or '%s', not '%s'", input, model_variant_names[MODEL_AS_WRITTEN],
		model_variant_names[MODEL_INVERTED], variant);
}

int model_switch(struct model *model, const char *input, const char *variant, struct error *e)
{
	for (int r = 0; r < model->rules; r++)
		if (model->rule[r].kind == MODEL_RULE_CRANKCASE && strcmp(model->input[model->rule[r].fills].name, input) == 0)
			return choose(&model->rule[r], input, variant, e);
	return error_set(e, ERROR_USAGE, "model %s has no rule with variants for '%s'", model->name, input);
}

static void add_term(struct text *t, const struct model *m, const struct model_term *term)
{
	text_add(t, "term %.17g", term->coefficient);
	for (int f = 0; f < term->factors; f++)
		text_add(t, " * %s", m->input[term->factor[f]].name);
	for (int g = 0; g < term->gates; g++)
		text_add(t, " while %s%s", term->gate[g].off ? "not " : "", m->input[term->gate[g].input].name);
	text_add(t, "\n");
}

static void add_rule(struct text *t, const struct model *m, const struct model_rule *rule)
{
	text_add(t, "rule %s fills %s from %s %s level %d %s", model_rule_names[rule->kind], m->input[rule->fills].name,
		m->input[rule->from[0]].name, m->input[rule->from[1]].name, rule->level, model_variant_names[rule->variant]);
	for (int n = 0; n < MODEL_RULE_NUMBERS; n++)
		text_add(t, " %.17g", rule->number[n]);
	text_add(t, "\n");
}

/* Ends the text. */
static void digest_of(struct text *t, char out[65])
{
	out[0] = '\0';
	if (!t->failed)
		digest_bytes(t->data, t->length, out);
	text_free(t);
}

void model_digest(const struct model *m, char out[65])
{
	struct text t = TEXT_INIT;

	text_add(&t, "%s %s level %d floor %.17g\n", model_target_names[m->target], m->unit, m->level, m->floor);
	for (int i = 0; i < m->inputs; i++)
		text_add(&t, "input %s %s %d %.17g %.17g\n", m->input[i].name, m->input[i].unit, m->input[i].measured,
			m->input[i].min, m->input[i].max);
	if (m->heat.used)
		text_add(&t, "heat %s %s %.17g %.17g %s %s %s\n", heat_convention_names[m->heat.medium.convention],
			heat_sensor_names[m->heat.medium.sensor], m->heat.medium.factor, m->heat.pressure,
			m->input[m->heat.flow].name, m->input[m->heat.supply].name, m->input[m->heat.ret].name);
	for (int i = 0; i < m->terms; i++)
		add_term(&t, m, &m->term[i]);
	for (int i = 0; i < m->rules; i++)
		add_rule(&t, m, &m->rule[i]);
	digest_of(&t, out);
}

void model_coefficient_digest(const struct model *m, char out[65])
{
	struct text t = TEXT_INIT;

	text_add(&t, "%s %s\n", model_target_names[m->target], m->unit);
	for (int i = 0; i < m->terms; i++)
		add_term(&t, m, &m->term[i]);
	digest_of(&t, out);
}

const char *model_term_name(const struct model *m, int number, char room[MODEL_TERM_NAME])
{
	const struct model_term *term = &m->term[number];
	size_t length = 0;

	for (int f = 0; f < term->factors; f++)
		length += (size_t)snprintf(
			room + length, MODEL_TERM_NAME - length, "%s%s", f ? "*" : "", m->input[term->factor[f]].name);
	if (term->factors == 0)
		length += (size_t)snprintf(room + length, MODEL_TERM_NAME - length, "constant");
	for (int g = 0; g < term->gates; g++)
		length += (size_t)snprintf(room + length, MODEL_TERM_NAME - length, "%s%s%s", g ? " and " : " while ",
			term->gate[g].off ? "not " : "", m->input[term->gate[g].input].name);
	return room;
}
