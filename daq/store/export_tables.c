#include "daq/store/export_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/reader_private.h"
#include "daq/store/rows_csv.h"
#include "daq/store/scan_times.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a reader would have to look up: codes and numbers of other tables in words. */
static const struct {
	const char *table, *more;
} export_words[] = {
	{"flag", ", (SELECT name FROM channel WHERE id = t.channel) AS \"(channel)\""
		 ", (SELECT name FROM quality WHERE code = t.quality) AS \"(quality)\""},
	{"block", ", (SELECT name FROM device WHERE id = t.device) AS \"(device)\""
		  ", (SELECT name FROM quality WHERE code = t.status) AS \"(status)\""},
	{"event", ", (t.at - (SELECT monotonic_zero FROM segment ORDER BY number LIMIT 1)) / 1e9 AS \"(elapsed [s])\""},
	{"mark", ", (SELECT name FROM step WHERE number = t.step) AS \"(step)\""},
};

static const char *words_for(const char *table)
{
	for (size_t i = 0; i < sizeof(export_words) / sizeof(export_words[0]); i++)
		if (strcmp(export_words[i].table, table) == 0)
			return export_words[i].more;
	return "";
}

void export_tell(const struct run_progress *progress, const char *table, int64_t row, int64_t rows)
{
	if (progress && progress->told && (row % EXPORT_TELL_ROWS == 0 || row == rows))
		progress->told(progress->self, table, row, rows);
}

static int export_open(struct export_run *x, const char *table, FILE **out, int64_t *rows, struct error *e)
{
	char path[4400];

	snprintf(path, sizeof(path), "%s/%s.csv", x->folder, table);
	*rows = 0;
	if (reader_parts_number(x->reader, table, "count(*)", READER_ADD, INT64_MIN, INT64_MAX, rows, e) != 0)
		return -1;
	*out = fopen(path, "wxe");
	return *out ? 0 : error_set_errno(e, ERROR_IO, "cannot make %s", path);
}

/* A full disk shows here at the latest. */
static int export_close(struct export_run *x, const char *table, FILE *to, int result, struct error *e)
{
	bool bad = ferror(to) != 0;

	if (fclose(to) != 0)
		bad = true;
	if (result == 0 && bad)
		return error_set_errno(e, ERROR_IO, "cannot write %s/%s.csv", x->folder, table);
	return result;
}

/* Headers of the columns that belong to the table are bare words, so that every tool takes them. */
static void export_header(const struct export_run *x, const struct content_table *table, struct sqlite3_stmt *s, FILE *to)
{
	(void)x;
	(void)table;
	for (int i = 0; i < sqlite3_column_count(s); i++)
		fprintf(to, "%s%s", i ? "," : "", sqlite3_column_name(s, i));
	putc('\n', to);
}

/* How the rows of a table are written. */
struct export_way {
	const struct content_table *table;
	const char *more;
	void (*header)(const struct export_run *x, const struct content_table *table, struct sqlite3_stmt *s, FILE *to);
	void (*put)(struct export_run *x, struct sqlite3_stmt *s, FILE *to);
};

/* The rows that one database holds; `row` counts on. */
static int export_rows(struct export_run *x, const struct export_way *way, struct sqlite3 *db, FILE *to, int64_t *row,
	int64_t rows, bool head, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code, result = 0;

	if (content_select(db, way->table, way->more, &s, e) != 0)
		return -1;
	if (head)
		way->header(x, way->table, s, to);
	while ((code = sqlite3_step(s)) == SQLITE_ROW && !ferror(to)) {
		way->put(x, s, to);
		putc('\n', to);
		export_tell(x->progress, way->table->name, ++*row, rows);
	}
	if (code != SQLITE_DONE && !ferror(to))
		result = database_fail(db, "read the rows", e);
	sqlite3_finalize(s);
	return result;
}

static int export_way(struct export_run *x, const struct export_way *way, struct error *e)
{
	struct reader_parts parts;
	struct sqlite3 *db;
	FILE *to = NULL;
	int64_t rows, row = 0;
	int more, result = 0;

	if (export_open(x, way->table->name, &to, &rows, e) != 0)
		return -1;
	more = reader_parts_begin(x->reader, way->table->name, INT64_MIN, INT64_MAX, &parts, e);
	for (int part = 0; more == 0 && result == 0; part++) {
		int found = reader_parts_next(&parts, &db, e);

		if (found <= 0) {
			more = found < 0 ? -1 : 1;
			break;
		}
		result = export_rows(x, way, db, to, &row, rows, part == 0, e);
	}
	reader_parts_end(&parts);
	return export_close(x, way->table->name, to, more < 0 ? -1 : result, e);
}

static void put_cells(struct export_run *x, struct sqlite3_stmt *s, FILE *to)
{
	(void)x;
	for (int i = 0; i < sqlite3_column_count(s); i++) {
		if (i)
			putc(',', to);
		rows_csv_put(to, s, i);
	}
}

int export_table(struct export_run *x, const struct content_table *table, struct error *e)
{
	const struct export_way way = {table, words_for(table->name), export_header, put_cells};

	return export_way(x, &way, e);
}

/* Column of a group that holds recorded instants, 0 where there is none. */
static int time_column_of(const struct export_run *x, const char *group)
{
	int column = 0;

	for (int i = 0; i < x->channels; i++) {
		if (strcmp(x->channel[i].group, group) != 0)
			continue;
		column++;
		if (strcmp(x->channel[i].role, "time") == 0)
			return column;
	}
	return 0;
}

static void put_scan(struct export_run *x, struct sqlite3_stmt *s, FILE *to)
{
	const struct scan_times times = {x->segment, x->segments, x->summary.about.period};
	int64_t tick = sqlite3_column_int64(s, 0);
	int recorded = x->time_column;
	double instant = recorded && sqlite3_column_type(s, recorded) != SQLITE_NULL ? sqlite3_column_double(s, recorded) : NAN;
	char utc[48], elapsed[32];
	nanos since = 0;
	bool known = scan_times_since(&times, tick, recorded > 0, instant, &since);

	scan_times_text(&times, known, since, utc, elapsed);
	fprintf(to, "%" PRId64 ",%s,%s", tick, utc, elapsed);
	for (int i = 1; i < sqlite3_column_count(s); i++) {
		putc(',', to);
		rows_csv_put(to, s, i);
	}
}

/* "tick,utc,elapsed [s],wilo_flow [l/h],..." */
static void scan_header(const struct export_run *x, const struct content_table *table, struct sqlite3_stmt *s, FILE *to)
{
	(void)s;
	fputs("tick,utc,elapsed [s]", to);
	for (int c = 1; c < table->columns; c++) {
		const char *unit = "";

		for (int i = 0; i < x->channels; i++)
			if (strcmp(x->channel[i].name, table->column[c].name) == 0)
				unit = x->channel[i].unit;
		fprintf(to, ",%s", table->column[c].name);
		if (unit[0])
			fprintf(to, " [%s]", unit);
	}
	putc('\n', to);
}

int export_scans(struct export_run *x, const char *group, struct error *e)
{
	const struct export_way way = {content_find(&x->content, group), "", scan_header, put_scan};

	if (!way.table)
		return error_set(e, ERROR_DATA, "%s: the table of rate group %s is missing", x->reader->file, group);
	x->time_column = time_column_of(x, group);
	return export_way(x, &way, e);
}
