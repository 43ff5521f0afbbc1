#include "daq/store/reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/reader_private.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a table is read with. */
struct table_source {
	struct run_channel *channel;
	struct run_segment *segment;
	int channels, segments;
	nanos period;
	int64_t first_tick, last_tick;
	const bool *wanted; /* [channels of the run]; NULL: all */
};

void run_table_free(struct run_table *table)
{
	if (table->value)
		free(table->value[0]);
	if (table->quality)
		free(table->quality[0]);
	free(table->value);
	free(table->quality);
	free(table->channel);
	free(table->tick);
	free(table->time);
	*table = (struct run_table){.rows = 0};
}

/* All columns lie in one piece of memory, one after the other. */
static int table_allocate(struct run_table *t, int64_t rows, struct error *e)
{
	size_t n = (size_t)(rows > 0 ? rows : 1), columns = (size_t)(t->columns > 0 ? t->columns : 1);

	t->tick = malloc(n * sizeof(*t->tick));
	t->time = malloc(n * sizeof(*t->time));
	t->value = calloc(columns, sizeof(*t->value));
	t->quality = calloc(columns, sizeof(*t->quality));
	if (!t->tick || !t->time || !t->value || !t->quality)
		goto fail;
	t->value[0] = malloc(columns * n * sizeof(**t->value));
	t->quality[0] = calloc(columns, n);
	if (!t->value[0] || !t->quality[0])
		goto fail;
	for (size_t c = 1; c < columns; c++) {
		t->value[c] = t->value[0] + c * n;
		t->quality[c] = t->quality[0] + c * n;
	}
	return 0;
fail:
	return error_set(e, ERROR_SYSTEM, "no memory for %lld rows of %d channels", (long long)rows, t->columns);
}

static int table_source_read(struct run_reader *reader, struct table_source *from, struct error *e)
{
	if (run_reader_channels(reader, &from->channel, &from->channels, e) != 0 ||
		run_reader_segments(reader, &from->segment, &from->segments, e) != 0)
		return -1;
	return database_number(reader->db, "SELECT period FROM run", &from->period, e);
}

static void table_source_free(struct table_source *from)
{
	free(from->channel);
	free(from->segment);
}

static int table_columns(struct run_table *t, const struct table_source *from, struct text *sql, struct error *e)
{
	t->channel = calloc((size_t)from->channels + 1, sizeof(*t->channel));
	if (!t->channel)
		return error_set(e, ERROR_SYSTEM, "no memory for the channels of %s", t->group);
	text_add(sql, "SELECT tick");
	for (int i = 0; i < from->channels; i++) {
		if (strcmp(from->channel[i].group, t->group) != 0 ||
			(from->wanted && !from->wanted[i] && strcmp(from->channel[i].role, "time") != 0))
			continue;
		t->channel[t->columns++] = i;
		text_add(sql, ", \"%s\"", from->channel[i].name);
	}
	text_add(sql, " FROM \"%s\" WHERE tick BETWEEN %lld AND %lld ORDER BY tick", t->group, (long long)from->first_tick,
		(long long)from->last_tick);
	return sql->failed ? error_set(e, ERROR_SYSTEM, "no memory to read %s", t->group) : 0;
}

static int table_values(struct sqlite3 *db, struct run_table *t, const char *sql, int64_t rows, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code = SQLITE_DONE, result = -1;

	if (database_prepare(db, sql, &s, e) != 0)
		return -1;
	while (t->rows < rows && (code = sqlite3_step(s)) == SQLITE_ROW) {
		t->tick[t->rows] = sqlite3_column_int64(s, 0);
		for (int c = 0; c < t->columns; c++)
			t->value[c][t->rows] = sqlite3_column_type(s, c + 1) == SQLITE_NULL
						       ? NAN
						       : sqlite3_column_double(s, c + 1);
		t->rows++;
	}
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		result = 0;
	else
		database_fail(db, "read the scans", e);
	sqlite3_finalize(s);
	return result;
}

/* Flags come in the order of ticks, as the rows from `row` on do: one walk through both. */
static int table_flags(struct sqlite3 *db, struct run_table *t, int64_t row, const int *column_of,
	const struct table_source *from, struct error *e)
{
	static const char sql[] = "SELECT tick, channel, quality FROM flag WHERE tick BETWEEN ? AND ? ORDER BY tick";
	struct sqlite3_stmt *s = NULL;
	int channels = from->channels, code, result = 0;

	if (database_prepare(db, sql, &s, e) != 0)
		return -1;
	sqlite3_bind_int64(s, 1, from->first_tick);
	sqlite3_bind_int64(s, 2, from->last_tick);
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		int64_t tick = sqlite3_column_int64(s, 0);
		int channel = sqlite3_column_int(s, 1);

		while (row < t->rows && t->tick[row] < tick)
			row++;
		if (row == t->rows)
			break;
		if (t->tick[row] == tick && channel >= 0 && channel < channels && column_of[channel] >= 0)
			t->quality[column_of[channel]][row] = (uint8_t)sqlite3_column_int(s, 2);
	}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		result = database_fail(db, "read the flags", e);
	sqlite3_finalize(s);
	return result;
}

