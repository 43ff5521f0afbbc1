#include "daq/script/sandbox.h"

#include "daq/base/error.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HOOK_STEP = 1000 }; /* instructions between two looks at the budget */

struct sandbox {
	lua_State *L;
	struct sandbox_limits limits;
	long used; /* bytes */
	long spent; /* instructions */
	double cpu_start;
	bool exhausted;
	char why[256]; /* sentence of the first limit that was hit */
	lua_Hook trace;
};

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct sandbox *sandbox_of(lua_State *L)
{
	return *(struct sandbox **)lua_getextraspace(L);
}

lua_State *sandbox_state(struct sandbox *s)
{
	return s->L;
}

bool sandbox_exhausted(const struct sandbox *s)
{
	return s->exhausted;
}

void sandbox_rest(struct sandbox *s)
{
	s->spent = 0;
	s->cpu_start = cpu_now();
}

/* A path that is too long loses its beginning: the line is what people need. */
static void write_where(const char *path, int line, char *out, size_t size)
{
	size_t length = strlen(path), room = size > 32 ? size - 16 : 16;

	if (length > room)
		snprintf(out, size, "...%s:%d", path + length - room + 3, line);
	else
		snprintf(out, size, "%s:%d", path, line);
}

int sandbox_where(lua_State *L, int level, char *out, size_t size)
{
	lua_Debug ar;

	for (; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline <= 0)
			continue;
		write_where(ar.source + (ar.source[0] == '@'), ar.currentline, out, size);
		return ar.currentline;
	}
	snprintf(out, size, "?");
	return 0;
}

/* Lua collects its garbage and asks again before it gives up, so only the sentence is kept here; where it
 * was is known now and no longer when the error arrives. */
static void *out_of_memory(struct sandbox *s)
{
	char where[192] = "?";

	if (s->L)
		sandbox_where(s->L, 0, where, sizeof(where));
	snprintf(s->why, sizeof(s->why), "%.180s: more than %.3g MiB of memory", where,
		(double)s->limits.memory / 1048576);
	return NULL;
}

static void *sandbox_alloc(void *self, void *block, size_t old_size, size_t size)
{
	struct sandbox *s = self;
	void *grown;

	if (!block)
		old_size = 0; /* Lua passes a type here */
	if (size == 0) {
		s->used -= (long)old_size;
		free(block);
		return NULL;
	}
	if (size > old_size &&
		(size - old_size > (size_t)s->limits.memory || s->used + (long)(size - old_size) > s->limits.memory))
		return out_of_memory(s);
	grown = realloc(block, size);
	if (grown)
		s->used += (long)size - (long)old_size;
	return grown;
}

static void sandbox_hook(lua_State *L, lua_Debug *ar)
{
	struct sandbox *s = sandbox_of(L);

	if (ar->event != LUA_HOOKCOUNT) {
		if (s->trace)
			s->trace(L, ar);
		return;
	}
	s->spent += HOOK_STEP;
	sandbox_check(L);
}

static void set_hook(struct sandbox *s)
{
	int mask = LUA_MASKCOUNT | (s->trace ? LUA_MASKLINE | LUA_MASKCALL | LUA_MASKRET : 0);

	lua_sethook(s->L, sandbox_hook, mask, s->exhausted ? 1 : HOOK_STEP);
}

void sandbox_trace(struct sandbox *s, lua_Hook trace)
{
	s->trace = trace;
	set_hook(s);
}

/* From now on every instruction errs: a loop around pcall unwinds at its next step. */
static void sandbox_stop(lua_State *L, struct sandbox *s)
{
	char where[192];

	if (!s->exhausted) {
		sandbox_where(L, 0, where, sizeof(where));
		snprintf(s->why, sizeof(s->why), "%.180s: %s %ld million instructions: endless loop?", where,
			s->limits.budget, s->limits.instructions / 1000000);
		s->exhausted = true;
		if (s->limits.exhausted)
			s->limits.exhausted(s->limits.self, s->why);
		set_hook(s);
	}
	lua_pushstring(L, s->why);
	lua_error(L);
}

void sandbox_check(lua_State *L)
{
	struct sandbox *s = sandbox_of(L);

	if (s->exhausted || s->spent >= s->limits.instructions ||
		(s->limits.cpu_seconds > 0 && cpu_now() - s->cpu_start > s->limits.cpu_seconds))
		sandbox_stop(L, s);
}

int sandbox_open(struct sandbox **out, const struct sandbox_limits *limits, struct error *e)
{
	struct sandbox *s = calloc(1, sizeof(*s));

	if (!s)
		return error_set(e, ERROR_SYSTEM, "no memory for a Lua state");
	s->limits = *limits;
	s->L = lua_newstate(sandbox_alloc, s);
	if (!s->L) {
		free(s);
		return error_set(e, ERROR_SYSTEM, "no memory for a Lua state");
	}
	*(struct sandbox **)lua_getextraspace(s->L) = s;
	sandbox_rest(s);
	lua_pushcfunction(s->L, sandbox_library);
	if (sandbox_call(s, 0, 0, e) != 0) {
		sandbox_close(s);
		return -1;
	}
	set_hook(s);
	*out = s;
	return 0;
}

void sandbox_close(struct sandbox *s)
{
	if (!s)
		return;
	s->limits.memory = 0x7fffffffL; /* closing must not run into the cap */
	lua_close(s->L);
	free(s);
}

/* The error value on top as a sentence. It may be a table with a __tostring that loops: never called. */
static int report(struct sandbox *s, int status, struct error *e)
{
	int kind = lua_type(s->L, -1);

	if (status == LUA_ERRMEM) {
		s->exhausted = true;
		error_set(e, ERROR_LIMIT, "%s", s->why[0] ? s->why : "no memory for a Lua state");
	} else if (s->exhausted) {
		error_set(e, ERROR_LIMIT, "%s", s->why);
	} else if (kind == LUA_TSTRING || kind == LUA_TNUMBER) {
		error_set(e, ERROR_CONFIG, "%s", lua_tostring(s->L, -1));
	} else {
		error_set(e, ERROR_CONFIG, "ended with an error that is a %s, not a text", lua_typename(s->L, kind));
	}
	lua_pop(s->L, 1);
	return -1;
}

int sandbox_load(struct sandbox *s, const char *text, size_t length, const char *name, struct error *e)
{
	char chunk[512];
	int status;

	if (length && text[0] == LUA_SIGNATURE[0]) /* bytecode can break the interpreter */
		return error_set(e, ERROR_CONFIG, "%s is compiled: only Lua text is taken", name);
	snprintf(chunk, sizeof(chunk), "@%s", name);
	status = luaL_loadbufferx(s->L, text, length, chunk, "t");
	return status == LUA_OK ? 0 : report(s, status, e);
}

int sandbox_call(struct sandbox *s, int arguments, int results, struct error *e)
{
	int status = lua_pcall(s->L, arguments, results, 0);

	if (status == LUA_OK && s->exhausted) { /* caught, and then ran out of instructions to err at */
		lua_settop(s->L, 0);
		return error_set(e, ERROR_LIMIT, "%s", s->why);
	}
	return status == LUA_OK ? 0 : report(s, status, e);
}

int sandbox_run(struct sandbox *s, const char *text, size_t length, const char *name, int results,
	struct error *e)
{
	if (sandbox_load(s, text, length, name, e) != 0)
		return -1;
	return sandbox_call(s, 0, results, e);
}
