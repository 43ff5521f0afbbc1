#include "analytics/core/report.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* RFC 4180: quoted where it holds what would end the field. */
static void field(struct text *t, const char *content)
{
	if (!content[strcspn(content, ",\"\r\n")]) {
		text_add(t, "%s", content);
		return;
	}
	text_add(t, "\"");
	for (; *content; content++)
		text_add(t, *content == '"' ? "\"\"" : "%c", *content);
	text_add(t, "\"");
}

static void heading(struct text *t, const struct report_table *table, int column, const char *which)
{
	char title[128];

	snprintf(title, sizeof(title), "%s%s%s%s%s", table->column[column].title, which, *table->column[column].unit ? " [" : "",
		table->column[column].unit, *table->column[column].unit ? "]" : "");
	field(t, title);
}

static void header(struct text *t, const struct report_table *table)
{
	for (int i = 0; i < table->columns; i++) {
		text_add(t, "%s", i ? "," : "");
		heading(t, table, i, "");
		if (!table->column[i].interval)
			continue;
		text_add(t, ",");
		heading(t, table, i, " low");
		text_add(t, ",");
		heading(t, table, i, " high");
	}
	text_add(t, "\r\n");
}

static void number(struct text *t, double value)
{
	if (isfinite(value))
		text_add(t, "%.17g", value);
}

static void cell(struct text *t, const struct report_cell *c, bool interval)
{
	if (c->kind == REPORT_TEXT)
		field(t, c->text);
	else
		number(t, c->value);
	if (!interval)
		return;
	text_add(t, ",");
	number(t, c->low);
	text_add(t, ",");
	number(t, c->high);
}

static int write_table(const struct report_table *table, const char *folder, struct error *e)
{
	struct text t = TEXT_INIT;
	char path[4608];
	int status;

	header(&t, table);
	for (int i = 0; i < table->rows; i++)
		for (int j = 0; j < table->columns; j++) {
			cell(&t, &table->cell[i * table->columns + j], table->column[j].interval);
			text_add(&t, j + 1 < table->columns ? "," : "\r\n");
		}
	snprintf(path, sizeof(path), "%s/%s.csv", folder, table->name);
	status = t.failed ? error_set(e, ERROR_SYSTEM, "out of memory while writing %s", path)
			  : text_write_file(path, t.data, t.length, e);
	text_free(&t);
	return status;
}

int report_csv(const struct report *r, const char *folder, struct error *e)
{
	for (int i = 0; i < r->tables; i++)
		if (write_table(&r->table[i], folder, e) < 0)
			return -1;
	return 0;
}
