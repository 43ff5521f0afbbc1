#include "daq/recording/recording_rows.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"
#include "daq/recording/recording_parts.h"
#include "daq/recording/recording_time.h"
#include "daq/store/csv.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where a file keeps what the map asks for. */
struct recording_layout {
	int time, dut;
	int column[RECORDING_COLUMNS]; /* -1: the file does not have it */
	int slot[RECORDING_COLUMNS];   /* place in a row, -1 likewise */
	double seconds;		       /* of one unit of time */
	double per_second;	       /* units of time, where that is a whole number; else 0 */
	int slots;
	bool wide;		       /* every row is of all devices */
};

void recording_rows_free(struct recording_rows *rows)
{
	free(rows->time);
	free(rows->dut);
	free(rows->line);
	free(rows->value);
	free(rows->quality);
	free(rows->note);
	*rows = (struct recording_rows){.count = 0};
}

static int rows_layout(struct recording_layout *out, const struct csv *csv, const struct recording_file *file,
	const struct recording_map *map, struct error *e)
{
	out->dut = -1;
	if (unit_convert(1, map->time_unit, "s", &out->seconds, e) != 0)
		return -1;
	out->wide = recording_map_wide(map);
	out->per_second = fabs(1 / out->seconds - round(1 / out->seconds)) < 1e-6 ? round(1 / out->seconds) : 0;
	out->time = csv_find_any(csv, map->time_column, e);
	if (out->time < 0)
		return -1;
	if (!out->wide && !file->dut[0] && !map->dut_column[0] && !map->dut_fixed[0])
		return error_set(e, ERROR_DATA, "%s: neither the map nor the option dut= says which device it is",
			file->path);
	if (!file->dut[0] && map->dut_column[0] && (out->dut = csv_find(csv, map->dut_column, e)) < 0)
		return -1;
	for (int i = 0; i < map->columns; i++) {
		out->column[i] = csv_find_any(csv, map->column[i].column, map->column[i].required ? e : NULL);
		if (out->column[i] < 0 && map->column[i].required)
			return -1;
		out->slot[i] = out->column[i] < 0 ? -1 : out->slots++;
	}
	return 0;
}

static int rows_reserve(struct recording_rows *r, struct error *e)
{
	size_t room = r->room ? (size_t)r->room * 2 : 1024, columns = (size_t)r->columns + 1;
	double *time, *value;
	int *dut, *line;
	uint8_t *quality;

	if (r->count < r->room)
		return 0;
	time = realloc(r->time, room * sizeof(*time));
	r->time = time ? time : r->time;
	dut = realloc(r->dut, room * sizeof(*dut));
	r->dut = dut ? dut : r->dut;
	line = realloc(r->line, room * sizeof(*line));
	r->line = line ? line : r->line;
	value = realloc(r->value, room * columns * sizeof(*value));
	r->value = value ? value : r->value;
	quality = realloc(r->quality, room * columns);
	r->quality = quality ? quality : r->quality;
	if (!time || !dut || !line || !value || !quality)
		return error_set(e, ERROR_SYSTEM, "no memory for %zu rows of a recording", room);
	r->room = (int)room;
	return 0;
}

/* "Wilo Para 25" -> "wilo_para_25": it becomes the beginning of columns' names. */
static void rows_clean_name(const char *from, const char *kind, char *out, size_t size)
{
	size_t n = 0;

	if (!isalpha((unsigned char)from[0]))
		n = (size_t)snprintf(out, size, "%.15s_", kind);
	for (; *from && n + 1 < size; from++)
		out[n++] = isalnum((unsigned char)*from) ? (char)tolower((unsigned char)*from) : '_';
	out[n] = '\0';
}

static int rows_dut(const struct recording_map *map, struct recording_duts *duts, const char *path, const char *said,
	struct error *e)
{
	char name[32];
	const char *to = said;

	for (int i = 0; i < map->dut_names; i++)
		if (strcmp(map->dut_name[i].from, said) == 0)
			to = map->dut_name[i].to;
	rows_clean_name(to, map->dut_kind, name, sizeof(name));
	for (int i = 0; i < duts->count; i++)
		if (strcmp(duts->name[i], name) == 0)
			return i;
	if (duts->count == RECORDING_DUTS)
		return error_set(e, ERROR_DATA, "%s names more than %d devices (\"%s\" is one more): is \"%s\" the right column?",
			path, RECORDING_DUTS, said, map->dut_column);
	text_copy(duts->name[duts->count], sizeof(duts->name[0]), name);
	return duts->count++;
}

