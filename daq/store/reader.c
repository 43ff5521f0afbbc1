#include "daq/store/reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/folder.h"
#include "daq/store/reader_gather.h"
#include "daq/store/reader_private.h"
#include "daq/store/record.h"
#include "daq/store/schema.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int run_reader_open(struct run_reader **out, const char *path, struct error *e)
{
	struct run_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return error_set(e, ERROR_SYSTEM, "no memory to read a run");
	if (folder_find(path, reader->folder, sizeof(reader->folder), e) != 0)
		goto fail;
	snprintf(reader->file, sizeof(reader->file), "%s/run.db", reader->folder);
	if (database_open_reader(&reader->db, reader->file, e) != 0 || reader_gather_prepare(reader->db, e) != 0)
		goto fail;
	if (schema_check(reader->db, reader->file, e) != 0)
		goto fail;
	*out = reader;
	return 0;
fail:
	run_reader_close(reader);
	return -1;
}

void run_reader_close(struct run_reader *reader)
{
	if (!reader)
		return;
	sqlite3_close(reader->db);
	free(reader);
}

const char *run_reader_path(const struct run_reader *reader)
{
	return reader->folder;
}

/* First and last tick of the days that are closed, which know theirs; -1: there is none. */
static int closed_extent(struct run_reader *reader, int64_t *first, int64_t *last, struct error *e)
{
	int64_t days = 0;

	*first = *last = -1;
	if (database_number(reader->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'day'", &days, e) != 0)
		return -1;
	if (days == 0)
		return 0;
	return database_number(reader->db, "SELECT min(first_tick) FROM day WHERE last_tick IS NOT NULL", first, e) != 0
		       ? -1
		       : database_number(reader->db, "SELECT max(last_tick) FROM day", last, e);
}

/* Rows of the fastest group, first and last tick of all. */
static int reader_extent(struct run_reader *reader, struct run_summary *out, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int64_t closed, since;
	int code, result = -1;

	if (closed_extent(reader, &closed, &out->last_tick, e) != 0 ||
		database_prepare(reader->db, "SELECT name FROM rate_group ORDER BY every, id", &s, e) != 0)
		return -1;
	out->first_tick = closed;
	since = closed < 0 ? INT64_MIN : out->last_tick + 1;
	for (int i = 0; (code = sqlite3_step(s)) == SQLITE_ROW; i++) {
		const char *name = (const char *)sqlite3_column_text(s, 0);
		int64_t first = -1, last = -1;

		if ((i == 0 && reader_parts_number(reader, name, "count(*)", READER_ADD, INT64_MIN, INT64_MAX, &out->scans, e) != 0) ||
			(closed < 0 && reader_parts_number(reader, name, "min(tick)", READER_LEAST, since, INT64_MAX, &first, e) != 0) ||
			reader_parts_number(reader, name, "max(tick)", READER_MOST, since, INT64_MAX, &last, e) != 0)
			goto out;
		if (first >= 0 && (out->first_tick < 0 || first < out->first_tick))
			out->first_tick = first;
		if (last > out->last_tick)
			out->last_tick = last;
	}
	result = code == SQLITE_DONE ? 0 : database_fail(reader->db, "read the rate groups", e);
out:
	sqlite3_finalize(s);
	return result;
}

static int reader_about(struct run_reader *reader, struct run_about *out, struct error *e)
{
	void *rows = NULL;
	int count = 0;

	if (record_read(reader->db, &record_about, &rows, &count, e) != 0)
		return -1;
	if (count == 1)
		*out = *(struct run_about *)rows;
	free(rows);
	return count == 1 ? 0 : error_set(e, ERROR_DATA, "%s: the table run is empty", reader->file);
}

int run_reader_summary(struct run_reader *reader, struct run_summary *out, struct error *e)
{
	struct run_summary summary = {.scans = 0};
	int64_t segments = 0;

	if (reader_about(reader, &summary.about, e) != 0 ||
		database_text(reader->db, "SELECT verdict FROM run", summary.verdict, sizeof(summary.verdict), e) != 0 ||
		database_text(reader->db, "SELECT why FROM run", summary.why, sizeof(summary.why), e) != 0 ||
		database_number(reader->db, "SELECT ended FROM run", &summary.ended_utc, e) != 0 ||
		database_number(reader->db, "SELECT count(*) FROM segment", &segments, e) != 0 ||
		reader_extent(reader, &summary, e) != 0)
		return -1;
	summary.segments = (int)segments;
	*out = summary;
	return 0;
}

static int reader_rows(struct run_reader *reader, const struct record *record, void **out, int *count,
	struct error *e)
{
	return record_read(reader->db, record, out, count, e);
}

/* clang-format off */
#define READER_ROWS(name, type, record)								\
	int run_reader_##name(struct run_reader *reader, struct type **out, int *count, struct error *e)	\
	{											\
		void *rows = NULL;								\
												\
		if (reader_rows(reader, record, &rows, count, e) != 0)				\
			return -1;								\
		*out = rows;									\
		return 0;									\
	}

READER_ROWS(duts, run_dut, &record_dut)
READER_ROWS(devices, run_device, &record_device)
READER_ROWS(certificates, run_certificate, &record_certificate)
READER_ROWS(channels, run_channel, &record_channel)
READER_ROWS(limits, run_limit, &record_limit)
READER_ROWS(settings, run_setting, &record_setting)
READER_ROWS(segments, run_segment, &record_segment)
READER_ROWS(steps, run_step, &record_step)
READER_ROWS(marks, run_mark, &record_mark)
READER_ROWS(health, run_health, &record_health)
READER_ROWS(events, run_event, &record_event)
READER_ROWS(clock_pairs, run_clock_pair, &record_clock_pair)
/* clang-format on */

int run_reader_groups(struct run_reader *reader, struct run_rate **out, int *count, struct error *e)
{
	void *rows = NULL;

	if (reader_rows(reader, &record_rate, &rows, count, e) != 0)
		return -1;
	*out = rows;
	return 0;
}

int run_reader_call(struct run_reader *reader, int64_t call, int64_t *step, char **what, char **answer,
	struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	char *said = NULL, *answered = NULL;
	int code, result = -1;

	if (database_prepare(reader->db, "SELECT step, what, answer FROM call WHERE call = ?", &s, e) != 0)
		return -1;
	sqlite3_bind_int64(s, 1, call);
	code = sqlite3_step(s);
	if (code == SQLITE_ROW) {
		said = strdup((const char *)sqlite3_column_text(s, 1));
		answered = strdup((const char *)sqlite3_column_text(s, 2));
		if (!said || !answered) {
			error_set(e, ERROR_SYSTEM, "no memory for a procedure's call");
			goto out;
		}
		*step = sqlite3_column_int64(s, 0);
	} else if (code != SQLITE_DONE) {
		database_fail(reader->db, "read a procedure's call", e);
		goto out;
	}
	*what = said;
	*answer = answered;
	said = answered = NULL;
	result = 0;
out:
	sqlite3_finalize(s);
	free(said);
	free(answered);
	return result;
}
