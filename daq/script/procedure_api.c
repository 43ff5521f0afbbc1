#include "daq/script/procedure_child.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/procedure_calls.h"
#include "daq/script/procedure_message.h"
#include "daq/script/sandbox.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int procedure_api_code(const struct procedure_api *api, const char *text, int otherwise)
{
	return api->code != ERROR_NONE && strcmp(api->text, text) == 0 ? api->code : otherwise;
}

/* Raises a sentence whose code is to survive. */
static int refuse(lua_State *L, struct procedure_api *api, int code, const char *text)
{
	api->code = code;
	text_copy(api->text, sizeof(api->text), text);
	lua_pushstring(L, api->text);
	return lua_error(L);
}

static int refuse_here(lua_State *L, struct procedure_api *api, int code, const char *text)
{
	char where[192], sentence[512];

	if (sandbox_where(L, 1, where, sizeof(where)) == 0 || strncmp(text, where, strcspn(where, ":")) == 0)
		snprintf(sentence, sizeof(sentence), "%s", text);
	else
		snprintf(sentence, sizeof(sentence), "%s: %s", where, text);
	return refuse(L, api, code, sentence);
}

/* One call to the parent and back. It is gone: so is the reason to live. */
static json_t *exchange(struct procedure_api *api, const char *name, const char *at, json_t *arguments)
{
	json_t *message = json_pack("{s:s, s:s, s:o}", "call", name, "at", at, "arguments", arguments);
	json_t *reply = NULL;
	struct error e = ERROR_INIT;

	if (message_send(api->script->fd, message, &e) != 0 ||
		message_receive(api->script->fd, &reply, &e) != 0 || !reply)
		_exit(1);
	json_decref(message);
	return reply;
}

/* The reply's values on the stack, or its error raised; releases the reply first. */
static int deliver(lua_State *L, struct procedure_api *api, json_t *reply)
{
	const json_t *values = json_object_get(reply, "return");
	const char *text = json_string_value(json_object_get(reply, "error"));
	int code = (int)json_integer_value(json_object_get(reply, "code")), n = (int)json_array_size(values);
	char sentence[512];

	if (text) {
		snprintf(sentence, sizeof(sentence), "%s", text);
		json_decref(reply);
		return refuse(L, api, code, sentence);
	}
	for (int i = 0; i < n; i++)
		procedure_value_push(L, json_array_get(values, (size_t)i));
	json_decref(reply);
	return n;
}

static int do_call(lua_State *L, struct procedure_api *api, const char *name)
{
	json_t *arguments = json_array(), *reply;
	const char *why = NULL;
	char at[192];

	for (int i = 1; i <= lua_gettop(L); i++) {
		json_t *value = procedure_value_read(L, i, 0, &why);

		if (!value || json_array_append_new(arguments, value) != 0) {
			json_decref(arguments);
			return refuse_here(L, api, ERROR_CONFIG, why ? why : "no memory for a call");
		}
	}
	sandbox_where(L, 1, at, sizeof(at));
	reply = exchange(api, name, at, arguments);
	sandbox_rest(sandbox_of(L));
	return deliver(L, api, reply);
}

/* Upvalues: the api, the name of the call. */
static int api_call(lua_State *L)
{
	return do_call(L, lua_touserdata(L, lua_upvalueindex(1)), lua_tostring(L, lua_upvalueindex(2)));
}

static int api_print(lua_State *L)
{
	int n = lua_gettop(L);
	luaL_Buffer line;

	luaL_buffinit(L, &line);
	for (int i = 1; i <= n; i++) {
		if (i > 1)
			luaL_addchar(&line, '\t');
		luaL_tolstring(L, i, NULL);
		luaL_addvalue(&line);
	}
	luaL_pushresult(&line);
	lua_replace(L, 1);
	lua_settop(L, 1);
	return do_call(L, lua_touserdata(L, lua_upvalueindex(1)), "note");
}

static int api_assert(lua_State *L)
{
	struct procedure_api *api = lua_touserdata(L, lua_upvalueindex(1));

	luaL_checkany(L, 1);
	if (lua_toboolean(L, 1))
		return lua_gettop(L);
	if (lua_gettop(L) > 1 && !lua_isstring(L, 2)) {
		lua_settop(L, 2);
		return lua_error(L);
	}
	return refuse_here(L, api, ERROR_LIMIT, luaL_optstring(L, 2, "assertion failed"));
}

static int api_error(lua_State *L)
{
	struct procedure_api *api = lua_touserdata(L, lua_upvalueindex(1));

	lua_settop(L, 1);
	if (!lua_isstring(L, 1))
		return lua_error(L);
	return refuse_here(L, api, ERROR_LIMIT, lua_tostring(L, 1));
}

static void set_function(lua_State *L, struct procedure_api *api, const char *name, lua_CFunction function)
{
	lua_pushlightuserdata(L, api);
	lua_pushstring(L, name);
	lua_pushcclosure(L, function, 2);
	lua_setglobal(L, name);
}

int procedure_api_offer(lua_State *L)
{
	struct procedure_api *api = lua_touserdata(L, 1);

	for (const char *const *name = procedure_call_names; *name; name++)
		set_function(L, api, *name, api_call);
	set_function(L, api, "print", api_print);
	set_function(L, api, "assert", api_assert);
	set_function(L, api, "error", api_error);
	procedure_table_push(L, api->script);
	lua_setglobal(L, "bench");
	/* A global that is nil would be an unknown name. */
	lua_pushstring(L, api->script->options->argument);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		lua_pushboolean(L, 0);
	}
	lua_setglobal(L, "argument");
	return 0;
}
