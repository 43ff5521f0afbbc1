/*
 * csv.h - comma-separated tables with a header: strict about what a number is, friendly about the rest.
 *
 * Takes quoted cells ("" inside for a quote), a byte-order mark, CRLF and LF; the separator is the comma, or a
 * semicolon or tab where the header has those and no comma. Empty lines are passed over. One pass over the file
 * in memory; cells stay valid until the next row.
 */
#ifndef HEATBENCH_STORE_CSV_H
#define HEATBENCH_STORE_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct csv;
struct error;

/* Loads the file and reads its header. Errors: ERROR_IO, ERROR_DATA (empty, no header, a name twice). */
int csv_open(struct csv **out, const char *path, struct error *e);
void csv_close(struct csv *csv); /* NULL is fine */

const char *csv_path(const struct csv *csv);
int csv_columns(const struct csv *csv); /* of the header */
const char *csv_header(const struct csv *csv, int column);

/* Column with that header, or -1 with an error (ERROR_DATA) that names the nearest header. `e` may be NULL. */
int csv_find(const struct csv *csv, const char *header, struct error *e);

/* The same of several headers with | between them: the first that is there. */
int csv_find_any(const struct csv *csv, const char *headers, struct error *e);

/* The next row; false at the end. */
bool csv_next(struct csv *csv);

/* For whoever reads the usual rows himself, faster: the text that is not read yet and the line where it begins; and that
 * so many rows of one line each of it, up to `at`, were read. */
const char *csv_rest(const struct csv *csv, const char **end, int *line);
void csv_skip(struct csv *csv, const char *at, int rows);
char csv_separator(const struct csv *csv);

int csv_line(const struct csv *csv);  /* of the row's beginning, counted from 1: the header's is 1 */
int csv_cells(const struct csv *csv); /* how many the row has: any number but csv_columns() is odd */

/* The row ends with the file and without a line end: its last cell may be cut, or some be missing. */
bool csv_cut(const struct csv *csv);

/* Text of a cell, terminated, without blanks around it; "" beyond the row's end. */
const char *csv_text(const struct csv *csv, int column);

enum csv_value {
	CSV_NUMBER,  /* *out is it */
	CSV_EMPTY,   /* nothing there */
	CSV_NO_NUMBER, /* text, or a number with something behind it */
	CSV_NOT_FINITE, /* nan, inf, or too large for a double */
};

/* A cell as a number, with a point for decimals whatever the locale. */
enum csv_value csv_number(const struct csv *csv, int column, double *out);

#endif
