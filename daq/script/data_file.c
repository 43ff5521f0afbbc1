#include "daq/script/data_file.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/sandbox.h"
#include "daq/script/source_files.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 8 };

static const struct sandbox_limits data_limits = {
	.memory = 64L << 20,
	.instructions = 20000000,
	.cpu_seconds = 10,
	.budget = "more than",
};

static int construct(lua_State *L)
{
	const struct constructor *c = lua_touserdata(L, lua_upvalueindex(1));
	struct data_file *f = lua_touserdata(L, lua_upvalueindex(2));
	struct error e = ERROR_INIT;
	char source[160];
	int results;

	sandbox_where(L, 1, source, sizeof(source));
	if (lua_gettop(L) != 1 || !lua_istable(L, 1))
		error_set(&e, ERROR_CONFIG, "%s: %s: expected one table, as in %s{ key = value, ... }", source,
			c->name, c->name);
	results = e.code ? -1 : c->build(L, f->self, source, &e);
	if (results < 0) {
		lua_pushstring(L, e.text);
		return lua_error(L);
	}
	return results;
}

static int run(struct data_file *f, const char *path, int results, struct error *e)
{
	char *text = NULL;
	size_t length;
	int result;

	for (int i = 0; i < f->depth; i++)
		if (strcmp(f->running[i], path) == 0)
			return error_set(e, ERROR_CONFIG, "%s includes itself", path);
	if (f->depth == DEPTH_MOST)
		return error_set(e, ERROR_CONFIG, "%s: files include each other more than %d deep", path, DEPTH_MOST);
	if (source_files_read(f->files, path, &text, &length, e) != 0)
		return -1;
	text_copy(f->running[f->depth++], sizeof(f->running[0]), path);
	result = sandbox_run(f->sandbox, text, length, path, results, e);
	f->depth--;
	free(text);
	return result;
}

static int include(lua_State *L)
{
	struct data_file *f = lua_touserdata(L, lua_upvalueindex(1));
	const char *name = luaL_checkstring(L, 1);
	struct error e = ERROR_INIT, inner = ERROR_INIT;
	char path[256], source[160];
	int top = lua_gettop(L);

	sandbox_where(L, 1, source, sizeof(source));
	if (source_files_beside(f->running[f->depth - 1], name, path, sizeof(path), &e) == 0)
		run(f, path, LUA_MULTRET, &e);
	if (e.code == ERROR_NONE)
		return lua_gettop(L) - top;
	/* What the included file got wrong says where by itself. */
	if (e.code == ERROR_IO || strstr(e.text, "includes itself"))
		error_set(&inner, e.code, "%s: include: %s", source, e.text);
	lua_pushstring(L, inner.code ? inner.text : e.text);
	return lua_error(L);
}

/* Runs protected: arguments are the file and the list. */
static int offer(lua_State *L)
{
	struct data_file *f = lua_touserdata(L, 1);
	const struct constructor *c = lua_touserdata(L, 2);

	for (; c->name; c++) {
		lua_pushlightuserdata(L, (void *)c);
		lua_pushlightuserdata(L, f);
		lua_pushcclosure(L, construct, 2);
		lua_setglobal(L, c->name);
	}
	lua_pushlightuserdata(L, f);
	lua_pushcclosure(L, include, 1);
	lua_setglobal(L, "include");
	return 0;
}

int data_file_open(struct data_file *f, struct source_files *files, const struct constructor *list, void *self,
	struct error *e)
{
	lua_State *L;

	f->files = files;
	f->self = self;
	f->depth = 0;
	f->sandbox = NULL;
	if (sandbox_open(&f->sandbox, &data_limits, e) != 0)
		return -1;
	L = sandbox_state(f->sandbox);
	lua_pushcfunction(L, offer);
	lua_pushlightuserdata(L, f);
	lua_pushlightuserdata(L, (void *)list);
	return sandbox_call(f->sandbox, 2, 0, e);
}

void data_file_close(struct data_file *f)
{
	sandbox_close(f->sandbox);
	f->sandbox = NULL;
}

int data_file_run(struct data_file *f, const char *path, struct error *e)
{
	sandbox_rest(f->sandbox);
	return run(f, path, 0, e);
}
