#include "daq/store/database.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/manifest.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static enum error_code database_error_code(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERROR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
	case SQLITE_CONSTRAINT:
	case SQLITE_ERROR:
		return ERROR_DATA;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
		return ERROR_IO;
	default:
		return ERROR_SYSTEM;
	}
}

int database_fail(struct sqlite3 *db, const char *doing, struct error *e)
{
	int code = sqlite3_extended_errcode(db);
	int number = sqlite3_system_errno(db);
	enum error_code kind = database_error_code(code);
	const char *path = sqlite3_db_filename(db, "main");
	const char *safe = (code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_IOERR
				   ? "; everything up to the last commit is safe"
				   : "";

	if (kind == ERROR_IO && number)
		return error_set(e, kind, "%s: cannot %s: %s (%s)%s", path ? path : "run.db", doing,
			sqlite3_errmsg(db), strerror(number), safe);
	return error_set(e, kind, "%s: cannot %s: %s%s", path ? path : "run.db", doing, sqlite3_errmsg(db), safe);
}

int database_exec(struct sqlite3 *db, const char *sql, struct error *e)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return database_fail(db, "write", e);
}

int database_prepare(struct sqlite3 *db, const char *sql, struct sqlite3_stmt **out, struct error *e)
{
	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK)
		return 0;
	return database_fail(db, "read the tables", e);
}

int database_number(struct sqlite3 *db, const char *sql, int64_t *out, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code;

	if (database_prepare(db, sql, &s, e) != 0)
		return -1;
	code = sqlite3_step(s);
	if (code == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
		*out = sqlite3_column_int64(s, 0);
	if (code != SQLITE_ROW && code != SQLITE_DONE) {
		database_fail(db, "read", e);
		sqlite3_finalize(s);
		return -1;
	}
	sqlite3_finalize(s);
	return 0;
}

int database_text(struct sqlite3 *db, const char *sql, char *out, size_t size, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code;

	if (database_prepare(db, sql, &s, e) != 0)
		return -1;
	code = sqlite3_step(s);
	if (code == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
		text_copy(out, size, (const char *)sqlite3_column_text(s, 0));
	if (code != SQLITE_ROW && code != SQLITE_DONE) {
		database_fail(db, "read", e);
		sqlite3_finalize(s);
		return -1;
	}
	sqlite3_finalize(s);
	return 0;
}

static int database_open(struct sqlite3 **out, const char *name, int flags, struct error *e)
{
	struct sqlite3 *db = NULL;

	if (sqlite3_open_v2(name, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		if (db)
			database_fail(db, "open", e);
		else
			error_set(e, ERROR_SYSTEM, "no memory to open %s", name);
		sqlite3_close(db);
		return -1;
	}
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, 5000);
	*out = db;
	return 0;
}

int database_open_writer(struct sqlite3 **out, const char *path, int create, struct error *e)
{
	struct sqlite3 *db;
	char mode[16] = "";

	if (create && access(path, F_OK) == 0)
		return error_set(e, ERROR_IO, "%s exists already", path);
	if (database_open(&db, path, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), e) != 0)
		return -1;
	/* Checkpoints happen inside commits of this one connection (passive, so no reader waits for them);
	 * the size limit gives back the space of a log that grew while a viewer held an old snapshot. */
	if (database_text(db, "PRAGMA journal_mode = WAL", mode, sizeof(mode), e) != 0 ||
		database_exec(db, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000; "
				  "PRAGMA journal_size_limit = 16777216", e) != 0) {
		sqlite3_close(db);
		return -1;
	}
	if (strcmp(mode, "wal") != 0) {
		sqlite3_close(db);
		return error_set(e, ERROR_IO, "%s: this file system cannot hold a write-ahead log", path);
	}
	*out = db;
	return 0;
}

/* "file:" URI of a path: what a URI gives a meaning to is written as %xx. */
static int database_uri(const char *path, char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "file:");

	for (; *path; path++) {
		if (n + 20 > size)
			return -1;
		if (strchr("?#%", *path))
			n += (size_t)snprintf(out + n, size - n, "%%%02x", (unsigned char)*path);
		else
			out[n++] = *path;
	}
	snprintf(out + n, size - n, "?immutable=1");
	return 0;
}

int database_open_reader(struct sqlite3 **out, const char *path, struct error *e)
{
	char folder[4096], log[4104], uri[8192];
	char *slash;

	text_copy(folder, sizeof(folder), path);
	snprintf(log, sizeof(log), "%s-wal", folder);
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	/* A file left in WAL mode needs a place for its index even to be read. On media that cannot be
	 * written nobody else writes either: without a log the file is all there is and stands still. */
	if (access(log, F_OK) != 0 && access(slash ? folder : ".", W_OK) != 0 &&
		database_uri(path, uri, sizeof(uri)) == 0)
		return database_open(out, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, e);
	return database_open(out, path, SQLITE_OPEN_READONLY, e);
}

int database_leave_wal(struct sqlite3 *db, struct error *e)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	char mode[16] = "";

	/* SQLite does not wait by itself here: it needs the file alone for an instant. */
	for (int i = 0; i < 25; i++) {
		struct error inner = ERROR_INIT;

		if (database_text(db, "PRAGMA journal_mode = DELETE", mode, sizeof(mode), &inner) == 0 &&
			strcmp(mode, "delete") == 0)
			return 0;
		if (inner.code != ERROR_NONE && inner.code != ERROR_BUSY)
			return error_set(e, inner.code, "%s", inner.text);
		nanosleep(&pause, NULL);
	}
	return 1;
}

static int database_replace(struct sqlite3 **db, const char *path, struct error *e)
{
	char copy[4320], beside[4320], *sql;
	int result;

	snprintf(copy, sizeof(copy), "%s.closing", path);
	unlink(copy);
	sql = sqlite3_mprintf("VACUUM INTO %Q", copy);
	if (!sql)
		return error_set(e, ERROR_SYSTEM, "no memory to close %s", path);
	result = database_exec(*db, sql, e);
	sqlite3_free(sql);
	if (result != 0) {
		unlink(copy);
		return -1;
	}
	sqlite3_close(*db);
	*db = NULL;
	if (file_sync(copy, e) != 0)
		return -1;
	if (rename(copy, path) != 0)
		return error_set_errno(e, ERROR_IO, "cannot put %s into place", copy);
	snprintf(beside, sizeof(beside), "%s-wal", path);
	unlink(beside);
	snprintf(beside, sizeof(beside), "%s-shm", path);
	unlink(beside);
	return 0;
}

int database_close_for_good(struct sqlite3 **db, const char *path, struct error *e)
{
	int watched;

	/* Busy with readers: leaving WAL checkpoints what is left, or the copy holds it. */
	sqlite3_wal_checkpoint_v2(*db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	watched = database_leave_wal(*db, e);
	if (watched < 0)
		return -1;
	if (watched)
		return database_replace(db, path, e);
	sqlite3_close(*db);
	*db = NULL;
	return 0;
}

void database_unlink(const char *path)
{
	static const char *const more[] = {"", "-wal", "-shm", "-journal"};
	char name[4400];

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, more[i]);
		unlink(name);
	}
}
