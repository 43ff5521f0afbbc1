/* device_maps.c - the register maps: which there are, and what one says. */
#include "daq/cli/device.h"

#include "daq/cli/columns.h"
#include "daq/device/register_map.h"
#include "daq/script/map_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct setting options[] = {
	{"json", SETTING_SWITCH, DEVICE(json), .fallback = "false", .help = "print JSON"},
	SETTING_END
};

static void state_of(const struct register_map *map, char *out, size_t size)
{
	if (register_map_verified(map))
		snprintf(out, size, "verified by %d example%s", map->examples, map->examples == 1 ? "" : "s");
	else
		snprintf(out, size, "unverified");
}

static json_t *number(double v)
{
	return isnan(v) ? json_null() : json_real(v);
}

static json_t *row_json(const struct register_row *row)
{
	json_t *out = json_pack("{s:s, s:i, s:i, s:s, s:s, s:f, s:f, s:s, s:s, s:s, s:i, s:s}", "name", row->name, "address",
		row->address, "function", row->function, "type", register_type_name(row->type), "word_order",
		row->order == WORDS_HIGH_FIRST ? "high-first" : "low-first", "scale", row->scale, "offset", row->offset, "unit",
		row->unit, "kind", register_kind_name(row->kind), "quantity", row->quantity, "page", row->page, "help", row->help);

	json_object_set_new(out, "min", number(row->min));
	json_object_set_new(out, "max", number(row->max));
	json_object_set_new(out, "bit", row->type == REGISTER_BIT ? json_integer(row->bit) : json_null());
	json_object_set_new(out, "alone", json_boolean(row->alone));
	if (row->key[0])
		json_object_set_new(out, "key", json_string(row->key));
	json_object_set_new(out, "expect", row->expects ? json_pack("[f, f]", row->expect_min, row->expect_max) : json_null());
	return out;
}

static json_t *map_json(const struct register_map *map, bool whole)
{
	json_t *out = json_pack("{s:s, s:s, s:s, s:b, s:i, s:i, s:s, s:s, s:s}", "name", map->name, "kind",
		map_kind_name(map->kind), "title", map->title, "verified",
		register_map_verified(map), "examples", map->examples, "max_words", map->max_words, "manual", map->manual,
		"factory_setting", map->baud_hint, "file", map->source);
	json_t *rows = json_array(), *sources = json_array();

	for (int i = 0; i < map->rows && whole; i++)
		json_array_append_new(rows, row_json(&map->row[i]));
	for (int i = 0; i < map->examples && whole; i++)
		json_array_append_new(sources, json_pack("{s:s, s:s, s:f, s:s}", "frame", map->example[i].frame, "register",
			map->example[i].name, "value", map->example[i].value, "source", map->example[i].source));
	if (whole) {
		json_object_set(out, "registers", rows);
		json_object_set(out, "proofs", sources);
	}
	json_decref(rows);
	json_decref(sources);
	return out;
}

/* Scale and plausible range in words; "" where there is nothing to say. */
static void row_words(const struct register_row *row, char scale[48], char range[64])
{
	scale[0] = range[0] = '\0';
	if (row->scale != 1 || row->offset != 0)
		snprintf(scale, 48, row->offset != 0 ? "x %.6g %+g" : "x %.6g", row->scale, row->offset);
	if (!isnan(row->min) || !isnan(row->max))
		snprintf(range, 64, "%g..%g", row->min, row->max);
}

static void add_keyed(struct columns *table, const struct register_row *row)
{
	char scale[48], range[64];

	row_words(row, scale, range);
	columns_row(table, (const char *[]){row->name, row->key, register_kind_name(row->kind), scale,
				   strcmp(row->unit, "1") ? row->unit : "", range, row->help});
}

static void add_row(struct columns *table, const struct register_row *row)
{
	char address[40], type[48], scale[48], range[64];

	snprintf(address, sizeof(address), "%d (0x%04X)", row->address, (unsigned)row->address);
	snprintf(type, sizeof(type), "%s%s", register_type_name(row->type),
		register_words(row->type) == 1 ? "" : row->order == WORDS_HIGH_FIRST ? " high-first" : " low-first");
	if (row->type == REGISTER_BIT)
		snprintf(type, sizeof(type), "bit %d", row->bit);
	row_words(row, scale, range);
	columns_row(table, (const char *[]){row->name, row->function == 3 ? "3" : "4", address, type, scale,
				   strcmp(row->unit, "1") ? row->unit : "", range, row->writable ? "writable" : "", row->help});
}

