#include "daq/recording/recording_private.h"

#include "daq/base/error.h"
#include "daq/recording/recording_parts.h"

#include <stdlib.h>

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
		r->dut_of[i] = recording_dut(map, duts, file->path, recording_file_dut(file, map->column[i].dut), e);
		if (r->dut_of[i] < 0)
			return -1;
	}
	return 0;
}

static int rows_plain_layout(struct recording_plain *x, const struct csv *csv, const struct recording_map *map,
	const struct recording_layout *at, struct error *e)
{
	x->at = at;
	x->slots = at->slots;
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

/* As many usual rows as come before `end`. Few at first: after a row that needed care the next may need it as well. */
static int rows_take_plain(struct rows_reading *g, const char *end, struct error *e)
{
	struct recording_rows *r = g->rows;
	int line, few = 4, most, found;
	const char *last, *p = csv_rest(g->csv, &last, &line);

	do {
		size_t k;

		if (recording_rows_reserve(r, e) != 0)
			return -1;
		most = few < r->room - r->count ? few : r->room - r->count;
		few = few < PLAIN_ROWS ? 2 * few : few;
		k = (size_t)r->count * (size_t)r->columns;
		found = recording_plain_rows(&g->plain, &p, end, most, r->time + r->count, r->value + k, r->quality + k);
		for (int i = 0; i < found; i++) {
			r->dut[r->count] = g->dut;
			r->line[r->count++] = line++;
		}
		r->records += found;
		csv_skip(g->csv, p, found);
	} while (found == most && p < end);
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
		if (recording_row_take(g->rows, g->csv, g->file, g->map, g->at, g->duts, e) != 0)
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
		(g->dut = recording_dut(g->map, g->duts, g->file->path, g->file->dut[0] ? g->file->dut : g->map->dut_fixed, e)) < 0)
		goto out;
	from = csv_rest(g->csv, &end, &line);
	if (g->plain.columns > 0 &&
		recording_parts_read(&parts, g->rows, &g->plain, from, end, line, g->dut, e) != 0)
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

	if (csv_open(&csv, file->path, e) != 0 || recording_layout_read(&at, csv, file, map, e) != 0)
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
