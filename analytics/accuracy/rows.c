#include "analytics/accuracy/rows.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *unit;
} derived_columns[DERIVED] = {[CONNECTED] = {"connected", "1"}, [ACTIVE] = {"active", "1"},
	[ELECTRIC_STEP] = {"electric_counter_step", "Wh"}, [HEAT_STEP] = {"heat_counter_step", "Wh"}};

enum { HOUR = 3600 };

int comparison_rows_make(struct comparison_rows *out, int64_t rows, struct error *e)
{
	size_t n = (size_t)(rows > 0 ? rows : 1);

	*out = (struct comparison_rows){.rows = rows, .estimate = malloc(n * sizeof(double)), .reference = malloc(n * sizeof(double)),
		.level = malloc(n), .notes = malloc(n * sizeof(uint16_t)), .regime = malloc(n), .reason = malloc(n)};
	if (out->estimate && out->reference && out->level && out->notes && out->regime && out->reason)
		return 0;
	comparison_rows_free(out);
	return error_set(e, ERROR_SYSTEM, "no memory for %lld rows of a comparison", (long long)rows);
}

void comparison_rows_free(struct comparison_rows *rows)
{
	free(rows->estimate);
	free(rows->reference);
	free(rows->level);
	free(rows->notes);
	free(rows->regime);
	free(rows->reason);
	*rows = (struct comparison_rows){.rows = 0};
}

bool comparison_has_reference(const struct study_pump *p, enum study_target target, char *why, size_t size)
{
	const struct study_series *power = target == STUDY_ELECTRIC ? &p->electric : &p->heat;
	const struct study_series *counted = target == STUDY_ELECTRIC ? &p->electric_register : &p->heat_register;

	if (power->n > 1 || counted->n > 1)
		return true;
	snprintf(why, size, target == STUDY_ELECTRIC ? "%s has no electricity meter: no channel is its electric_power or electric_energy, or none has a good reading"
						     : "%s has no heat meter: no channel is its heat_power, heat_energy or flow with both temperatures, or none has a good reading",
		p->name);
	return false;
}

/* What a counter rose in the hour that a row is in: from its last value of the hour before to its last of this one. An hour in which it went
 * back, or which has no neighbour, is not known. */
static void counter_steps(double *out, const struct study_pump *p, const double *counter)
{
	double before = NAN, hour_before = NAN;

	for (int64_t first = 0, end; first < p->rows; first = end) {
		double hour = floor(p->time[first] / HOUR), last = NAN, step;

		for (end = first; end < p->rows && floor(p->time[end] / HOUR) == hour; end++)
			last = isnan(counter[end]) ? last : counter[end];
		step = hour == hour_before + 1 && last >= before ? last - before : NAN;
		for (int64_t i = first; i < end; i++)
			out[i] = step;
		before = last;
		hour_before = hour;
	}
}

static void activity(double *active, double *connected, const struct study_pump *p)
{
	const double *mode = p->column[ROLE_SUPERVISORY_MODE], *working = p->column[ROLE_WORKING_MODE];

	for (int64_t i = 0; i < p->rows; i++) {
		bool any = false;

		for (int r = ROLE_POWER_INPUT; r < ROLES && !any; r++)
			any = p->column[r] && !isnan(p->column[r][i]);
		connected[i] = any;
		active[i] = mode && !isnan(mode[i]) ? mode[i] == 2 || mode[i] == 3 : working && !isnan(working[i]) ? working[i] == 2 : NAN;
	}
}

static bool wants(const struct model *m, const char *name)
{
	for (int i = 0; i < m->inputs; i++)
		if (strcmp(m->input[i].name, name) == 0)
			return true;
	return false;
}

/* The derived columns that the model asks for, one piece of memory. */
static int derive(struct model_column *columns, size_t *count, double **memory, const struct study_pump *p, const struct model *m,
	struct error *e)
{
	const double *counter[DERIVED] = {[ELECTRIC_STEP] = p->column[ROLE_ELECTRIC_COUNTER], [HEAT_STEP] = p->column[ROLE_HEAT_COUNTER]};
	bool any = false;

