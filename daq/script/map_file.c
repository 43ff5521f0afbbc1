#include "daq/script/map_form.h"

#include "daq/script/map_file.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/data_file.h"
#include "daq/script/settings_lua.h"
#include "daq/script/source_files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order of the enumerations of register_map.h. */
static const char *const types[] = {"u16", "s16", "u32", "s32", "u64", "s64", "f32", "bit", NULL};
static const char *const orders[] = {"high-first", "low-first", NULL};
static const char *const row_orders[] = {"map", "high-first", "low-first", NULL};
static const char *const kinds[] = {"gauge", "counter", "state", "setpoint", NULL};

/* clang-format off */
#define ROW(field) offsetof(struct row_form, row.field)
static const struct setting row_rows[] = {
	{"name", SETTING_TEXT, ROW(name), 32, .help = "letters, digits and _: channels refer to it"},
	{"address", SETTING_INTEGER, ROW(address), .min = 0, .max = 65535, .help = "protocol address, counted from 0 (register number 40001 is address 0)"},
	{"type", SETTING_CHOICE, ROW(type), .choices = types, .help = "how the words are to be read"},
	{"read_function", SETTING_INTEGER, offsetof(struct row_form, function), .min = 0, .max = 4, .fallback = "0", .help = "3 holding, 4 input; 0: as the map says"},
	{"word_order", SETTING_CHOICE, offsetof(struct row_form, order), .choices = row_orders, .fallback = "map", .help = "which word of a longer number comes first"},
	{"alone", SETTING_SWITCH, ROW(alone), .fallback = "false", .help = "the device gives it only to a read of nothing else"},
	{"bit", SETTING_INTEGER, ROW(bit), .min = 0, .max = 15, .fallback = "0", .help = "with type bit: which one, 0 is the lowest"},
	{"scale", SETTING_NUMBER, ROW(scale), .fallback = "1", .help = "value = raw * scale + offset"},
	{"offset", SETTING_NUMBER, ROW(offset), .fallback = "0", .help = "in the unit"},
	{"unit", SETTING_TEXT, ROW(unit), 16, .fallback = "1", .help = "of the value; \"1\" is a pure number"},
	{"kind", SETTING_CHOICE, ROW(kind), .choices = kinds, .fallback = "gauge", .help = "counter: only grows; state: a code; setpoint: what we ask for"},
	{"quantity", SETTING_TEXT, ROW(quantity), 48, .fallback = "", .help = "what it is: \"volume flow\", \"electric power\" ..."},
	{"resolution", SETTING_NUMBER, ROW(resolution), .fallback = "nan", .help = "smallest step; by default the scale of whole numbers"},
	{"nominal", SETTING_NUMBER, ROW(nominal), .fallback = "nan", .help = "a typical value, for dry runs"},
	{"min", SETTING_NUMBER, ROW(min), .fallback = "nan", .help = "lowest plausible value"},
	{"max", SETTING_NUMBER, ROW(max), .fallback = "nan", .help = "highest plausible value"},
	{"writable", SETTING_SWITCH, ROW(writable), .fallback = "false", .help = "may be set"},
	{"page", SETTING_INTEGER, ROW(page), .min = 0, .max = 9999, .fallback = "0", .help = "of the manual"},
	{"help", SETTING_TEXT, ROW(help), 96, .fallback = "", .help = "a remark"},
	SETTING_END
};

#define EXAMPLE(field) offsetof(struct register_example, field)
static const struct setting example_rows[] = {
	{"frame", SETTING_TEXT, EXAMPLE(frame), 400, .help = "the reply as printed, RTU with CRC: \"01 04 04 43 66 33 34 1B 38\""},
	{"address", SETTING_INTEGER, EXAMPLE(address), .min = 0, .max = 65535, .help = "first address that was asked for"},
	{"name", SETTING_TEXT, EXAMPLE(name), 32, .help = "register that it shows"},
	{"value", SETTING_NUMBER, EXAMPLE(value), .help = "what that is, in the register's unit"},
	{"tolerance", SETTING_NUMBER, EXAMPLE(tolerance), .fallback = "0", .help = "how exactly it is printed"},
	{"source", SETTING_TEXT, EXAMPLE(source), 128, .help = "manual and page, or who read it from which meter"},
	SETTING_END
};

