#include "daq/store/csv.h"

#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct csv_cell {
	char *text; /* terminated in place where somebody asks for it: csv_text() */
	size_t length;
};

struct csv {
	char path[512];
	char *data, *at, *end;
	char separator;
	locale_t c; /* numbers */
	int columns, cells, room, line, next_line;
	char **header;
	struct csv_cell *cell;
	bool cut;
};

const char *csv_path(const struct csv *csv)
{
	return csv->path;
}

int csv_columns(const struct csv *csv)
{
	return csv->columns;
}

const char *csv_header(const struct csv *csv, int column)
{
	return csv->header[column];
}

const char *csv_rest(const struct csv *csv, const char **end, int *line)
{
	*end = csv->end;
	*line = csv->next_line;
	return csv->at;
}

void csv_skip(struct csv *csv, const char *at, int rows)
{
	csv->at += at - csv->at;
	csv->next_line += rows;
}

char csv_separator(const struct csv *csv)
{
	return csv->separator;
}

int csv_line(const struct csv *csv)
{
	return csv->line;
}

int csv_cells(const struct csv *csv)
{
	return csv->cells;
}

bool csv_cut(const struct csv *csv)
{
	return csv->cut;
}

void csv_close(struct csv *csv)
{
	if (!csv)
		return;
	if (csv->c)
		freelocale(csv->c);
	for (int i = 0; csv->header && i < csv->columns; i++)
		free(csv->header[i]);
	free(csv->header);
	free(csv->cell);
	free(csv->data);
	free(csv);
}

static void csv_add_cell(struct csv *csv, char *from, char *to)
{
	while (from < to && (*from == ' ' || (*from == '\t' && csv->separator != '\t')))
		from++;
	while (to > from && (to[-1] == ' ' || to[-1] == '\r' || (to[-1] == '\t' && csv->separator != '\t')))
		to--;
	if (csv->cells < csv->room)
		csv->cell[csv->cells] = (struct csv_cell){from, (size_t)(to - from)};
	csv->cells++;
}

/* From behind an opening quote: takes the quotes out in place. Returns the first byte behind the cell's closing
 * quote, or the end of the file where there is none. */
static char *csv_unquote(struct csv *csv, char *from, char **to)
{
	char *write = from, *read = from;

	while (read < csv->end) {
		if (*read == '"') {
			if (read + 1 >= csv->end || read[1] != '"')
				break;
			read++;
		}
		if (*read == '\n')
			csv->next_line++;
		*write++ = *read++;
	}
	*to = write;
	if (read == csv->end)
		csv->cut = true;
	return read < csv->end ? read + 1 : read;
}

static char *csv_seek(const struct csv *csv, char *p)
{
	while (p < csv->end && *p != csv->separator && *p != '\n')
		p++;
	return p;
}

/* Takes the cell at `at` and moves behind it. Returns what ended it, 0 at the end of the file. */
static char csv_take_cell(struct csv *csv)
{
	char *from = csv->at, *to, *p = csv->at;

	while (p < csv->end && *p == ' ')
		p++;
	if (p < csv->end && *p == '"') {
		from = p + 1;
		p = csv_seek(csv, csv_unquote(csv, from, &to));
	} else {
		p = csv_seek(csv, p);
		to = p;
	}
	csv_add_cell(csv, from, to);
	csv->at = p < csv->end ? p + 1 : csv->end;
	return p < csv->end ? *p : '\0';
}

/* The usual row: cells without quotes and blanks, as many as there is room for, and a line end. False, with nothing
 * taken, for any other. */
static bool csv_take_plain_row(struct csv *csv)
{
	char *p = csv->at, *from = p, *const end = csv->end, separator = csv->separator;
	int cells = 0;

	for (; p < end; p++) {
		unsigned char c = (unsigned char)*p;

		if (c != (unsigned char)separator && c > ' ' && c != '"')
			continue;
		if (c != (unsigned char)separator && c != '\n')
			return false;
		if (cells == csv->room)
			return false;
		csv->cell[cells++] = (struct csv_cell){from, (size_t)(p - from)};
		from = p + 1;
		if (c == '\n')
			break;
	}
	if (p == end)
		return false;
	csv->cells = cells;
	csv->at = p + 1;
	return true;
}

