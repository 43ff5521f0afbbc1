#include "daq/script/recording_map.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"
#include "daq/script/data_file.h"
#include "daq/script/settings_lua.h"
#include "daq/script/source_files.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct recording_form {
	struct recording_map map;
	char source[160];
	bool done;
};

/* clang-format off */
#define MAP(field) offsetof(struct recording_form, map.field)
static const struct setting map_rows[] = {
	{"title", SETTING_TEXT, MAP(title), 96, .help = "the recording in words"},
	{"source", SETTING_TEXT, MAP(source), 256, .fallback = "", .help = "who recorded it, with what"},
	{"set_point", SETTING_TEXT, MAP(set_point), 48, .fallback = "", .help = "channel whose changes begin a step"},
	SETTING_END
};

static const struct setting time_rows[] = {
	{"column", SETTING_TEXT, MAP(time_column), 400, .help = "header of the column; several with bars between: the first that is there"},
	{"unit", SETTING_TEXT, MAP(time_unit), 16, .fallback = "s", .help = "counted since 1970: \"s\", \"ms\" ...; times in words (2024-01-31T12:00:00.5+01:00) are taken too"},
	{"zone", SETTING_TEXT, MAP(time_zone), 8, .fallback = "", .help = "\"UTC\": of times in words that name none; without it such rows are left out"},
	{"unique", SETTING_SWITCH, MAP(unique), .fallback = "false", .help = "of rows with one time stamp only the first is kept"},
	SETTING_END
};

static const struct setting dut_rows[] = {
	{"column", SETTING_TEXT, MAP(dut_column), 64, .fallback = "", .help = "column that names the device under test; none: `name` or the option dut= does"},
	{"name", SETTING_TEXT, MAP(dut_fixed), 32, .fallback = "", .help = "the one device that every file is of, where no column names it"},
	{"kind", SETTING_TEXT, MAP(dut_kind), 32, .help = "what it is: \"pump\", \"flow_meter\""},
	{"profile", SETTING_TEXT, MAP(dut_profile), 32, .fallback = "", .help = "how it speaks: \"wilo-ipwm1\""},
	SETTING_END
};

#define COLUMN(field) offsetof(struct recording_column, field)
static const struct setting column_rows[] = {
	{"column", SETTING_TEXT, COLUMN(column), 400, .help = "header in the file; several with bars between: the first that is there"},
	{"dut", SETTING_TEXT, COLUMN(dut), 32, .fallback = "", .help = "the device that this column is of, where a file holds several side by side"},
	{"channel", SETTING_TEXT, COLUMN(channel), 48, .help = "what it becomes: duty, feedback, flow ..."},
	{"unit", SETTING_TEXT, COLUMN(unit), 16, .help = "of the value after scale and offset"},
	{"quantity", SETTING_TEXT, COLUMN(quantity), 48, .help = "\"volume flow\", \"feedback power\" ..."},
	{"kind", SETTING_TEXT, COLUMN(kind), 12, .fallback = "gauge", .help = "gauge, counter, state or setpoint"},
	{"scale", SETTING_NUMBER, COLUMN(scale), .fallback = "1", .help = "value = cell * scale + offset"},
	{"offset", SETTING_NUMBER, COLUMN(offset), .fallback = "0", .help = "in the unit"},
	{"resolution", SETTING_NUMBER, COLUMN(resolution), .fallback = "nan", .help = "smallest step"},
	{"shared", SETTING_SWITCH, COLUMN(shared), .fallback = "false", .help = "measured once for all devices, such as a reference: the channel belongs to the bench"},
	{"required", SETTING_SWITCH, COLUMN(required), .fallback = "true", .help = "a file without this column is refused"},
	SETTING_END
};
/* clang-format on */

static const struct shape time_shape = {"time", "When a row was measured.", time_rows, NULL};
static const struct shape column_shape = {"columns", "One row of `columns`.", column_rows, NULL};

