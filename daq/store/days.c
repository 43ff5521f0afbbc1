#include "daq/store/days.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/folder.h"
#include "daq/store/manifest.h"
#include "daq/store/reader.h"
#include "daq/store/run_private.h"
#include "daq/store/schema.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAY (86400 * NANOS_PER_S)
/* Beyond the longest rate group: what a bus that hangs may still publish. */
#define SLACK (60 * NANOS_PER_S)

enum { OPEN_DAYS = 4 };

struct day {
	char date[16];
	nanos begin; /* UTC */
	int64_t first_tick, last_tick;
	struct sqlite3 *db; /* NULL: free */
	struct sqlite3_stmt *begin_one, *commit, *flag, *block, **scan;
	int scans;
	bool changed;
};

struct run_days {
	struct day day[OPEN_DAYS];
	nanos newest; /* UTC of the latest tick */
	int64_t blocks; /* id of the latest transaction */
};

struct run_days *days_new(void)
{
	return calloc(1, sizeof(struct run_days));
}

static void release(struct day *d)
{
	for (int g = 0; g < d->scans; g++)
		sqlite3_finalize(d->scan[g]);
	free(d->scan);
	sqlite3_finalize(d->begin_one);
	sqlite3_finalize(d->commit);
	sqlite3_finalize(d->flag);
	sqlite3_finalize(d->block);
	sqlite3_close(d->db);
	*d = (struct day){.db = NULL};
}

void days_free(struct run_days *days)
{
	for (int i = 0; days && i < OPEN_DAYS; i++)
		release(&days->day[i]);
	free(days);
}

static void date_of(nanos begin, char out[16])
{
	time_t seconds = (time_t)(begin / NANOS_PER_S);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, 16, "%Y-%m-%d", &tm);
}

static int day_path(const struct run *run, const char *date, char out[4300], struct error *e)
{
	snprintf(out, 4300, "%s/days", run->path);
	if (mkdir(out, 0777) != 0 && access(out, W_OK) != 0)
		return error_set_errno(e, ERROR_IO, "cannot make the folder %s", out);
	snprintf(out, 4300, "%s/days/%s.db", run->path, date);
	return 0;
}

/* UTC of a tick of the present segment. */
static nanos utc_of(const struct run *run, int64_t tick)
{
	return run->segment.utc + (tick - run->segment.first_tick) * run->period;
}

/* What every day says of the run, so that it can be read alone. Whoever reads the run takes it from run.db. */
static int copy_definitions(struct run *run, struct day *d, struct error *e)
{
	static const char *const tables[] = {"run", "segment", "dut", "device", "certificate", "channel", "setting", "limit_row",
		"rate_group"};
	char *sql = sqlite3_mprintf("ATTACH %Q AS run_db", sqlite3_db_filename(run->db, "main"));
	int result = sql ? database_exec(d->db, sql, e) : error_set(e, ERROR_SYSTEM, "no memory for a day of run %s", run->path);

	sqlite3_free(sql);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && result == 0; i++) {
		char copy[128];

		snprintf(copy, sizeof(copy), "INSERT INTO main.\"%s\" SELECT * FROM run_db.\"%s\"", tables[i], tables[i]);
		result = database_exec(d->db, copy, e);
	}
	return result == 0 ? database_exec(d->db, "DETACH run_db", e) : -1;
}

/* The wide tables, made where they are not there yet. */
static int prepare_scans(struct run *run, struct day *d, bool create, struct error *e)
{
	d->scan = calloc((size_t)run->groups + 1, sizeof(*d->scan));
	if (!d->scan)
		return error_set(e, ERROR_SYSTEM, "no memory for a day of run %s", run->path);
	for (int g = 0; g < run->groups; g++) {
		if (create && database_exec(d->db, run->group[g].create, e) != 0)
			return -1;
		if (database_prepare(d->db, run->group[g].fill, &d->scan[g], e) != 0)
			return -1;
		d->scans++;
	}
	return 0;
}

static int prepare(struct run *run, struct day *d, bool create, struct error *e)
{
	if (database_prepare(d->db, "BEGIN", &d->begin_one, e) != 0 || database_prepare(d->db, "COMMIT", &d->commit, e) != 0 ||
		database_prepare(d->db, "INSERT INTO flag VALUES (?, ?, ?)", &d->flag, e) != 0 ||
		database_prepare(d->db, "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", &d->block, e) != 0)
		return -1;
	return prepare_scans(run, d, create, e);
}

/* The run knows of a day before the day is there: after a crash between the two it is made again. */
static int tell_of_day(struct run *run, const struct day *d, struct error *e)
{
	char *sql = sqlite3_mprintf("INSERT OR IGNORE INTO day VALUES (%Q, %lld, NULL, NULL)", d->date, (long long)d->first_tick);
	int result = sql ? 0 : error_set(e, ERROR_SYSTEM, "no memory for a day of run %s", run->path);

	if (result == 0 && (run_begin(run, e) != 0 || database_exec(run->db, sql, e) != 0 || run_commit_main(run, e) != 0))
		result = -1;
	sqlite3_free(sql);
	return result;
}

