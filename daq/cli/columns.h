/*
 * columns.h - a table of text whose columns are as wide as their widest cell.
 */
#ifndef HEATBENCH_CLI_COLUMNS_H
#define HEATBENCH_CLI_COLUMNS_H

#include <stdio.h>

struct columns;

/* `alignment`: one character per column, 'r' for numbers, 'l' for text. NULL when memory is out. */
struct columns *columns_new(const char *alignment);
void columns_free(struct columns *columns); /* NULL is fine */

/* One row: as many texts as there are columns; they are copied. Does nothing where columns is NULL. */
void columns_row(struct columns *columns, const char *const *cells);

/* Prints all rows, each with `indent` blanks before it, and forgets them. */
void columns_print(struct columns *columns, int indent, FILE *to);

#endif