/* Exports write switches in words. */
static bool rows_switch(const char *text, double *out)
{
	bool on = strcasecmp(text, "true") == 0;

	*out = on;
	return on || strcasecmp(text, "false") == 0;
}

/* One cell into row `row`. */
static int rows_take_cell(struct recording_rows *r, const struct csv *csv, const struct recording_map *map,
	const struct recording_layout *at, int i, struct error *e)
{
	size_t k = (size_t)r->count * (size_t)r->columns + (size_t)at->slot[i];
	enum csv_value kind;
	double v;

	if (at->slot[i] < 0)
		return 0;
	r->value[k] = NAN;
	r->quality[k] = QUALITY_GOOD;
	kind = csv_number(csv, at->column[i], &v);
	if (kind == CSV_NO_NUMBER && map->column[i].kind[0] == 's' && rows_switch(csv_text(csv, at->column[i]), &v))
		kind = CSV_NUMBER;
	if (kind == CSV_NUMBER) {
		r->value[k] = v * map->column[i].scale + map->column[i].offset;
		return 0;
	}
	r->quality[k] = kind == CSV_EMPTY ? QUALITY_GAP : QUALITY_EXCEPTION;
	if (kind == CSV_EMPTY)
		return 0;
	r->cells_left_out[kind == CSV_NO_NUMBER ? NOTE_NO_NUMBER : NOTE_NOT_FINITE][i]++;
	return recording_rows_note(r, kind == CSV_NO_NUMBER ? NOTE_NO_NUMBER : NOTE_NOT_FINITE, csv_line(csv),
		r->count, csv_header(csv, at->column[i]), csv_text(csv, at->column[i]), e);
}

/* What the end of the file may have cut: cells that are missing are gaps already, the last one there may be
 * shorter than it was. */
static int rows_take_cut(struct recording_rows *r, const struct csv *csv, const struct recording_layout *at,
	struct error *e)
{
	bool whole = csv_cells(csv) == csv_columns(csv);

	for (int i = 0; i < RECORDING_COLUMNS; i++) {
		size_t k = (size_t)r->count * (size_t)r->columns + (size_t)at->slot[i];

		if (at->slot[i] >= 0 && at->column[i] == csv_cells(csv) - 1 && !isnan(r->value[k]))
			r->quality[k] = QUALITY_SUSPECT;
	}
	return recording_rows_note(r, whole ? NOTE_CUT_VALUE : NOTE_CUT, csv_line(csv), r->count,
		csv_header(csv, csv_cells(csv) - 1), csv_text(csv, csv_cells(csv) - 1), e);
}

static double rows_seconds(const struct recording_layout *at, double units)
{
	return at->per_second > 0 ? units / at->per_second : units * at->seconds;
}

/* Returns 1 when the row was taken, 0 when it was left out with a note. */
static int rows_take_frame(struct recording_rows *r, const struct csv *csv, const struct recording_map *map,
	const struct recording_layout *at, double *time, struct error *e)
{
	enum csv_value kind = csv_number(csv, at->time, time);
	int note = -1;

	*time = rows_seconds(at, *time);
	if (kind == CSV_NO_NUMBER && recording_time_parse(time, csv_text(csv, at->time), map->time_zone[0]))
		kind = CSV_NUMBER;
	if (csv_cells(csv) > csv_columns(csv))
		note = NOTE_TOO_MANY;
	else if (kind != CSV_NUMBER || !(*time > 0 && *time < 9e9))
		note = NOTE_TIME; /* nanoseconds since 1970 end in 2262 */
	else if (csv_cut(csv) && (at->time == csv_cells(csv) - 1 || at->dut == csv_cells(csv) - 1))
		note = NOTE_CUT; /* a shorter time or name would pass for another one */
	else if (at->dut >= 0 && !csv_text(csv, at->dut)[0])
		note = NOTE_NO_DUT;
	else
		return 1;
	r->left_out++;
	r->rows_left_out[note]++;
	return recording_rows_note(r, note, csv_line(csv), -1, "", csv_text(csv, at->time), e);
}

static int rows_take(struct recording_rows *r, const struct csv *csv, const struct recording_file *file,
	const struct recording_map *map, const struct recording_layout *at, struct recording_duts *duts,
	struct error *e)
{
	double time = 0;
	int taken = rows_take_frame(r, csv, map, at, &time, e);

