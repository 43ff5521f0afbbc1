#include "analytics/accuracy/fit_study.h"

#include "analytics/accuracy/rows.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int find(const struct fit_study *f, const char *name)
{
	for (size_t i = 0; i < f->rows.columns; i++)
		if (strcmp(f->column[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* A column of its own for each name that any heat pump has; where one does not have it, it is missing. */
static int add_column(struct fit_study *f, const struct model_column *c, int64_t rows, struct error *e)
{
	size_t i = f->rows.columns;

	f->value[i] = malloc((size_t)rows * sizeof(double));
	if (!f->value[i])
		return error_set(e, ERROR_SYSTEM, "no memory for %lld rows of %s", (long long)rows, c->name);
	for (int64_t k = 0; k < rows; k++)
		f->value[i][k] = NAN;
	f->column[i] = (struct model_column){c->name, c->unit, f->value[i]};
	f->rows.columns++;
	return (int)i;
}

static int copy_columns(struct fit_study *f, const struct study_pump *p, const struct model *template, const int64_t *row, size_t n, int64_t room,
	struct error *e)
{
	struct comparison_columns c;
	int result = -1;

	if (comparison_columns(&c, p, template, NULL, e) < 0)
		return -1;
	for (size_t i = 0; i < c.count; i++) {
		int at = find(f, c.column[i].name);

		at = at < 0 ? add_column(f, &c.column[i], room, e) : at;
		if (at < 0)
			goto out;
		if (strcmp(f->column[at].unit, c.column[i].unit) != 0) {
			error_set(e, ERROR_DATA, "%s is in %s at one heat pump and in %s at %s", c.column[i].name, f->column[at].unit, c.column[i].unit, p->name);
			goto out;
		}
		for (size_t k = 0; k < n; k++)
			f->value[at][f->rows.n + k] = c.column[i].value[row[k]];
	}
	result = 0;
out:
	comparison_columns_free(&c);
	return result;
}

static size_t keep_rows(struct fit_study *f, const struct study *s, const struct study_pump *p, const struct comparison_rows *rows, int pump,
	int64_t *row)
{
	size_t n = 0;

	for (int64_t i = 0; i < p->rows; i++) {
		size_t at = f->rows.n + n;

		if (p->excluded[i] != INCLUDED) {
			f->excluded[p->excluded[i]]++;
			continue;
		}
		row[n++] = i;
		f->target[at] = rows->reference[i];
		f->time[at] = p->time[i];
		f->heat_pump[at] = pump;
		f->day[at] = calendar_find(&s->calendar, p->time[i]);
	}
	return n;
}

static int add_pump(struct fit_study *f, const struct study *s, const struct study_pump *p, const struct model *template,
	const struct comparison_rules *rules, int64_t room, struct error *e)
{
	enum study_target target = comparison_target(template);
	struct comparison_rows rows = {.rows = 0};
	int64_t *row = malloc((size_t)(p->rows + 1) * sizeof(*row));
	size_t n;
	int result = -1, pump = f->rows.heat_pumps;

	if (!row) {
		error_set(e, ERROR_SYSTEM, "no memory for the rows of %s", p->name);
		goto out;
	}
	if (comparison_rows_make(&rows, p->rows, e) < 0 || comparison_estimates(&rows, p, template, NULL, e) < 0)
		goto out;
	f->skew[pump] = comparison_find_skew(p, target, &rows, rules);
	study_reference(p, target, -f->skew[pump].applied, rows.reference);
	n = keep_rows(f, s, p, &rows, pump, row);
	if (copy_columns(f, p, template, row, n, room, e) < 0)
		goto out;
	f->rows.n += n;
	f->name[f->rows.heat_pumps++] = p->name;
	result = 0;
out:
	free(row);
	comparison_rows_free(&rows);
	return result;
}

static int allocate(struct fit_study *f, int64_t room, struct error *e)
{
	size_t n = (size_t)room + 1;

	f->column = calloc(ROLES + DERIVED, sizeof(*f->column));
	f->value = calloc(ROLES + DERIVED, sizeof(*f->value));
	f->target = malloc(n * sizeof(*f->target));
	f->time = malloc(n * sizeof(*f->time));
	f->heat_pump = malloc(n * sizeof(*f->heat_pump));
	f->day = malloc(n * sizeof(*f->day));
	f->name = calloc(STUDY_PUMPS, sizeof(*f->name));
	return f->column && f->value && f->target && f->time && f->heat_pump && f->day && f->name
		       ? 0
		       : error_set(e, ERROR_SYSTEM, "no memory for %lld rows", (long long)room);
}

int fit_study_make(struct fit_study *out, const struct study *study, const struct model *template, const struct comparison_rules *rules,
	struct error *e)
{
	struct fit_study f = {.rows = {.target_unit = "W"}};
	char why[320] = "";
	int64_t room = 1;

	for (int p = 0; p < study->pumps; p++)
		room += study->pump[p].rows;
	if (allocate(&f, room, e) < 0)
		goto fail;
	for (int p = 0; p < study->pumps; p++)
		if (comparison_has_reference(&study->pump[p], comparison_target(template), why, sizeof(why)) &&
			add_pump(&f, study, &study->pump[p], template, rules, room, e) < 0)
			goto fail;
	if (f.rows.heat_pumps == 0) {
		error_set(e, ERROR_DATA, "nothing to fit to: %s", why);
		goto fail;
	}
	f.rows.column = f.column;
	f.rows.target = f.target;
	f.rows.time = f.time;
	f.rows.heat_pump = f.heat_pump;
	f.rows.day = f.day;
	f.rows.heat_pump_name = f.name;
	*out = f;
	return 0;
fail:
	fit_study_free(&f);
	return -1;
}

void fit_study_free(struct fit_study *f)
{
	for (size_t i = 0; i < f->rows.columns; i++)
		free(f->value[i]);
	free(f->column);
	free(f->value);
	free(f->target);
	free(f->time);
	free(f->heat_pump);
	free(f->day);
	free(f->name);
	*f = (struct fit_study){.rows = {.n = 0}};
}
