/*
 * database.h - an SQLite connection with our errors; inside daq/store only.
 */
#ifndef HEATBENCH_STORE_DATABASE_H
#define HEATBENCH_STORE_DATABASE_H

#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;
struct error;

/* Opens for writing; `create`: the file must not exist. WAL and synchronous=FULL are set. */
int database_open_writer(struct sqlite3 **out, const char *path, int create, struct error *e);

/* Opens for reading only, also on media that cannot be written. */
int database_open_reader(struct sqlite3 **out, const char *path, struct error *e);

/* Code and sentence for what SQLite just refused; returns -1. */
int database_fail(struct sqlite3 *db, const char *doing, struct error *e);

int database_exec(struct sqlite3 *db, const char *sql, struct error *e);
int database_prepare(struct sqlite3 *db, const char *sql, struct sqlite3_stmt **out, struct error *e);

/* First column of the first row. No row (or NULL) leaves *out alone, as does an error. */
int database_number(struct sqlite3 *db, const char *sql, int64_t *out, struct error *e);
int database_text(struct sqlite3 *db, const char *sql, char *out, size_t size, struct error *e);

/* Leaves WAL for journal mode DELETE, so that the file is whole by itself. Returns 1 where another
 * connection is open on the file: then this cannot be done in place. */
int database_leave_wal(struct sqlite3 *db, struct error *e);

/* Closes a writer's database so that the file is whole by itself, whoever watches: a viewer that stays connected keeps SQLite
 * from leaving WAL in place, so a copy in journal mode DELETE takes the file's place and the viewer keeps the old one. All
 * statements are finalized before. *db is closed where this succeeds. */
int database_close_for_good(struct sqlite3 **db, const char *path, struct error *e);

/* Removes a database and what SQLite has beside it, where they are there. */
void database_unlink(const char *path);

#endif
