#include "analytics/accuracy/fit_private.h"

#include "daq/base/error.h"
#include "daq/base/units.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GAP 1.5 /* median steps */

static int check_order(const struct fit_rows *rows, struct error *e)
{
	bool seen[MODEL_FIT_PUMPS] = {false};

	if (rows->heat_pumps > MODEL_FIT_PUMPS)
		return error_set(e, ERROR_USAGE, "a fit takes %d heat pumps at most, not %d", MODEL_FIT_PUMPS, rows->heat_pumps);
	for (size_t i = 0; i < rows->n; i++) {
		int pump = rows->heat_pump[i];
		bool same = i > 0 && rows->heat_pump[i - 1] == pump;

		if (pump < 0 || pump >= rows->heat_pumps)
			return error_set(e, ERROR_DATA, "row %zu is of heat pump %d; there are %d", i, pump, rows->heat_pumps);
		if (!same && seen[pump])
			return error_set(e, ERROR_DATA, "row %zu: those of heat pump %s do not stand together", i, rows->heat_pump_name[pump]);
		if (same && !(rows->time[i] > rows->time[i - 1]))
			return error_set(e, ERROR_DATA, "row %zu of heat pump %s is not later than the one before it", i,
				rows->heat_pump_name[pump]);
		seen[pump] = true;
	}
	return 0;
}

static int make_room(const struct fit_rows *rows, const struct model *m, struct fit_design *d, struct error *e)
{
	size_t n = rows->n + 1; /* of no rows too there is something */
	bool whole = true;

	for (int t = 0; t < m->terms; t++) {
		if (m->term[t].factors + m->term[t].gates > 0)
			whole = (d->term[t] = malloc(n * sizeof(double))) && whole;
		d->column[t] = d->term[t];
		d->names[t] = model_term_name(m, t, d->name[t]);
	}
	if (m->heat.used)
		whole = (d->heat = malloc(n * sizeof(double))) && whole;
	d->p = m->terms;
	d->y = malloc(n * sizeof(*d->y));
	d->time = malloc(n * sizeof(*d->time));
	d->pump = malloc(n * sizeof(*d->pump));
	d->day = malloc(n * sizeof(*d->day));
	d->starts = malloc(n * sizeof(*d->starts));
	d->room = malloc(n * sizeof(*d->room));
	d->why = calloc(n, 1);
	if (!whole || !d->y || !d->time || !d->pump || !d->day || !d->starts || !d->room || !d->why)
		return error_set(e, ERROR_SYSTEM, "no memory for %zu rows of %d terms", rows->n, m->terms);
	return 0;
}

/* One term (NULL: the heat) of the template as a column: a model that has nothing else. */
static int evaluate(const struct fit_rows *rows, const struct model *m, const struct model_term *term, double *out, struct error *e)
{
	struct model one = *m;

	one.terms = term != NULL;
	one.heat.used = !term;
	one.floor = NAN;
	if (term) {
		one.term[0] = *term;
		one.term[0].coefficient = 1;
	}
	return model_evaluate(&one, rows->column, rows->columns, rows->n, &(struct model_rows){out, NULL, NULL}, e);
}

static void note_missing(const struct fit_rows *rows, const double *value, unsigned char why, unsigned char *to)
{
	for (size_t i = 0; i < rows->n; i++)
		if (isnan(value[i]) && to[i] == FIT_USED)
			to[i] = why;
}

static int fill(const struct fit_rows *rows, const struct model *m, struct fit_design *d, struct error *e)
{
	double zero, one;

	if (unit_convert(0, rows->target_unit, m->unit, &zero, e) < 0 || unit_convert(1, rows->target_unit, m->unit, &one, e) < 0)
		return -1;
	for (size_t i = 0; i < rows->n; i++) {
		d->y[i] = rows->target[i] * (one - zero) + zero;
		if (rows->excluded && rows->excluded[i])
			d->why[i] = FIT_EXCLUDED;
		else if (!isfinite(d->y[i]))
			d->why[i] = FIT_NO_TARGET;
	}
	for (int t = 0; t < m->terms; t++) {
		if (!d->term[t])
			continue;
		if (evaluate(rows, m, &m->term[t], d->term[t], e) < 0)
			return -1;
		note_missing(rows, d->term[t], FIT_NOT_FINITE, d->why);
	}
	if (!d->heat)
		return 0;
	if (evaluate(rows, m, NULL, d->heat, e) < 0)
		return -1;
	note_missing(rows, d->heat, FIT_NOT_FINITE, d->why);
	return 0;
}

static bool needs(const struct model *m, int input)
{
	if (m->heat.used && (m->heat.flow == input || m->heat.supply == input || m->heat.ret == input))
		return true;
	for (int t = 0; t < m->terms; t++) {
		for (int f = 0; f < m->term[t].factors; f++)
			if (m->term[t].factor[f] == input)
				return true;
		for (int g = 0; g < m->term[t].gates; g++)
			if (m->term[t].gate[g].input == input)
				return true;
	}
	return false;
}