	if (taken <= 0)
		return taken;
	if (rows_reserve(r, e) != 0)
		return -1;
	r->time[r->count] = time;
	r->line[r->count] = csv_line(csv);
	r->dut[r->count] = at->wide ? 0 : rows_dut(map, duts, file->path,
		at->dut >= 0 ? csv_text(csv, at->dut) : file->dut[0] ? file->dut : map->dut_fixed, e);
	if (r->dut[r->count] < 0)
		return -1;
	for (int i = 0; i < map->columns; i++)
		if (rows_take_cell(r, csv, map, at, i, e) != 0)
			return -1;
	if (csv_cut(csv)) {
		if (rows_take_cut(r, csv, at, e) != 0)
			return -1;
	} else if (csv_cells(csv) < csv_columns(csv) &&
		   recording_rows_note(r, NOTE_TOO_FEW, csv_line(csv), r->count, "", "", e) != 0) {
		return -1;
	}
	r->count++;
	return 0;
}

static int rows_refuse_empty(const struct recording_rows *r, const struct recording_file *file, struct error *e)
{
	char why[256];

	if (r->records == 0)
		return error_set(e, ERROR_DATA, "%s holds a header and no rows", file->path);
	recording_note_text(&r->note[0], why, sizeof(why));
	return error_set(e, ERROR_DATA, "%s: none of its %d rows can be used; %s", file->path, r->records, why);
}

/* Whether any cell of a column holds something. */
static bool rows_filled(const struct recording_rows *r, int slot)
{
	for (int k = 0; k < r->count && slot >= 0; k++)
		if (r->quality[(size_t)k * (size_t)r->columns + (size_t)slot] != QUALITY_GAP)
			return true;
	return false;
}

/* A column without anything in it is as if it were not there: it would fill the run with gaps. */
static int rows_settle_columns(struct recording_rows *r, const struct recording_file *file, const struct recording_map *map,
	const struct recording_layout *at, struct recording_duts *duts, struct error *e)
{
	for (int i = 0; i < map->columns; i++) {
		r->slot[i] = at->slot[i];
		r->has[i] = rows_filled(r, at->slot[i]);
		r->dut_of[i] = -1;
		if (at->column[i] >= 0 && !r->has[i]) {
			r->cells_left_out[NOTE_EMPTY][i] = r->records;
			if (recording_rows_note(r, NOTE_EMPTY, 1, -1, map->column[i].column, "", e) != 0)
				return -1;
			for (int k = 0; k < r->count; k++)
				r->quality[(size_t)k * (size_t)r->columns + (size_t)at->slot[i]] = QUALITY_GOOD;
		}
		if (!r->has[i] || !map->column[i].dut[0])
			continue;
		r->dut_of[i] = rows_dut(map, duts, file->path, recording_file_dut(file, map->column[i].dut), e);
		if (r->dut_of[i] < 0)
			return -1;
	}
	return 0;
}

static int rows_plain_layout(struct recording_plain *x, const struct csv *csv, const struct recording_map *map,
	const struct recording_layout *at, struct error *e)
{
	x->separator = csv_separator(csv);
	x->columns = csv_columns(csv);
	x->column = calloc((size_t)x->columns, sizeof(*x->column));
	if (!x->column)
		return error_set(e, ERROR_SYSTEM, "no memory for the columns of %s", csv_path(csv));
	for (int k = 0; k < x->columns; k++)
		x->column[k].slot = k == at->time ? PLAIN_TIME : PLAIN_SKIP;
	for (int i = 0; i < map->columns; i++) {
		if (at->column[i] < 0)
			continue;
		if (x->column[at->column[i]].slot != PLAIN_SKIP) {
			x->columns = 0; /* one column that is two things is not usual */
			return 0;
		}
		x->column[at->column[i]].slot = at->slot[i];
		x->column[at->column[i]].is_switch = map->column[i].kind[0] == 's';
		x->column[at->column[i]].scale = map->column[i].scale;
		x->column[at->column[i]].offset = map->column[i].offset;
	}
	return 0;
}

/* What all rows of a file have in common, while it is read. */
struct rows_reading {
	struct recording_rows *rows;
	struct csv *csv;
	const struct recording_file *file;
	const struct recording_map *map;
	const struct recording_layout *at;
	struct recording_duts *duts;
	struct recording_plain plain;
	int dut; /* of all rows, where no column names it */
};

