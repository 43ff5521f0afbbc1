#include "daq/store/reader.h"

#include "daq/base/error.h"
#include "daq/store/database.h"
#include "daq/store/reader_private.h"

#include <sqlite3.h>

static struct run_block walk_block(struct sqlite3_stmt *s)
{
	return (struct run_block){
		.device = sqlite3_column_int(s, 0),
		.block = sqlite3_column_int(s, 1),
		.tick = sqlite3_column_int64(s, 2),
		.before = sqlite3_column_int64(s, 3),
		.after = sqlite3_column_int64(s, 4),
		.last = sqlite3_column_int64(s, 5),
		.half_width = sqlite3_column_int64(s, 6),
		.status = sqlite3_column_int(s, 7),
		.raw = sqlite3_column_blob(s, 8),
		.raw_size = (size_t)sqlite3_column_bytes(s, 8),
	};
}

struct walk {
	int device;
	int64_t first_tick, last_tick;
	int (*visit)(void *self, const struct run_block *block, struct error *e);
	void *self;
};

static int walk_blocks(struct sqlite3 *db, const struct walk *walk, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code, result = 0;

	if (database_prepare(db, "SELECT device, block, tick, before, after, last, half_width, status, raw "
				 "FROM block WHERE tick BETWEEN ?1 AND ?2 AND (?3 < 0 OR device = ?3) ORDER BY id",
		    &s, e) != 0)
		return -1;
	sqlite3_bind_int64(s, 1, walk->first_tick);
	sqlite3_bind_int64(s, 2, walk->last_tick);
	sqlite3_bind_int(s, 3, walk->device);
	while (result == 0 && (code = sqlite3_step(s)) != SQLITE_DONE) {
		struct run_block block;

		if (code != SQLITE_ROW) {
			result = database_fail(db, "read the transactions", e);
			break;
		}
		block = walk_block(s);
		result = walk->visit(walk->self, &block, e);
	}
	sqlite3_finalize(s);
	return result;
}

int run_reader_blocks(struct run_reader *reader, int device, int64_t first_tick, int64_t last_tick,
	int (*visit)(void *self, const struct run_block *block, struct error *e), void *self, struct error *e)
{
	const struct walk walk = {device, first_tick, last_tick, visit, self};
	struct reader_parts parts;
	struct sqlite3 *db;
	int result = reader_parts_begin(reader, "block", first_tick, last_tick, &parts, e), more = 1;

	while (result == 0 && (more = reader_parts_next(&parts, &db, e)) > 0)
		result = walk_blocks(db, &walk, e);
	reader_parts_end(&parts);
	return result != 0 ? result : more;
}

int run_reader_calls(struct run_reader *reader,
	int (*visit)(void *self, const struct run_call *call, struct error *e), void *self, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code, result = 0;

	if (database_prepare(reader->db, "SELECT call, step, what, answer FROM call ORDER BY call", &s, e) != 0)
		return -1;
	while (result == 0 && (code = sqlite3_step(s)) != SQLITE_DONE) {
		struct run_call call;

		if (code != SQLITE_ROW) {
			result = database_fail(reader->db, "read a procedure's calls", e);
			break;
		}
		call = (struct run_call){sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
			(const char *)sqlite3_column_text(s, 2), (const char *)sqlite3_column_text(s, 3)};
		result = visit(self, &call, e);
	}
	sqlite3_finalize(s);
	return result;
}
