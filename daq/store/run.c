#include "daq/store/run.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/days.h"
#include "daq/store/folder.h"
#include "daq/store/lock.h"
#include "daq/store/manifest.h"
#include "daq/store/reader.h"
#include "daq/store/record.h"
#include "daq/store/run_private.h"
#include "daq/store/schema.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *run_path(const struct run *run)
{
	return run->path;
}

static void run_drop_statements(struct run *run)
{
	for (int i = 0; i < INSERT_COUNT; i++)
		sqlite3_finalize(run->insert[i]);
	for (int i = 0; i < run->groups; i++)
		sqlite3_finalize(run->group[i].insert);
	sqlite3_finalize(run->begin);
	sqlite3_finalize(run->commit);
	memset(run->insert, 0, sizeof(run->insert));
	for (int i = 0; i < run->groups; i++)
		run->group[i].insert = NULL;
	run->begin = run->commit = NULL;
}

static void run_close_database(struct run *run)
{
	run_drop_statements(run);
	sqlite3_close(run->db);
	run->db = NULL;
}

void run_free(struct run *run)
{
	if (!run)
		return;
	run_close_database(run);
	days_free(run->days);
	for (int i = 0; i < run->groups; i++) {
		free(run->group[i].channel);
		free(run->group[i].create);
		free(run->group[i].fill);
	}
	free(run->group);
	lock_drop(run->path, run->lock, 0);
	free(run);
}

void run_abandon(struct run *run)
{
	run_free(run);
}

static int run_prepare(struct run *run, struct error *e)
{
	if (database_prepare(run->db, "BEGIN", &run->begin, e) != 0)
		return -1;
	return database_prepare(run->db, "COMMIT", &run->commit, e);
}

static int run_put_about(struct run *run, const struct run_about *about, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int result;

	if (record_prepare(run->db, &record_about, &s, e) != 0)
		return -1;
	result = record_put(run->db, s, &record_about, 1, about, e);
	sqlite3_finalize(s);
	return result;
}

/* Nothing is in it yet: a folder without a run would only be in the way. */
static void run_undo_create(struct run *run)
{
	static const char *const files[] = {"run.db", "run.db-wal", "run.db-shm", "run.db-journal"};
	char path[4200];

	run_close_database(run);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", run->path, files[i]);
		unlink(path);
	}
	lock_drop(run->path, run->lock, 1);
	run->lock = -1;
	rmdir(run->path);
	run_free(run);
}

int run_create(struct run **out, const char *results, const struct run_about *about, int64_t need_bytes,
	struct error *e)
{
	struct run *run = calloc(1, sizeof(*run));
	char file[4200];

	if (!run)
		return error_set(e, ERROR_SYSTEM, "no memory for a run");
	run->lock = -1;
	if (folder_create(results, about, need_bytes, run->path, sizeof(run->path), e) != 0) {
		free(run);
		return -1;
	}
	run->lock = lock_take(run->path, e);
	snprintf(file, sizeof(file), "%s/run.db", run->path);
	if (run->lock < 0 || database_open_writer(&run->db, file, 1, e) != 0 || schema_create(run->db, e) != 0 ||
		run_put_about(run, about, e) != 0 || run_prepare(run, e) != 0 || folder_sync(run->path, e) != 0) {
		run_undo_create(run);
		return -1;
	}
	run->period = about->period;
	*out = run;
	return 0;
}

int run_in_days(struct run *run, struct error *e)
{
	if (run->groups)
		return error_set(e, ERROR_CONFIG, "run %s has its tables already", run->path);
	run->days = days_new();
	return run->days ? 0 : error_set(e, ERROR_SYSTEM, "no memory for the days of run %s", run->path);
}

static int run_load_groups(struct run *run, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code, result = -1;

	if (database_prepare(run->db, "SELECT name, every FROM rate_group ORDER BY id", &s, e) != 0)
		return -1;
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		char sql[128];
		int64_t last = -1;

		if (run_load_group(run, (const char *)sqlite3_column_text(s, 0), sqlite3_column_int(s, 1), e) != 0)
			goto out;
		if (run->days)
			continue;
		snprintf(sql, sizeof(sql), "SELECT max(tick) FROM \"%s\"", run->group[run->groups - 1].name);
		if (database_number(run->db, sql, &last, e) != 0)
			goto out;
		if (last >= run->next_tick)
			run->next_tick = last + 1;
	}
	result = code == SQLITE_DONE ? 0 : database_fail(run->db, "read the rate groups", e);
out:
	sqlite3_finalize(s);
	return result;
}

static int run_check_open(const char *folder, struct error *e)
{
	char file[4200];

	snprintf(file, sizeof(file), "%s/manifest.json", folder);
	if (access(file, F_OK) != 0)
		return 0;
	return error_set(e, ERROR_DATA, "run %s is closed: its manifest is written, nothing may be added", folder);
}

