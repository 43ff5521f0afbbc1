#include "analytics/accuracy/model.h"
#include "analytics/accuracy/model_forms.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Every `put` gives 0, or -1 where memory ran out, a text is no UTF-8, or a number is not finite: jansson's own way. */

static int put_text(json_t *to, const char *key, const char *text)
{
	return json_object_set_new(to, key, json_string(text));
}

static json_t *input_json(const struct model *m, int i)
{
	const struct model_input *in = &m->input[i];
	json_t *to = json_pack("{s:s, s:s}", "name", in->name, "unit", in->unit);

	if (to && ((!in->measured && json_object_set_new(to, "measured", json_false()) < 0) ||
			  model_put_number(to, "min", in->min) < 0 || model_put_number(to, "max", in->max) < 0)) {
		json_decref(to);
		return NULL;
	}
	return to;
}

static int put_names(json_t *to, const struct model *m, const struct model_term *term)
{
	json_t *of = json_array(), *gates = json_array();
	int failed = 0;

	for (int f = 0; f < term->factors; f++)
		failed |= json_array_append_new(of, json_string(m->input[term->factor[f]].name));
	for (int g = 0; g < term->gates; g++)
		failed |= json_array_append_new(
			gates, json_sprintf("%s%s", term->gate[g].off ? "not " : "", m->input[term->gate[g].input].name));
	if (term->factors)
		failed |= json_object_set(to, "of", of);
	if (term->gates)
		failed |= json_object_set(to, "while", gates);
	json_decref(of);
	json_decref(gates);
	return failed;
}

static json_t *term_json(const struct model *m, int t)
{
	const struct model_term *term = &m->term[t];
	json_t *to = json_object();

	if (json_object_set_new(to, "coefficient", json_real(term->coefficient)) < 0 || put_names(to, m, term) < 0 ||
		(term->mark != MODEL_FREE && put_text(to, "fit", model_mark_names[term->mark]) < 0)) {
		json_decref(to);
		return NULL;
	}
	return to;
}

static json_t *rule_json(const struct model *m, int r)
{
	const struct model_rule *rule = &m->rule[r];
	const struct model_rule_form *form = &model_rule_forms[rule->kind];
	json_t *to = json_pack("{s:s, s:s, s:s, s:s, s:i}", "fills", m->input[rule->fills].name, "by", model_rule_names[rule->kind],
		form->from[0], m->input[rule->from[0]].name, form->from[1], m->input[rule->from[1]].name, "level", rule->level);
	int failed = !to;

	for (int i = 0; form->number[i]; i++)
		failed |= json_object_set_new(to, form->number[i], json_real(rule->number[i]));
	if (form->variants)
		failed |= put_text(to, "variant", model_variant_names[rule->variant]);
	if (!failed)
		return to;
	json_decref(to);
	return NULL;
}

static json_t *heat_json(const struct model *m)
{
	const struct model_heat *h = &m->heat;
	json_t *to = json_pack("{s:s, s:s, s:s, s:s, s:s, s:f}", "convention", heat_convention_names[h->medium.convention], "sensor",
		heat_sensor_names[h->medium.sensor], "flow", m->input[h->flow].name, "supply", m->input[h->supply].name, "return",
		m->input[h->ret].name, "pressure", h->pressure);

	if (to && h->medium.convention == HEAT_GIVEN && model_put_number(to, "rho_cp", h->medium.factor) < 0) {
		json_decref(to);
		return NULL;
	}
	return to;
}

static int put_list(json_t *to, const char *key, const struct model *m, int count, json_t *(*item)(const struct model *, int))
{
	json_t *list = json_array();
	int failed = 0;

	for (int i = 0; i < count; i++)
		failed |= json_array_append_new(list, item(m, i));
	failed |= json_object_set(to, key, list);
	json_decref(list);
	return failed;
}

static int put_head(json_t *to, const struct model *m)
{
	return put_text(to, "name", m->name) | put_text(to, "version", m->version) | put_text(to, "hardware", m->hardware) |
	       put_text(to, "target", model_target_names[m->target]) | put_text(to, "unit", m->unit) |
	       json_object_set_new(to, "level", json_integer(m->level));
}

static int put_model(json_t *to, const struct model *m)
{
	int failed = put_head(to, m) | put_list(to, "inputs", m, m->inputs, input_json);

	if (m->heat.used)
		failed |= json_object_set_new(to, "heat", heat_json(m));
	failed |= put_list(to, "terms", m, m->terms, term_json) | put_list(to, "rules", m, m->rules, rule_json) |
		  model_put_number(to, "floor", m->floor) | put_text(to, "validity", m->validity) | put_text(to, "source", m->source);
	if (m->fit.known)
		failed |= json_object_set_new(to, "fit", model_fit_json(m));
	return failed;
}

/* 17 digits bring a double back bit for bit (IEEE 754-2019, 5.12.2). */
int model_write(const struct model *model, const char *path, struct error *e)
{
	json_t *root = json_object();
	char *body = NULL;
	struct text page = TEXT_INIT;
	int result = -1;

	if (!root || put_model(root, model) != 0) {
		error_set(e, ERROR_DATA, "%s: model %s cannot be written: a number is not finite, or a text no UTF-8", path, model->name);
		goto out;
	}
	body = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
	text_add(&page, "%s\n", body ? body : "");
	if (!body || page.failed) {
		error_set(e, ERROR_SYSTEM, "no memory to write %s", path);
		goto out;
	}
	result = text_write_file(path, page.data, page.length, e);
out:
	json_decref(root);
	free(body);
	text_free(&page);
	return result;
}
