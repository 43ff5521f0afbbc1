#include "analytics/core/report.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* JSON knows no NaN: what is not known is null. */
static json_t *number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* Bytes from a file or a device need not be UTF-8: what is not is shown as '?'. */
static json_t *string(const char *text)
{
	json_t *made = json_string(text);
	char *copy;

	if (made)
		return made;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	made = json_string(copy);
	free(copy);
	return made;
}

static json_t *limit_json(const struct report_result *r)
{
	if (r->verdict == VERDICT_NONE)
		return json_null();
	return json_pack("{s:o, s:o, s:s, s:o}", "min", number(r->min), "max", number(r->max), "unit",
		r->unit, "source", string(r->limit_source));
}

static json_t *result_json(const struct report_result *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "dut", string(r->dut));
	json_object_set_new(o, "quantity", string(r->quantity));
	json_object_set_new(o, "set_point", number(r->set_point));
	json_object_set_new(o, "set_point_unit", string(r->set_point_unit));
	json_object_set_new(o, "valve", string(r->valve));
	json_object_set_new(o, "value", number(r->value));
	json_object_set_new(o, "unit", string(r->unit));
	json_object_set_new(o, "expanded_uncertainty", number(r->U));
	json_object_set_new(o, "k", number(r->k));
	json_object_set_new(o, "n", json_integer(r->n));
	json_object_set_new(o, "n_effective", number(r->n_effective));
	json_object_set_new(o, "state", string(r->state));
	json_object_set_new(o, "limit", limit_json(r));
	json_object_set_new(
		o, "rule", r->verdict == VERDICT_NONE ? json_null() : string(decision_rule_name(r->rule)));
	json_object_set_new(o, "verdict", string(verdict_name(r->verdict)));
	json_object_set_new(o, "note", string(r->note));
	return o;
}

/* As it is printed. */
static json_t *cell_json(const struct report_cell *c)
{
	struct text t = TEXT_INIT;
	json_t *made;

	if (!c->below)
		return string(c->text);
	text_add(&t, "%s (%s)", c->text, c->below);
	made = t.failed ? NULL : string(t.data);
	text_free(&t);
	return made;
}

/* As it was reckoned. */
static json_t *cell_value_json(const struct report_cell *c)
{
	if (c->kind == REPORT_TEXT)
		return string(c->text);
	if (c->kind == REPORT_NUMBER)
		return number(c->value);
	return json_pack("{s:o, s:o, s:o}", "value", number(c->value), "low", number(c->low), "high", number(c->high));
}

static bool has_values(const struct report_table *t)
{
	for (int i = 0; i < t->rows * t->columns; i++)
		if (t->cell[i].kind != REPORT_TEXT)
			return true;
	return false;
}

