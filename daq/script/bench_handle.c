#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/sandbox.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static const char *const metatable = "heatbench.handle";
static const char *const kind_names[] = {"a bus", "a device", "a register of a device"};

/* Nearest register, for messages. */
static int no_register(const struct bench_device *device, const char *name, const char *where, struct error *e)
{
	const char *names[512 + 1], *near;
	int n = 0;

	for (; n < device->map->rows && n < 512; n++)
		names[n] = device->map->row[n].name;
	names[n] = NULL;
	near = nearest_name(name, names);
	return error_set(e, ERROR_CONFIG, "%s: device '%s' (map %s) has no register '%s'%s%s%s", where, device->name,
		device->map->name, name, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static struct bench_handle *push(lua_State *L, enum handle_kind kind, int index, int reg)
{
	struct bench_handle *h = lua_newuserdatauv(L, sizeof(*h), 0);

	*h = (struct bench_handle){kind, index, reg};
	luaL_setmetatable(L, metatable);
	return h;
}

static int handle_index(lua_State *L)
{
	const struct bench_reader *reader = lua_touserdata(L, lua_upvalueindex(1));
	const struct bench_handle *h = luaL_checkudata(L, 1, metatable);
	const char *name = luaL_checkstring(L, 2);
	struct error e = ERROR_INIT;
	char where[160];
	int reg;

	sandbox_where(L, 1, where, sizeof(where));
	if (h->kind != HANDLE_DEVICE)
		return luaL_error(L, "%s has no part '%s'", kind_names[h->kind], name);
	reg = register_find(reader->bench->device[h->index].map, name);
	if (reg >= 0) {
		push(L, HANDLE_REGISTER, h->index, reg);
		return 1;
	}
	no_register(&reader->bench->device[h->index], name, where, &e);
	lua_pushstring(L, e.text);
	return lua_error(L);
}

void bench_handle_push(lua_State *L, struct bench_reader *reader, enum handle_kind kind, int index)
{
	if (luaL_newmetatable(L, metatable)) {
		lua_pushlightuserdata(L, reader);
		lua_pushcclosure(L, handle_index, 1);
		lua_setfield(L, -2, "__index");
		lua_pushboolean(L, 0);
		lua_setfield(L, -2, "__metatable");
	}
	lua_pop(L, 1);
	push(L, kind, index, -1);
}

static int find_device(const struct bench *bench, const char *name)
{
	for (int i = 0; i < bench->devices; i++)
		if (strcmp(bench->device[i].name, name) == 0)
			return i;
	return -1;
}

static int unknown_name(const struct bench *bench, enum handle_kind kind, const char *name, const char *where,
	struct error *e)
{
	const char *names[BENCH_DEVICES + BENCH_BUSES + 1], *near;
	int n = 0;

	if (kind == HANDLE_BUS)
		for (; n < bench->buses; n++)
			names[n] = bench->bus[n].words.name;
	else
		for (; n < bench->devices; n++)
			names[n] = bench->device[n].name;
	names[n] = NULL;
	near = nearest_name(name, names);
	return error_set(e, ERROR_CONFIG, "%s: no %s is called '%s' above%s%s%s", where,
		kind == HANDLE_BUS ? "bus" : "device", name, near ? " (did you mean '" : "", near ? near : "",
		near ? "'?)" : "");
}

/* "odu", "odu.flow" */
static int read_name(const struct bench *bench, enum handle_kind kind, const char *text,
	struct bench_handle *out, const char *where, struct error *e)
{
	const char *dot = strchr(text, '.');
	char name[64];

	snprintf(name, sizeof(name), "%.*s", dot && kind == HANDLE_REGISTER ? (int)(dot - text) : 63, text);
	out->kind = kind;
	out->reg = -1;
	out->index = kind == HANDLE_BUS ? bench_find_bus(bench, name) : find_device(bench, name);
	if (out->index < 0)
		return unknown_name(bench, kind, name, where, e);
	if (kind != HANDLE_REGISTER)
		return 0;
	if (!dot)
		return error_set(e, ERROR_CONFIG, "%s = \"%s\": expected \"device.register\"", where, text);
	out->reg = register_find(bench->device[out->index].map, dot + 1);
	return out->reg >= 0 ? 0 : no_register(&bench->device[out->index], dot + 1, where, e);
}

int bench_handle_read(lua_State *L, const struct bench *bench, enum handle_kind kind, struct bench_handle *out,
	const char *where, struct error *e)
{
	const struct bench_handle *h = luaL_testudata(L, -1, metatable);

	if (lua_type(L, -1) == LUA_TSTRING)
		return read_name(bench, kind, lua_tostring(L, -1), out, where, e);
	if (!h)
		return error_set(e, ERROR_CONFIG, "%s: expected %s, got a %s", where, kind_names[kind],
			luaL_typename(L, -1));
	if (h->kind != kind)
		return error_set(e, ERROR_CONFIG, "%s: expected %s, got %s", where, kind_names[kind],
			kind_names[h->kind]);
	*out = *h;
	return 0;
}
