#include "analytics/core/report.h"

#include "daq/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One more element, zeroed; NULL and `failed` when memory is out. */
static void *grow(struct report *r, void **array, int *count, size_t size)
{
	char *more;

	if (r->failed)
		return NULL;
	more = realloc(*array, (size_t)(*count + 1) * size);
	if (!more) {
		r->failed = true;
		return NULL;
	}
	*array = more;
	memset(more + (size_t)*count * size, 0, size);
	return more + (size_t)(*count)++ * size;
}

void report_free(struct report *r)
{
	for (int i = 0; i < r->tables; i++) {
		for (int j = 0; j < r->table[i].rows * r->table[i].columns; j++) {
			free(r->table[i].cell[j].text);
			free(r->table[i].cell[j].below);
		}
		free(r->table[i].cell);
	}
	for (int i = 0; i < r->figures; i++)
		free(r->figure[i].svg);
	free(r->section);
	free(r->fact);
	free(r->result);
	free(r->table);
	free(r->figure);
	free(r->note);
	*r = (struct report){.bench = ""};
}

void report_section(struct report *r, const char *title, const char *text)
{
	struct report_section *section = grow(r, (void **)&r->section, &r->sections, sizeof(*section));

	if (!section)
		return;
	text_copy(section->title, sizeof(section->title), title);
	text_copy(section->text, sizeof(section->text), text);
}

void report_fact(struct report *r, const char *group, const char *label, const char *format, ...)
{
	struct report_fact *fact = grow(r, (void **)&r->fact, &r->facts, sizeof(*fact));
	va_list args;

	if (!fact)
		return;
	fact->section = r->sections;
	text_copy(fact->group, sizeof(fact->group), group);
	text_copy(fact->label, sizeof(fact->label), label);
	va_start(args, format);
	vsnprintf(fact->value, sizeof(fact->value), format, args);
	va_end(args);
}

void report_note(struct report *r, const char *heading, const char *format, ...)
{
	struct report_note *note = grow(r, (void **)&r->note, &r->notes, sizeof(*note));
	va_list args;

	if (!note)
		return;
	note->section = r->sections;
	text_copy(note->heading, sizeof(note->heading), heading);
	va_start(args, format);
	vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
}

void report_result(struct report *r, const struct report_result *result)
{
	struct report_result *place = grow(r, (void **)&r->result, &r->results, sizeof(*place));

	if (place)
		*place = *result;
}

struct report_table *report_table(
	struct report *r, const char *name, const char *title, const char *const *columns)
{
	struct report_table *t = grow(r, (void **)&r->table, &r->tables, sizeof(*t));

	if (!t)
		return NULL;
	t->section = r->sections;
	text_copy(t->name, sizeof(t->name), name);
	text_copy(t->title, sizeof(t->title), title);
	for (; *columns && t->columns < REPORT_COLUMNS; columns++, t->columns++) {
		const char *at = *columns, *bar = strchr(at, '|');

		t->column[t->columns].number = *at == '#' || *at == '~';
		t->column[t->columns].interval = *at == '~';
		at += *at == '#' || *at == '~';
		snprintf(t->column[t->columns].title, sizeof(t->column->title), "%.*s",
			bar ? (int)(bar - at) : (int)strlen(at), at);
		text_copy(t->column[t->columns].unit, sizeof(t->column->unit), bar ? bar + 1 : "");
	}
	return t;
}

void report_cells(struct report *r, struct report_table *t, const struct report_cell *cells)
{
	struct report_cell *more;

	if (!t || r->failed)
		return;
	more = realloc(t->cell, (size_t)((t->rows + 1) * t->columns) * sizeof(*more));
	if (!more) {
		r->failed = true;
		return;
	}
	t->cell = more;
	more += t->rows * t->columns;
	for (int i = 0; i < t->columns; i++) {
		more[i] = cells[i];
		more[i].text = strdup(cells[i].text ? cells[i].text : "");
		more[i].below = cells[i].below ? strdup(cells[i].below) : NULL;
		r->failed |= !more[i].text || (cells[i].below && !more[i].below);
	}
	t->rows++;
}

void report_row(struct report *r, struct report_table *t, const char *const *cells)
{
	struct report_cell as[REPORT_COLUMNS] = {{.text = NULL}};

	for (int i = 0; t && i < t->columns; i++)
		as[i] = (struct report_cell){.text = (char *)cells[i], .value = NAN, .low = NAN, .high = NAN};
	report_cells(r, t, as);
}

struct report_figure *report_figure(struct report *r, const char *name, const char *title)
{
	struct report_figure *figure = grow(r, (void **)&r->figure, &r->figures, sizeof(*figure));

	if (!figure)
		return NULL;
	figure->section = r->sections;
	text_copy(figure->name, sizeof(figure->name), name);
	text_copy(figure->title, sizeof(figure->title), title);
	return figure;
}

/* Decimal places that show `U` with two significant digits. */
static int places(double U)
{
	int n = 1 - (int)floor(log10(U) + 1e-9);

	return n < 0 ? 0 : n > 9 ? 9 : n;
}

const char *report_value(char *out, size_t size, double value, double U)
{
	if (isnan(value))
		snprintf(out, size, "\xe2\x80\x93");
	else if (U > 0 && isfinite(U))
		snprintf(out, size, "%.*f", places(U), value);
	else
		snprintf(out, size, "%.4g", value);
	if (strncmp(out, "-0", 2) == 0 && strspn(out + 1, "0.") == strlen(out + 1))
		memmove(out, out + 1, strlen(out)); /* nobody measured minus nothing */
	return out;
}

const char *report_uncertainty(char *out, size_t size, double U)
{
	if (isnan(U))
		snprintf(out, size, "\xe2\x80\x93");
	else if (U > 0 && isfinite(U))
		snprintf(out, size, "%.*f", places(U), U);
	else
		snprintf(out, size, "%.4g", U);
	return out;
}

const char *report_limit(char *out, size_t size, double min, double max)
{
	if (isnan(min) && isnan(max))
		snprintf(out, size, "%s", "");
	else if (isnan(max))
		snprintf(out, size, "\xe2\x89\xa5 %g", min);
	else if (isnan(min))
		snprintf(out, size, "\xe2\x89\xa4 %g", max);
	else
		snprintf(out, size, "%g \xe2\x80\xa6 %g", min, max);
	return out;
}
