#include "analytics/core/table_row.h"

#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>

void row_text(struct row *row, const char *text)
{
	text_copy(row->text[row->n], sizeof(row->text[0]), text);
	row->cell[row->n] = row->text[row->n];
	row->n++;
}

void row_number(struct row *row, double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.4g", value);
	row_text(row, isnan(value) ? "\xe2\x80\x93" : isinf(value) ? "\xe2\x88\x9e" : text);
}

void row_fixed(struct row *row, double value, int places)
{
	char text[48];

	snprintf(text, sizeof(text), "%.*f", places, value);
	row_text(row, isnan(value) ? "\xe2\x80\x93" : isinf(value) ? "\xe2\x88\x9e" : text);
}

void row_dof(struct row *row, double dof, int places)
{
	row_fixed(row, dof > 9999 ? INFINITY : dof, places);
}

void row_value(struct row *row, double value, double U)
{
	char text[32];

	row_text(row, report_value(text, sizeof(text), value, U));
	row_text(row, report_uncertainty(text, sizeof(text), U));
}

void row_count(struct row *row, long long n)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", n);
	row_text(row, text);
}
