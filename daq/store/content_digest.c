#include "daq/store/content.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/digest.h"
#include "daq/store/reader.h"
#include "daq/store/reader_private.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* Sixteen digits by hand: printf would take most of the time of a month's run. */
static void digest_add_real(struct digest *d, double value)
{
	static const char digits[] = "0123456789abcdef";
	char line[18] = "R";
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	for (int i = 16; i > 0; i--, bits >>= 4)
		line[i] = digits[bits & 15];
	line[17] = ';';
	digest_add(d, line, sizeof(line));
}

static void digest_add_integer(struct digest *d, int64_t value)
{
	char line[24];
	int n = snprintf(line, sizeof(line), "I%" PRId64 ";", value);

	digest_add(d, line, (size_t)n);
}

static void digest_add_bytes(struct digest *d, char kind, const void *bytes, size_t length)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "%c%zu:", kind, length);

	digest_add(d, line, (size_t)n);
	if (length)
		digest_add(d, bytes, length);
	digest_add(d, ";", 1);
}

static void digest_add_value(struct digest *d, struct sqlite3_stmt *s, int i)
{
	switch (sqlite3_column_type(s, i)) {
	case SQLITE_NULL:
		digest_add(d, "N;", 2);
		break;
	case SQLITE_INTEGER:
		digest_add_integer(d, sqlite3_column_int64(s, i));
		break;
	case SQLITE_FLOAT:
		digest_add_real(d, sqlite3_column_double(s, i));
		break;
	case SQLITE_TEXT:
		digest_add_bytes(d, 'T', sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i));
		break;
	default:
		digest_add_bytes(d, 'B', sqlite3_column_blob(s, i), (size_t)sqlite3_column_bytes(s, i));
	}
}

static void digest_add_header(struct digest *d, const struct content_table *table)
{
	digest_add(d, "=", 1);
	digest_add_bytes(d, 'T', table->name, strlen(table->name));
	for (int i = 0; i < table->columns; i++)
		digest_add_bytes(d, 'T', table->column[i].name, strlen(table->column[i].name));
	digest_add(d, "\n", 1);
}

static int digest_add_rows(struct digest *d, struct sqlite3 *db, const struct content_table *table, bool *any, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	int code;

	if (content_select(db, table, "", &s, e) != 0)
		return -1;
	while ((code = sqlite3_step(s)) == SQLITE_ROW) {
		if (!*any)
			digest_add_header(d, table);
		*any = true;
		for (int i = 0; i < table->columns; i++)
			digest_add_value(d, s, i);
		digest_add(d, "\n", 1);
	}
	if (code != SQLITE_DONE)
		database_fail(db, "read the rows", e);
	sqlite3_finalize(s);
	return code == SQLITE_DONE ? 0 : -1;
}

/* A table without rows counts for nothing: a later version that has one more must not change the digest of
 * runs that came before it. */
static int digest_add_table(struct digest *d, struct run_reader *reader, const struct content_table *table, struct error *e)
{
	struct reader_parts parts;
	struct sqlite3 *db;
	bool any = false;
	int more = reader_parts_begin(reader, table->name, INT64_MIN, INT64_MAX, &parts, e);

	if (more == 0)
		while ((more = reader_parts_next(&parts, &db, e)) > 0)
			if (digest_add_rows(d, db, table, &any, e) != 0) {
				more = -1;
				break;
			}
	reader_parts_end(&parts);
	return more;
}

int content_digest(struct run_reader *reader, char out[65], struct error *e)
{
	struct digest *d = digest_new();
	struct content content = {0, NULL};
	char sum[65];
	int result = d ? 0 : error_set(e, ERROR_SYSTEM, "no memory for a digest");

	if (result == 0)
		result = content_of(reader, &content, e);
	for (int i = 0; i < content.tables && result == 0; i++)
		result = digest_add_table(d, reader, &content.table[i], e);
	content_free(&content);
	digest_end(d, sum);
	if (result == 0)
		memcpy(out, sum, sizeof(sum));
	return result;
}

/* Inside one read transaction: all tables as of one instant (a day's as of the instant at which it is read). */
int run_reader_digest(struct run_reader *reader, char out[65], struct error *e)
{
	int result;

	if (database_exec(reader->db, "BEGIN", e) != 0)
		return -1;
	result = content_digest(reader, out, e);
	sqlite3_exec(reader->db, "COMMIT", NULL, NULL, NULL);
	return result;
}