#define MAP(field) offsetof(struct map_form, map.field)
static const struct setting map_rows[] = {
	{"name", SETTING_TEXT, MAP(name), 32, .help = "the same as the file's, without .lua"},
	{"title", SETTING_TEXT, MAP(title), 96, .help = "the device in words"},
	{"manual", SETTING_TEXT, MAP(manual), 160, .help = "where the rows come from"},
	{"word_order", SETTING_CHOICE, MAP(order), .choices = orders, .fallback = "high-first", .help = "which word of a longer number comes first"},
	{"read_function", SETTING_INTEGER, offsetof(struct map_form, function), .min = 3, .max = 4, .help = "3 holding registers, 4 input registers"},
	{"max_words", SETTING_INTEGER, MAP(max_words), .min = 1, .max = 125, .fallback = "125", .help = "longest read that the device takes"},
	{"max_gap", SETTING_INTEGER, MAP(max_gap), .min = 0, .max = 124, .fallback = "8", .help = "unread words that may be read along to save a transaction; 0 where the device refuses unknown addresses"},
	{"baud_hint", SETTING_TEXT, MAP(baud_hint), 64, .fallback = "", .help = "factory setting of the port, for messages"},
	{"check", SETTING_TEXT, offsetof(struct map_form, check), 32, .fallback = "", .help = "register that never changes: after a time-out it proves that question and answer are in step"},
	SETTING_END
};
/* clang-format on */

static int read_refused(lua_State *L, void *base, const char *where, struct error *e)
{
	struct register_row *row = &((struct row_form *)base)->row;
	lua_Integer n = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : -1;

	if (n < 1 || n > 4)
		return error_set(e, ERROR_CONFIG, "%s: expected a list of 1 to 4 raw values, like {0x7fff}", where);
	for (lua_Integer i = 1; i <= n; i++) {
		int whole;

		lua_rawgeti(L, -1, i);
		row->refused[i - 1] = (uint64_t)lua_tointegerx(L, -1, &whole);
		lua_pop(L, 1);
		if (!whole)
			return error_set(e, ERROR_CONFIG, "%s[%d]: expected a whole number", where, (int)i);
	}
	row->refused_count = (int)n;
	return 0;
}

int map_form_read_expect(lua_State *L, void *base, const char *where, struct error *e)
{
	struct register_row *row = &((struct row_form *)base)->row;
	int low = 0, high = 0;

	if (lua_istable(L, -1) && lua_rawlen(L, -1) == 2) {
		lua_rawgeti(L, -1, 1);
		lua_rawgeti(L, -2, 2);
		row->expect_min = lua_tonumberx(L, -2, &low);
		row->expect_max = lua_tonumberx(L, -1, &high);
		lua_pop(L, 2);
	}
	if (!low || !high || !isfinite(row->expect_min) || !(row->expect_max >= row->expect_min))
		return error_set(e, ERROR_CONFIG, "%s: expected {lowest, highest}, like {200, 260}", where);
	row->expects = true;
	return 0;
}

static const struct special row_specials[] = {
	{"refused", false, read_refused, "list of raw values", "mean \"not valid\""},
	{"expect", false, map_form_read_expect, "{lowest, highest}",
		"what it reads where map and word order fit and the device works: `heatbench device` judges by it"},
	{.name = NULL}};
static const struct shape row_shape = {"registers", "One row of `registers`.", row_rows, row_specials};
static const struct shape example_shape = {"examples",
	"One row of `examples`: a reply from outside, which proves address, type, word order and scale. A map "
	"without one is listed as unverified.",
	example_rows, NULL};