static double rows_seconds_of(const void *self, double units)
{
	return rows_seconds(self, units);
}

/* As many usual rows as come before `end`. */
static int rows_take_plain(struct rows_reading *g, const char *end, struct error *e)
{
	struct recording_rows *r = g->rows;
	int line, rows = 0;
	const char *last, *p = csv_rest(g->csv, &last, &line), *next = p;
	double time;

	for (; g->plain.columns > 0; rows++, p = next) {
		size_t k = (size_t)r->count * (size_t)r->columns;

		if (rows_reserve(r, e) != 0)
			return -1;
		if (!recording_plain_row(&g->plain, &next, end, &time, r->value + k, r->quality + k))
			break;
		time = rows_seconds(g->at, time);
		if (!(time > 0 && time < 9e9))
			break;
		r->time[r->count] = time;
		r->dut[r->count] = g->dut;
		r->line[r->count++] = line + rows;
	}
	r->records += rows;
	csv_skip(g->csv, p, rows);
	return 0;
}

/* Everything that begins before `end`: usual rows quickly, each other one with care. */
static int rows_take_until(struct rows_reading *g, const char *end, struct error *e)
{
	const char *last;
	int line;

	while (csv_rest(g->csv, &last, &line) < end) {
		if (rows_take_plain(g, end, e) != 0)
			return -1;
		if (csv_rest(g->csv, &last, &line) >= end || !csv_next(g->csv))
			break;
		g->rows->records++;
		if (rows_take(g->rows, g->csv, g->file, g->map, g->at, g->duts, e) != 0)
			return -1;
	}
	return 0;
}

/* What the threads left behind in each part, in order. A row of several lines may reach into the next part, whose reader
 * then began in the middle of it: that part is read again. */
static int rows_join(struct rows_reading *g, const struct recording_parts *parts, struct error *e)
{
	for (int i = 0; i < parts->parts; i++) {
		const struct recording_part *part = &parts->part[i];
		const char *last;
		int line;

		if (csv_rest(g->csv, &last, &line) == part->from) {
			recording_part_take(g->rows, part);
			csv_skip(g->csv, part->stopped, part->taken);
		}
		if (rows_take_until(g, part->to, e) != 0)
			return -1;
	}
	return 0;
}

static int rows_take_all(struct rows_reading *g, struct error *e)
{
	struct recording_parts parts = {.parts = 0};
	const char *end, *from;
	int line, result = -1;

	if (g->at->dut < 0 && rows_plain_layout(&g->plain, g->csv, g->map, g->at, e) != 0)
		goto out;
	if (g->at->dut < 0 && !g->at->wide &&
		(g->dut = rows_dut(g->map, g->duts, g->file->path, g->file->dut[0] ? g->file->dut : g->map->dut_fixed, e)) < 0)
		goto out;
	from = csv_rest(g->csv, &end, &line);
	if (g->plain.columns > 0 &&
		recording_parts_read(&parts, g->rows, &g->plain, from, end, line, g->dut, rows_seconds_of, g->at, e) != 0)
		goto out;
	if (rows_join(g, &parts, e) != 0 || rows_take_until(g, end, e) != 0)
		goto out;
	result = 0;
out:
	recording_parts_free(&parts);
	free(g->plain.column);
	return result;
}

int recording_rows_read(struct recording_rows *out, const struct recording_file *file,
	const struct recording_map *map, struct recording_duts *duts, struct error *e)
{
	struct recording_rows r = {.columns = 0};
	struct recording_layout at = {.slots = 0};
	struct csv *csv = NULL;
	int result = -1;

	if (csv_open(&csv, file->path, e) != 0 || rows_layout(&at, csv, file, map, e) != 0)
		goto out;
	r.columns = at.slots;
	if (rows_take_all(&(struct rows_reading){&r, csv, file, map, &at, duts, {.columns = 0}, 0}, e) != 0)
		goto out;
	if (recording_rows_order(&r, map->unique, e) != 0)
		goto out;
	if (r.count == 0) {
		rows_refuse_empty(&r, file, e);
		goto out;
	}
	if (rows_settle_columns(&r, file, map, &at, duts, e) != 0)
		goto out;
	*out = r;
	r = (struct recording_rows){.count = 0};
	result = 0;
out:
	csv_close(csv);
	recording_rows_free(&r);
	return result;
}
