#include "daq/cli/runs_compare.h"

#include "analytics/core/stats.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double TOGETHER = 0.05; /* chance that any interval misses, all taken together */
static const double REPORT_LEVEL = 0.95;

static double number_of(json_t *result, const char *key)
{
	json_t *value = json_object_get(result, key);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static void text_of(json_t *result, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(result, key));

	text_copy(out, size, text ? text : "");
}

static struct compare_value value_of(json_t *result)
{
	struct compare_value v = {number_of(result, "value"), number_of(result, "expanded_uncertainty"),
		number_of(result, "k")};

	if (isnan(v.k))
		v.k = 2;
	return v;
}

static struct compare_row row_of(json_t *result)
{
	struct compare_row row = {.set_point = number_of(result, "set_point")};

	text_of(result, "dut", row.dut, sizeof(row.dut));
	text_of(result, "quantity", row.quantity, sizeof(row.quantity));
	text_of(result, "valve", row.valve, sizeof(row.valve));
	text_of(result, "unit", row.unit, sizeof(row.unit));
	text_of(result, "set_point_unit", row.set_point_unit, sizeof(row.set_point_unit));
	row.a = row.b = (struct compare_value){NAN, NAN, NAN};
	row.difference = row.U = row.k = row.dof = NAN;
	return row;
}

static bool same_point(const struct compare_row *x, const struct compare_row *y)
{
	if (strcmp(x->dut, y->dut) != 0 || strcmp(x->quantity, y->quantity) != 0 || strcmp(x->valve, y->valve) != 0 ||
		strcmp(x->set_point_unit, y->set_point_unit) != 0)
		return false;
	if (isnan(x->set_point) || isnan(y->set_point))
		return isnan(x->set_point) && isnan(y->set_point);
	return fabs(x->set_point - y->set_point) <= 1e-9 * fmax(fabs(x->set_point), fabs(y->set_point));
}

/* A result of B goes to the first row of its point that has none of B yet: a point measured twice is compared
 * first with first and second with second. */
static struct compare_row *place_of(struct comparison *c, const struct compare_row *of_b)
{
	for (int i = 0; i < c->rows; i++)
		if (c->row[i].outcome == COMPARE_ONLY_A && same_point(&c->row[i], of_b))
			return &c->row[i];
	return NULL;
}

static bool known(const struct compare_value *v)
{
	return !isnan(v->value) && !isnan(v->U);
}

/* B in A's unit; a difference of uncertainties has no offset. */
static bool to_unit(struct compare_value *b, const char *from, const char *to)
{
	struct error ignored = ERROR_INIT;
	double value, far, zero;

	if (strcmp(from, to) == 0)
		return true;
	if (unit_convert(b->value, from, to, &value, &ignored) != 0 || unit_convert(b->U, from, to, &far, &ignored) != 0 ||
		unit_convert(0, from, to, &zero, &ignored) != 0)
		return false;
	b->value = value;
	b->U = far - zero;
	return true;
}

static int collect(struct comparison *c, struct error *e)
{
	json_t *of_a = json_object_get(c->a.report, "results"), *of_b = json_object_get(c->b.report, "results"), *result;
	size_t i;

	c->row = calloc(json_array_size(of_a) + json_array_size(of_b) + 1, sizeof(*c->row));
	if (!c->row)
		return error_set(e, ERROR_SYSTEM, "no memory to compare runs");
	json_array_foreach(of_a, i, result)
	{
		c->row[c->rows] = row_of(result);
		c->row[c->rows].outcome = COMPARE_ONLY_A;
		c->row[c->rows++].a = value_of(result);
	}
	json_array_foreach(of_b, i, result)
	{
		struct compare_row row = row_of(result), *place = place_of(c, &row);

		row.outcome = COMPARE_ONLY_B;
		if (!place)
			c->row[c->rows] = row, place = &c->row[c->rows++];
		else
			place->outcome = COMPARE_NO_INTERVAL;
		place->b = value_of(result);
		if (!to_unit(&place->b, row.unit, place->unit))
			place->b = (struct compare_value){NAN, NAN, NAN};
	}
	return 0;
}

/* The degrees of freedom whose 95 % factor is k: what a report says of them. */
static double dof_of(double k)
{
	double low = 1, high = 1e6;

	if (!(k > stats_coverage_factor(REPORT_LEVEL, high)))
		return INFINITY;
	for (int i = 0; i < 60; i++) {
		double middle = sqrt(low * high);

		if (stats_coverage_factor(REPORT_LEVEL, middle) > k)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void judge(struct compare_row *row, double level)
{
	double ua = row->a.U / row->a.k, ub = row->b.U / row->b.k;
	struct stats_interval d;

	row->difference = row->b.value - row->a.value;
	row->U = 0;
	if (ua > 0 || ub > 0) {
		d = stats_difference(row->b.value, ub, dof_of(row->b.k), row->a.value, ua, dof_of(row->a.k), level);
		row->U = d.U;
		row->k = d.k;
		row->dof = d.dof;
	}
	row->outcome = fabs(row->difference) > row->U ? COMPARE_DIFFERS : COMPARE_SAME;
}

int compare_rows(struct comparison *c, struct error *e)
{
	int measured = 0;

	if (collect(c, e) != 0)
		return -1;
	for (int i = 0; i < c->rows; i++) {
		measured += !isnan(c->row[i].a.value) || !isnan(c->row[i].b.value);
		c->compared += known(&c->row[i].a) && known(&c->row[i].b);
	}
	c->level = 1 - TOGETHER / (c->compared ? c->compared : 1);
	for (int i = 0; i < c->rows && c->same_bench; i++) {
		if (known(&c->row[i].a) && known(&c->row[i].b))
			judge(&c->row[i], c->level);
		c->differ += c->row[i].outcome == COMPARE_DIFFERS;
	}
	/* A half of what either measured must stand against each other before "no difference" says anything. */
	c->enough = c->same_bench && c->compared > 0 && 2 * c->compared >= measured;
	return 0;
}

const char *compare_outcome_name(enum compare_outcome outcome)
{
	static const char *const names[] = {
		[COMPARE_SAME] = "no significant difference",
		[COMPARE_DIFFERS] = "differs",
		[COMPARE_ONLY_A] = "only in A",
		[COMPARE_ONLY_B] = "only in B",
		[COMPARE_NO_INTERVAL] = "no interval",
	};

	return names[outcome];
}
