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
	"What the evaluation must know: any keys it has (docs/evaluation-pump.md, docs/evaluation-flow.md), as `evaluation{ elevation = \"120 mm\" }`. "
	"`heatbench evaluate --set KEY=VALUE` comes over it.",
	no_rows, NULL};

static int add_setting(lua_State *L, struct bench *bench, const char *source, struct error *e)
{
	struct bench_setting *s = &bench->setting[bench->settings];
	const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;

	if (!name)
		return error_set(e, ERROR_CONFIG, "%s: evaluation: expected only keys like name = ...", source);
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

int bench_build_evaluation(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;

	if (lua_gettop(L) != 1 || !lua_istable(L, 1))
		return error_set(e, ERROR_CONFIG, "%s: evaluation: expected one table, as in evaluation{ key = value, ... }",
			source);
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		if (add_setting(L, reader->bench, source, e) != 0)
			return -1;
		lua_pop(L, 1);
	}
	return 0;
}
