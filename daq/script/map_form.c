/*
 * map_form.c - maps whose rows are found by a key: documents and M-Bus telegrams.
 */
#include "daq/script/map_form.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/device/document_points.h"
#include "daq/script/settings_lua.h"

/* As register_map.h says of a row that has no address: all of them come in one read, up to a block's room. */
enum { TOGETHER = 64 };

/* In the order of enum register_kind; a key cannot be written, so there is no set point. */
static const char *const kinds[] = {"gauge", "counter", "state", NULL};

/* clang-format off */
#define ROW(field) offsetof(struct row_form, row.field)
static const struct setting point_rows[] = {
	{"name", SETTING_TEXT, ROW(name), 32, .help = "letters, digits and _: channels refer to it"},
	{"key", SETTING_TEXT, ROW(key), 96, .help = "what the device calls it: a path in a document (\"hp1.powerInput\"), a key, a record of a telegram"},
	{"scale", SETTING_NUMBER, ROW(scale), .fallback = "1", .help = "value = what it says * scale + offset"},
	{"offset", SETTING_NUMBER, ROW(offset), .fallback = "0", .help = "in the unit"},
	{"unit", SETTING_TEXT, ROW(unit), 16, .fallback = "1", .help = "of the value; \"1\" is a pure number"},
	{"kind", SETTING_CHOICE, ROW(kind), .choices = kinds, .fallback = "gauge", .help = "counter: only grows; state: a code, true is 1 and false is 0"},
	{"quantity", SETTING_TEXT, ROW(quantity), 48, .fallback = "", .help = "what it is: \"volume flow\", \"electric power\" ..."},
	{"resolution", SETTING_NUMBER, ROW(resolution), .fallback = "nan", .help = "smallest step"},
	{"nominal", SETTING_NUMBER, ROW(nominal), .fallback = "nan", .help = "a typical value, for dry runs"},
	{"min", SETTING_NUMBER, ROW(min), .fallback = "nan", .help = "lowest plausible value"},
	{"max", SETTING_NUMBER, ROW(max), .fallback = "nan", .help = "highest plausible value"},
	{"page", SETTING_INTEGER, ROW(page), .min = 0, .max = 9999, .fallback = "0", .help = "of the manual"},
	{"help", SETTING_TEXT, ROW(help), 96, .fallback = "", .help = "a remark"},
	SETTING_END
};

#define MAP(field) offsetof(struct map_form, map.field)
#define MAP_ROWS_COMMON \
	{"name", SETTING_TEXT, MAP(name), 32, .help = "the same as the file's, without .lua"}, \
	{"title", SETTING_TEXT, MAP(title), 96, .help = "the device in words"}, \
	{"manual", SETTING_TEXT, MAP(manual), 160, .help = "where the rows come from"}
static const struct setting document_rows[] = {
	MAP_ROWS_COMMON,
	SETTING_END
};
static const struct setting mbus_rows[] = {
	MAP_ROWS_COMMON,
	{"baud_hint", SETTING_TEXT, MAP(baud_hint), 64, .fallback = "", .help = "factory setting of the port, for messages"},
	SETTING_END
};
/* clang-format on */

static const struct special point_specials[] = {
	{"expect", false, map_form_read_expect, "{lowest, highest}",
		"what it reads where the map fits and the device works: `heatbench device` judges by it"},
	{.name = NULL}};
static const struct shape point_shape = {"points", "One row of `points`.", point_rows, point_specials};

static int read_points(lua_State *L, void *base, const char *where, struct error *e)
{
	struct map_form *form = base;
	char source[160], path[96];

	settings_split_where(where, source, sizeof(source), path, sizeof(path));
	if (settings_list_from_lua(L, -1, &point_shape, form->row, sizeof(form->row[0]), MAP_ROWS, &form->map.rows, source,
		path, e) != 0)
		return -1;
	for (int i = 0; i < form->map.rows; i++)
		form->row[i].row.address = i;
	return 0;
}

