#include "daq/store/rows_csv.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct rows_cell {
	size_t at, length;
	bool quoted;
};

struct rows_csv {
	char path[4608];
	FILE *file;
	int64_t line, next_line;
	struct text text; /* of all cells of the row, each terminated */
	struct rows_cell *cell;
	int cells, room;
};

void rows_csv_put_real(FILE *to, double value)
{
	fprintf(to, "%.17g", value);
}

void rows_csv_put_text(FILE *to, const char *text, size_t length)
{
	putc('"', to);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"')
			putc('"', to);
		putc(text[i], to);
	}
	putc('"', to);
}

static void rows_put_bytes(FILE *to, const unsigned char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	fputs("0x", to);
	for (size_t i = 0; i < length; i++) {
		putc(digits[bytes[i] >> 4], to);
		putc(digits[bytes[i] & 15], to);
	}
}

void rows_csv_put(FILE *to, struct sqlite3_stmt *s, int i)
{
	switch (sqlite3_column_type(s, i)) {
	case SQLITE_NULL:
		break;
	case SQLITE_INTEGER:
		fprintf(to, "%" PRId64, (int64_t)sqlite3_column_int64(s, i));
		break;
	case SQLITE_FLOAT:
		rows_csv_put_real(to, sqlite3_column_double(s, i));
		break;
	case SQLITE_TEXT:
		rows_csv_put_text(to, (const char *)sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i));
		break;
	default:
		rows_put_bytes(to, sqlite3_column_blob(s, i), (size_t)sqlite3_column_bytes(s, i));
	}
}

void rows_csv_close(struct rows_csv *csv)
{
	if (!csv)
		return;
	if (csv->file)
		fclose(csv->file);
	text_free(&csv->text);
	free(csv->cell);
	free(csv);
}

int rows_csv_cells(const struct rows_csv *csv)
{
	return csv->cells;
}

const char *rows_csv_text(const struct rows_csv *csv, int cell)
{
	return cell < csv->cells ? csv->text.data + csv->cell[cell].at : "";
}

static int rows_fail(const struct rows_csv *csv, const char *what, struct error *e)
{
	return error_set(e, ERROR_DATA, "%s:%" PRId64 ": %s", csv->path, csv->line, what);
}

static int rows_begin_cell(struct rows_csv *csv, bool quoted, struct error *e)
{
	if (csv->cells == csv->room) {
		int room = csv->room ? 2 * csv->room : 32;
		struct rows_cell *grown = realloc(csv->cell, (size_t)room * sizeof(*grown));

		if (!grown)
			return error_set(e, ERROR_SYSTEM, "no memory for a row of %s", csv->path);
		csv->cell = grown;
		csv->room = room;
	}
	csv->cell[csv->cells++] = (struct rows_cell){csv->text.length, 0, quoted};
	return 0;
}

static void rows_add(struct rows_csv *csv, int c)
{
	char byte = (char)c;

	text_add_bytes(&csv->text, &byte, 1);
}

/* What stands between quotes; returns what follows the closing one. */
static int rows_take_quoted(struct rows_csv *csv)
{
	for (int c; (c = getc(csv->file)) != EOF;) {
		if (c == '"' && (c = getc(csv->file)) != '"')
			return c;
		csv->next_line += c == '\n';
		rows_add(csv, c);
	}
	return EOF;
}

/* A cell, its first byte read already. Returns the comma or line end behind it, EOF where it is cut. */
static int rows_take_cell(struct rows_csv *csv, int c, struct error *e)
{
	struct rows_cell *cell;

	if (rows_begin_cell(csv, c == '"', e) != 0)
		return EOF;
	cell = &csv->cell[csv->cells - 1];
	if (c == '"') {
		c = rows_take_quoted(csv);
	} else {
		for (; c != ',' && c != '\n' && c != EOF && c != '"'; c = getc(csv->file))
			rows_add(csv, c);
		/* A spreadsheet that saved the file again ends lines with CR and LF. */
		if (c == '\n' && csv->text.length > cell->at && csv->text.data[csv->text.length - 1] == '\r')
			csv->text.length--;
	}
	cell->length = csv->text.length - cell->at;
	rows_add(csv, '\0');
	if (cell->quoted && c == '\r')
		c = getc(csv->file);
	return c;
}

