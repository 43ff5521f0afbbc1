#include "analytics/accuracy/exclusion.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const exclusion_names[EXCLUSIONS] = {"counts", "on the list of test installations", "inside an earlier run", "time does not go on",
	"a gap follows", "commissioning", "the model has no value", "the reference has no value"};

enum { FIELDS = 4 };

/* 2024-01-31, 2024-01-31T12:00:00Z or 2024-01-31 12:00:00; "" leaves *out. */
static int parse_instant(const char *text, double *out)
{
	struct tm tm = {.tm_mday = 1};
	const char *rest;

	if (!*text)
		return 0;
	rest = strptime(text, "%Y-%m-%d", &tm);
	if (rest && (*rest == 'T' || *rest == ' '))
		rest = strptime(rest + 1, "%H:%M:%S", &tm);
	if (rest && *rest == 'Z')
		rest++;
	if (!rest || *rest)
		return -1;
	*out = (double)timegm(&tm);
	return 0;
}

/* Splits in place at commas outside quotes; returns how many fields there were. */
static int split(char *line, char *field[FIELDS])
{
	int n = 0;
	char *to = line;
	bool quoted = false;

	field[n++] = to;
	for (const char *from = line; *from && *from != '\r' && *from != '\n'; from++) {
		if (*from == '"') {
			quoted = !quoted;
		} else if (*from == ',' && !quoted) {
			*to++ = 0;
			if (n == FIELDS)
				return FIELDS + 1;
			field[n++] = to;
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
	return n;
}

static int read_row(struct exclusion_row *row, char *line, const char *path, int number, struct error *e)
{
	char *field[FIELDS];
	int n = split(line, field);

	*row = (struct exclusion_row){.from = -INFINITY, .to = INFINITY};
	if (n != FIELDS)
		return error_set(e, ERROR_DATA, "%s:%d: %d fields, expected four: id,from,to,why", path, number, n);
	if (!*field[0] || !text_copy(row->id, sizeof(row->id), field[0]))
		return error_set(e, ERROR_DATA, "%s:%d: id \"%s\" is not the name of an installation", path, number, field[0]);
	for (int i = 1; i <= 2; i++)
		if (parse_instant(field[i], i == 1 ? &row->from : &row->to) < 0)
			return error_set(e, ERROR_DATA, "%s:%d: \"%s\" is no instant: expected 2024-01-31, 2024-01-31T12:00:00Z or nothing", path, number,
				field[i]);
	if (row->to <= row->from)
		return error_set(e, ERROR_DATA, "%s:%d: ends at %s, which is not after its beginning %s", path, number, field[2], field[1]);
	text_copy(row->why, sizeof(row->why), field[3]);
	return 0;
}

static int read_lines(struct exclusion_list *list, FILE *f, const char *path, struct error *e)
{
	char line[1024];

	for (int number = 1; fgets(line, sizeof(line), f); number++) {
		const char *start = number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? line + 3 : line;
		struct exclusion_row *grown;

		if (number == 1) {
			if (strncmp(start, "id,from,to,why", 14) != 0)
				return error_set(e, ERROR_DATA, "%s:1: \"%.*s\": expected the header id,from,to,why", path,
					(int)strcspn(start, "\r\n") < 40 ? (int)strcspn(start, "\r\n") : 40, start);
			continue;
		}
		if (line[strspn(line, " \t\r\n")] == 0)
			continue;
		grown = realloc(list->row, (size_t)(list->rows + 1) * sizeof(*grown));
		if (!grown)
			return error_set(e, ERROR_SYSTEM, "no memory for %s", path);
		list->row = grown;
		if (read_row(&grown[list->rows], line, path, number, e) < 0)
			return -1;
		list->rows++;
	}
	return ferror(f) ? error_set(e, ERROR_IO, "cannot read %s", path) : 0;
}

int exclusion_read(struct exclusion_list *out, const char *path, struct error *e)
{
	struct exclusion_list list = {.rows = 0};
	FILE *f = fopen(path, "r");
	int result;

	if (!f)
		return error_set_errno(e, ERROR_IO, "cannot open %s", path);
	result = read_lines(&list, f, path, e);
	fclose(f);
	if (result < 0)
		exclusion_free(&list);
	else
		*out = list;
	return result;
}

void exclusion_free(struct exclusion_list *list)
{
	free(list->row);
	*list = (struct exclusion_list){.rows = 0};
}
