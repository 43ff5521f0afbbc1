#include "daq/store/run_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/days.h"
#include "daq/store/reader.h"
#include "daq/store/record.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

int run_begin(struct run *run, struct error *e)
{
	if (run->changed && sqlite3_get_autocommit(run->db) == 0)
		return 0;
	sqlite3_step(run->begin);
	if (sqlite3_reset(run->begin) != SQLITE_OK)
		return database_fail(run->db, "begin a transaction", e);
	run->changed = true;
	return 0;
}

int run_commit_main(struct run *run, struct error *e)
{
	if (!run->changed)
		return 0;
	run->changed = false;
	/* A full disk may have undone the transaction already; that was reported where it happened. */
	if (sqlite3_get_autocommit(run->db))
		return 0;
	sqlite3_step(run->commit);
	if (sqlite3_reset(run->commit) == SQLITE_OK)
		return 0;
	database_fail(run->db, "commit", e);
	sqlite3_exec(run->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int run_commit(struct run *run, struct error *e)
{
	int result = run->days ? days_commit(run, e) : 0;

	if (run_commit_main(run, e) != 0)
		result = -1;
	return result == 0 && run->days ? days_close(run, false, e) : result;
}

static int rows_prepare(struct run *run, enum run_insert which, const char *sql, struct error *e)
{
	if (run_begin(run, e) != 0)
		return -1;
	return run->insert[which] ? 0 : database_prepare(run->db, sql, &run->insert[which], e);
}

static int rows_step(struct sqlite3 *db, struct sqlite3_stmt *s, const char *doing, struct error *e)
{
	int result = 0;

	if (sqlite3_step(s) != SQLITE_DONE)
		result = database_fail(db, doing, e);
	sqlite3_reset(s);
	return result;
}

int rows_write_scan(struct sqlite3 *db, struct sqlite3_stmt *s, const struct run_group *group, int64_t tick,
	const double *values, struct error *e)
{
	sqlite3_bind_int64(s, 1, tick);
	/* A NaN becomes NULL by itself; a whole number takes one to six bytes and comes back as a REAL. The sign
	 * of a negative zero is lost. */
	for (int i = 0; i < group->columns; i++)
		sqlite3_bind_double(s, i + 2, values[i]);
	return rows_step(db, s, "write a scan", e);
}

int rows_write_flags(struct sqlite3 *db, struct sqlite3_stmt *s, const struct run_group *group, int64_t tick,
	const uint8_t *quality, struct error *e)
{
	for (int i = 0; i < group->columns; i++) {
		if (quality[i] == QUALITY_GOOD)
			continue;
		sqlite3_bind_int64(s, 1, tick);
		sqlite3_bind_int(s, 2, group->channel[i]);
		sqlite3_bind_int(s, 3, quality[i]);
		if (rows_step(db, s, "write a flag", e) != 0)
			return -1;
	}
	return 0;
}

int run_put_scan(struct run *run, int group, int64_t tick, const double *values, const uint8_t *quality, int n,
	struct error *e)
{
	struct run_group *g;

	if (group < 0 || group >= run->groups)
		return error_set(e, ERROR_CONFIG, "run %s has no rate group %d", run->path, group);
	g = &run->group[group];
	if (n != g->columns)
		return error_set(e, ERROR_CONFIG, "rate group %s has %d channels, not %d", g->name, g->columns, n);
	if (run->days) {
		if (days_put_scan(run, group, tick, values, quality, e) != 0)
			return -1;
	} else if (rows_prepare(run, INSERT_FLAG, "INSERT INTO flag VALUES (?, ?, ?)", e) != 0 ||
		   rows_write_scan(run->db, g->insert, g, tick, values, e) != 0 ||
		   rows_write_flags(run->db, run->insert[INSERT_FLAG], g, tick, quality, e) != 0) {
		return -1;
	}
	if (tick >= run->next_tick)
		run->next_tick = tick + 1;
	return 0;
}

int rows_write_block(struct sqlite3 *db, struct sqlite3_stmt *s, int64_t id, const struct run_block *block, struct error *e)
{
	if (id)
		sqlite3_bind_int64(s, 1, id);
	else
		sqlite3_bind_null(s, 1);
	sqlite3_bind_int(s, 2, block->device);
	sqlite3_bind_int(s, 3, block->block);
	sqlite3_bind_int64(s, 4, block->tick);
	sqlite3_bind_int64(s, 5, block->before);
	sqlite3_bind_int64(s, 6, block->after);
	sqlite3_bind_int64(s, 7, block->last);
	sqlite3_bind_int64(s, 8, block->half_width);
	sqlite3_bind_int(s, 9, block->status);
	if (block->raw)
		sqlite3_bind_blob64(s, 10, block->raw, block->raw_size, SQLITE_STATIC);
	else
		sqlite3_bind_null(s, 10);
	return rows_step(db, s, "write a transaction", e);
}

int run_put_block(struct run *run, const struct run_block *block, struct error *e)
{
	if (run->days)
		return days_put_block(run, block, e);
	if (rows_prepare(run, INSERT_BLOCK, "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", e) != 0)
		return -1;
	return rows_write_block(run->db, run->insert[INSERT_BLOCK], 0, block, e);
}

static int rows_put_record(struct run *run, enum run_insert which, const struct record *record, const void *from,
	struct error *e)
{
	if (run_begin(run, e) != 0)
		return -1;
	if (!run->insert[which] && record_prepare(run->db, record, &run->insert[which], e) != 0)
		return -1;
	return record_put(run->db, run->insert[which], record, 0, from, e);
}

int run_put_event(struct run *run, nanos at, int64_t tick, const char *level, const char *source,
	const char *text, struct error *e)
{
	struct run_event event = {.at = at, .tick = tick};

	text_copy(event.level, sizeof(event.level), level);
	text_copy(event.source, sizeof(event.source), source);
	text_copy(event.text, sizeof(event.text), text);
	return rows_put_record(run, INSERT_EVENT, &record_event, &event, e);
}

int run_put_step(struct run *run, const struct run_step *step, struct error *e)
{
	return rows_put_record(run, INSERT_STEP, &record_step, step, e);
}

int run_put_mark(struct run *run, const struct run_mark *mark, struct error *e)
{
	return rows_put_record(run, INSERT_MARK, &record_mark, mark, e);
}

int run_put_health(struct run *run, const struct run_health *health, struct error *e)
{
	return rows_put_record(run, INSERT_HEALTH, &record_health, health, e);
}

int run_put_call(struct run *run, int64_t call, int64_t step, const char *what, const char *answer,
	struct error *e)
{
	struct sqlite3_stmt *s;

	if (rows_prepare(run, INSERT_CALL, "INSERT OR REPLACE INTO call VALUES (?, ?, ?, ?)", e) != 0)
		return -1;
	s = run->insert[INSERT_CALL];
	sqlite3_bind_int64(s, 1, call);
	sqlite3_bind_int64(s, 2, step);
	sqlite3_bind_text(s, 3, what, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 4, answer ? answer : "null", -1, SQLITE_STATIC);
	return rows_step(run->db, s, "write a procedure's call", e);
}

int run_put_clock_pair(struct run *run, nanos monotonic, nanos utc, nanos error_bound, struct error *e)
{
	struct sqlite3_stmt *s;

	if (rows_prepare(run, INSERT_CLOCK_PAIR, "INSERT INTO clock_pair VALUES (NULL, ?, ?, ?)", e) != 0)
		return -1;
	s = run->insert[INSERT_CLOCK_PAIR];
	sqlite3_bind_int64(s, 1, monotonic);
	sqlite3_bind_int64(s, 2, utc);
	sqlite3_bind_int64(s, 3, error_bound);
	return rows_step(run->db, s, "write a clock pair", e);
}
