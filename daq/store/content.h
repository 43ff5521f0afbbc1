/*
 * content.h - every table of a run's database with every column, whatever they are; inside daq/store only.
 *
 * What must lose nothing (digest, export, import) goes by what the file holds, not by what this version
 * knows of: a table that comes later is in it by itself.
 */
#ifndef HEATBENCH_STORE_CONTENT_H
#define HEATBENCH_STORE_CONTENT_H

#include <stdbool.h>

struct sqlite3;
struct sqlite3_stmt;
struct error;

struct content_column {
	char name[64];
	bool real; /* declared REAL: a whole number in it is a REAL too */
	int key;   /* place in the primary key, from 1; 0: no part of it */
};

struct content_table {
	char name[64];
	int columns;
	struct content_column *column;
};

struct content {
	int tables;
	struct content_table *table; /* sorted by name; SQLite's own and `day`, which is about files, are left out */
};

int content_read(struct sqlite3 *db, struct content *out, struct error *e);
void content_free(struct content *content);

const struct content_table *content_find(const struct content *content, const char *name); /* or NULL */
int content_column(const struct content_table *table, const char *name);		   /* or -1 */

/* Every column of every row, in the order of the primary key; `more` is further SQL for the list of
 * columns (", 1 AS one"; the table's name in it is t), or "". */
int content_select(struct sqlite3 *db, const struct content_table *table, const char *more,
	struct sqlite3_stmt **out, struct error *e);

/* INSERT of every column, in the order of the table. */
int content_insert(struct sqlite3 *db, const struct content_table *table, struct sqlite3_stmt **out,
	struct error *e);

/* The same of a run, also where its values stand in databases of days: what a run holds, whatever file holds it. */
struct run_reader;
int content_of(struct run_reader *reader, struct content *out, struct error *e);

/* SHA-256 over all rows of all tables: run_reader_digest() in reader.h says how. */
int content_digest(struct run_reader *reader, char out[65], struct error *e);

#endif
