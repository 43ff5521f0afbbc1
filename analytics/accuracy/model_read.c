#include "analytics/accuracy/model.h"
#include "analytics/accuracy/model_forms.h"
#include "analytics/accuracy/model_json.h"

#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double none = NAN;

/* Index of the input called `name`; -1 refused, at `key`. */
static int input_named(const struct place *at, const char *key, const struct model *m, const char *name)
{
	const char *names[MODEL_INPUTS + 1] = {NULL}, *near;

	for (int i = 0; i < m->inputs; i++) {
		if (strcmp(m->input[i].name, name) == 0)
			return i;
		names[i] = m->input[i].name;
	}
	near = nearest_name(name, names);
	return place_refuse(at, key, "'%s' is none of the inputs%s%s%s", name, near ? "; did you mean '" : "", near ? near : "",
		near ? "'?" : "");
}

static int read_reference(const struct place *at, const char *key, const struct model *m, int *out)
{
	char name[48];

	if (place_text(at, key, NULL, name, sizeof(name)) < 0)
		return -1;
	*out = input_named(at, key, m, name);
	return *out < 0 ? -1 : 0;
}

static int read_input(const struct place *at, struct model *m)
{
	static const char *const keys[] = {"name", "unit", "measured", "min", "max", NULL};
	struct model_input in = {0};

	if (place_check(at, keys) < 0 || place_text(at, "name", NULL, in.name, sizeof(in.name)) < 0 ||
		place_text(at, "unit", NULL, in.unit, sizeof(in.unit)) < 0 ||
		place_switch(at, "measured", true, &in.measured) < 0 || place_number(at, "min", &none, &in.min) < 0 ||
		place_number(at, "max", &none, &in.max) < 0)
		return -1;
	if (!unit_known(in.unit))
		return place_refuse(at, "unit", "'%s' is not a unit that is known here (\"1\": a pure number)", in.unit);
	if (in.min > in.max)
		return place_refuse(at, "max", "%g is below min, %g", in.max, in.min);
	for (int i = 0; i < m->inputs; i++)
		if (strcmp(m->input[i].name, in.name) == 0)
			return place_refuse(at, "name", "'%s' was there before", in.name);
	m->input[m->inputs++] = in;
	return 0;
}

static int read_gate(const struct place *at, int index, const struct model *m, struct model_gate *out)
{
	const char *text;

	if (place_item(at, "while", index, &text) < 0)
		return -1;
	out->off = strncmp(text, "not ", 4) == 0;
	out->input = input_named(at, "while", m, text + (out->off ? 4 : 0));
	return out->input < 0 ? -1 : 0;
}

static int read_term(const struct place *at, struct model *m)
{
	static const char *const keys[] = {"coefficient", "of", "while", "fit", NULL};
	struct model_term term = {0};
	int mark;

	if (place_check(at, keys) < 0 || place_number(at, "coefficient", NULL, &term.coefficient) < 0 ||
		(term.factors = place_count(at, "of", MODEL_FACTORS)) < 0 ||
		(term.gates = place_count(at, "while", MODEL_GATES)) < 0 ||
		place_choice(at, "fit", model_mark_names, MODEL_FREE, &mark) < 0)
		return -1;
	term.mark = (enum model_mark)mark;
	for (int i = 0; i < term.factors; i++) {
		const char *name;

		if (place_item(at, "of", i, &name) < 0 || (term.factor[i] = input_named(at, "of", m, name)) < 0)
			return -1;
	}
	for (int i = 0; i < term.gates; i++)
		if (read_gate(at, i, m, &term.gate[i]) < 0)
			return -1;
	m->term[m->terms++] = term;
	return 0;
}

static int read_in_unit(const struct place *at, const char *key, const struct model *m, const char *unit, int *out)
{
	if (read_reference(at, key, m, out) < 0)
		return -1;
	if (strcmp(m->input[*out].unit, unit) != 0)
		return place_refuse(at, key, "input %s is in '%s'; '%s' was expected", m->input[*out].name, m->input[*out].unit,
			unit);
	return 0;
}

static int read_heat(const struct place *at, struct model *m)
{
	static const char *const keys[] = {"convention", "sensor", "flow", "supply", "return", "pressure", "rho_cp", NULL};
	static const double usual = 16;
	struct model_heat *h = &m->heat;
	struct error why = ERROR_INIT;
	int convention, sensor;
	double rho_cp;

	if (place_check(at, keys) < 0 || place_choice(at, "convention", heat_convention_names, -1, &convention) < 0 ||
		place_choice(at, "sensor", heat_sensor_names, HEAT_SENSOR_RETURN, &sensor) < 0 ||
		read_in_unit(at, "flow", m, "l/h", &h->flow) < 0 || read_in_unit(at, "supply", m, "degC", &h->supply) < 0 ||
		read_in_unit(at, "return", m, "degC", &h->ret) < 0 || place_number(at, "pressure", &usual, &h->pressure) < 0 ||
		place_number(at, "rho_cp", &none, &rho_cp) < 0)
		return -1;
	if (strcmp(m->unit, "W") != 0)
		return place_refuse(at, "flow", "heat comes in W, and the model's unit is '%s'", m->unit);
	if (convention != HEAT_GIVEN && !isnan(rho_cp))
		return place_refuse(at, "rho_cp", "belongs to convention 'given'");
	if (heat_medium(&h->medium, (enum heat_convention)convention, (enum heat_sensor)sensor, h->pressure, rho_cp, "water", &why) <
		0)
		return place_refuse(at, "convention", "%s", why.text);
	h->used = true;
	return 0;
}