/* Which input a row lacks that has no value: the first. */
static int name_missing(const struct fit_rows *rows, const struct model *m, struct fit_design *d, struct error *e)
{
	for (int i = 0; i < m->inputs; i++) {
		struct model_term alone = {.factors = 1, .factor = {i}};

		if (!needs(m, i))
			continue;
		if (evaluate(rows, m, &alone, d->room, e) < 0)
			return -1;
		for (size_t k = 0; k < rows->n; k++)
			if (d->why[k] == FIT_NOT_FINITE && isnan(d->room[k]))
				d->why[k] = (unsigned char)(FIT_NO_INPUT + i);
	}
	return 0;
}

static int count_filled(
	const struct fit_rows *rows, const struct model *m, const struct fit_design *d, struct fit *out, struct error *e)
{
	uint16_t *notes = malloc((rows->n + 1) * sizeof(*notes));
	int result = -1;

	if (!notes) {
		error_set(e, ERROR_SYSTEM, "no memory for %zu rows", rows->n);
		goto out;
	}
	if (model_evaluate(m, rows->column, rows->columns, rows->n, &(struct model_rows){d->room, NULL, notes}, e) < 0)
		goto out;
	for (size_t i = 0; i < rows->n; i++)
		for (int r = 0; d->why[i] == FIT_USED && r < m->rules; r++)
			out->filled[r] += notes[i] >> r & 1;
	result = 0;
out:
	free(notes);
	return result;
}

static void count_missing(const struct fit_rows *rows, const unsigned char *why, struct fit *out)
{
	out->given = rows->n;
	for (size_t i = 0; i < rows->n; i++) {
		out->excluded += why[i] == FIT_EXCLUDED;
		out->no_target += why[i] == FIT_NO_TARGET;
		out->not_finite += why[i] == FIT_NOT_FINITE;
		if (why[i] >= FIT_NO_INPUT)
			out->no_input[why[i] - FIT_NO_INPUT]++;
	}
}

/* Moves the rows that are whole together. */
static void close_up(const struct fit_rows *rows, struct fit_design *d)
{
	for (size_t i = 0; i < rows->n; i++) {
		size_t to = d->n;

		if (d->why[i] != FIT_USED)
			continue;
		for (int t = 0; t < d->p; t++)
			if (d->term[t])
				d->term[t][to] = d->term[t][i];
		if (d->heat)
			d->heat[to] = d->heat[i];
		d->y[to] = d->y[i] - (d->heat ? d->heat[to] : 0);
		d->time[to] = rows->time[i];
		d->pump[to] = rows->heat_pump[i];
		d->day[to] = rows->day[i];
		d->n++;
	}
}

static int none_whole(const struct model *m, const struct fit *counted, struct error *e)
{
	size_t most = counted->no_target;
	const char *what = "the reference";

	for (int i = 0; i < m->inputs; i++)
		if (counted->no_input[i] > most) {
			most = counted->no_input[i];
			what = m->input[i].name;
		}
	return error_set(e, ERROR_DATA, "none of %zu rows is whole: %zu are excluded, %zu lack %s", counted->given, counted->excluded,
		most, what);
}

int fit_design(const struct fit_rows *rows, const struct model *m, struct fit_design *d, struct fit *out, struct error *e)
{
	memset(d, 0, sizeof(*d));
	if (check_order(rows, e) < 0 || make_room(rows, m, d, e) < 0 || fill(rows, m, d, e) < 0 || name_missing(rows, m, d, e) < 0 ||
		count_filled(rows, m, d, out, e) < 0)
		return -1;
	count_missing(rows, d->why, out);
	close_up(rows, d);
	return d->n > 0 ? 0 : none_whole(m, out, e);
}

void fit_design_free(struct fit_design *d)
{
	for (int t = 0; t < MODEL_TERMS; t++)
		free(d->term[t]);
	free(d->y);
	free(d->heat);
	free(d->time);
	free(d->pump);
	free(d->day);
	free(d->starts);
	free(d->room);
	free(d->why);
}

/* The step after which there is a gap, of the heat pump whose rows are `from` to before `to`. */
static double longest_step(struct fit_design *d, double gap, size_t from, size_t to)
{
	if (!isnan(gap) || to - from < 2)
		return gap;
	for (size_t i = from + 1; i < to; i++)
		d->room[i] = d->time[i] - d->time[i - 1];
	return GAP * gsl_stats_median(d->room + from + 1, 1, to - from - 1);
}

size_t fit_stretches(double gap, struct fit_design *d)
{
	size_t count = 0;

	for (size_t from = 0, to; from < d->n; from = to) {
		double most;

		for (to = from + 1; to < d->n && d->pump[to] == d->pump[from]; to++)
			;
		most = longest_step(d, gap, from, to);
		for (size_t i = from; i < to; i++) {
			d->starts[i] = i == from || d->time[i] - d->time[i - 1] > most;
			count += d->starts[i];
		}
	}
	return count;
}
