#include "analytics/core/table_row.h"

#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void row_text(struct row *row, const char *text)
{
	text_copy(row->text[row->n], sizeof(row->text[0]), text);
	row->cell[row->n] = row->text[row->n];
	row->exact[row->n] = (struct report_cell){.value = NAN, .low = NAN, .high = NAN};
	row->n++;
}

/* What the cell just written was made from. */
static void made_from(struct row *row, double value)
{
	row->exact[row->n - 1].kind = REPORT_NUMBER;
	row->exact[row->n - 1].value = value;
}

void row_number(struct row *row, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.4g", value);
	row_text(row, isnan(value) ? "\xe2\x80\x93" : isinf(value) ? "\xe2\x88\x9e" : text);
	made_from(row, value);
}

void row_fixed(struct row *row, double value, int places)
{
	char text[48];

	snprintf(text, sizeof(text), "%.*f", places, value);
	if (text[0] == '-' && strspn(text + 1, "0.") == strlen(text + 1))
		memmove(text, text + 1, strlen(text)); /* minus nothing */
	row_text(row, isnan(value) ? "\xe2\x80\x93" : isinf(value) ? "\xe2\x88\x9e" : text);
	made_from(row, value);
}

void row_dof(struct row *row, double dof, int places)
{
	row_fixed(row, dof > 9999 ? INFINITY : dof, places);
}

void row_value(struct row *row, double value, double U)
{
	char text[32];

	row_text(row, report_value(text, sizeof(text), value, U));
	made_from(row, value);
	row_text(row, report_uncertainty(text, sizeof(text), U));
	made_from(row, U);
}

void row_count(struct row *row, long long n)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", n);
	row_text(row, text);
	made_from(row, (double)n);
}

void row_interval(struct row *row, double value, double low, double high, int places)
{
	/* report_value() shows two digits of this: not finer than `places` allow */
	double U = fmax((high - low) / 2, pow(10, -places));
	int i = row->n;
	char a[32], b[32];

	if (isnan(low) || isnan(high)) {
		row_fixed(row, value, places);
	} else {
		row_text(row, report_value(a, sizeof(a), value, U));
		made_from(row, value);
		report_value(a, sizeof(a), low, U);
		report_value(b, sizeof(b), high, U);
		snprintf(row->below[i], sizeof(row->below[i]), "%s \xe2\x80\xa6 %s", a, b);
		row->exact[i].below = row->below[i];
	}
	row->exact[i].kind = REPORT_INTERVAL;
	row->exact[i].low = low;
	row->exact[i].high = high;
}

void row_mark(struct row *row, enum verdict mark)
{
	row->exact[row->n - 1].mark = mark;
}

void row_add(struct report *r, struct report_table *t, const struct row *row)
{
	struct report_cell cells[REPORT_COLUMNS] = {{.text = NULL}};

	for (int i = 0; i < row->n; i++) {
		cells[i] = row->exact[i];
		cells[i].text = (char *)row->text[i];
	}
	report_cells(r, t, cells);
}