static void print_map(const struct register_map *map)
{
	bool keyed = map->kind != MAP_REGISTERS;
	struct columns *table = columns_new(keyed ? "lllllll" : "lrlllllll");
	char state[48];

	state_of(map, state, sizeof(state));
	printf("%s: %s\n%s; %s\n%s%s", map->name, map->title, state, map->manual,
		map->baud_hint[0] ? "factory setting " : "", map->baud_hint);
	if (keyed)
		printf("%s%s\n\n", map->baud_hint[0] ? "; " : "", map_kind_name(map->kind));
	else
		printf("%sreads of at most %d words\n\n", map->baud_hint[0] ? "; " : "", map->max_words);
	columns_row(table, keyed ? (const char *[]){"POINT", "KEY", "KIND", "SCALE", "UNIT", "RANGE", ""}
				 : (const char *[]){"REGISTER", "FC", "ADDRESS", "TYPE", "SCALE", "UNIT", "RANGE", "", ""});
	for (int i = 0; i < map->rows; i++)
		(keyed ? add_keyed : add_row)(table, &map->row[i]);
	columns_print(table, 0, stdout);
	columns_free(table);
	for (int i = 0; i < map->examples; i++)
		printf("\n%s = %.9g: %s\n  %s\n", map->example[i].name, map->example[i].value, map->example[i].frame,
			map->example[i].source);
}

static int show_one(const char *name, bool json, struct error *e)
{
	struct register_map *map = NULL;
	int result = 0;

	if (map_file_read(&map, name, e) != 0)
		return -1;
	if (json) {
		json_t *out = map_json(map, true);

		result = device_print_json(out, JSON_INDENT(1), e);
		json_decref(out);
	} else {
		print_map(map);
	}
	register_map_free(map);
	return result;
}

/* A map of the lab's own that is wrong hides no other. Returns whether it could be read. */
static bool list_one(const char *name, struct columns *table, json_t *list)
{
	struct register_map *map = NULL;
	struct error e = ERROR_INIT;
	char state[48], rows[16];

	if (map_file_read(&map, name, &e) != 0) {
		fprintf(stderr, "heatbench device: %s\n", e.text);
		columns_row(table, (const char *[]){name, "wrong", "", ""});
		json_array_append_new(list, json_pack("{s:s, s:s}", "name", name, "error", e.text));
		return false;
	}
	state_of(map, state, sizeof(state));
	snprintf(rows, sizeof(rows), "%d", map->rows);
	columns_row(table, (const char *[]){map->name, state, rows, map->title});
	json_array_append_new(list, map_json(map, false));
	register_map_free(map);
	return true;
}

static int list_all(bool json, struct error *e)
{
	struct columns *table = columns_new("llrl");
	json_t *list = json_array();
	char **names = NULL;
	int result = 0;
	bool good = true;

	if (map_file_list(&names, e) != 0)
		result = -1;
	columns_row(table, (const char *[]){"MAP", "STATE", "REGISTERS", "DEVICE"});
	for (char **n = names; n && *n; n++) {
		good = list_one(*n, table, list) && good;
		free(*n);
	}
	free(names);
	if (result == 0 && json)
		result = device_print_json(list, JSON_INDENT(1), e);
	else if (result == 0)
		columns_print(table, 0, stdout);
	columns_free(table);
	json_decref(list);
	return result < 0 ? -1 : good ? EXIT_PASSED : EXIT_UNABLE;
}

static int carry_out(const struct device_options *o, struct error *e)
{
	for (int i = 0; i < o->words.count; i++)
		if (show_one(o->words.item[i], o->json, e) != 0)
			return -1;
	return o->words.count ? EXIT_PASSED : list_all(o->json, e);
}

const struct device_command device_maps = {
	.name = "maps",
	.arguments = "[NAME...]",
	.help = "the register maps and their state, or all rows of one",
	.options = options,
	.epilogue = "Verified: a frame from outside (a manual's example, a real meter's answer) decodes to what it should.\n"
		    "exit status: 0 done; 2 a map is wrong or not there.",
	.carry_out = carry_out,
};
