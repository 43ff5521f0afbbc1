/*
 * table_row.h - one row of a report's table under construction: cells keep their text until it is added.
 */
#ifndef HEATBENCH_CORE_TABLE_ROW_H
#define HEATBENCH_CORE_TABLE_ROW_H

#include "analytics/core/report.h"

struct row {
	char text[REPORT_COLUMNS][320];
	char below[REPORT_COLUMNS][80];
	const char *cell[REPORT_COLUMNS];
	struct report_cell exact[REPORT_COLUMNS];
	int n;
};

void row_text(struct row *row, const char *text);
void row_number(struct row *row, double value);		   /* four significant digits; NaN a dash */
void row_fixed(struct row *row, double value, int places); /* with so many decimal places */
void row_dof(struct row *row, double dof, int places);	   /* likewise; infinite above 9999 */
void row_value(struct row *row, double value, double U);   /* two cells: the value as U deserves, and U */
void row_count(struct row *row, long long n);

/* A value with its interval below it, as many places as the interval deserves, but no more than one beyond `places`; without an interval
 * `places`. */
void row_interval(struct row *row, double value, double low, double high, int places);

/* Colours the last cell as a verdict. */
void row_mark(struct row *row, enum verdict mark);

/* Adds it with all digits (report_row() adds the texts alone). */
void row_add(struct report *r, struct report_table *t, const struct row *row);

#endif