static int read_registers(lua_State *L, void *base, const char *where, struct error *e)
{
	struct map_form *form = base;
	char source[160], path[96];

	settings_split_where(where, source, sizeof(source), path, sizeof(path));
	return settings_list_from_lua(L, -1, &row_shape, form->row, sizeof(form->row[0]), MAP_ROWS,
		&form->map.rows, source, path, e);
}

static int read_examples(lua_State *L, void *base, const char *where, struct error *e)
{
	struct map_form *form = base;
	char source[160], path[96];

	settings_split_where(where, source, sizeof(source), path, sizeof(path));
	return settings_list_from_lua(L, -1, &example_shape, form->example, sizeof(form->example[0]), MAP_EXAMPLES,
		&form->map.examples, source, path, e);
}

static int add_identity(lua_State *L, struct map_form *form, const char *where, struct error *e)
{
	int i = form->map.identities;

	if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
		return error_set(e, ERROR_CONFIG, "%s: expected { serial = \"name of a register\", ... }", where);
	if (i == 8)
		return error_set(e, ERROR_CONFIG, "%s: at most 8 entries are possible", where);
	if (!text_copy(form->map.identity_name[i], 32, lua_tostring(L, -2)) ||
		!text_copy(form->identity[i], 32, lua_tostring(L, -1)))
		return error_set(e, ERROR_CONFIG, "%s: a name is longer than 31 characters", where);
	form->map.identities++;
	return 0;
}

int map_form_read_identity(lua_State *L, void *base, const char *where, struct error *e)
{
	if (!lua_istable(L, -1))
		return error_set(e, ERROR_CONFIG, "%s: expected { serial = \"name of a register\", ... }", where);
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (add_identity(L, base, where, e) != 0) {
			lua_pop(L, 2);
			return -1;
		}
		lua_pop(L, 1);
	}
	return 0;
}

static const struct special map_specials[] = {
	{"registers", true, read_registers, "list of rows", "the data sheet, see below"},
	{"examples", false, read_examples, "list of rows", "replies from outside, see below"},
	{"identity", false, map_form_read_identity, "{ serial = \"register\", firmware = ... }",
		"registers that say which device it is: read at start and kept with the run"},
	{.name = NULL}};
static const struct shape map_shape = {"register_map",
	"The whole of a map file: `return register_map{ ... }`.", map_rows, map_specials};

static const char *constructor_of(const struct map_form *form)
{
	static const char *const names[] = {[MAP_REGISTERS] = "register_map", [MAP_DOCUMENT] = "document_map",
		[MAP_MBUS] = "mbus_map"};

	return names[form->map.kind];
}