static json_t *rows_json(const struct report_table *t, json_t *(*of)(const struct report_cell *))
{
	json_t *rows = json_array();

	for (int i = 0; i < t->rows; i++) {
		json_t *row = json_array();

		for (int j = 0; j < t->columns; j++)
			json_array_append_new(row, of(&t->cell[i * t->columns + j]));
		json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *table_json(const struct report_table *t)
{
	json_t *columns = json_array(), *o;

	for (int i = 0; i < t->columns; i++)
		json_array_append_new(columns, json_pack("{s:o, s:o}", "title", string(t->column[i].title),
						       "unit", string(t->column[i].unit)));
	o = json_pack("{s:o, s:o, s:i, s:o, s:o, s:o}", "name", string(t->name), "title", string(t->title), "section",
		t->section, "text", string(t->text), "columns", columns, "rows", t->aside ? json_array() : rows_json(t, cell_json));
	if (t->aside || has_values(t))
		json_object_set_new(o, "values", rows_json(t, cell_value_json));
	return o;
}

static json_t *figure_json(const struct report_figure *f)
{
	return json_pack("{s:o, s:o, s:i, s:o, s:o, s:o}", "name", string(f->name), "title", string(f->title), "section",
		f->section, "caption", string(f->caption), "file", f->svg ? string(f->file) : json_null(), "missing",
		f->svg ? json_null() : string(f->missing));
}

static json_t *lists(const struct report *r, json_t *o)
{
	json_t *facts = json_array(), *results = json_array(), *tables = json_array(), *figures = json_array(),
	       *notes = json_array(), *sections = json_array();

	for (int i = 0; i < r->facts; i++)
		json_array_append_new(
			facts, json_pack("{s:o, s:o, s:o}", "group", string(r->fact[i].group), "label",
				       string(r->fact[i].label), "value", string(r->fact[i].value)));
	for (int i = 0; i < r->results; i++)
		json_array_append_new(results, result_json(&r->result[i]));
	for (int i = 0; i < r->tables; i++)
		json_array_append_new(tables, table_json(&r->table[i]));
	for (int i = 0; i < r->figures; i++)
		json_array_append_new(figures, figure_json(&r->figure[i]));
	for (int i = 0; i < r->notes; i++)
		json_array_append_new(notes, json_pack("{s:o, s:o}", "heading", string(r->note[i].heading),
						     "text", string(r->note[i].text)));
	for (int i = 0; i < r->sections; i++)
		json_array_append_new(sections, json_pack("{s:o, s:o}", "title", string(r->section[i].title), "text",
							string(r->section[i].text)));
	json_object_set_new(o, "sections", sections);
	json_object_set_new(o, "results", results);
	json_object_set_new(o, "facts", facts);
	json_object_set_new(o, "tables", tables);
	json_object_set_new(o, "figures", figures);
	json_object_set_new(o, "notes", notes);
	return o;
}

/* Named in the schema: the rule if all judged results share one, else "mixed", null where nothing was
 * judged. */
static json_t *rule_json(const struct report *r)
{
	const char *rule = NULL;

	for (int i = 0; i < r->results; i++) {
		const char *one = decision_rule_name(r->result[i].rule);

		if (r->result[i].verdict == VERDICT_NONE)
			continue;
		if (rule && strcmp(rule, one) != 0)
			return json_string("mixed");
		rule = one;
	}
	return rule ? json_string(rule) : json_null();
}

char *report_json_text(const struct report *r, struct error *e)
{
	json_t *o = json_object();
	char day[32], *text;
	size_t digits = 12; /* what is said of values; tables that want all digits get them */
	time_t made = (time_t)r->made_utc;
	struct tm when;

	gmtime_r(&made, &when);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%SZ", &when);
	json_object_set_new(o, "schema", json_string("heatbench-report-1"));
	json_object_set_new(o, "title", string(r->title));
	json_object_set_new(o, "subtitle", string(r->subtitle));
	json_object_set_new(o, "bench", string(r->bench));
	json_object_set_new(o, "verdict", string(verdict_name(r->verdict)));
	json_object_set_new(o, "verdict_sentence", string(r->verdict_sentence));
	json_object_set_new(o, "incomplete", json_boolean(r->incomplete));
	json_object_set_new(o, "decision_rule", rule_json(r));
	json_object_set_new(o, "decision_rule_text", string(r->rule_sentence));
	json_object_set_new(o, "origin", string(r->origin));
	json_object_set_new(o, "made_utc", string(day));
	json_object_set_new(o, "software", string(r->software));
	lists(r, o);
	for (int i = 0; i < r->tables; i++)
		digits = has_values(&r->table[i]) ? 17 : digits;
	text = r->failed ? NULL : json_dumps(o, JSON_INDENT(1) | JSON_REAL_PRECISION(digits));
	json_decref(o);
	if (!text)
		error_set(e, ERROR_SYSTEM, "out of memory while writing the report");
	return text;
}

int report_json(const struct report *r, const char *path, struct error *e)
{
	char *text = report_json_text(r, e);
	int status;

	if (!text)
		return -1;
	status = text_write_file(path, text, strlen(text), e);
	free(text);
	return status;
}