	for (int d = 0; d < DERIVED; d++)
		any |= wants(m, derived_columns[d].name);
	*memory = any ? malloc((size_t)(p->rows + 1) * DERIVED * sizeof(double)) : NULL;
	if (!any)
		return 0;
	if (!*memory)
		return error_set(e, ERROR_SYSTEM, "no memory for the inputs of model %s", m->name);
	activity(*memory + ACTIVE * p->rows, *memory + CONNECTED * p->rows, p);
	for (int d = 0; d < DERIVED; d++) {
		double *column = *memory + d * p->rows;

		if (d >= ELECTRIC_STEP && !counter[d])
			continue;
		if (d >= ELECTRIC_STEP)
			counter_steps(column, p, counter[d]);
		columns[(*count)++] = (struct model_column){derived_columns[d].name, derived_columns[d].unit, column};
	}
	return 0;
}

/* Voltage times current is VA; production calls it powerInput, in W. */
static struct model_column role_column(const struct study_pump *p, int role)
{
	if (role == ROLE_POWER_INPUT)
		return (struct model_column){"apparent_power", "VA", p->column[role]};
	return (struct model_column){meters_roles[role].name, p->unit[role], p->column[role]};
}

struct model comparison_reported(enum model_target target)
{
	struct model m = {.target = target, .unit = "W", .level = MODEL_ALL_INPUTS, .floor = NAN};

	snprintf(m.name, sizeof(m.name), "reported %s", target == MODEL_HEAT_POWER ? "heat" : "electricity");
	text_copy(m.version, sizeof(m.version), "as reported");
	text_copy(m.source, sizeof(m.source), "what the CiC itself said");
	return m;
}

static int reported(struct comparison_rows *out, const struct study_pump *p, const struct model *m, struct error *e)
{
	int role = m->target == MODEL_HEAT_POWER ? ROLE_ESTIMATED_HEAT : ROLE_ESTIMATED_POWER;

	if (!p->column[role])
		return error_set(e, ERROR_DATA, "%s has no channel %s: the CiC reported nothing", p->name, meters_roles[role].name);
	for (int64_t i = 0; i < p->rows; i++) {
		out->estimate[i] = p->column[role][i];
		out->level[i] = isnan(out->estimate[i]) ? MODEL_NO_VALUE : MODEL_ALL_INPUTS;
		out->notes[i] = 0;
	}
	return 0;
}

/* Models may be in kW: estimates are in W. */
static int to_watts(double *value, int64_t n, const struct model *m, struct error *e)
{
	double one;

	if (strcmp(m->unit, "W") == 0)
		return 0;
	if (unit_convert(1, m->unit, "W", &one, e) < 0)
		return -1;
	for (int64_t i = 0; i < n; i++)
		value[i] *= one;
	return 0;
}

int comparison_columns(struct comparison_columns *out, const struct study_pump *p, const struct model *model, const char *without,
	struct error *e)
{
	*out = (struct comparison_columns){.count = 0};
	for (int r = 0; r < ROLES; r++)
		if (p->column[r] && (!without || strcmp(role_column(p, r).name, without) != 0))
			out->column[out->count++] = role_column(p, r);
	return derive(out->column, &out->count, &out->memory, p, model, e);
}

void comparison_columns_free(struct comparison_columns *columns)
{
	free(columns->memory);
	*columns = (struct comparison_columns){.count = 0};
}

int comparison_estimates(struct comparison_rows *out, const struct study_pump *p, const struct model *model, const char *without,
	struct error *e)
{
	struct comparison_columns c;
	int result = -1;

	if (model->inputs == 0 && model->terms == 0)
		return reported(out, p, model, e);
	if (comparison_columns(&c, p, model, without, e) < 0)
		return -1;
	if (model_evaluate(model, c.column, c.count, (size_t)p->rows, &(struct model_rows){out->estimate, out->level, out->notes}, e) == 0)
		result = to_watts(out->estimate, p->rows, model, e);
	comparison_columns_free(&c);
	return result;
}

void comparison_references(struct comparison_rows *rows, const struct study_pump *p, enum study_target target, double shift,
	const struct regime_rules *rules)
{
	double *electric = rows->reference;

	/* Regimes are told by electric power; for heat, where nobody measured that, by the inputs alone. */
	if (rules) {
		study_reference(p, STUDY_ELECTRIC, shift, electric);
		regime_find(p, electric, rules, rows->regime);
	}
	if (!rules || target == STUDY_HEAT)
		study_reference(p, target, shift, rows->reference);
	for (int64_t i = 0; i < p->rows; i++)
		rows->reason[i] = p->excluded[i] != INCLUDED	  ? p->excluded[i]
				  : isnan(rows->estimate[i])  ? EXCLUDED_INPUTS
				  : isnan(rows->reference[i]) ? EXCLUDED_REFERENCE
							      : INCLUDED;
}
