/*
 * report.h - what an evaluation has to say, before anyone decided how it looks: facts, results, tables,
 * figures and notes. Three writers turn it into a page (HTML), data (JSON) and a test protocol (JUnit);
 * none knows another.
 *
 * Additions never fail on the spot: memory that ran out sets `failed`, asked once by the writers.
 */
#ifndef HEATBENCH_CORE_REPORT_H
#define HEATBENCH_CORE_REPORT_H

#include "analytics/core/decision.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

struct report_fact {
	char group[40], label[64], value[600];
	int section;
};

/* One measured quantity at one operating point, and what became of it. */
struct report_result {
	char dut[32], quantity[48], unit[16], set_point_unit[16];
	char valve[64]; /* where or when: a valve's position; the day, for what is of one */
	double set_point;   /* NaN: none */
	double value, U, k; /* U expanded; NaN: not known */
	double n_effective;
	int64_t n;	 /* good samples behind it */
	double min, max; /* limits in `unit`; NaN: open */
	char limit_source[128];
	enum decision_rule rule;
	enum verdict verdict;
	char state[64], note[240];
};

enum { REPORT_COLUMNS = 14 };

/* What a cell's text was made from, for readers that want all digits. */
enum report_kind { REPORT_TEXT, REPORT_NUMBER, REPORT_INTERVAL };

struct report_cell {
	char *text;  /* as it is printed: rounded */
	char *below; /* its interval, as printed; NULL */
	enum report_kind kind;
	double value, low, high; /* as they were reckoned; NaN: not known */
	enum verdict mark;	 /* coloured as one; VERDICT_NONE: not */
};

struct report_table {
	char name[32], title[96];
	char text[800]; /* what it shows and how it was got */
	int section;	/* of the report, from 1; 0: none */
	bool aside;	/* too long for the page: in its CSV file and report.json only */
	int columns, rows;
	struct {
		char title[48], unit[24];
		bool number;   /* aligned right */
		bool interval; /* with an interval: three columns of a CSV file */
	} column[REPORT_COLUMNS];
	struct report_cell *cell; /* [rows * columns] */
};

struct report_figure {
	char name[32], title[128], caption[600];
	char file[64];	   /* beside the report; "" without one */
	char *svg;	   /* NULL: missing */
	char missing[300]; /* why */
	bool half;	   /* two such beside each other */
	int section;
};

struct report_note {
	char heading[96];
	char text[1200];
	int section;
};

/* A chapter of a long report: what is added after it belongs to it. Without any, figures come before tables. */
struct report_section {
	char title[96];
	char text[800];
};

struct report {
	char title[128], subtitle[200], bench[32];
	char verdict_sentence[400];
	enum verdict verdict;
	bool incomplete;  /* the run had no clean end */
	char origin[16];  /* measured, simulated, imported */
	char banner[300]; /* "" or what must not be overlooked, such as simulated data */
	char rule_sentence[600];
	char place[16];	  /* heading of results' `valve`: "valve" where it is "" */
	bool judged_only; /* values without a limit are in a table: the page need not list them again */
	bool tables_judge; /* tables of its own show all verdicts: the page lists no results */
	int64_t made_utc; /* s since 1970 */
	char software[64];
	int sections, facts, results, tables, figures, notes;
	struct report_section *section;
	struct report_fact *fact;
	struct report_result *result;
	struct report_table *table;
	struct report_figure *figure;
	struct report_note *note;
	bool failed; /* memory ran out */
};

void report_free(struct report *r);

/* Facts of this group end the page instead of beginning it. */
#define REPORT_AGAIN "How to do this again"

void report_fact(struct report *r, const char *group, const char *label, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void report_note(struct report *r, const char *heading, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void report_result(struct report *r, const struct report_result *result);

/* Begins a section. */
void report_section(struct report *r, const char *title, const char *text);

/* Columns as "title|unit" (or only "title"), a leading '#' makes it a column of numbers, '~' one of numbers with an
 * interval; NULL-terminated list. The returned table is valid until the next is added; NULL when memory is out (adding rows to it is
 * fine). */
struct report_table *report_table(
	struct report *r, const char *name, const char *title, const char *const *columns);

/* A row of `columns` cells, copied; NULL cells are empty. */
void report_row(struct report *r, struct report_table *t, const char *const *cells);

/* The same with what they were made from (table_row.h makes such cells); texts are copied. */
void report_cells(struct report *r, struct report_table *t, const struct report_cell *cells);

struct report_figure *report_figure(
	struct report *r, const char *name, const char *title); /* as report_table */

/* A value as its uncertainty deserves: U with two significant digits, the value with as many places;
 * without a known U four significant digits; an en dash for NaN. Returns `out`. */
const char *report_value(char *out, size_t size, double value, double U);
const char *report_uncertainty(char *out, size_t size, double U);

/* "≥ 100", "≤ 50", "100 … 120", "" */
const char *report_limit(char *out, size_t size, double min, double max);

/* Writers. Errors: ERROR_IO with the path, ERROR_SYSTEM out of memory. */
int report_html(const struct report *r, const char *path, struct error *e);
int report_json(const struct report *r, const char *path, struct error *e);
int report_junit(const struct report *r, const char *path, struct error *e);

/* Every table as `folder`/<name>.csv (RFC 4180, UTF-8, a header, numbers unrounded, empty where not known).
 * Errors: ERROR_IO, ERROR_SYSTEM. */
int report_csv(const struct report *r, const char *folder, struct error *e);

/* The JSON as text, for the caller to free (for standard output). */
char *report_json_text(const struct report *r, struct error *e);

#endif