static int add_dut_name(lua_State *L, struct recording_map *map, const char *where, struct error *e)
{
	int i = map->dut_names;

	if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
		return error_set(e, ERROR_CONFIG, "%s: expected { [\"as in the file\"] = \"name\", ... }", where);
	if (i == RECORDING_DUT_NAMES)
		return error_set(e, ERROR_CONFIG, "%s: at most %d names are possible", where, RECORDING_DUT_NAMES);
	if (!text_copy(map->dut_name[i].from, sizeof(map->dut_name[i].from), lua_tostring(L, -2)) ||
		!text_copy(map->dut_name[i].to, sizeof(map->dut_name[i].to), lua_tostring(L, -1)))
		return error_set(e, ERROR_CONFIG, "%s: '%s' is too long", where, lua_tostring(L, -2));
	map->dut_names++;
	return 0;
}

static int read_dut_names(lua_State *L, void *base, const char *where, struct error *e)
{
	struct recording_form *form = base;

	if (!lua_istable(L, -1))
		return error_set(e, ERROR_CONFIG, "%s: expected { [\"as in the file\"] = \"name\", ... }", where);
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (add_dut_name(L, &form->map, where, e) != 0) {
			lua_pop(L, 2);
			return -1;
		}
		lua_pop(L, 1);
	}
	return 0;
}

static const struct special dut_specials[] = {
	{"names", false, read_dut_names, "{ [\"as in the file\"] = \"name\", ... }", "other names for what the column says"},
	{.name = NULL}};
static const struct shape dut_shape = {"dut", "Which device a row belongs to.", dut_rows, dut_specials};

static int read_part(lua_State *L, const struct shape *shape, void *base, const char *where, struct error *e)
{
	char source[160], path[96];

	settings_split_where(where, source, sizeof(source), path, sizeof(path));
	return settings_from_lua(L, -1, shape, base, source, path, e);
}

static int read_time(lua_State *L, void *base, const char *where, struct error *e)
{
	return read_part(L, &time_shape, base, where, e);
}

static int read_dut(lua_State *L, void *base, const char *where, struct error *e)
{
	return read_part(L, &dut_shape, base, where, e);
}

static int read_columns(lua_State *L, void *base, const char *where, struct error *e)
{
	struct recording_form *form = base;
	char source[160], path[96];

	settings_split_where(where, source, sizeof(source), path, sizeof(path));
	return settings_list_from_lua(L, -1, &column_shape, form->map.column, sizeof(form->map.column[0]),
		RECORDING_COLUMNS, &form->map.columns, source, path, e);
}

static const struct special map_specials[] = {{"time", true, read_time, "{ column = ..., unit = ... }", "see below"},
	{"dut", true, read_dut, "{ column = ..., kind = ..., ... }", "see below"},
	{"columns", true, read_columns, "list of rows", "see below"}, {.name = NULL}};
static const struct shape map_shape = {"recording", "The whole of a recording map: `return recording{ ... }`.",
	map_rows, map_specials};

static int check_column(const struct recording_form *form, int i, struct error *e)
{
	static const char *const kinds[] = {"gauge", "counter", "state", "setpoint"};
	const struct recording_column *c = &form->map.column[i];
	bool known = false;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		known = known || strcmp(kinds[k], c->kind) == 0;
	if (!known)
		return error_set(e, ERROR_CONFIG,
			"%s: recording.columns[%d].kind = \"%s\": expected one of gauge, counter, state, setpoint",
			form->source, i + 1, c->kind);
	if (!unit_known(c->unit))
		return error_set(e, ERROR_CONFIG, "%s: recording.columns[%d].unit: '%s' is not a unit that is known here",
			form->source, i + 1, c->unit);
	for (int k = 0; k < i; k++)
		if (strcmp(form->map.column[k].channel, c->channel) == 0 && strcmp(form->map.column[k].dut, c->dut) == 0)
			return error_set(e, ERROR_CONFIG, "%s: recording.columns: channel '%s' is there twice",
				form->source, c->channel);
	return 0;
}

