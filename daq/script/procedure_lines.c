#include "daq/script/procedure_child.h"

#include "daq/base/text.h"

#include <ctype.h>
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

/* One procedure a process, so its lines may be the process's. */
enum { LINES = 20000, DEEP = 12 };
static struct {
	char chunk[512]; /* its source as Lua names it */
	const char *text;
	bool code[LINES], ran[LINES];
} lines;

static void look_at_value(lua_State *L, int depth);

void procedure_lines_begin(const char *path, const char *text)
{
	text_copy(lines.chunk, sizeof(lines.chunk), "@");
	strncat(lines.chunk, path, sizeof(lines.chunk) - 2);
	lines.text = text;
}

/* The lines of the function on top, which it pops. Returns whether it is one of the procedure's. */
static bool note_function(lua_State *L)
{
	lua_Debug ar;

	lua_getinfo(L, ">SL", &ar);
	if (strcmp(ar.source, lines.chunk) != 0 || lua_isnil(L, -1)) {
		lua_pop(L, 1);
		return false;
	}
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		lua_Integer line = lua_tointeger(L, -2);

		if (line > 0 && line < LINES)
			lines.code[line] = true;
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return true;
}

static void look_at_table(lua_State *L, int depth)
{
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		look_at_value(L, depth);
		lua_pop(L, 1);
	}
}

static void look_at_function(lua_State *L, int depth)
{
	lua_pushvalue(L, -1);
	if (!note_function(L))
		return;
	for (int i = 1; lua_getupvalue(L, -1, i); i++) {
		look_at_value(L, depth);
		lua_pop(L, 1);
	}
}

/* Finds functions that nobody called in what can be reached from the value on top. */
static void look_at_value(lua_State *L, int depth)
{
	if (depth > DEEP || !lua_checkstack(L, 12))
		return;
	if (lua_type(L, -1) == LUA_TFUNCTION && !lua_iscfunction(L, -1))
		look_at_function(L, depth + 1);
	else if (lua_type(L, -1) == LUA_TTABLE && depth < 4)
		look_at_table(L, depth + 1);
}

static void look_at_locals(lua_State *L, lua_Debug *ar)
{
	for (int i = 1; lua_getlocal(L, ar, i); i++) {
		if (lua_type(L, -1) == LUA_TFUNCTION)
			look_at_value(L, DEEP - 1);
		lua_pop(L, 1);
	}
}

void procedure_lines_hook(lua_State *L, lua_Debug *ar)
{
	lua_getinfo(L, "Slf", ar);
	if (strcmp(ar->source, lines.chunk) != 0) {
		lua_pop(L, 1);
		return;
	}
	if (ar->event == LUA_HOOKCALL || ar->event == LUA_HOOKTAILCALL)
		note_function(L);
	else
		lua_pop(L, 1);
	if (ar->event == LUA_HOOKLINE && ar->currentline > 0 && ar->currentline < LINES &&
		!lines.ran[ar->currentline]) {
		lines.ran[ar->currentline] = true;
		look_at_locals(L, ar);
	}
	if (ar->event == LUA_HOOKRET && strcmp(ar->what, "main") == 0) {
		look_at_locals(L, ar);
		lua_pushglobaltable(L);
		look_at_table(L, 0);
		lua_pop(L, 1);
	}
}

/* A line with an `end` alone has code that a return before it keeps from running; nobody misses that. */
static bool only_closes(const char *line, size_t length)
{
	size_t word = 0;

	for (size_t i = 0; i <= length; i++) {
		if (i < length && (isalnum((unsigned char)line[i]) || line[i] == '_')) {
			word++;
		} else if (word) {
			if (word != 3 || strncmp(line + i - 3, "end", 3) != 0)
				return false;
			word = 0;
		} else if (i < length && line[i] == '-' && i + 1 < length && line[i + 1] == '-') {
			return true;
		}
		if (i < length && (line[i] == '"' || line[i] == '\'' || line[i] == '{'))
			return false;
	}
	return true;
}

static void add_range(struct text *out, int from, int to)
{
	text_add(out, "%s%d", out->length ? ", " : "", from);
	if (to > from)
		text_add(out, "-%d", to);
}

char *procedure_lines_unreached(void)
{
	struct text out = TEXT_INIT;
	int number = 1, from = 0, to = 0;

	text_add(&out, "%s", "");
	for (const char *p = lines.text; p && *p && number < LINES; number++) {
		size_t length = strcspn(p, "\n");

		if (lines.code[number] && !lines.ran[number] && !only_closes(p, length)) {
			from = from ? from : number;
			to = number;
		} else if (from && lines.ran[number]) {
			add_range(&out, from, to);
			from = 0;
		}
		p += length + (p[length] == '\n');
	}
	if (from)
		add_range(&out, from, to);
	if (out.failed)
		text_free(&out);
	return out.data;
}
