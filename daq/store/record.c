#include "daq/store/record.h"

#include "daq/base/error.h"
#include "daq/base/quality.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/utf8.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void record_bind_histogram(struct sqlite3_stmt *s, int i, const int64_t *bins, size_t count)
{
	char json[1024];
	size_t n = 0;

	for (size_t b = 0; b < count && n + 24 < sizeof(json); b++)
		n += (size_t)snprintf(json + n, sizeof(json) - n, "%c%lld", b ? ',' : '[', (long long)bins[b]);
	snprintf(json + n, sizeof(json) - n, "]");
	sqlite3_bind_text(s, i, json, -1, SQLITE_TRANSIENT);
}

/* Whole characters only: a text may come from a recording or have been cut to fit its field. */
static void record_bind_text(struct sqlite3_stmt *s, int i, const char *from, size_t size)
{
	char text[2048];

	text_copy(text, size < sizeof(text) ? size : sizeof(text), from);
	utf8_repair(text);
	sqlite3_bind_text(s, i, text, -1, SQLITE_TRANSIENT);
}

static void record_bind(struct sqlite3_stmt *s, int i, const struct record_field *f, const void *from)
{
	const void *at = (const char *)from + f->offset;

	switch (f->type) {
	case RECORD_TEXT:
		record_bind_text(s, i, at, f->size);
		break;
	case RECORD_INT:
		sqlite3_bind_int(s, i, *(const int *)at);
		break;
	case RECORD_INT64:
		sqlite3_bind_int64(s, i, *(const int64_t *)at);
		break;
	case RECORD_INDEX:
		if (*(const int *)at != -1)
			sqlite3_bind_int(s, i, *(const int *)at);
		break;
	case RECORD_INDEX64:
		if (*(const int64_t *)at != -1)
			sqlite3_bind_int64(s, i, *(const int64_t *)at);
		break;
	case RECORD_REAL:
		if (!isnan(*(const double *)at))
			sqlite3_bind_double(s, i, *(const double *)at);
		break;
	case RECORD_ORIGIN:
		sqlite3_bind_text(s, i, origin_name(*(const enum origin *)at), -1, SQLITE_STATIC);
		break;
	case RECORD_HISTOGRAM:
		record_bind_histogram(s, i, at, f->size / sizeof(int64_t));
		break;
	}
}

static void record_take_histogram(const char *json, int64_t *bins, size_t count)
{
	for (size_t b = 0; b < count && *json; b++) {
		char *end;

		bins[b] = strtoll(json + 1, &end, 10);
		json = end;
	}
}

static int record_take_origin(const char *name, enum origin *out)
{
	int origin = origin_parse(name);

	if (origin < 0)
		return -1;
	*out = (enum origin)origin;
	return 0;
}

static int record_take(struct sqlite3_stmt *s, int i, const struct record_field *f, void *to)
{
	void *at = (char *)to + f->offset;
	bool null = sqlite3_column_type(s, i) == SQLITE_NULL;
	const char *text = "";

	if (f->type == RECORD_TEXT || f->type == RECORD_ORIGIN || f->type == RECORD_HISTOGRAM)
		text = null ? "" : (const char *)sqlite3_column_text(s, i);
	switch (f->type) {
	case RECORD_TEXT:
		text_copy(at, f->size, text);
		break;
	case RECORD_INT:
	case RECORD_INDEX:
		*(int *)at = null ? -1 : sqlite3_column_int(s, i);
		break;
	case RECORD_INT64:
	case RECORD_INDEX64:
		*(int64_t *)at = null ? -1 : sqlite3_column_int64(s, i);
		break;
	case RECORD_REAL:
		*(double *)at = null ? NAN : sqlite3_column_double(s, i);
		break;
	case RECORD_ORIGIN:
		return record_take_origin(text, at);
	case RECORD_HISTOGRAM:
		record_take_histogram(text, at, f->size / sizeof(int64_t));
		break;
	}
	return 0;
}

static void record_columns(const struct record *record, struct text *sql)
{
	for (const struct record_field *f = record->fields; f->column; f++)
		text_add(sql, "%s\"%s\"", f == record->fields ? "" : ", ", f->column);
}