#define EXAMPLE(field) offsetof(struct register_example, field)
/* clang-format off */
static const struct setting telegram_rows[] = {
	{"frame", SETTING_TEXT, EXAMPLE(frame), 600, .help = "all its bytes in hex, \"68 ... 16\""},
	{"name", SETTING_TEXT, EXAMPLE(name), 32, .help = "point that it shows"},
	{"value", SETTING_NUMBER, EXAMPLE(value), .help = "what that is, in the point's unit"},
	{"tolerance", SETTING_NUMBER, EXAMPLE(tolerance), .fallback = "0", .help = "how exactly it is known"},
	{"source", SETTING_TEXT, EXAMPLE(source), 128, .help = "manual and page, or who read it from which meter"},
	SETTING_END
};
/* clang-format on */
static const struct shape telegram_shape = {"telegrams",
	"One row of `telegrams`: an answer of a real meter, which proves key, unit and scale.", telegram_rows, NULL};

static int read_telegrams(lua_State *L, void *base, const char *where, struct error *e)
{
	struct map_form *form = base;
	char source[160], path[96];

	settings_split_where(where, source, sizeof(source), path, sizeof(path));
	return settings_list_from_lua(L, -1, &telegram_shape, form->example, sizeof(form->example[0]), MAP_EXAMPLES,
		&form->map.examples, source, path, e);
}

static const struct special map_specials[] = {
	{"points", true, read_points, "list of rows", "what it tells, see below"},
	{"identity", false, map_form_read_identity, "{ serial = \"row\", firmware = ... }",
		"rows that say which device it is: read at start and kept with the run"},
	{.name = NULL}};
static const struct shape document_shape = {"document_map",
	"A map file for what is fetched as a document: `return document_map{ ... }`.", document_rows, map_specials};
static const struct special mbus_specials[] = {
	{"points", true, read_points, "list of rows", "what it tells, see below; keys as docs/mbus.md says"},
	{"telegrams", false, read_telegrams, "list of rows", "telegrams from outside, see below"},
	{.name = NULL}};
static const struct shape mbus_shape = {"mbus_map", "A map file for the telegrams of an M-Bus meter: `return mbus_map{ ... }`.",
	mbus_rows, mbus_specials};

static int build(lua_State *L, struct map_form *form, const struct shape *shape, enum map_kind kind, const char *source,
	struct error *e)
{
	if (form->done)
		return error_set(e, ERROR_CONFIG, "%s: a map file holds one map", source);
	text_copy(form->source, sizeof(form->source), source);
	if (settings_from_lua(L, 1, shape, form, source, shape->name, e) != 0)
		return -1;
	form->map.kind = kind;
	form->map.max_words = form->map.max_gap = TOGETHER;
	form->done = true;
	lua_pushboolean(L, 1);
	return 1;
}

/* Behind the map's own rows, so that channels can refer to them like to any. */
static int add_document_points(struct map_form *form, const char *source, struct error *e)
{
	if (form->map.rows + DOCUMENT_POINTS > MAP_ROWS)
		return error_set(e, ERROR_CONFIG, "%s: document_map.points has %d entries: at most %d are possible", source,
			form->map.rows, MAP_ROWS - DOCUMENT_POINTS);
	for (int i = 0; i < DOCUMENT_POINTS; i++) {
		form->row[form->map.rows].row = document_points[i];
		form->row[form->map.rows].row.address = form->map.rows;
		form->map.rows++;
	}
	return 0;
}

int map_form_build_document(lua_State *L, void *self, const char *source, struct error *e)
{
	int results = build(L, self, &document_shape, MAP_DOCUMENT, source, e);

	return results < 0 || add_document_points(self, source, e) == 0 ? results : -1;
}

/* Every telegram says of itself who it is from. */
static void identify_by_header(struct register_map *map)
{
	static const char *const names[] = {"serial", "manufacturer", "version", "medium"};

	map->identities = (int)(sizeof(names) / sizeof(names[0]));
	for (int i = 0; i < map->identities; i++) {
		text_copy(map->identity_name[i], sizeof(map->identity_name[i]), names[i]);
		map->identity[i] = -1;
	}
}

int map_form_build_mbus(lua_State *L, void *self, const char *source, struct error *e)
{
	identify_by_header(&((struct map_form *)self)->map);
	return build(L, self, &mbus_shape, MAP_MBUS, source, e);
}

void map_form_help(FILE *to)
{
	settings_help(&document_shape, to);
	settings_help(&mbus_shape, to);
	settings_help(&point_shape, to);
	settings_help(&telegram_shape, to);
}