static struct day *make_day(struct run *run, struct day *d, nanos begin, int64_t tick, struct error *e)
{
	char path[4300], folder[4200];

	*d = (struct day){.begin = begin, .first_tick = tick, .last_tick = tick};
	date_of(begin, d->date);
	snprintf(folder, sizeof(folder), "%s/days", run->path);
	if (day_path(run, d->date, path, e) != 0 || tell_of_day(run, d, e) != 0)
		return NULL;
	database_unlink(path); /* half made when a crash came: nothing was committed to it */
	if (database_open_writer(&d->db, path, 1, e) != 0 || schema_create(d->db, e) != 0 || copy_definitions(run, d, e) != 0 ||
		prepare(run, d, true, e) != 0 || folder_sync(folder, e) != 0) {
		release(d);
		return NULL;
	}
	return d;
}

/* The open day of a tick; the one before stays open for what is late. What comes later still goes to the oldest that is open:
 * its row says which tick it is of. */
static struct day *day_for(struct run *run, int64_t tick, struct error *e)
{
	struct run_days *days = run->days;
	nanos utc = utc_of(run, tick), begin = utc - (utc % DAY + DAY) % DAY;
	struct day *free_one = NULL, *oldest = NULL;

	if (utc > days->newest)
		days->newest = utc;
	for (int i = 0; i < OPEN_DAYS; i++) {
		struct day *d = &days->day[i];

		if (!d->db) {
			free_one = free_one ? free_one : d;
			continue;
		}
		if (d->begin == begin)
			return d;
		if (!oldest || d->begin < oldest->begin)
			oldest = d;
	}
	if (oldest && begin < oldest->begin)
		return oldest;
	if (free_one)
		return make_day(run, free_one, begin, tick, e);
	error_set(e, ERROR_DATA, "run %s has %d days open at once", run->path, OPEN_DAYS);
	return NULL;
}

static int begin_day(struct day *d, struct error *e)
{
	if (d->changed && sqlite3_get_autocommit(d->db) == 0)
		return 0;
	sqlite3_step(d->begin_one);
	if (sqlite3_reset(d->begin_one) != SQLITE_OK)
		return database_fail(d->db, "begin a transaction", e);
	d->changed = true;
	return 0;
}

int days_put_scan(struct run *run, int group, int64_t tick, const double *values, const uint8_t *quality, struct error *e)
{
	struct day *d = day_for(run, tick, e);

	if (!d || begin_day(d, e) != 0 || rows_write_scan(d->db, d->scan[group], &run->group[group], tick, values, e) != 0 ||
		rows_write_flags(d->db, d->flag, &run->group[group], tick, quality, e) != 0)
		return -1;
	if (tick > d->last_tick)
		d->last_tick = tick;
	if (tick < d->first_tick)
		d->first_tick = tick;
	return 0;
}

int days_put_block(struct run *run, const struct run_block *block, struct error *e)
{
	struct day *d = day_for(run, block->tick, e);

	if (!d || begin_day(d, e) != 0)
		return -1;
	return rows_write_block(d->db, d->block, ++run->days->blocks, block, e);
}

