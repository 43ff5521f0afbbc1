#include "daq/cli/device_readings.h"

#include "daq/base/error.h"
#include "daq/base/units.h"
#include "daq/script/map_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCKS = 128 };

int device_map_read(const char *name, int word_order, struct register_map **out, struct error *e)
{
	if (!name[0])
		return error_set(e, ERROR_USAGE, "--map is missing: the name of a map (heatbench device maps lists them) or a file");
	if (map_file_read(out, name, e) != 0)
		return -1;
	if ((*out)->kind != MAP_REGISTERS) {
		error_set(e, ERROR_USAGE, "--map %s is of kind %s, and Modbus devices have registers", name, map_kind_name((*out)->kind));
		register_map_free(*out);
		*out = NULL;
		return -1;
	}
	if (word_order)
		register_map_order(*out, (enum word_order)(word_order - 1));
	return 0;
}

static void settle(const struct register_row *row, const struct words_reply *r, int at, struct device_reading *out)
{
	memset(out, 0, sizeof(*out));
	out->status = r->status;
	out->exception = r->exception;
	out->value = NAN;
	out->at = r->last;
	if (r->status != WIRE_OK)
		return;
	memcpy(out->raw, r->words + at, (size_t)register_words(row->type) * sizeof(out->raw[0]));
	out->valid = register_decode(row, out->raw, &out->value);
}

static int index_of(const int *rows, int count, int row)
{
	for (int i = 0; i < count; i++)
		if (rows[i] == row)
			return i;
	return 0;
}

static int take_block(struct device_line *line, int unit, const struct register_map *map,
	const struct register_block *b, const int *rows, int count, struct device_reading *readings, struct error *e)
{
	struct words_reply r;

	device_line_read(line, unit, b->function, b->address, b->count, &r);
	for (int i = 0; i < b->rows && r.status != WIRE_GONE; i++) {
		const struct register_row *row = &map->row[b->row[i]];
		struct device_reading *out = &readings[index_of(rows, count, b->row[i])];

		/* One word that is not there has the whole read refused. */
		if (r.status == WIRE_EXCEPTION && b->rows > 1) {
			struct words_reply single;

			device_line_read(line, unit, row->function, row->address, register_words(row->type), &single);
			settle(row, &single, 0, out);
			if (single.status == WIRE_GONE)
				r = single;
		} else {
			settle(row, &r, b->at[i], out);
		}
	}
	if (r.status == WIRE_GONE)
		return error_set(e, ERROR_DEVICE, "the line is gone: %s", r.detail);
	return 0;
}

int device_readings_take(struct device_line *line, int unit, const struct register_map *map, const int *rows,
	int count, struct device_reading *readings, struct error *e)
{
	struct register_block block[BLOCKS];
	int blocks = register_coalesce(map, rows, count, block, BLOCKS, e);

	for (int i = 0; i < blocks; i++)
		if (take_block(line, unit, map, &block[i], rows, count, readings, e) != 0)
			return -1;
	return blocks < 0 ? -1 : 0;
}

void device_reading_note(const struct register_row *row, const struct device_reading *r, char *out, size_t size)
{
	char unit[24];

	out[0] = '\0';
	if (r->status == WIRE_EXCEPTION)
		snprintf(out, size, "refused (exception %d)", r->exception);
	else if (r->status != WIRE_OK)
		snprintf(out, size, "no answer (%s)", wire_status_name(r->status));
	else if (!r->valid)
		snprintf(out, size, "marked invalid by the device");
	else if (r->value < row->min || r->value > row->max)
		snprintf(out, size, "outside %g to %g%s", row->min, row->max, unit_label(row->unit, unit));
	else if (!register_expected(row, r->value))
		snprintf(out, size, "%g to %g%s is expected", row->expect_min, row->expect_max, unit_label(row->unit, unit));
}

void device_reading_raw(const struct register_row *row, const struct device_reading *r, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; r->status == WIRE_OK && i < register_words(row->type); i++)
		used += (size_t)snprintf(out + used, size - used, "%s0x%04X", i ? " " : "", r->raw[i]);
}

void device_reading_value(const struct register_row *row, const struct device_reading *r, char *out, size_t size)
{
	if (!r->valid)
		snprintf(out, size, "-");
	else
		snprintf(out, size, "%.*g", row->type == REGISTER_F32 ? 7 : 12, r->value);
}

json_t *device_reading_json(const struct register_row *row, const struct device_reading *r)
{
	json_t *raw = json_array();
	char note[96];

	for (int i = 0; r->status == WIRE_OK && i < register_words(row->type); i++)
		json_array_append_new(raw, json_integer(r->raw[i]));
	device_reading_note(row, r, note, sizeof(note));
	return json_pack("{s:s, s:o, s:s, s:s, s:o, s:s}", "register", row->name, "value",
		r->valid ? json_real(r->value) : json_null(), "unit", row->unit, "quantity", row->quantity, "raw", raw,
		"note", note);
}

bool device_readings_other_order(const struct register_map *map, const int *rows, int count,
	const struct device_reading *readings, enum word_order *better)
{
	int fits = 0, fits_other = 0;

	for (int i = 0; i < count; i++) {
		struct register_row row = map->row[rows[i]];
		double value;

		if (!row.expects || row.own_order || register_words(row.type) == 1 || readings[i].status != WIRE_OK)
			continue;
		fits += readings[i].valid && register_expected(&row, readings[i].value);
		row.order = row.order == WORDS_HIGH_FIRST ? WORDS_LOW_FIRST : WORDS_HIGH_FIRST;
		fits_other += register_decode(&row, readings[i].raw, &value) && register_expected(&row, value);
		*better = row.order;
	}
	return fits_other > fits;
}