int record_prepare(struct sqlite3 *db, const struct record *record, struct sqlite3_stmt **out, struct error *e)
{
	struct text sql = TEXT_INIT;
	int result = -1;

	text_add(&sql, "INSERT %sINTO %s (", record->replaces ? "OR REPLACE " : "", record->table);
	if (record->key)
		text_add(&sql, "\"%s\", ", record->key);
	record_columns(record, &sql);
	text_add(&sql, ") VALUES (%s?", record->key ? "?, " : "");
	for (const struct record_field *f = record->fields + 1; f->column; f++)
		text_add(&sql, ", ?");
	text_add(&sql, ")");
	if (sql.failed)
		error_set(e, ERROR_SYSTEM, "no memory to write the table %s", record->table);
	else
		result = database_prepare(db, sql.data, out, e);
	text_free(&sql);
	return result;
}

int record_put(struct sqlite3 *db, struct sqlite3_stmt *s, const struct record *record, int64_t number,
	const void *from, struct error *e)
{
	int i = 1, code;

	sqlite3_clear_bindings(s);
	if (record->key)
		sqlite3_bind_int64(s, i++, number);
	for (const struct record_field *f = record->fields; f->column; f++)
		record_bind(s, i++, f, from);
	code = sqlite3_step(s);
	if (code != SQLITE_DONE) {
		char doing[64];

		snprintf(doing, sizeof(doing), "write to the table %s", record->table);
		database_fail(db, doing, e);
	}
	sqlite3_reset(s);
	return code == SQLITE_DONE ? 0 : -1;
}

static int record_take_row(struct sqlite3_stmt *s, const struct record *record, void *to, struct error *e)
{
	int i = 0;

	memset(to, 0, record->size);
	for (const struct record_field *f = record->fields; f->column; f++, i++)
		if (record_take(s, i, f, to) != 0)
			return error_set(e, ERROR_DATA, "%s: table %s holds \"%s\" in the column %s",
				sqlite3_db_filename(sqlite3_db_handle(s), "main"), record->table,
				(const char *)sqlite3_column_text(s, i), f->column);
	return 0;
}

static int record_collect(struct sqlite3_stmt *s, const struct record *record, char **rows, int *count,
	struct error *e)
{
	int room = 0, code;

	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		if (*count == room) {
			char *grown = realloc(*rows, (size_t)(room = room ? 2 * room : 16) * record->size);

			if (!grown)
				return error_set(e, ERROR_SYSTEM, "no memory for the table %s", record->table);
			*rows = grown;
		}
		if (record_take_row(s, record, *rows + (size_t)*count * record->size, e) != 0)
			return -1;
		(*count)++;
	}
	return code == SQLITE_DONE ? 0 : database_fail(sqlite3_db_handle(s), "read", e);
}

/* Tables have been added since version 1: a run from before has no rows of them. */
static bool record_table_is_there(struct sqlite3 *db, const struct record *record)
{
	/* SQLITE_ERROR is "no such table"; what is damaged says otherwise, and reading it says what. */
	return sqlite3_table_column_metadata(db, "main", record->table, NULL, NULL, NULL, NULL, NULL, NULL) != SQLITE_ERROR;
}

int record_read(struct sqlite3 *db, const struct record *record, void **out, int *count, struct error *e)
{
	struct text sql = TEXT_INIT;
	struct sqlite3_stmt *s = NULL;
	char *rows = NULL;
	int n = 0, result = -1;

	if (!record_table_is_there(db, record)) {
		*out = NULL;
		*count = 0;
		return 0;
	}
	text_add(&sql, "SELECT ");
	record_columns(record, &sql);
	text_add(&sql, " FROM %s ORDER BY %s", record->table, record->order);
	if (sql.failed) {
		error_set(e, ERROR_SYSTEM, "no memory to read the table %s", record->table);
		goto out;
	}
	if (database_prepare(db, sql.data, &s, e) != 0 || record_collect(s, record, &rows, &n, e) != 0)
		goto out;
	*out = rows;
	*count = n;
	rows = NULL;
	result = 0;
out:
	sqlite3_finalize(s);
	free(rows);
	text_free(&sql);
	return result;
}