bool recording_map_wide(const struct recording_map *map)
{
	for (int i = 0; i < map->columns; i++)
		if (map->column[i].dut[0])
			return true;
	return false;
}

/* Where one column says whose it is, all that are not shared must. */
static int check_wide(const struct recording_form *form, struct error *e)
{
	if (form->map.dut_column[0] || form->map.dut_fixed[0])
		return error_set(e, ERROR_CONFIG, "%s: recording.dut: column or name, and columns[...].dut, do not go together", form->source);
	for (int i = 0; i < form->map.columns; i++)
		if (!form->map.column[i].dut[0] != form->map.column[i].shared)
			return error_set(e, ERROR_CONFIG, "%s: recording.columns[%d]: a column has either dut or shared = true, where any has dut",
				form->source, i + 1);
	return 0;
}

static int check_map(const struct recording_form *form, struct error *e)
{
	const char *names[RECORDING_COLUMNS + 1], *near;
	bool found = form->map.set_point[0] == '\0';
	double seconds;

	for (int i = 0; i < form->map.columns; i++) {
		if (check_column(form, i, e) != 0)
			return -1;
		names[i] = form->map.column[i].channel;
		found = found || strcmp(names[i], form->map.set_point) == 0;
	}
	names[form->map.columns] = NULL;
	if (unit_convert(1, form->map.time_unit, "s", &seconds, NULL) != 0)
		return error_set(e, ERROR_CONFIG, "%s: recording.time.unit: '%s' is not a unit of time", form->source,
			form->map.time_unit);
	if (form->map.time_zone[0] && strcmp(form->map.time_zone, "UTC") != 0)
		return error_set(e, ERROR_CONFIG, "%s: recording.time.zone: '%s' is not possible, only \"UTC\": local times repeat an hour a year",
			form->source, form->map.time_zone);
	if (recording_map_wide(&form->map) && check_wide(form, e) != 0)
		return -1;
	if (form->map.dut_column[0] && form->map.dut_fixed[0])
		return error_set(e, ERROR_CONFIG, "%s: recording.dut: either column or name says which device it is, not both",
			form->source);
	if (found)
		return 0;
	near = nearest_name(form->map.set_point, names);
	return error_set(e, ERROR_CONFIG, "%s: recording.set_point: no column becomes channel '%s'%s%s%s", form->source,
		form->map.set_point, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static int build_recording(lua_State *L, void *self, const char *source, struct error *e)
{
	struct recording_form *form = self;

	if (form->done)
		return error_set(e, ERROR_CONFIG, "%s: a recording map holds one recording", source);
	text_copy(form->source, sizeof(form->source), source);
	if (settings_from_lua(L, 1, &map_shape, form, source, "recording", e) != 0)
		return -1;
	form->done = true;
	return 0;
}

static const struct constructor constructors[] = {{"recording", build_recording}, {.name = NULL}};

int recording_map_read(struct recording_map *out, const char *path, struct error *e)
{
	struct recording_form *form = calloc(1, sizeof(*form));
	struct source_files *files = malloc(sizeof(*files));
	struct data_file file = {.sandbox = NULL};
	int result = -1;

	if (!form || !files) {
		error_set(e, ERROR_SYSTEM, "no memory for the recording map %s", path);
		goto out;
	}
	source_files_begin(files);
	if (data_file_open(&file, files, constructors, form, e) != 0 || data_file_run(&file, path, e) != 0)
		goto out;
	if (!form->done) {
		error_set(e, ERROR_CONFIG, "%s: holds no recording{...}", path);
		goto out;
	}
	if (check_map(form, e) != 0)
		goto out;
	*out = form->map;
	result = 0;
out:
	data_file_close(&file);
	free(files);
	free(form);
	return result;
}

void recording_map_help(FILE *to)
{
	settings_help(&map_shape, to);
	settings_help(&time_shape, to);
	settings_help(&dut_shape, to);
	settings_help(&column_shape, to);
}