static void csv_take_row(struct csv *csv)
{
	char stopped;

	csv->cells = 0;
	csv->cut = false;
	csv->line = csv->next_line;
	if (!csv_take_plain_row(csv)) {
		do {
			stopped = csv_take_cell(csv);
		} while (stopped == csv->separator);
		if (stopped == '\0')
			csv->cut = true;
	}
	csv->next_line++;
}

static bool csv_row_is_empty(const struct csv *csv)
{
	return csv->cells == 1 && csv->cell[0].length == 0;
}

bool csv_next(struct csv *csv)
{
	while (csv->at < csv->end) {
		csv_take_row(csv);
		if (!csv_row_is_empty(csv))
			return true;
	}
	csv->cells = 0;
	return false;
}

/* The header's bytes decide: decimals and dates have no say yet. */
static char csv_choose_separator(const char *data, const char *end)
{
	const char *line = memchr(data, '\n', (size_t)(end - data));
	size_t n = (size_t)((line ? line : end) - data);

	if (memchr(data, ',', n))
		return ',';
	if (memchr(data, ';', n))
		return ';';
	return memchr(data, '\t', n) ? '\t' : ',';
}

static int csv_count_columns(const struct csv *csv)
{
	int n = 1;

	for (const char *p = csv->at; p < csv->end && *p != '\n'; p++)
		n += *p == csv->separator;
	return n;
}

static int csv_keep_header(struct csv *csv, struct error *e)
{
	csv->header = calloc((size_t)csv->cells, sizeof(*csv->header));
	if (!csv->header)
		return error_set(e, ERROR_SYSTEM, "no memory for the header of %s", csv->path);
	csv->columns = csv->cells;
	for (int i = 0; i < csv->columns; i++) {
		csv->header[i] = strdup(csv_text(csv, i));
		if (!csv->header[i])
			return error_set(e, ERROR_SYSTEM, "no memory for the header of %s", csv->path);
		for (int k = 0; k < i && csv->header[i][0]; k++)
			if (strcmp(csv->header[i], csv->header[k]) == 0)
				return error_set(e, ERROR_DATA, "%s: the column \"%s\" is there twice", csv->path,
					csv->header[i]);
	}
	return 0;
}

static int csv_read_header(struct csv *csv, size_t length, struct error *e)
{
	csv->end = csv->data + length;
	csv->at = csv->data;
	if (length >= 3 && memcmp(csv->data, "\xef\xbb\xbf", 3) == 0)
		csv->at += 3;
	while (csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r'))
		csv->next_line += *csv->at++ == '\n';
	if (csv->at == csv->end)
		return error_set(e, ERROR_DATA, "%s is empty: expected a line with the columns' names", csv->path);
	csv->separator = csv_choose_separator(csv->at, csv->end);
	/* As many cells again as the header has separators: longer rows are counted, not kept. */
	csv->room = csv_count_columns(csv);
	csv->cell = calloc((size_t)csv->room, sizeof(*csv->cell));
	if (!csv->cell)
		return error_set(e, ERROR_SYSTEM, "no memory for a row of %s", csv->path);
	if (!csv_next(csv))
		return error_set(e, ERROR_DATA, "%s holds nothing but blanks", csv->path);
	if (csv->cells > csv->room)
		return error_set(e, ERROR_DATA, "%s: the header's quotes are not closed", csv->path);
	return csv_keep_header(csv, e);
}

int csv_open(struct csv **out, const char *path, struct error *e)
{
	struct csv *csv = calloc(1, sizeof(*csv));
	size_t length = 0;

	if (!csv)
		return error_set(e, ERROR_SYSTEM, "no memory to read %s", path);
	text_copy(csv->path, sizeof(csv->path), path);
	csv->next_line = 1;
	csv->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!csv->c) {
		error_set(e, ERROR_SYSTEM, "the locale C is missing");
		goto fail;
	}
	if (text_read_file(path, &csv->data, &length, e) != 0 || csv_read_header(csv, length, e) != 0)
		goto fail;
	*out = csv;
	return 0;
fail:
	csv_close(csv);
	return -1;
}