int run_open_again(struct run **out, const char *path, struct error *e)
{
	struct run *run = calloc(1, sizeof(*run));
	char file[4200];

	if (!run)
		return error_set(e, ERROR_SYSTEM, "no memory for a run");
	run->lock = -1;
	if (folder_find(path, run->path, sizeof(run->path), e) != 0 || run_check_open(run->path, e) != 0)
		goto fail;
	run->lock = lock_take(run->path, e);
	/* Asked again: whoever held the lock may have closed the run meanwhile. */
	if (run->lock < 0 || run_check_open(run->path, e) != 0)
		goto fail;
	snprintf(file, sizeof(file), "%s/run.db", run->path);
	if (database_open_writer(&run->db, file, 0, e) != 0 || schema_check(run->db, file, e) != 0 ||
		run_prepare(run, e) != 0)
		goto fail;
	*out = run;
	return 0;
fail:
	run_free(run);
	return -1;
}

static int run_check_resume(struct run *run, const char *bench_digest, struct error *e)
{
	int64_t segments = 0, closed = 0;
	char was[65] = "";

	if (database_number(run->db, "SELECT count(*) FROM segment", &segments, e) != 0 ||
		database_number(run->db, "SELECT 1 FROM run WHERE ended IS NOT NULL OR recovered IS NOT NULL", &closed,
			e) != 0 ||
		database_text(run->db, "SELECT bench_digest FROM segment ORDER BY number", was, sizeof(was), e) != 0)
		return -1;
	if (closed)
		return error_set(e, ERROR_DATA, "run %s has ended: only `heatbench runs recover` can complete it",
			run->path);
	if (segments == 0)
		return error_set(e, ERROR_DATA, "run %s never began: there is nothing to resume", run->path);
	if (strcmp(was, bench_digest) != 0)
		return error_set(e, ERROR_DATA,
			"run %s was begun with another bench: digest %.12s..., now %.12s...; a run is resumed only with "
			"unchanged bench files", run->path, was, bench_digest);
	run->count[INSERT_SEGMENT] = (int)segments;
	return 0;
}

/* Values stand in databases of days where the run says so: it has some, or the tables are not there. */
static int run_find_days(struct run *run, struct error *e)
{
	int64_t days = 0, groups = 0, tables = 0;

	if (database_number(run->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'day'", &days, e) != 0 ||
		database_number(run->db, "SELECT count(*) FROM rate_group", &groups, e) != 0 ||
		database_number(run->db, "SELECT count(*) FROM sqlite_schema s JOIN rate_group g ON s.name = g.name", &tables, e) != 0 ||
		database_number(run->db, "SELECT period FROM run", &run->period, e) != 0)
		return -1;
	if (days && tables < groups && !run->days)
		run->days = days_new();
	return 0;
}

static int run_load(struct run *run, struct error *e)
{
	if (run_find_days(run, e) != 0 || run_load_groups(run, e) != 0)
		return -1;
	return run->days ? days_resume(run, e) : 0;
}

int run_resume(struct run **out, const char *path, const char *bench_digest, struct error *e)
{
	struct run *run;

	if (run_open_again(&run, path, e) != 0)
		return -1;
	if (run_check_resume(run, bench_digest, e) != 0 || run_load(run, e) != 0) {
		run_abandon(run);
		return -1;
	}
	*out = run;
	return 0;
}

/* Adding the same file again (a resume does) is no error; another one of the same name is. */
int run_add_file(struct run *run, const char *from, const char *name, struct error *e)
{
	char to[4608], there[65], now[65];

	if (folder_check_name(name, e) != 0)
		return -1;
	if (snprintf(to, sizeof(to), "%s/%s", run->path, name) >= (int)sizeof(to))
		return error_set(e, ERROR_IO, "the name \"%.100s...\" is too long", name);
	if (access(to, F_OK) != 0)
		return folder_copy(from, to, e);
	if (file_digest(from, now, e) != 0 || file_digest(to, there, e) != 0)
		return -1;
	if (strcmp(there, now) == 0)
		return 0;
	return error_set(e, ERROR_DATA, "run %s already holds another %s than %s", run->path, name, from);
}

int run_close_evidence(struct run *run, struct error *e)
{
	char file[4200];

	/* A run that is recovered has not been told of its days yet. */
	if ((run->groups == 0 && run_load(run, e) != 0) || (run->days && days_close(run, true, e) != 0) ||
		run_commit_main(run, e) != 0)
		return -1;
	snprintf(file, sizeof(file), "%s/run.db", run->path);
	run_drop_statements(run);
	if (database_close_for_good(&run->db, file, e) != 0)
		return -1;
	if (file_sync(file, e) != 0 || manifest_write(run->path, e) != 0)
		return -1;
	lock_drop(run->path, run->lock, 1);
	run->lock = -1;
	return 0;
}

static int run_put_end(struct run *run, nanos at, const char *verdict, const char *why, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int result = 0;

	if (run_begin(run, e) != 0 ||
		database_prepare(run->db, "UPDATE run SET ended = ?, verdict = ?, why = ?", &s, e) != 0)
		return -1;
	sqlite3_bind_int64(s, 1, at);
	sqlite3_bind_text(s, 2, verdict, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, why ? why : "", -1, SQLITE_STATIC);
	if (sqlite3_step(s) != SQLITE_DONE)
		result = database_fail(run->db, "write the verdict", e);
	sqlite3_finalize(s);
	return result == 0 ? run_commit(run, e) : -1;
}

int run_finish(struct run *run, nanos at, const char *verdict, const char *why, struct error *e)
{
	int result = -1;

	if (run_commit(run, e) == 0 && run_put_end(run, at, verdict, why, e) == 0)
		result = run_close_evidence(run, e);
	run_free(run);
	return result;
}