int rows_csv_next(struct rows_csv *csv, struct error *e)
{
	int c = getc(csv->file);

	csv->cells = 0;
	csv->text.length = 0;
	csv->line = csv->next_line;
	if (c == EOF)
		return ferror(csv->file) ? error_set_errno(e, ERROR_IO, "cannot read %s", csv->path) : 0;
	while ((c = rows_take_cell(csv, c, e)) == ',')
		c = getc(csv->file);
	if (csv->text.failed)
		return error_set(e, ERROR_SYSTEM, "no memory for a row of %s", csv->path);
	if (c == EOF)
		return rows_fail(csv, "the line is cut", e);
	if (c != '\n')
		return rows_fail(csv, "a quote in the middle of a cell", e);
	csv->next_line++;
	return 1;
}

int rows_csv_open(struct rows_csv **out, const char *path, struct error *e)
{
	struct rows_csv *csv = calloc(1, sizeof(*csv));
	int result;

	if (!csv)
		return error_set(e, ERROR_SYSTEM, "no memory to read %s", path);
	text_copy(csv->path, sizeof(csv->path), path);
	csv->next_line = 1;
	csv->file = fopen(path, "re");
	if (!csv->file) {
		error_set_errno(e, ERROR_IO, "cannot open %s", path);
		goto fail;
	}
	result = rows_csv_next(csv, e);
	if (result == 0)
		error_set(e, ERROR_DATA, "%s is empty: expected a line with the columns' names", path);
	if (result <= 0)
		goto fail;
	*out = csv;
	return 0;
fail:
	rows_csv_close(csv);
	return -1;
}

static int rows_bind_bytes(const struct rows_csv *csv, const char *hex, struct sqlite3_stmt *s, int at,
	struct error *e)
{
	size_t n = strlen(hex) / 2;
	unsigned char *bytes = malloc(n + 1);
	unsigned value;

	if (!bytes)
		return error_set(e, ERROR_SYSTEM, "no memory for a row of %s", csv->path);
	for (size_t i = 0; i < n; i++) {
		if (strspn(hex + 2 * i, "0123456789abcdef") < 2 || sscanf(hex + 2 * i, "%2x", &value) != 1) {
			free(bytes);
			return rows_fail(csv, "expected 0x and pairs of hexadecimal digits", e);
		}
		bytes[i] = (unsigned char)value;
	}
	sqlite3_bind_blob64(s, at, bytes, n, SQLITE_TRANSIENT);
	free(bytes);
	return strlen(hex) % 2 == 0 ? 0 : rows_fail(csv, "expected 0x and pairs of hexadecimal digits", e);
}

static int rows_bind_number(const struct rows_csv *csv, const char *text, struct sqlite3_stmt *s, int at, bool real,
	struct error *e)
{
	char what[160], *end;
	int64_t whole;
	double value;

	errno = 0;
	whole = strtoll(text, &end, 10);
	if (!real && *end == '\0' && errno == 0) {
		sqlite3_bind_int64(s, at, whole);
		return 0;
	}
	value = strtod(text, &end);
	if (*end == '\0' && end != text) {
		sqlite3_bind_double(s, at, value);
		return 0;
	}
	snprintf(what, sizeof(what), "\"%.80s\" is no number", text);
	return rows_fail(csv, what, e);
}

int rows_csv_bind(const struct rows_csv *csv, int cell, struct sqlite3_stmt *s, int at, bool real, struct error *e)
{
	const char *text = rows_csv_text(csv, cell);
	const struct rows_cell *c = &csv->cell[cell];

	if (c->quoted)
		sqlite3_bind_text64(s, at, text, c->length, SQLITE_TRANSIENT, SQLITE_UTF8);
	else if (c->length == 0)
		sqlite3_bind_null(s, at);
	else if (strncmp(text, "0x", 2) == 0)
		return rows_bind_bytes(csv, text + 2, s, at, e);
	else
		return rows_bind_number(csv, text, s, at, real, e);
	return 0;
}