int csv_find(const struct csv *csv, const char *header, struct error *e)
{
	const char **names;
	const char *near = NULL;

	for (int i = 0; i < csv->columns; i++)
		if (strcmp(csv->header[i], header) == 0)
			return i;
	if (!e)
		return -1;
	names = calloc((size_t)csv->columns + 1, sizeof(*names));
	if (names) {
		for (int i = 0; i < csv->columns; i++)
			names[i] = csv->header[i];
		near = nearest_name(header, names);
	}
	error_set(e, ERROR_DATA, "%s has no column \"%s\"%s%s%s", csv->path, header, near ? ": did you mean \"" : "",
		near ? near : "", near ? "\"?" : "");
	free(names);
	return -1;
}

int csv_find_any(const struct csv *csv, const char *headers, struct error *e)
{
	char name[256];

	for (const char *from = headers; *from;) {
		size_t n = strcspn(from, "|");

		if (n > 0 && n < sizeof(name)) {
			memcpy(name, from, n);
			name[n] = '\0';
			for (int i = 0; i < csv->columns; i++)
				if (strcmp(csv->header[i], name) == 0)
					return i;
		}
		from += n + (from[n] == '|');
	}
	if (!strchr(headers, '|'))
		return csv_find(csv, headers, e);
	return error_set(e, ERROR_DATA, "%s has none of the columns %s", csv->path, headers);
}

const char *csv_text(const struct csv *csv, int column)
{
	const struct csv_cell *cell = &csv->cell[column < 0 ? 0 : column];

	if (column < 0 || column >= csv->cells || column >= csv->room)
		return "";
	cell->text[cell->length] = '\0'; /* a separator or line end that was read already */
	return cell->text;
}

/* strtod() takes hexadecimal too, which no logger writes and a cut "0x" could be. */
static bool csv_is_plain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((text[i] < '0' || text[i] > '9') && !strchr("+-.eE", text[i]))
			return false;
	return true;
}

static bool csv_is_word_for_not_finite(const char *text)
{
	static const char *const words[] = {"nan", "inf", "infinity"};

	text += *text == '-' || *text == '+';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(text, words[i]) == 0)
			return true;
	return false;
}

/* Up to 15 digits with or without a point: the quotient of two doubles that are exact is rounded once, as strtod() does. */
static bool csv_short_number(const char *p, size_t length, double *out)
{
	static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	const char *end = p + length, *point = NULL;
	bool negative = *p == '-';
	uint64_t m = 0;

	p += negative;
	if (p == end || end - p > 16)
		return false;
	for (; p < end; p++) {
		unsigned digit = (unsigned char)*p - (unsigned)'0';

		if (digit > 9) {
			if (*p != '.' || point)
				return false;
			point = p;
			continue;
		}
		m = 10 * m + digit;
	}
	if (m > 999999999999999 || (point && length - negative == 1)) /* too long, or a point and nothing else */
		return false;
	*out = (double)m / tens[point ? end - point - 1 : 0];
	if (negative)
		*out = -*out;
	return true;
}

enum csv_value csv_number(const struct csv *csv, int column, double *out)
{
	const struct csv_cell *cell;
	char *end;
	double v;

	if (column < 0 || column >= csv->cells || column >= csv->room || csv->cell[column].length == 0)
		return CSV_EMPTY;
	cell = &csv->cell[column];
	if (csv_short_number(cell->text, cell->length, out))
		return CSV_NUMBER;
	csv_text(csv, column);
	if (!csv_is_plain(cell->text, cell->length))
		return csv_is_word_for_not_finite(cell->text) ? CSV_NOT_FINITE : CSV_NO_NUMBER;
	v = strtod_l(cell->text, &end, csv->c);
	if (end != cell->text + cell->length)
		return CSV_NO_NUMBER;
	if (!isfinite(v))
		return CSV_NOT_FINITE;
	*out = v;
	return CSV_NUMBER;
}
