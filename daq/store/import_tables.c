#include "daq/store/import_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/export_private.h"
#include "daq/store/rows_csv.h"
#include "daq/store/run_private.h"
#include "daq/store/scan_times.h"
#include "daq/store/schema.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IMPORT_COMMIT_ROWS = 20000, SCAN_TIMES = 2 };

static int import_step(struct import_run *m, struct sqlite3_stmt *s, const char *table, struct error *e)
{
	int result = 0;
	char doing[96];

	if (sqlite3_step(s) != SQLITE_DONE) {
		snprintf(doing, sizeof(doing), "write to the table %s", table);
		result = database_fail(m->run->db, doing, e);
	}
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return result;
}

static int import_json_row(struct import_run *m, const struct content_table *table, json_t *row,
	struct sqlite3_stmt *s, struct error *e)
{
	const char *key;
	json_t *value;
	int bound = 0;

	json_object_foreach(row, key, value)
	{
		int column = content_column(table, key);

		if (column < 0)
			return error_set(e, ERROR_DATA, "%s/definitions.json: the table %s has no column \"%s\"", m->from,
				table->name, key);
		if (export_bind(value, s, column + 1, e) != 0)
			return -1;
		bound++;
	}
	if (bound != table->columns)
		return error_set(e, ERROR_DATA, "%s/definitions.json: a row of %s has %d values, not %d", m->from,
			table->name, bound, table->columns);
	return import_step(m, s, table->name, e);
}

static int import_definitions(struct import_run *m, const struct content *content, const char *name,
	struct error *e)
{
	const struct content_table *table = content_find(content, name);
	json_t *rows = json_object_get(m->tables, name), *row;
	struct sqlite3_stmt *s = NULL;
	char sql[96];
	int result = 0;
	size_t i;

	if (!rows)
		return 0; /* exported from a run of a version that did not have it */
	if (!table || !json_is_array(rows))
		return error_set(e, ERROR_DATA, "%s/definitions.json: the table %s is %s", m->from, name,
			table ? "no list" : "not known");
	/* A new run has its own row and its own list of qualities. */
	snprintf(sql, sizeof(sql), "DELETE FROM \"%s\"", name);
	if (run_begin(m->run, e) != 0 || database_exec(m->run->db, sql, e) != 0 ||
		content_insert(m->run->db, table, &s, e) != 0)
		return -1;
	json_array_foreach(rows, i, row)
		if (result == 0)
			result = import_json_row(m, table, row, s, e);
	sqlite3_finalize(s);
	return result;
}

/* Names of channels become columns: they are held against the same rule as those of a bench file. */
static int import_check_channels(const struct import_run *m, struct error *e)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(m->tables, "channel"), i, row)
	{
		const char *name = json_string_value(json_object_get(row, "name"));

		if (schema_check_name(m->run->db, "channel", name ? name : "", e) != 0)
			return -1;
	}
	return 0;
}

static int import_groups(struct import_run *m, struct error *e)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(m->tables, "rate_group"), i, row)
	{
		const char *name = json_string_value(json_object_get(row, "name"));

		if (run_define_group(m->run, name ? name : "",
			    (int)json_integer_value(json_object_get(row, "every")), e) != 0)
			return -1;
	}
	return 0;
}

static bool is_group(const struct run *run, const char *table)
{
	for (int i = 0; i < run->groups; i++)
		if (strcmp(run->group[i].name, table) == 0)
			return true;
	return false;
}

/* Which column each cell belongs to, -1 for those in parentheses and for a scan's times. */
static int import_columns(const struct rows_csv *csv, const struct content_table *table, bool scan, int *column,
	struct error *e)
{
	int found = 0;

	for (int i = 0; i < rows_csv_cells(csv); i++) {
		const char *header = rows_csv_text(csv, i);
		char name[64] = "";

		column[i] = -1;
		if (header[0] == '(' || (scan && i >= 1 && i <= SCAN_TIMES))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(header, " "), header);
		column[i] = content_column(table, name);
		if (column[i] < 0)
			return error_set(e, ERROR_DATA, "%s.csv: the table has no column \"%s\"", table->name, header);
		found++;
	}
	return found == table->columns ? 0
				       : error_set(e, ERROR_DATA, "%s.csv has %d of the %d columns of its table",
						 table->name, found, table->columns);
}

static int import_csv_row(struct import_run *m, const struct content_table *table, const struct rows_csv *csv,
	const int *column, int cells, struct sqlite3_stmt *s, struct error *e)
{
	if (rows_csv_cells(csv) != cells)
		return error_set(e, ERROR_DATA, "%s/%s.csv: a row has %d cells and the header %d", m->from, table->name,
			rows_csv_cells(csv), cells);
	for (int i = 0; i < cells; i++)
		if (column[i] >= 0 &&
			rows_csv_bind(csv, i, s, column[i] + 1, table->column[column[i]].real, e) != 0)
			return -1;
	return import_step(m, s, table->name, e);
}

/* The times beside a scan's tick are not stored: they must be those that an export of what is stored would show. */
static int import_check_times(const struct import_run *m, const struct content_table *table, const struct rows_csv *csv, int recorded,
	struct error *e)
{
	const struct scan_times times = {m->segment, m->segments, m->period};
	const char *said = recorded >= 0 ? rows_csv_text(csv, recorded) : "", *tick = rows_csv_text(csv, 0);
	char text[SCAN_TIMES][48];
	nanos since = 0;
	bool known = scan_times_since(&times, strtoll(tick, NULL, 10), recorded >= 0, said[0] ? strtod(said, NULL) : NAN, &since);

