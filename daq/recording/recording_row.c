#include "daq/recording/recording_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"
#include "daq/recording/recording_time.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int recording_layout_read(struct recording_layout *out, const struct csv *csv, const struct recording_file *file,
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

int recording_rows_reserve(struct recording_rows *r, struct error *e)
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

int recording_dut(const struct recording_map *map, struct recording_duts *duts, const char *path, const char *said,
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

double recording_seconds(const struct recording_layout *at, double units)
{
	return at->per_second > 0 ? units / at->per_second : units * at->seconds;
}

/* Returns 1 when the row was taken, 0 when it was left out with a note. */
static int rows_take_frame(struct recording_rows *r, const struct csv *csv, const struct recording_map *map,
	const struct recording_layout *at, double *time, struct error *e)
{
	enum csv_value kind = csv_number(csv, at->time, time);
	int note = -1;

	*time = recording_seconds(at, *time);
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

int recording_row_take(struct recording_rows *r, const struct csv *csv, const struct recording_file *file,
	const struct recording_map *map, const struct recording_layout *at, struct recording_duts *duts,
	struct error *e)
{
	double time = 0;
	int taken = rows_take_frame(r, csv, map, at, &time, e);

	if (taken <= 0)
		return taken;
	if (recording_rows_reserve(r, e) != 0)
		return -1;
	r->time[r->count] = time;
	r->line[r->count] = csv_line(csv);
	r->dut[r->count] = at->wide ? 0 : recording_dut(map, duts, file->path,
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

