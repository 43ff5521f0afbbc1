#include "daq/script/procedure_child.h"

#include "daq/acquire/bench.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

static void set_text(lua_State *L, const char *key, const char *text)
{
	lua_pushstring(L, text);
	lua_setfield(L, -2, key);
}

static void set_known_text(lua_State *L, const char *key, const char *text)
{
	if (text[0])
		set_text(L, key, text);
}

static void set_known_number(lua_State *L, const char *key, double v)
{
	if (!isfinite(v))
		return;
	lua_pushnumber(L, v);
	lua_setfield(L, -2, key);
}

/* Role -> channel name, of a dut (or -1: of the whole bench), into the table on top. */
static void set_roles(lua_State *L, const struct bench *bench, int dut)
{
	for (int i = 0; i < bench->channels; i++)
		if (bench->channel[i].dut == dut && bench->channel[i].role[0])
			set_text(L, bench->channel[i].role, bench->channel[i].name);
}

static void push_dut(lua_State *L, const struct bench *bench, int index)
{
	const struct bench_dut *dut = &bench->dut[index];

	lua_newtable(L);
	set_roles(L, bench, -1);
	set_roles(L, bench, index);
	set_text(L, "name", dut->name);
	set_text(L, "kind", dut->kind);
	set_text(L, "profile", dut->profile);
	set_text(L, "serial", dut->serial);
	set_text(L, "firmware", dut->firmware);
}

static void push_channel(lua_State *L, const struct bench *bench, const struct bench_channel *c)
{
	lua_newtable(L);
	set_text(L, "unit", c->unit);
	set_text(L, "quantity", c->quantity);
	set_known_text(L, "role", c->role);
	set_known_text(L, "dut", c->dut >= 0 ? bench->dut[c->dut].name : "");
	set_known_number(L, "min", c->min);
	set_known_number(L, "max", c->max);
	lua_pushboolean(L, c->output);
	lua_setfield(L, -2, "output");
}

/* bench.has(role): whether the bench, or any of its duts, has a channel for it. */
static int has_role(lua_State *L)
{
	const struct bench *bench = lua_touserdata(L, lua_upvalueindex(1));
	const char *role = luaL_checkstring(L, 1);

	bool found = false;

	for (int i = 0; i < bench->channels && role[0]; i++)
		found = found || strcmp(bench->channel[i].role, role) == 0;
	lua_pushboolean(L, found);
	return 1;
}

void procedure_table_push(lua_State *L, const struct procedure_script *script)
{
	const struct bench *bench = script->bench;

	lua_newtable(L);
	set_text(L, "name", bench->name);
	set_text(L, "title", bench->title);
	set_known_number(L, "tick", (double)bench->tick / 1e9);
	lua_pushboolean(L, script->options->dry);
	lua_setfield(L, -2, "dry");
	lua_pushlightuserdata(L, (void *)bench);
	lua_pushcclosure(L, has_role, 1);
	lua_setfield(L, -2, "has");
	lua_newtable(L);
	set_roles(L, bench, -1);
	lua_setfield(L, -2, "roles");
	lua_newtable(L);
	for (int i = 0; i < bench->duts; i++) {
		push_dut(L, bench, i);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, "duts");
	lua_newtable(L);
	for (int i = 0; i < bench->channels; i++) {
		push_channel(L, bench, &bench->channel[i]);
		lua_setfield(L, -2, bench->channel[i].name);
	}
	lua_setfield(L, -2, "channels");
}
