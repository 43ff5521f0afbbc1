/*
 * rows_csv.h - CSV that gives back what went in: for runs on their way out and in again.
 *
 * After RFC 4180, with LF and one rule more: text is always quoted, so that a cell without quotes and without
 * anything in it is NULL. Numbers are %lld and %.17g; bytes are 0x and hexadecimal digits. Reads row by row
 * with memory for one. (csv.h reads what other programs write: it is friendly where this is exact.)
 */
#ifndef HEATBENCH_STORE_ROWS_CSV_H
#define HEATBENCH_STORE_ROWS_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct sqlite3_stmt;
struct error;

/* Column i of the present row of `s`. */
void rows_csv_put(FILE *to, struct sqlite3_stmt *s, int i);
void rows_csv_put_real(FILE *to, double value);
void rows_csv_put_text(FILE *to, const char *text, size_t length);

struct rows_csv;

/* Opens and reads the header. Errors: ERROR_IO, ERROR_DATA (empty). */
int rows_csv_open(struct rows_csv **out, const char *path, struct error *e);
void rows_csv_close(struct rows_csv *csv); /* NULL is fine */

/* Cells of the header, later of the present row. */
int rows_csv_cells(const struct rows_csv *csv);
const char *rows_csv_text(const struct rows_csv *csv, int cell); /* terminated */

/* 1: the next row; 0: the end; -1: the row is cut or its quotes are not those of a cell (ERROR_DATA with the
 * line). */
int rows_csv_next(struct rows_csv *csv, struct error *e);

/* Binds a cell to parameter `at` of `s`; `real`: numbers are REAL also where they are whole. Errors:
 * ERROR_DATA with file, line and what stands there. */
int rows_csv_bind(const struct rows_csv *csv, int cell, struct sqlite3_stmt *s, int at, bool real, struct error *e);

#endif
