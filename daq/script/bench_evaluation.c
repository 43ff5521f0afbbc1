/*
 * bench_evaluation.c - evaluation{...}: what the evaluation must know of the rig and of the promise made for the device
 * under test. This room does not know the keys: the acquisition program holds them against the evaluation's table.
 */
#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <stdio.h>
#include <string.h>

static const struct setting no_rows[] = {SETTING_END};

const struct shape bench_shape_evaluation = {"evaluation",
	"What the evaluation must know: any keys it has (docs/evaluation-pump.md, docs/evaluation-flow.md, docs/evaluation-meters.md), as "
	"`evaluation{ elevation = \"120 mm\" }`. Keys that may differ between devices under test come in a table named like the device: "
	"`evaluation{ heat_class = 2, hp3 = { heat_class = 3 } }`. `heatbench evaluate --set KEY=VALUE` comes over it.",
	no_rows, NULL};

/* The value on top of the stack under `name`. */
static int add_setting(lua_State *L, struct bench *bench, const char *name, const char *source, struct error *e)
{
	struct bench_setting *s = &bench->setting[bench->settings];

	if (bench_check_room(bench->settings, BENCH_SETTINGS, "evaluation settings", source, e) != 0)
		return -1;
	for (int i = 0; i < bench->settings; i++)
		if (strcmp(bench->setting[i].name, name) == 0)
			return bench_name_twice(source, "evaluation", name, bench->setting[i].source, e);
	if (lua_type(L, -1) == LUA_TNUMBER)
		snprintf(s->value, sizeof(s->value), "%.17g", lua_tonumber(L, -1));
	else if (lua_type(L, -1) == LUA_TBOOLEAN)
		text_copy(s->value, sizeof(s->value), lua_toboolean(L, -1) ? "yes" : "no");
	else if (lua_type(L, -1) != LUA_TSTRING || !text_copy(s->value, sizeof(s->value), lua_tostring(L, -1)))
		return error_set(e, ERROR_CONFIG, "%s: evaluation.%s: expected a text of at most %zu characters, or a number",
			source, name, sizeof(s->value) - 1);
	if (!text_copy(s->name, sizeof(s->name), name))
		return error_set(e, ERROR_CONFIG, "%s: evaluation: '%s' is no key", source, name);
	text_copy(s->source, sizeof(s->source), source);
	bench->settings++;
	return 0;
}

static const char *key_of(lua_State *L)
{
	return lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
}

/* hp3 = { heat_class = 3 }, on top of the stack: becomes hp3.heat_class. */
static int add_own(lua_State *L, struct bench *bench, const char *dut, const char *source, struct error *e)
{
	char name[96];

	lua_pushnil(L);
	while (lua_next(L, -2)) {
		const char *key = key_of(L);

		if (!key)
			return error_set(e, ERROR_CONFIG, "%s: evaluation.%s: expected only keys like name = ...", source, dut);
		snprintf(name, sizeof(name), "%s.%s", dut, key);
		if (add_setting(L, bench, name, source, e) != 0)
			return -1;
		lua_pop(L, 1);
	}
	return 0;
}

int bench_build_evaluation(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;

	if (lua_gettop(L) != 1 || !lua_istable(L, 1))
		return error_set(e, ERROR_CONFIG, "%s: evaluation: expected one table, as in evaluation{ key = value, ... }",
			source);
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		const char *key = key_of(L);

		if (!key || strchr(key, '.'))
			return error_set(e, ERROR_CONFIG, "%s: evaluation: expected only keys like name = ...", source);
		if ((lua_istable(L, -1) ? add_own : add_setting)(L, reader->bench, key, source, e) != 0)
			return -1;
		lua_pop(L, 1);
	}
	return 0;
}
