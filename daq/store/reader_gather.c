#include "daq/store/reader_gather.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"

#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>

/* SQLite's functions take 100 arguments, at least: wider tables are gathered in parts, each with a count of its own. */
enum { COLUMNS = 96, MOST_PARTS = 64 };
enum { SELF, PART, TICK, FIRST }; /* arguments */

struct gathering {
	const struct reader_gather *what;
	int64_t got[MOST_PARTS];
	bool falls; /* a tick that does not go on */
};

static bool take_tick(struct gathering *g, int64_t at, int64_t tick)
{
	int64_t *to = g->what->table->tick + g->what->first + at;

	if (at > 0 && tick <= to[-1]) {
		g->falls = true;
		return false;
	}
	*to = tick;
	return true;
}

/* gather(struct gathering, part, tick, values of its columns ...) */
static void gather(sqlite3_context *context, int n, sqlite3_value **value)
{
	struct gathering *g = n > FIRST - 1 ? sqlite3_value_pointer(value[SELF], "gathering") : NULL;
	int part = g ? sqlite3_value_int(value[PART]) : 0, column = part * COLUMNS;
	int64_t at = g ? g->got[part] : 0, row = g ? g->what->first + at : 0;

	(void)context;
	if (!g || g->falls || at > g->what->room)
		return;
	if (at == g->what->room) {
		g->got[part]++; /* too many */
		return;
	}
	if (part == 0 && !take_tick(g, at, sqlite3_value_int64(value[TICK])))
		return;
	for (int i = FIRST; i < n; i++) {
		double v = sqlite3_value_double(value[i]);

		if (v == 0 && sqlite3_value_type(value[i]) == SQLITE_NULL)
			v = NAN;
		g->what->table->value[column + i - FIRST][row] = v;
	}
	g->got[part]++;
}

static void gathered(sqlite3_context *context)
{
	sqlite3_result_null(context);
}

int reader_gather_prepare(struct sqlite3 *db, struct error *e)
{
	if (sqlite3_create_function_v2(db, "gather", -1, SQLITE_UTF8, NULL, NULL, gather, gathered, NULL) != SQLITE_OK)
		return database_fail(db, "read the scans", e);
	return 0;
}

static int statement(struct text *sql, const struct reader_gather *w, int parts, struct error *e)
{
	text_add(sql, "SELECT ");
	for (int p = 0; p < parts; p++) {
		text_add(sql, "%sgather(?, %d, tick", p ? ", " : "", p);
		for (int c = p * COLUMNS; c < w->table->columns && c < (p + 1) * COLUMNS; c++)
			text_add(sql, ", \"%s\"", w->channel[w->table->channel[c]].name);
		text_add(sql, ")");
	}
	/* In the order of the primary key, the tick. */
	text_add(sql, " FROM \"%s\" WHERE tick BETWEEN %lld AND %lld", w->table->group, (long long)w->first_tick, (long long)w->last_tick);
	return sql->failed ? error_set(e, ERROR_SYSTEM, "no memory to read %s", w->table->group) : 0;
}

static int values(struct sqlite3 *db, const struct reader_gather *w, int64_t *rows, struct error *e)
{
	struct gathering g = {.what = w};
	struct text sql = TEXT_INIT;
	struct sqlite3_stmt *s = NULL;
	int parts = w->table->columns / COLUMNS + 1, result = -1;

	if (parts > MOST_PARTS)
		return error_set(e, ERROR_DATA, "%s has %d channels, more than can be read", w->table->group, w->table->columns);
	if (statement(&sql, w, parts, e) != 0 || database_prepare(db, sql.data, &s, e) != 0)
		goto out;
	for (int p = 1; p <= parts; p++)
		sqlite3_bind_pointer(s, p, &g, "gathering", NULL);
	if (sqlite3_step(s) != SQLITE_ROW)
		database_fail(db, "read the scans", e);
	else if (g.falls)
		error_set(e, ERROR_DATA, "%s: its ticks do not ascend", w->table->group);
	else
		result = 0;
	*rows = g.got[0];
out:
	sqlite3_finalize(s);
	text_free(&sql);
	return result;
}

/* Flags come in the order of ticks, as the rows do: one walk through both. */
static int flags(struct sqlite3 *db, const struct reader_gather *w, int64_t rows, struct error *e)
{
	static const char sql[] = "SELECT tick, channel, quality FROM flag WHERE tick BETWEEN ? AND ? ORDER BY tick";
	int64_t row = w->first, end = w->first + rows;
	struct sqlite3_stmt *s = NULL;
	int code, result = 0;

	if (database_prepare(db, sql, &s, e) != 0)
		return -1;
	sqlite3_bind_int64(s, 1, w->first_tick);
	sqlite3_bind_int64(s, 2, w->last_tick);
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		int64_t tick = sqlite3_column_int64(s, 0);
		int channel = sqlite3_column_int(s, 1);

		while (row < end && w->table->tick[row] < tick)
			row++;
		if (row == end)
			break;
		if (w->table->tick[row] == tick && channel >= 0 && channel < w->channels && w->column_of[channel] >= 0)
			w->table->quality[w->column_of[channel]][row] = (uint8_t)sqlite3_column_int(s, 2);
	}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		result = database_fail(db, "read the flags", e);
	sqlite3_finalize(s);
	return result;
}

int reader_gather(struct sqlite3 *db, const struct reader_gather *what, int64_t *rows, struct error *e)
{
	if (values(db, what, rows, e) != 0)
		return -1;
	return *rows > what->room ? 0 : flags(db, what, *rows, e);
}
