#include "daq/script/procedure_child.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>

enum { DEPTH = 4 };

static json_t *read_number(lua_State *L, int index)
{
	double v = lua_tonumber(L, index);

	if (lua_isinteger(L, index))
		return json_integer(lua_tointeger(L, index));
	/* JSON has neither: as text the parent's settings refuse them by name. */
	return isnan(v) ? json_string("nan") : isinf(v) ? json_string("inf") : json_real(v);
}

static json_t *read_text(lua_State *L, int index, const char **why)
{
	size_t length;
	const char *text = lua_tolstring(L, index, &length);
	json_t *value;

	if (length > 4096) {
		*why = "a text of more than 4096 bytes cannot be passed on";
		return NULL;
	}
	value = json_stringn(text, length);
	if (!value)
		*why = "a text that is not UTF-8 cannot be passed on";
	return value;
}

static json_t *read_table(lua_State *L, int index, int depth, const char **why)
{
	json_t *object = json_object();
	char key[64];

	if (depth >= DEPTH || !lua_checkstack(L, 8)) {
		*why = "a table that deep cannot be passed on";
		json_decref(object);
		return NULL;
	}
	lua_pushnil(L);
	while (object && lua_next(L, index)) {
		json_t *value = procedure_value_read(L, lua_gettop(L), depth + 1, why);

		if (lua_isinteger(L, -2))
			snprintf(key, sizeof(key), "%lld", (long long)lua_tointeger(L, -2));
		else
			snprintf(key, sizeof(key), "%s", lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?");
		lua_pop(L, value ? 1 : 2);
		if (!value || json_object_set_new(object, key, value) != 0) {
			if (value)
				lua_pop(L, 1);
			if (!*why)
				*why = "a key that is not UTF-8 cannot be passed on";
			json_decref(object);
			object = NULL;
		}
	}
	return object;
}

json_t *procedure_value_read(lua_State *L, int index, int depth, const char **why)
{
	switch (lua_type(L, index)) {
	case LUA_TNIL:
		return json_null();
	case LUA_TBOOLEAN:
		return json_boolean(lua_toboolean(L, index));
	case LUA_TNUMBER:
		return read_number(L, index);
	case LUA_TSTRING:
		return read_text(L, index, why);
	case LUA_TTABLE:
		return read_table(L, index, depth, why);
	default:
		*why = "a function cannot be passed on";
		return NULL;
	}
}

static void push_object(lua_State *L, json_t *object)
{
	const char *key;
	json_t *value;

	lua_newtable(L);
	json_object_foreach(object, key, value)
	{
		procedure_value_push(L, value);
		lua_setfield(L, -2, key);
	}
}

void procedure_value_push(lua_State *L, const json_t *value)
{
	luaL_checkstack(L, 8, "too deep an answer");
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		push_object(L, (json_t *)value);
		break;
	case JSON_ARRAY:
		lua_newtable(L);
		for (size_t i = 0; i < json_array_size(value); i++) {
			procedure_value_push(L, json_array_get(value, i));
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		break;
	case JSON_STRING:
		lua_pushlstring(L, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		lua_pushinteger(L, (lua_Integer)json_integer_value(value));
		break;
	case JSON_REAL:
		lua_pushnumber(L, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		lua_pushboolean(L, json_is_true(value));
		break;
	case JSON_NULL:
		lua_pushnil(L);
		break;
	}
}