static int commit_day(struct day *d, struct error *e)
{
	if (!d->changed)
		return 0;
	d->changed = false;
	/* A full disk may have undone the transaction already; that was reported where it happened. */
	if (sqlite3_get_autocommit(d->db))
		return 0;
	sqlite3_step(d->commit);
	if (sqlite3_reset(d->commit) == SQLITE_OK)
		return 0;
	database_fail(d->db, "commit", e);
	sqlite3_exec(d->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int days_commit(struct run *run, struct error *e)
{
	int result = 0;

	for (int i = 0; i < OPEN_DAYS; i++)
		if (run->days->day[i].db && commit_day(&run->days->day[i], e) != 0)
			result = -1;
	return result;
}

static int close_day(struct run *run, struct day *d, struct error *e)
{
	char path[4300], sha256[65], *sql;
	struct day told = *d;
	int result;

	snprintf(path, sizeof(path), "%s/days/%s.db", run->path, d->date);
	if (commit_day(d, e) != 0)
		return -1;
	for (int g = 0; g < d->scans; g++)
		sqlite3_finalize(d->scan[g]);
	d->scans = 0;
	sqlite3_finalize(d->begin_one);
	sqlite3_finalize(d->commit);
	sqlite3_finalize(d->flag);
	sqlite3_finalize(d->block);
	d->begin_one = d->commit = d->flag = d->block = NULL;
	result = database_close_for_good(&d->db, path, e);
	release(d);
	if (result != 0 || file_sync(path, e) != 0 || file_digest(path, sha256, e) != 0)
		return -1;
	chmod(path, 0444);
	sql = sqlite3_mprintf("UPDATE day SET first_tick = %lld, last_tick = %lld, sha256 = %Q WHERE date = %Q",
		(long long)told.first_tick, (long long)told.last_tick, sha256, told.date);
	result = !sql		       ? error_set(e, ERROR_SYSTEM, "no memory for a day of run %s", run->path)
		 : run_begin(run, e) != 0 ? -1
					  : database_exec(run->db, sql, e);
	sqlite3_free(sql);
	return result == 0 ? run_commit_main(run, e) : -1;
}

int days_close(struct run *run, bool all, struct error *e)
{
	nanos longest = 0;

	for (int g = 0; g < run->groups; g++)
		if (run->group[g].every * run->period > longest)
			longest = run->group[g].every * run->period;
	for (int i = 0; i < OPEN_DAYS; i++) {
		struct day *d = &run->days->day[i];

		if (d->db && (all || run->days->newest > d->begin + DAY + longest + SLACK) && close_day(run, d, e) != 0)
			return -1;
	}
	return 0;
}

/* Whether making it came to its end. */
static bool whole(const struct run *run, struct day *d)
{
	for (int g = 0; g < run->groups; g++) {
		struct error ignored = ERROR_INIT;
		char sql[128];
		int64_t there = 0;

		snprintf(sql, sizeof(sql), "SELECT count(*) FROM sqlite_schema WHERE name = '%s'", run->group[g].name);
		if (database_number(d->db, sql, &there, &ignored) != 0 || !there)
			return false;
	}
	return true;
}

static int take_up(struct run *run, const char *date, int64_t first_tick, struct error *e)
{
	struct day *d = NULL;
	struct tm tm = {0};
	char path[4300];
	int64_t blocks = 0;

	for (int i = 0; i < OPEN_DAYS && !d; i++)
		d = run->days->day[i].db ? NULL : &run->days->day[i];
	if (!d || sscanf(date, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
		return error_set(e, ERROR_DATA, "run %s: its days are damaged at %s", run->path, date);
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*d = (struct day){.begin = (nanos)timegm(&tm) * NANOS_PER_S, .first_tick = first_tick, .last_tick = first_tick};
	text_copy(d->date, sizeof(d->date), date);
	if (day_path(run, date, path, e) != 0)
		return -1;
	if (access(path, F_OK) != 0)
		return 0; /* never came into being: made when its first row comes */
	if (database_open_writer(&d->db, path, 0, e) != 0)
		return -1;
	if (!whole(run, d)) { /* nothing was committed to it */
		release(d);
		return 0;
	}
	if (prepare(run, d, false, e) != 0 || database_number(d->db, "SELECT max(id) FROM block", &blocks, e) != 0)
		return -1;
	for (int g = 0; g < run->groups; g++) {
		char sql[96];
		int64_t last = -1;

		snprintf(sql, sizeof(sql), "SELECT max(tick) FROM \"%s\"", run->group[g].name);
		if (database_number(d->db, sql, &last, e) != 0)
			return -1;
		d->last_tick = last > d->last_tick ? last : d->last_tick;
		run->next_tick = last >= run->next_tick ? last + 1 : run->next_tick;
	}
	if (blocks > run->days->blocks)
		run->days->blocks = blocks;
	return 0;
}

/* The latest transaction of the days that are closed: the ids count on. */
static int count_on(struct run *run, const char *date, struct error *e)
{
	struct sqlite3 *db = NULL;
	char path[4300];
	int result;

	snprintf(path, sizeof(path), "%s/days/%s.db", run->path, date);
	if (database_open_reader(&db, path, e) != 0)
		return -1;
	result = database_number(db, "SELECT max(id) FROM block", &run->days->blocks, e);
	sqlite3_close(db);
	return result;
}

int days_resume(struct run *run, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code, result = -1;

	if (database_prepare(run->db, "SELECT date, first_tick, last_tick, sha256 FROM day ORDER BY date", &s, e) != 0)
		return -1;
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		const char *date = (const char *)sqlite3_column_text(s, 0);

		if (sqlite3_column_type(s, 3) == SQLITE_NULL) {
			if (take_up(run, date, sqlite3_column_int64(s, 1), e) != 0)
				goto out;
			continue;
		}
		if (sqlite3_column_int64(s, 2) >= run->next_tick)
			run->next_tick = sqlite3_column_int64(s, 2) + 1;
		if (count_on(run, date, e) != 0)
			goto out;
	}
	result = code == SQLITE_DONE ? 0 : database_fail(run->db, "read the days", e);
out:
	sqlite3_finalize(s);
	return result;
}
