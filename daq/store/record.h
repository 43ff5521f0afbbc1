/*
 * record.h - how a struct of run.h lies in its table: one row per member.
 *
 * The same rows write and read, so that no member can be stored and forgotten on the way back.
 */
#ifndef HEATBENCH_STORE_RECORD_H
#define HEATBENCH_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;
struct error;

enum record_type {
	RECORD_TEXT,	  /* char[size] */
	RECORD_INT,	  /* int */
	RECORD_INT64,	  /* int64_t */
	RECORD_INDEX,	  /* int, -1 is NULL */
	RECORD_INDEX64,	  /* int64_t, -1 is NULL */
	RECORD_REAL,	  /* double, NaN is NULL */
	RECORD_ORIGIN,	  /* enum origin, stored by name */
	RECORD_HISTOGRAM, /* int64_t[], stored as a JSON array */
};

struct record_field {
	const char *column;
	enum record_type type;
	size_t offset, size;
};

struct record {
	const char *table;
	const char *key; /* column that holds the given number; NULL: the table has none or counts itself */
	const char *order;
	bool replaces;	 /* a row with the same key is replaced */
	size_t size;	 /* of the struct */
	const struct record_field *fields; /* ends with column NULL */
};

extern const struct record record_about, record_segment, record_dut, record_device, record_certificate, record_setting,
	record_channel, record_limit, record_event, record_step, record_mark, record_health,
	record_rate,
	record_clock_pair;

int record_prepare(struct sqlite3 *db, const struct record *record, struct sqlite3_stmt **out, struct error *e);

/* Inserts one struct by a statement of record_prepare(); `number` is the key's value. */
int record_put(struct sqlite3 *db, struct sqlite3_stmt *s, const struct record *record, int64_t number,
	const void *from, struct error *e);

/* All rows as an array to be freed with free(). */
int record_read(struct sqlite3 *db, const struct record *record, void **out, int *count, struct error *e);

#endif