static void table_times(struct run_table *t, const struct table_source *from)
{
	double origin = from->segments ? (double)from->segment[0].utc / 1e9 : 0.0;
	int s = 0;

	for (int c = 0; c < t->columns; c++) {
		if (strcmp(from->channel[t->channel[c]].role, "time") != 0)
			continue;
		for (int64_t i = 0; i < t->rows; i++)
			t->time[i] = t->value[c][i] - origin;
		return;
	}
	for (int64_t i = 0; i < t->rows; i++) {
		nanos since = t->tick[i] * from->period;

		while (s + 1 < from->segments && from->segment[s + 1].first_tick <= t->tick[i])
			s++;
		if (from->segments)
			since = from->segment[s].utc - from->segment[0].utc +
				(t->tick[i] - from->segment[s].first_tick) * from->period;
		t->time[i] = (double)since / 1e9;
	}
}

/* Scans and flags of a database inside one read transaction, so that they are of the same instant of a run being written. */
static int table_parts(struct run_reader *reader, struct run_table *t, const char *sql, int64_t rows, const int *column_of,
	const struct table_source *from, struct error *e)
{
	struct reader_parts parts;
	struct sqlite3 *db;
	int more = reader_parts_begin(reader, t->group, from->first_tick, from->last_tick, &parts, e);

	if (more == 0)
		while ((more = reader_parts_next(&parts, &db, e)) > 0) {
			int64_t before = t->rows;

			if (table_values(db, t, sql, rows, e) != 0 || table_flags(db, t, before, column_of, from, e) != 0) {
				more = -1;
				break;
			}
		}
	reader_parts_end(&parts);
	return more;
}

static int table_read(struct run_reader *reader, struct run_table *t, const struct table_source *from,
	struct error *e)
{
	struct text sql = TEXT_INIT;
	int *column_of = calloc((size_t)from->channels + 1, sizeof(*column_of));
	int64_t rows = 0;
	int result = -1;

	if (!column_of) {
		error_set(e, ERROR_SYSTEM, "no memory for the channels of %s", t->group);
		goto out;
	}
	/* How many rows there are room for: what comes meanwhile is left for the next time. */
	if (table_columns(t, from, &sql, e) != 0 || reader_parts_number(reader, t->group, "count(*)", READER_ADD, from->first_tick, from->last_tick, &rows, e) != 0 ||
		table_allocate(t, rows, e) != 0)
		goto out;
	for (int i = 0; i < from->channels; i++)
		column_of[i] = -1;
	for (int c = 0; c < t->columns; c++)
		column_of[t->channel[c]] = c;
	if (table_parts(reader, t, sql.data, rows, column_of, from, e) != 0)
		goto out;
	table_times(t, from);
	result = 0;
out:
	free(column_of);
	text_free(&sql);
	return result;
}

static int table_every(struct run_reader *reader, const char *group, int *every, struct error *e)
{
	struct run_rate *rates = NULL;
	int count = 0, found = 0;

	if (run_reader_groups(reader, &rates, &count, e) != 0)
		return -1;
	for (int i = 0; i < count; i++)
		if (strcmp(rates[i].group, group) == 0) {
			*every = rates[i].every;
			found = 1;
		}
	free(rates);
	return found ? 0 : error_set(e, ERROR_DATA, "%s has no rate group \"%s\"", reader->file, group);
}

static int read_group(struct run_reader *reader, const char *group, struct table_source *from, struct run_table *out, struct error *e)
{
	struct run_table t = {.rows = 0};
	int result = -1;

	if (database_exec(reader->db, "BEGIN", e) != 0)
		return -1;
	text_copy(t.group, sizeof(t.group), group);
	if (table_every(reader, group, &t.every, e) == 0 && table_source_read(reader, from, e) == 0 && table_read(reader, &t, from, e) == 0) {
		*out = t;
		result = 0;
	} else {
		run_table_free(&t);
	}
	sqlite3_exec(reader->db, "COMMIT", NULL, NULL, NULL);
	table_source_free(from);
	return result;
}

int run_reader_table_between(struct run_reader *reader, const char *group, int64_t first_tick, int64_t last_tick,
	struct run_table *out, struct error *e)
{
	return read_group(reader, group, &(struct table_source){.first_tick = first_tick, .last_tick = last_tick}, out, e);
}

int run_reader_table_of(struct run_reader *reader, const char *group, const bool *wanted, struct run_table *out, struct error *e)
{
	return read_group(reader, group, &(struct table_source){.first_tick = INT64_MIN, .last_tick = INT64_MAX, .wanted = wanted}, out, e);
}

int run_reader_table_since(struct run_reader *reader, const char *group, int64_t first_tick, struct run_table *out,
	struct error *e)
{
	return run_reader_table_between(reader, group, first_tick, INT64_MAX, out, e);
}

int run_reader_table(struct run_reader *reader, const char *group, struct run_table *out, struct error *e)
{
	return run_reader_table_since(reader, group, INT64_MIN, out, e);
}
