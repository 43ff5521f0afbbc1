#include "daq/store/content.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/reader_private.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

void content_free(struct content *content)
{
	for (int i = 0; i < content->tables; i++)
		free(content->table[i].column);
	free(content->table);
	*content = (struct content){0, NULL};
}

const struct content_table *content_find(const struct content *content, const char *name)
{
	for (int i = 0; i < content->tables; i++)
		if (strcmp(content->table[i].name, name) == 0)
			return &content->table[i];
	return NULL;
}

int content_column(const struct content_table *table, const char *name)
{
	for (int i = 0; i < table->columns; i++)
		if (strcmp(table->column[i].name, name) == 0)
			return i;
	return -1;
}

/* A name from the file itself: it goes back into SQL between quotes. */
static int content_take_name(struct sqlite3_stmt *s, int i, char *out, size_t size, struct error *e)
{
	const char *name = (const char *)sqlite3_column_text(s, i);

	if (name && !strchr(name, '"') && text_copy(out, size, name))
		return 0;
	return error_set(e, ERROR_DATA, "%s: a table or column is called \"%.80s\"",
		sqlite3_db_filename(sqlite3_db_handle(s), "main"), name ? name : "");
}

static int content_add_column(struct content_table *t, struct sqlite3_stmt *s, struct error *e)
{
	struct content_column *grown = realloc(t->column, (size_t)(t->columns + 1) * sizeof(*grown));
	struct content_column *c;
	const char *type = (const char *)sqlite3_column_text(s, 1);

	if (!grown)
		return error_set(e, ERROR_SYSTEM, "no memory for the columns of %s", t->name);
	t->column = grown;
	c = &grown[t->columns];
	c->real = type && strcmp(type, "REAL") == 0;
	c->key = sqlite3_column_int(s, 2);
	t->columns++;
	return content_take_name(s, 0, c->name, sizeof(c->name), e);
}

static int content_columns(struct sqlite3 *db, struct content_table *t, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code, result = -1;

	if (database_prepare(db, "SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", &s, e) != 0)
		return -1;
	sqlite3_bind_text(s, 1, t->name, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		if (content_add_column(t, s, e) != 0)
			goto out;
	result = code == SQLITE_DONE ? 0 : database_fail(db, "read the columns", e);
out:
	sqlite3_finalize(s);
	return result;
}

static int content_add_table(struct content *content, struct sqlite3_stmt *s, struct error *e)
{
	struct content_table *grown = realloc(content->table, (size_t)(content->tables + 1) * sizeof(*grown));

	if (!grown)
		return error_set(e, ERROR_SYSTEM, "no memory for the tables of a run");
	content->table = grown;
	grown += content->tables++;
	memset(grown, 0, sizeof(*grown));
	if (content_take_name(s, 0, grown->name, sizeof(grown->name), e) != 0)
		return -1;
	return content_columns(sqlite3_db_handle(s), grown, e);
}

int content_read(struct sqlite3 *db, struct content *out, struct error *e)
{
	struct content content = {0, NULL};
	struct sqlite3_stmt *s = NULL;
	int code, result = -1;

	if (database_prepare(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND "
				 "substr(name, 1, 7) <> 'sqlite_' AND name <> 'day' ORDER BY name", &s, e) != 0)
		return -1;
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		if (content_add_table(&content, s, e) != 0)
			goto out;
	result = code == SQLITE_DONE ? 0 : database_fail(db, "read the list of tables", e);
out:
	sqlite3_finalize(s);
	if (result == 0)
		*out = content;
	else
		content_free(&content);
	return result;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct content_table *)a)->name, ((const struct content_table *)b)->name);
}

/* Moves the tables of a day that run.db does not have to those of the run. */
static int content_merge(struct content *into, struct content *day, struct error *e)
{
	for (int i = 0; i < day->tables; i++) {
		struct content_table *grown;

		if (content_find(into, day->table[i].name))
			continue;
		grown = realloc(into->table, (size_t)(into->tables + 1) * sizeof(*grown));
		if (!grown)
			return error_set(e, ERROR_SYSTEM, "no memory for the tables of a run");
		into->table = grown;
		grown[into->tables++] = day->table[i];
		day->table[i].column = NULL;
	}
	qsort(into->table, (size_t)into->tables, sizeof(*into->table), by_name);
	return 0;
}

int content_of(struct run_reader *reader, struct content *out, struct error *e)
{
	struct content content = {0, NULL}, day = {0, NULL};
	struct reader_parts parts;
	struct sqlite3 *db;
	int result = content_read(reader->db, &content, e);

	if (result == 0)
		result = reader_parts_begin(reader, "flag", INT64_MIN, INT64_MAX, &parts, e);
	else
		return -1;
	if (result == 0 && parts.in_days && reader_parts_next(&parts, &db, e) > 0) {
		result = content_read(db, &day, e);
		if (result == 0)
			result = content_merge(&content, &day, e);
		content_free(&day);
	}
	reader_parts_end(&parts);
	if (result == 0)
		*out = content;
	else
		content_free(&content);
	return result;
}

static int content_prepare(struct sqlite3 *db, struct text *sql, struct sqlite3_stmt **out, struct error *e)
{
	int result = -1;

	if (sql->failed)
		error_set(e, ERROR_SYSTEM, "no memory to read a table");
	else
		result = database_prepare(db, sql->data, out, e);
	text_free(sql);
	return result;
}

int content_select(struct sqlite3 *db, const struct content_table *table, const char *more,
	struct sqlite3_stmt **out, struct error *e)
{
	struct text sql = TEXT_INIT;
	int keys = 0;

	text_add(&sql, "SELECT ");
	for (int i = 0; i < table->columns; i++)
		text_add(&sql, "%st.\"%s\"", i ? ", " : "", table->column[i].name);
	text_add(&sql, "%s FROM \"%s\" AS t ORDER BY ", more, table->name);
	for (int k = 1; k <= table->columns; k++)
		for (int i = 0; i < table->columns; i++)
			if (table->column[i].key == k)
				text_add(&sql, "%st.\"%s\"", keys++ ? ", " : "", table->column[i].name);
	text_add(&sql, "%s", keys ? "" : "t.rowid");
	return content_prepare(db, &sql, out, e);
}

int content_insert(struct sqlite3 *db, const struct content_table *table, struct sqlite3_stmt **out,
	struct error *e)
{
	struct text sql = TEXT_INIT;

	text_add(&sql, "INSERT INTO \"%s\" VALUES (?", table->name);
	for (int i = 1; i < table->columns; i++)
		text_add(&sql, ", ?");
	text_add(&sql, ")");
	return content_prepare(db, &sql, out, e);
}