static int read_rule(const struct place *at, struct model *m)
{
	struct model_rule rule = {.level = MODEL_SUBSTITUTED};
	const struct model_rule_form *form;
	int kind;

	if (place_choice(at, "by", model_rule_names, -1, &kind) < 0)
		return -1;
	rule.kind = (enum model_rule_kind)kind;
	form = &model_rule_forms[kind];
	if (place_check(at, form->keys) < 0 || read_reference(at, "fills", m, &rule.fills) < 0 ||
		place_integer(at, "level", MODEL_SUBSTITUTED, MODEL_LTE, MODEL_ALL_INPUTS, &rule.level) < 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if ((form->from_unit[i] ? read_in_unit(at, form->from[i], m, form->from_unit[i], &rule.from[i])
					: read_reference(at, form->from[i], m, &rule.from[i])) < 0)
			return -1;
	for (int i = 0; form->number[i]; i++)
		if (place_number(at, form->number[i], NULL, &rule.number[i]) < 0)
			return -1;
	if (form->variants && place_choice(at, "variant", model_variant_names, -1, &rule.variant) < 0)
		return -1;
	m->rule[m->rules++] = rule;
	return 0;
}

/* Rules are used in the order of the file: what a rule is made from must not be filled by itself or a later one. An input
 * that nobody measures needs a rule. */
static int check_rules(const struct place *at, const struct model *m)
{
	for (int r = 0; r < m->rules; r++)
		for (int later = r; later < m->rules; later++)
			for (int i = 0; i < 2; i++)
				if (m->rule[r].from[i] == m->rule[later].fills) {
					struct place down = place_down(at, "rules", r);

					return place_refuse(&down, "fills", "%s is made from %s, which this rule or a later one fills",
						m->input[m->rule[r].fills].name, m->input[m->rule[r].from[i]].name);
				}
	for (int i = 0; i < m->inputs; i++) {
		struct place down = place_down(at, "inputs", i);
		bool filled = m->input[i].measured;

		for (int r = 0; r < m->rules; r++)
			filled = filled || m->rule[r].fills == i;
		if (!filled)
			return place_refuse(&down, "measured", "%s is not measured, and no rule fills it", m->input[i].name);
	}
	return 0;
}

/* Every item of the list `key`. */
static int read_list(const struct place *at, const char *key, int most, int (*read)(const struct place *, struct model *),
	struct model *m)
{
	int count = place_count(at, key, most);

	for (int i = 0; i < count; i++) {
		struct place down = place_down(at, key, i);

		if (read(&down, m) < 0)
			return -1;
	}
	return count;
}

static int read_head(const struct place *at, struct model *m)
{
	static const char *const keys[] = {"name", "version", "hardware", "target", "unit", "level", "inputs", "heat", "terms",
		"rules", "floor", "validity", "source", "fit", NULL};
	int target;
	double watt;

	if (place_check(at, keys) < 0 || place_text(at, "name", NULL, m->name, sizeof(m->name)) < 0 ||
		place_text(at, "version", NULL, m->version, sizeof(m->version)) < 0 ||
		place_text(at, "hardware", NULL, m->hardware, sizeof(m->hardware)) < 0 ||
		place_choice(at, "target", model_target_names, -1, &target) < 0 ||
		place_text(at, "unit", NULL, m->unit, sizeof(m->unit)) < 0 ||
		place_integer(at, "level", MODEL_ALL_INPUTS, MODEL_LTE, MODEL_ALL_INPUTS, &m->level) < 0 ||
		place_number(at, "floor", &none, &m->floor) < 0 ||
		place_text(at, "validity", "", m->validity, sizeof(m->validity)) < 0 ||
		place_text(at, "source", NULL, m->source, sizeof(m->source)) < 0)
		return -1;
	m->target = (enum model_target)target;
	if (unit_convert(1, m->unit, "W", &watt, NULL) < 0)
		return place_refuse(at, "unit", "'%s' is no unit of power; W was expected", m->unit);
	return 0;
}

static int read_model(const struct place *at, struct model *m)
{
	if (read_head(at, m) < 0 || read_list(at, "inputs", MODEL_INPUTS, read_input, m) < 0)
		return -1;
	if (place_has(at, "heat")) {
		struct place down = place_down(at, "heat", -1);

		if (read_heat(&down, m) < 0)
			return -1;
	}
	if (read_list(at, "terms", MODEL_TERMS, read_term, m) < 0 || read_list(at, "rules", MODEL_RULES, read_rule, m) < 0 ||
		check_rules(at, m) < 0)
		return -1;
	if (m->terms == 0 && !m->heat.used)
		return place_refuse(at, "terms", "is missing: a model needs terms or heat");
	if (place_has(at, "fit")) {
		struct place down = place_down(at, "fit", -1);

		return model_read_fit(&down, m);
	}
	return 0;
}

int model_load(const char *path, struct model *out, struct error *e)
{
	struct model m = {.floor = NAN};
	char *text = NULL;
	size_t length;
	json_error_t why;
	json_t *root = NULL;
	struct place at = {.file = path, .e = e};
	int result = -1;

	if (text_read_file(path, &text, &length, e) < 0)
		return -1;
	root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
	at.object = root;
	if (!root)
		error_set(e, ERROR_CONFIG, "%s:%d: %s", path, why.line, why.text);
	else if (read_model(&at, &m) == 0)
		result = 0;
	if (result == 0)
		*out = m;
	json_decref(root);
	free(text);
	return result;
}
