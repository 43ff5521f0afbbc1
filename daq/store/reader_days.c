#include "daq/store/reader_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Days whose file is there (one that was only announced holds nothing) and that lie between the ticks. */
static int read_days(struct reader_parts *parts, int64_t first_tick, int64_t last_tick, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code, result = -1;

	if (database_prepare(parts->reader->db, "SELECT date FROM day WHERE last_tick IS NULL OR (last_tick >= ? AND first_tick <= ?) "
					      "ORDER BY date", &s, e) != 0)
		return -1;
	sqlite3_bind_int64(s, 1, first_tick);
	sqlite3_bind_int64(s, 2, last_tick);
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		const char *date = (const char *)sqlite3_column_text(s, 0);
		char(*grown)[16] = realloc(parts->date, (size_t)(parts->count + 1) * sizeof(*grown)), path[4300];

		if (!grown) {
			error_set(e, ERROR_SYSTEM, "no memory for the days of %s", parts->reader->folder);
			goto out;
		}
		parts->date = grown;
		snprintf(path, sizeof(path), "%s/days/%s.db", parts->reader->folder, date);
		if (text_copy(grown[parts->count], sizeof(*grown), date) && access(path, F_OK) == 0)
			parts->count++;
	}
	result = code == SQLITE_DONE ? 0 : database_fail(parts->reader->db, "read the days", e);
out:
	sqlite3_finalize(s);
	return result;
}

/* Asked each time: a run that is being written gets another day at midnight. */
int reader_parts_begin(struct run_reader *reader, const char *table, int64_t first_tick, int64_t last_tick,
	struct reader_parts *parts, struct error *e)
{
	int64_t days = 0, own = 0;
	char sql[160];

	*parts = (struct reader_parts){.reader = reader, .count = 1};
	if (database_number(reader->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'day'", &days, e) != 0)
		return -1;
	if (days && database_number(reader->db, "SELECT count(*) FROM day", &days, e) != 0)
		return -1;
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM rate_group WHERE name = '%s'", table);
	if (days && database_number(reader->db, sql, &own, e) != 0)
		return -1;
	if (!days || (!own && strcmp(table, "flag") != 0 && strcmp(table, "block") != 0))
		return 0;
	parts->in_days = true;
	parts->count = 0;
	return read_days(parts, first_tick, last_tick, e);
}

static void leave(struct reader_parts *parts)
{
	if (parts->day) {
		sqlite3_exec(parts->day, "COMMIT", NULL, NULL, NULL);
		sqlite3_close(parts->day);
	}
	parts->day = NULL;
}

int reader_parts_next(struct reader_parts *parts, struct sqlite3 **db, struct error *e)
{
	char path[4300];

	leave(parts);
	if (parts->at == parts->count)
		return 0;
	*db = parts->reader->db;
	if (parts->in_days) {
		snprintf(path, sizeof(path), "%s/days/%s.db", parts->reader->folder, parts->date[parts->at]);
		if (database_open_reader(&parts->day, path, e) != 0 || database_exec(parts->day, "BEGIN", e) != 0)
			return -1;
		*db = parts->day;
	}
	parts->at++;
	return 1;
}

void reader_parts_end(struct reader_parts *parts)
{
	leave(parts);
	free(parts->date);
	parts->date = NULL;
}

int reader_parts_number(struct run_reader *reader, const char *table, const char *what, enum reader_sum sum, int64_t first_tick,
	int64_t last_tick, int64_t *out, struct error *e)
{
	struct reader_parts parts;
	struct sqlite3 *db;
	char sql[240], where[80] = "";
	int found = -1;

	if (first_tick > INT64_MIN || last_tick < INT64_MAX)
		snprintf(where, sizeof(where), " WHERE tick BETWEEN %lld AND %lld", (long long)first_tick, (long long)last_tick);
	snprintf(sql, sizeof(sql), "SELECT %s FROM \"%s\"%s", what, table, where);
	if (reader_parts_begin(reader, table, first_tick, last_tick, &parts, e) == 0)
		while ((found = reader_parts_next(&parts, &db, e)) > 0) {
			int64_t one = INT64_MIN;

			if (database_number(db, sql, &one, e) != 0) {
				found = -1;
				break;
			}
			if (one == INT64_MIN)
				continue;
			*out = sum == READER_ADD			       ? *out + one
			       : sum == READER_LEAST && (*out < 0 || one < *out) ? one
			       : sum == READER_MOST && one > *out	       ? one
									       : *out;
		}
	reader_parts_end(&parts);
	return found;
}
