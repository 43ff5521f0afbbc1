#include "daq/cli/runs_compare.h"

#include "analytics/core/report.h"
#include "daq/base/error.h"
#include "daq/cli/columns.h"
#include "daq/cli/runs_words.h"

#include <math.h>
#include <stdio.h>

static const char method[] = "expanded uncertainties of the reports: u = U/k of each, Welch-Satterthwaite";

static void print_side(const char *which, const struct compare_side *side)
{
	char start[32];

	words_utc(side->summary.about.utc, start, sizeof(start));
	printf("%s  %s, %s, %s, evaluation %d\n", which, side->name, start, origin_name(side->summary.about.origin),
		side->evaluation);
}

static void print_conditions(const struct comparison *c)
{
	struct columns *t = columns_new("lll");

	columns_row(t, (const char *[]){"DIFFERING CONDITION", "A", "B"});
	for (int i = 0; i < c->conditions; i++) {
		char a[64], b[64];

		snprintf(a, sizeof(a), "%.60s", c->condition[i].a[0] ? c->condition[i].a : "-");
		snprintf(b, sizeof(b), "%.60s", c->condition[i].b[0] ? c->condition[i].b : "-");
		columns_row(t, (const char *[]){c->condition[i].what, a, b});
	}
	putchar('\n');
	if (c->conditions)
		columns_print(t, 2, stdout);
	else
		printf("  conditions that the runs tell of are the same\n");
	columns_free(t);
}

static void print_rows(const struct comparison *c)
{
	struct columns *t = columns_new("llrllrrrrll");

	columns_row(t, (const char *[]){"", "DUT", "AT", "VALVE", "QUANTITY", "A", "B", "B - A", "+-", "UNIT", ""});
	for (int i = 0; i < c->rows; i++) {
		const struct compare_row *r = &c->row[i];
		char at[32], a[48], b[48], difference[48], U[48];

		words_number(r->set_point, at, sizeof(at));
		report_value(a, sizeof(a), r->a.value, r->a.U);
		report_value(b, sizeof(b), r->b.value, r->b.U);
		report_value(difference, sizeof(difference), r->difference, r->U);
		report_uncertainty(U, sizeof(U), r->U);
		columns_row(t, (const char *[]){r->outcome == COMPARE_DIFFERS ? "!" : "", r->dut, at, r->valve, r->quantity, a,
				       b, difference, U, r->unit,
				       r->outcome == COMPARE_SAME ? "" : compare_outcome_name(r->outcome)});
	}
	putchar('\n');
	columns_print(t, 2, stdout);
	columns_free(t);
}

void compare_print(const struct comparison *c)
{
	print_side("A", &c->a);
	print_side("B", &c->b);
	print_conditions(c);
	print_rows(c);
	printf("\n+-: %s;\n    %.4g %% each, so that all %d hold together with 95 %% (Bonferroni). "
	       "What both runs share makes them wider than needed.\n", method, 100 * c->level, c->compared);
	if (!c->same_bench)
		printf("not comparable: the runs are of different benches\n");
	else if (c->differ)
		printf("%d of %d compared results differ significantly\n", c->differ, c->compared);
	else if (!c->enough)
		printf("not comparable enough: %d of %d results have a value with an interval in both runs\n", c->compared,
			c->rows);
	else
		printf("no significant difference in %d compared results\n", c->compared);
}

static json_t *number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *json_value(const struct compare_value *v)
{
	return json_pack("{s:o, s:o, s:o}", "value", number(v->value), "expanded_uncertainty", number(v->U), "k",
		number(v->k));
}

static json_t *json_row(const struct compare_row *r)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "dut", r->dut, "quantity",
		r->quantity, "set_point", number(r->set_point), "set_point_unit", r->set_point_unit, "valve", r->valve, "unit",
		r->unit, "a", json_value(&r->a), "b", json_value(&r->b), "difference", number(r->difference),
		"expanded_uncertainty", number(r->U), "k", number(r->k), "dof", number(r->dof), "outcome",
		compare_outcome_name(r->outcome));
}

static json_t *json_side(const struct compare_side *side)
{
	return json_pack("{s:s, s:s, s:i, s:s}", "run", side->name, "path", side->path, "evaluation", side->evaluation,
		"origin", origin_name(side->summary.about.origin));
}

int compare_print_json(const struct comparison *c, struct error *e)
{
	json_t *conditions = json_array(), *rows = json_array(), *root;

	for (int i = 0; i < c->conditions; i++)
		json_array_append_new(conditions, json_pack("{s:s, s:s, s:s}", "what", c->condition[i].what, "a",
							  c->condition[i].a, "b", c->condition[i].b));
	for (int i = 0; i < c->rows; i++)
		json_array_append_new(rows, json_row(&c->row[i]));
	root = json_pack("{s:o, s:o, s:s, s:f, s:i, s:i, s:b, s:o, s:o}", "a", json_side(&c->a), "b", json_side(&c->b),
		"method", method, "level", c->level, "compared", c->compared, "differ", c->differ, "comparable", c->enough,
		"conditions", conditions, "results", rows);
	if (!root)
		return error_set(e, ERROR_DATA, "%s or %s holds text that is not UTF-8", c->a.name, c->b.name);
	json_dumpf(root, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(root);
	return 0;
}