	scan_times_text(&times, known, since, text[0], text[1]);
	for (int i = 0; i < SCAN_TIMES; i++)
		if (strcmp(rows_csv_text(csv, i + 1), text[i]) != 0)
			return error_set(e, ERROR_DATA, "%s/%s.csv: tick %.20s has %s %.48s, and was at %s by definitions.json: the file was changed",
				m->from, table->name, tick, i ? "elapsed" : "utc", rows_csv_text(csv, i + 1), text[i][0] ? text[i] : "no known time");
	return 0;
}

/* The cell with recorded instants; -1: the group has none. */
static int import_time_cell(const struct import_run *m, const struct content_table *table, const int *column, int cells)
{
	json_t *row;
	size_t at;

	json_array_foreach(json_object_get(m->tables, "channel"), at, row)
	{
		const char *name = json_string_value(json_object_get(row, "name")), *role = json_string_value(json_object_get(row, "role"));

		for (int i = 0; role && name && strcmp(role, "time") == 0 && i < cells; i++)
			if (column[i] >= 0 && strcmp(table->column[column[i]].name, name) == 0)
				return i;
	}
	return -1;
}

static int import_rows(struct import_run *m, const struct content_table *table, struct rows_csv *csv,
	struct sqlite3_stmt *s, struct error *e)
{
	int cells = rows_csv_cells(csv), more, recorded;
	int *column = calloc((size_t)cells + 1, sizeof(*column));
	bool scan = is_group(m->run, table->name);
	int result = -1;

	if (!column)
		return error_set(e, ERROR_SYSTEM, "no memory for the columns of %s", table->name);
	if (import_columns(csv, table, scan, column, e) != 0)
		goto out;
	recorded = import_time_cell(m, table, column, cells);
	for (int64_t row = 1; (more = rows_csv_next(csv, e)) > 0; row++) {
		if (run_begin(m->run, e) != 0 || import_csv_row(m, table, csv, column, cells, s, e) != 0 ||
			(scan && import_check_times(m, table, csv, recorded, e) != 0))
			goto out;
		if (row % IMPORT_COMMIT_ROWS == 0 && run_commit(m->run, e) != 0)
			goto out;
		export_tell(m->progress, table->name, row, -1);
	}
	result = more;
out:
	free(column);
	return result;
}

static int import_csv(struct import_run *m, const struct content_table *table, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	struct rows_csv *csv = NULL;
	char path[4200];
	int result = -1;

	snprintf(path, sizeof(path), "%s/%s.csv", m->from, table->name);
	/* A run of a version that did not have this table. Where the file was lost, the digest will tell. */
	if (access(path, F_OK) != 0 && !is_group(m->run, table->name))
		return 0;
	if (rows_csv_open(&csv, path, e) == 0 && content_insert(m->run->db, table, &s, e) == 0)
		result = import_rows(m, table, csv, s, e);
	sqlite3_finalize(s);
	rows_csv_close(csv);
	return result;
}

static int import_all_definitions(struct import_run *m, const struct content *content, struct error *e)
{
	for (int i = 0; i < content->tables; i++) {
		const char *name = content->table[i].name;

		if (strcmp(name, "run") != 0 && strcmp(name, "rate_group") != 0 && export_is_definition(name) &&
			import_definitions(m, content, name, e) != 0)
			return -1;
	}
	return 0;
}

/* When the ticks were, by definitions.json. */
static int import_segments(struct import_run *m, struct error *e)
{
	json_t *rows = json_object_get(m->tables, "segment"), *row;
	size_t i;

	m->period = json_integer_value(json_object_get(json_array_get(json_object_get(m->tables, "run"), 0), "period"));
	m->segment = calloc(json_array_size(rows) + 1, sizeof(*m->segment));
	if (!m->segment)
		return error_set(e, ERROR_SYSTEM, "no memory for the segments of %s", m->from);
	json_array_foreach(rows, i, row)
	{
		m->segment[m->segments++] = (struct run_segment){.utc = json_integer_value(json_object_get(row, "utc")),
			.first_tick = json_integer_value(json_object_get(row, "first_tick"))};
	}
	return 0;
}

int import_tables(struct import_run *m, struct error *e)
{
	struct content content = {0, NULL};
	int result = -1;

	if (content_read(m->run->db, &content, e) != 0)
		return -1;
	if (import_segments(m, e) != 0 || import_check_channels(m, e) != 0 || import_all_definitions(m, &content, e) != 0 ||
		import_groups(m, e) != 0 || run_commit(m->run, e) != 0)
		goto out;
	content_free(&content);
	if (content_read(m->run->db, &content, e) != 0)
		goto out;
	for (int i = 0; i < content.tables; i++)
		if (!export_is_definition(content.table[i].name) && import_csv(m, &content.table[i], e) != 0)
			goto out;
	if (import_definitions(m, &content, "rate_group", e) == 0 && import_definitions(m, &content, "run", e) == 0)
		result = run_commit(m->run, e);
out:
	free(m->segment);
	m->segment = NULL;
	content_free(&content);
	return result;
}
