#include "daq/base/settings.h"

#include "daq/base/clock.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct setting *settings_find(const struct setting *rows, const char *name)
{
	for (; rows->name; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

bool setting_required(const struct setting *row)
{
	return row->fallback == NULL;
}

/* The number that a value stands for, in the row's unit. */
static int read_number(const struct setting *row, const struct setting_value *value, const char *unit,
	const char *where, double *out, struct error *e)
{
	struct error inner = ERROR_INIT;
	char *end;

	if (value->kind == VALUE_NUMBER) {
		if (unit)
			return error_set(e, ERROR_CONFIG, "%s = %g has no unit: expected a text like \"%g %s\"", where,
				value->number, value->number, unit);
		*out = value->number;
		return 0;
	}
	if (value->kind != VALUE_TEXT)
		return error_set(e, ERROR_CONFIG, "%s is a switch: expected a number", where);
	if (unit) {
		if (quantity_read(value->text, unit, out, &inner) != 0)
			return error_set(e, ERROR_CONFIG, "%s: %s", where, inner.text);
		return 0;
	}
	*out = strtod(value->text, &end);
	if (end == value->text || *end)
		return error_set(e, ERROR_CONFIG, "%s = \"%s\": expected a number", where, value->text);
	(void)row;
	return 0;
}

static int check_limits(const struct setting *row, double v, const char *unit, const char *where, struct error *e)
{
	if (!isfinite(v))
		return error_set(e, ERROR_CONFIG, "%s is not a finite number", where);
	if (row->min == 0 && row->max == 0)
		return 0;
	if (!(v >= row->min && v <= row->max))
		return error_set(e, ERROR_CONFIG, "%s = %g%s%s is outside %g to %g", where, v, unit ? " " : "",
			unit ? unit : "", row->min, row->max);
	return 0;
}

static int assign_text(const struct setting *row, void *field, const struct setting_value *value,
	const char *where, struct error *e)
{
	char number[32];
	const char *text = value->text;

	if (value->kind == VALUE_SWITCH)
		return error_set(e, ERROR_CONFIG, "%s is a switch: expected a text", where);
	if (value->kind == VALUE_NUMBER) {
		snprintf(number, sizeof(number), "%.17g", value->number);
		text = number;
	}
	if (strlen(text) >= row->size)
		return error_set(e, ERROR_CONFIG, "%s is longer than %zu characters", where, row->size - 1);
	text_copy(field, row->size, text);
	return 0;
}

static int assign_choice(const struct setting *row, int *field, const struct setting_value *value,
	const char *where, struct error *e)
{
	struct text known = TEXT_INIT;

	if (value->kind == VALUE_TEXT) {
		for (int i = 0; row->choices[i]; i++)
			if (strcmp(row->choices[i], value->text) == 0) {
				*field = i;
				return 0;
			}
	}
	for (int i = 0; row->choices[i]; i++)
		text_add(&known, "%s%s", i ? ", " : "", row->choices[i]);
	error_set(e, ERROR_CONFIG, "%s = \"%s\": expected one of %s", where,
		value->kind == VALUE_TEXT ? value->text : "(not a text)", known.data ? known.data : "");
	text_free(&known);
	return -1;
}

static int assign_switch(bool *field, const struct setting_value *value, const char *where, struct error *e)
{
	static const char *const on[] = {"true", "yes", "on", NULL}, *const off[] = {"false", "no", "off", NULL};

	if (value->kind == VALUE_SWITCH) {
		*field = value->on;
		return 0;
	}
	if (value->kind == VALUE_TEXT)
		for (int i = 0; on[i]; i++) {
			if (strcmp(value->text, on[i]) == 0 || strcmp(value->text, off[i]) == 0) {
				*field = strcmp(value->text, on[i]) == 0;
				return 0;
			}
		}
	return error_set(e, ERROR_CONFIG, "%s: expected true or false", where);
}

static int assign_list(struct setting_list *list, const struct setting_value *value, const char *where,
	struct error *e)
{
	if (value->kind != VALUE_TEXT)
		return error_set(e, ERROR_CONFIG, "%s: expected a text", where);
	if (list->count == (int)(sizeof(list->item) / sizeof(list->item[0])))
		return error_set(e, ERROR_CONFIG, "%s is given more than %d times", where, list->count);
	list->item[list->count++] = value->text;
	return 0;
}

int settings_assign(const struct setting *row, void *base, const struct setting_value *value, const char *where,
	struct error *e)
{
	void *field = (char *)base + row->offset;
	double v;

	switch (row->type) {
	case SETTING_TEXT:
		return assign_text(row, field, value, where, e);
	case SETTING_CHOICE:
		return assign_choice(row, field, value, where, e);
	case SETTING_LIST:
		return assign_list(field, value, where, e);
	case SETTING_SWITCH:
		return assign_switch(field, value, where, e);
	case SETTING_INTEGER:
		if (read_number(row, value, NULL, where, &v, e) != 0 || check_limits(row, v, NULL, where, e) != 0)
			return -1;
		if (v != floor(v) || fabs(v) > 2147483647.0)
			return error_set(e, ERROR_CONFIG, "%s = %g: expected a whole number", where, v);
		*(int *)field = (int)v;
		return 0;
	case SETTING_NUMBER:
		if (read_number(row, value, row->unit, where, &v, e) != 0 ||
			check_limits(row, v, row->unit, where, e) != 0)
			return -1;
		*(double *)field = v;
		return 0;
	case SETTING_DURATION:
		if (read_number(row, value, "s", where, &v, e) != 0 || check_limits(row, v, "s", where, e) != 0)
			return -1;
		if (fabs(v) > 9e9) /* nanoseconds in 64 bits end at 9.2e9 s */
			return error_set(e, ERROR_CONFIG, "%s = %g s is longer than time lasts here", where, v);
		*(nanos *)field = (nanos)llround(v * 1e9);
		return 0;
	}
	return error_set(e, ERROR_SYSTEM, "%s has a type that is not known", where);
}

static size_t field_size(const struct setting *row)
{
	static const size_t sizes[] = {[SETTING_INTEGER] = sizeof(int), [SETTING_NUMBER] = sizeof(double),
		[SETTING_DURATION] = sizeof(nanos), [SETTING_SWITCH] = sizeof(bool), [SETTING_CHOICE] = sizeof(int),
		[SETTING_LIST] = sizeof(struct setting_list)};

	return row->type == SETTING_TEXT ? row->size : sizes[row->type];
}

size_t settings_size(const struct setting *rows)
{
	size_t size = 0;

	for (; rows->name; rows++)
		if (rows->offset + field_size(rows) > size)
			size = rows->offset + field_size(rows);
	return size;
}

int settings_defaults(const struct setting *rows, void *base, struct error *e)
{
	for (; rows->name; rows++) {
		struct setting_value value = {.kind = VALUE_TEXT, .text = rows->fallback};

		if (!rows->fallback || rows->type == SETTING_LIST)
			continue;
		if (rows->type == SETTING_NUMBER && strcmp(rows->fallback, "nan") == 0) {
			*(double *)((char *)base + rows->offset) = NAN; /* "not known": only as a default */
			continue;
		}
		if (settings_assign(rows, base, &value, rows->name, e) != 0)
			return -1;
	}
	return 0;
}

/* Levenshtein distance of two short words, with a neighbouring swap counted as one. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), row[3][64];

	if (n > 60 || m > 60)
		return 99;
	for (size_t j = 0; j <= m; j++)
		row[1][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *cur = row[2];

		cur[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = row[1][j - 1] + (a[i - 1] != b[j - 1]);

			if (row[1][j] + 1 < best)
				best = row[1][j] + 1;
			if (cur[j - 1] + 1 < best)
				best = cur[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && row[0][j - 2] + 1 < best)
				best = row[0][j - 2] + 1;
			cur[j] = best;
		}
		memcpy(row[0], row[1], sizeof(row[0]));
		memcpy(row[1], row[2], sizeof(row[1]));
	}
	return row[1][m];
}

const char *nearest_name(const char *word, const char *const *names)
{
	const char *best = NULL;
	size_t nearest = strlen(word) / 2 + 2;

	for (; *names; names++) {
		size_t d = edit_distance(word, *names);

		if (d < nearest) {
			nearest = d;
			best = *names;
		}
	}
	return best;
}

const char *settings_nearest(const struct setting *rows, const char *word)
{
	const char *names[128];
	int n = 0;

	for (; rows->name && n < 127; rows++)
		names[n++] = rows->name;
	names[n] = NULL;
	return nearest_name(word, names);
}