/* A register that another key names. */
static int find_row(const struct map_form *form, const char *name, const char *key, struct error *e)
{
	const char *names[MAP_ROWS + 1], *near;
	int found = register_find(&form->map, name);

	if (found >= 0)
		return found;
	for (int i = 0; i < form->map.rows; i++)
		names[i] = form->map.row[i].name;
	names[form->map.rows] = NULL;
	near = nearest_name(name, names);
	error_set(e, ERROR_CONFIG, "%s: %s.%s: no %s is called '%s'%s%s%s", form->source, constructor_of(form), key,
		form->map.kind == MAP_REGISTERS ? "register" : "point", name,
		near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
	return -1;
}

static int check_row(struct map_form *form, int i, struct error *e)
{
	struct row_form *f = &form->row[i];

	f->row.function = f->function ? f->function : form->function;
	f->row.own_order = f->order != 0;
	f->row.order = f->order ? (enum word_order)(f->order - 1) : form->map.order;
	if (isnan(f->row.resolution) && f->row.type != REGISTER_F32 && form->map.kind == MAP_REGISTERS)
		f->row.resolution = fabs(f->row.scale);
	if (f->function == 1 || f->function == 2)
		return error_set(e, ERROR_CONFIG, "%s: register_map.registers[%d].read_function: expected 3 or 4",
			form->source, i + 1);
	if (f->row.min > f->row.max)
		return error_set(e, ERROR_CONFIG, "%s: %s '%s': min %g is above max %g", form->source,
			form->map.kind == MAP_REGISTERS ? "register" : "point", f->row.name, f->row.min, f->row.max);
	return 0;
}

/* Turns the form's rows into the map's own; on failure what was allocated stays with the map. */
static int settle_map(struct map_form *form, struct error *e)
{
	struct register_map *map = &form->map;
	struct error inner = ERROR_INIT;

	map->row = calloc((size_t)map->rows + 1, sizeof(map->row[0]));
	map->example = calloc((size_t)map->examples + 1, sizeof(map->example[0]));
	if (!map->row || !map->example)
		return error_set(e, ERROR_SYSTEM, "no memory for the map %s", map->name);
	for (int i = 0; i < map->rows; i++) {
		if (check_row(form, i, e) != 0)
			return -1;
		map->row[i] = form->row[i].row;
	}
	memcpy(map->example, form->example, (size_t)map->examples * sizeof(map->example[0]));
	map->check = -1;
	if (form->check[0] && (map->check = find_row(form, form->check, "check", e)) < 0)
		return -1;
	for (int i = 0; i < map->identities && map->kind != MAP_MBUS; i++) {
		map->identity[i] = find_row(form, form->identity[i], "identity", e);
		if (map->identity[i] < 0)
			return -1;
	}
	if (register_map_check(map, &inner) != 0 || register_map_prove(map, &inner) != 0)
		return error_set(e, inner.code, "%s: %s", form->source, inner.text);
	return 0;
}

static int build_map(lua_State *L, void *self, const char *source, struct error *e)
{
	struct map_form *form = self;

	if (form->done)
		return error_set(e, ERROR_CONFIG, "%s: a map file holds one map", source);
	text_copy(form->source, sizeof(form->source), source);
	if (settings_from_lua(L, 1, &map_shape, form, source, "register_map", e) != 0)
		return -1;
	form->done = true;
	lua_pushboolean(L, 1);
	return 1;
}

static const struct constructor constructors[] = {{"register_map", build_map}, {"document_map", map_form_build_document},
	{"mbus_map", map_form_build_mbus}, {.name = NULL}};

/* The map's name is how bench files find it, so it must be the file's. */
static int check_name(const struct map_form *form, const char *path, struct error *e)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t length = strlen(base), n = strlen(form->map.name);

	if (length == n + 4 && strncmp(base, form->map.name, n) == 0 && strcmp(base + n, ".lua") == 0)
		return 0;
	return error_set(e, ERROR_CONFIG, "%s: %s.name = \"%s\": the file must then be called %s.lua",
		form->source, constructor_of(form), form->map.name, form->map.name);
}

static int read_form(struct map_form *form, const char *path, struct source_files *files, struct error *e)
{
	struct data_file file;
	int result = -1;

	if (data_file_open(&file, files, constructors, form, e) != 0 || data_file_run(&file, path, e) != 0)
		goto out;
	if (!form->done) {
		error_set(e, ERROR_CONFIG, "%s: holds no register_map{...}, document_map{...} or mbus_map{...}", path);
		goto out;
	}
	if (check_name(form, path, e) == 0 && settle_map(form, e) == 0)
		result = 0;
out:
	data_file_close(&file);
	return result;
}

int map_file_load(struct register_map **out, const char *path, struct source_files *files, struct error *e)
{
	struct map_form *form = calloc(1, sizeof(*form));
	struct register_map *map = malloc(sizeof(*map));
	int result = -1;

	if (!form || !map) {
		error_set(e, ERROR_SYSTEM, "no memory for the map %s", path);
		goto out;
	}
	result = read_form(form, path, files, e);
	*map = form->map;
	if (result != 0)
		goto out;
	text_copy(map->source, sizeof(map->source), path);
	*out = map;
	map = NULL;
out:
	if (map && form) {
		free(form->map.row);
		free(form->map.example);
	}
	free(map);
	free(form);
	return result;
}

void map_file_help(FILE *to)
{
	settings_help(&map_shape, to);
	settings_help(&row_shape, to);
	settings_help(&example_shape, to);
	map_form_help(to);
}
