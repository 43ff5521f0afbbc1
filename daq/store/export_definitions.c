#include "daq/store/export_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/reader_private.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static const char *const definitions[] = {"run", "segment", "dut", "device", "certificate", "channel", "setting", "limit_row",
	"rate_group", "quality"};

bool export_is_definition(const char *table)
{
	for (size_t i = 0; i < sizeof(definitions) / sizeof(definitions[0]); i++)
		if (strcmp(table, definitions[i]) == 0)
			return true;
	return false;
}

/* JSON has no word for infinities, bytes, and text that is not UTF-8: {"real": "-inf"}, {"bytes": "00ff"},
 * {"text": "c3"}. */
static json_t *value_of_bytes(const char *kind, const unsigned char *bytes, size_t length)
{
	struct text hex = TEXT_INIT;
	json_t *value;

	text_add(&hex, "%s", "");
	for (size_t i = 0; i < length; i++)
		text_add(&hex, "%02x", bytes[i]);
	value = hex.failed ? NULL : json_pack("{s:s}", kind, hex.data);
	text_free(&hex);
	return value;
}

static json_t *value_of(struct sqlite3_stmt *s, int i)
{
	size_t length;
	double real;
	json_t *text;

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_NULL:
		return json_null();
	case SQLITE_INTEGER:
		return json_integer(sqlite3_column_int64(s, i));
	case SQLITE_FLOAT:
		real = sqlite3_column_double(s, i);
		return isfinite(real) ? json_real(real) : json_pack("{s:s}", "real", real < 0 ? "-inf" : "inf");
	case SQLITE_TEXT:
		length = (size_t)sqlite3_column_bytes(s, i);
		text = memchr(sqlite3_column_text(s, i), 0, length)
			       ? NULL
			       : json_stringn((const char *)sqlite3_column_text(s, i), length);
		return text ? text : value_of_bytes("text", sqlite3_column_text(s, i), length);
	default:
		return value_of_bytes("bytes", sqlite3_column_blob(s, i), (size_t)sqlite3_column_bytes(s, i));
	}
}

static json_t *row_of(const struct content_table *table, struct sqlite3_stmt *s)
{
	json_t *row = json_object();

	for (int i = 0; i < table->columns; i++)
		if (json_object_set_new(row, table->column[i].name, value_of(s, i)) != 0) {
			json_decref(row);
			return NULL;
		}
	return row;
}

static json_t *rows_of(struct export_run *x, const struct content_table *table, struct error *e)
{
	struct sqlite3_stmt *s = NULL;
	json_t *rows = json_array();
	int code;

	if (content_select(x->reader->db, table, "", &s, e) != 0)
		goto fail;
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		if (json_array_append_new(rows, row_of(table, s)) != 0) {
			error_set(e, ERROR_SYSTEM, "no memory for the table %s", table->name);
			goto fail;
		}
	if (code != SQLITE_DONE) {
		database_fail(x->reader->db, "read the definitions", e);
		goto fail;
	}
	sqlite3_finalize(s);
	return rows;
fail:
	sqlite3_finalize(s);
	json_decref(rows);
	return NULL;
}

json_t *export_definitions(struct export_run *x, struct error *e)
{
	json_t *all = json_object();

	for (size_t i = 0; i < sizeof(definitions) / sizeof(definitions[0]); i++) {
		const struct content_table *table = content_find(&x->content, definitions[i]);
		json_t *rows;

		if (!table)
			continue; /* a run of a version that did not have it */
		rows = rows_of(x, table, e);
		if (!rows || json_object_set_new(all, definitions[i], rows) != 0) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

static int bind_hex(const char *hex, bool text, struct sqlite3_stmt *s, int at, struct error *e)
{
	size_t n = strlen(hex) / 2;
	char *bytes = malloc(n + 1), digits[3] = "";

	if (!bytes)
		return error_set(e, ERROR_SYSTEM, "no memory for a definition");
	for (size_t i = 0; i < n; i++) {
		memcpy(digits, hex + 2 * i, 2);
		bytes[i] = (char)strtoul(digits, NULL, 16);
	}
	if (text)
		sqlite3_bind_text64(s, at, bytes, n, SQLITE_TRANSIENT, SQLITE_UTF8);
	else
		sqlite3_bind_blob64(s, at, bytes, n, SQLITE_TRANSIENT);
	free(bytes);
	return 0;
}

int export_bind(json_t *value, struct sqlite3_stmt *s, int at, struct error *e)
{
	const char *special = NULL;

	if (json_is_null(value))
		sqlite3_bind_null(s, at);
	else if (json_is_integer(value))
		sqlite3_bind_int64(s, at, json_integer_value(value));
	else if (json_is_real(value))
		sqlite3_bind_double(s, at, json_real_value(value));
	else if (json_is_string(value))
		sqlite3_bind_text64(s, at, json_string_value(value), json_string_length(value), SQLITE_TRANSIENT,
			SQLITE_UTF8);
	else if (json_unpack(value, "{s:s}", "real", &special) == 0)
		sqlite3_bind_double(s, at, special[0] == '-' ? -INFINITY : INFINITY);
	else if (json_unpack(value, "{s:s}", "text", &special) == 0)
		return bind_hex(special, true, s, at, e);
	else if (json_unpack(value, "{s:s}", "bytes", &special) == 0)
		return bind_hex(special, false, s, at, e);
	else
		return error_set(e, ERROR_DATA, "definitions.json: a value is neither text, number nor null");
	return 0;
}
