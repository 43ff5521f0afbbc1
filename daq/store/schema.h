/*
 * schema.h - the tables of run.db, in one place.
 *
 * The text of each table, comments included, is kept by SQLite in the file itself: `.schema` in the sqlite3
 * shell explains every column to whoever opens a run in twenty years. docs/run-folder.md says the same.
 */
#ifndef HEATBENCH_STORE_SCHEMA_H
#define HEATBENCH_STORE_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

struct sqlite3;
struct error;
struct text;

enum { SCHEMA_VERSION = 1 };	     /* pragma user_version */
enum { SCHEMA_APPLICATION = 0x48626368 }; /* pragma application_id: "Hbch" */

/* Makes all fixed tables in an empty database. */
int schema_create(struct sqlite3 *db, struct error *e);

/* Whether `db` is a run of this version. Errors: ERROR_DATA, saying which version made it. */
int schema_check(struct sqlite3 *db, const char *path, struct error *e);

/* Whether a channel or rate group may be called so: lower case, digits and underscores, beginning with a
 * letter, and usable in SQL without quotes. `what` begins the sentence of an error (ERROR_CONFIG). */
int schema_check_name(struct sqlite3 *db, const char *what, const char *name, struct error *e);

/* The same where there is no run yet. */
int schema_check_name_alone(const char *what, const char *name, struct error *e);

/* Whether a table of that name belongs to every run, so that no rate group may take it. */
bool schema_reserved(const char *table);

#endif
