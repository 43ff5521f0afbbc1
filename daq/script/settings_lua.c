#include "daq/script/settings_lua.h"

#include "daq/base/clock.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

enum { WHERE_SIZE = 384 };

static const struct special *find_special(const struct shape *shape, const char *name)
{
	for (const struct special *s = shape->specials; s && s->name; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

static const char *nearest_key(const struct shape *shape, const char *word)
{
	const char *names[128];
	int n = 0;

	for (const struct setting *row = shape->rows; row->name && n < 100; row++)
		names[n++] = row->name;
	for (const struct special *s = shape->specials; s && s->name && n < 127; s++)
		names[n++] = s->name;
	names[n] = NULL;
	return nearest_name(word, names);
}

static int refuse_key(lua_State *L, int key, const struct shape *shape, const char *source, const char *path,
	struct error *e)
{
	const char *near, *word;

	if (lua_type(L, key) != LUA_TSTRING) {
		lua_pushvalue(L, key);
		word = lua_tostring(L, -1);
		error_set(e, ERROR_CONFIG, "%s: %s[%s]: expected only keys like %s = ...", source, path,
			word ? word : "?", shape->rows->name ? shape->rows->name : "name");
		lua_pop(L, 1);
		return -1;
	}
	word = lua_tostring(L, key);
	near = nearest_key(shape, word);
	if (near)
		return error_set(e, ERROR_CONFIG, "%s: %s: unknown key '%s' (did you mean '%s'?)", source, path,
			word, near);
	return error_set(e, ERROR_CONFIG, "%s: %s: unknown key '%s'", source, path, word);
}

static int check_keys(lua_State *L, int index, const struct shape *shape, const char *source, const char *path,
	struct error *e)
{
	lua_pushnil(L);
	while (lua_next(L, index)) {
		lua_pop(L, 1);
		if (lua_type(L, -1) == LUA_TSTRING &&
			(settings_find(shape->rows, lua_tostring(L, -1)) ||
				find_special(shape, lua_tostring(L, -1))))
			continue;
		refuse_key(L, lua_gettop(L), shape, source, path, e);
		lua_pop(L, 1);
		return -1;
	}
	return 0;
}

static const char *expected(const struct setting *row)
{
	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_CHOICE:
		return "a text";
	case SETTING_SWITCH:
		return "true or false";
	case SETTING_DURATION:
		return "a duration like \"1 s\"";
	default:
		return "a number";
	}
}

/* The value on top of the stack. */
static int assign(lua_State *L, const struct setting *row, void *base, const char *where, struct error *e)
{
	struct setting_value value = {.kind = VALUE_NUMBER};

	switch (lua_type(L, -1)) {
	case LUA_TNUMBER:
		value.number = lua_tonumber(L, -1);
		break;
	case LUA_TBOOLEAN:
		value.kind = VALUE_SWITCH;
		value.on = lua_toboolean(L, -1);
		break;
	case LUA_TSTRING:
		value.kind = VALUE_TEXT;
		value.text = lua_tostring(L, -1);
		if (strlen(value.text) != lua_rawlen(L, -1))
			return error_set(e, ERROR_CONFIG, "%s has a zero byte in its text", where);
		break;
	default:
		return error_set(e, ERROR_CONFIG, "%s: expected %s, got a %s", where, expected(row),
			luaL_typename(L, -1));
	}
	return settings_assign(row, base, &value, where, e);
}

static int missing(const char *source, const char *path, const char *name, const char *help, struct error *e)
{
	return error_set(e, ERROR_CONFIG, "%s: %s: '%s' is missing (%s)", source, path, name, help);
}

static int read_rows(lua_State *L, int index, const struct shape *shape, void *base, const char *source,
	const char *path, struct error *e)
{
	char where[WHERE_SIZE];
	int result = 0;

	for (const struct setting *row = shape->rows; row->name && result == 0; row++) {
		snprintf(where, sizeof(where), "%s: %s.%s", source, path, row->name);
		lua_pushstring(L, row->name);
		if (lua_rawget(L, index) != LUA_TNIL)
			result = assign(L, row, base, where, e);
		else if (setting_required(row))
			result = missing(source, path, row->name, row->help, e);
		lua_pop(L, 1);
	}
	return result;
}

static int read_specials(lua_State *L, int index, const struct shape *shape, void *base, const char *source,
	const char *path, struct error *e)
{
	char where[WHERE_SIZE];
	int result = 0;

	for (const struct special *s = shape->specials; s && s->name && result == 0; s++) {
		snprintf(where, sizeof(where), "%s: %s.%s", source, path, s->name);
		lua_pushstring(L, s->name);
		if (lua_rawget(L, index) != LUA_TNIL)
			result = s->read(L, base, where, e);
		else if (s->required)
			result = missing(source, path, s->name, s->help, e);
		lua_pop(L, 1);
	}
	return result;
}

int settings_from_lua(lua_State *L, int index, const struct shape *shape, void *base, const char *source,
	const char *path, struct error *e)
{
	index = lua_absindex(L, index);
	luaL_checkstack(L, 16, "too deep a table");
	if (lua_type(L, index) != LUA_TTABLE)
		return error_set(e, ERROR_CONFIG, "%s: %s: expected a table in braces {...}, got a %s", source, path,
			luaL_typename(L, index));
	if (check_keys(L, index, shape, source, path, e) != 0 || settings_defaults(shape->rows, base, e) != 0 ||
		read_rows(L, index, shape, base, source, path, e) != 0)
		return -1;
	return read_specials(L, index, shape, base, source, path, e);
}

int settings_list_from_lua(lua_State *L, int index, const struct shape *shape, void *base, size_t element,
	int room, int *count, const char *source, const char *path, struct error *e)
{
	char item[WHERE_SIZE];
	int result = 0;
	lua_Integer n;

	index = lua_absindex(L, index);
	if (lua_type(L, index) != LUA_TTABLE)
		return error_set(e, ERROR_CONFIG, "%s: %s: expected a list in braces {...}, got a %s", source, path,
			luaL_typename(L, index));
	n = (lua_Integer)lua_rawlen(L, index);
	if (n > room)
		return error_set(e, ERROR_CONFIG, "%s: %s has %d entries: at most %d are possible", source, path,
			(int)n, room);
	for (lua_Integer i = 1; i <= n && result == 0; i++) {
		snprintf(item, sizeof(item), "%s[%d]", path, (int)i);
		lua_rawgeti(L, index, i);
		result = settings_from_lua(L, -1, shape, (char *)base + element * (size_t)(i - 1), source, item, e);
		lua_pop(L, 1);
	}
	if (result == 0)
		*count = (int)n;
	return result;
}

void settings_split_where(const char *where, char *source, size_t source_size, char *path, size_t path_size)
{
	const char *colon = NULL;

	for (const char *p = strstr(where, ": "); p; p = strstr(p + 1, ": "))
		colon = p;
	if (!colon) {
		text_copy(source, source_size, where);
		text_copy(path, path_size, "");
		return;
	}
	snprintf(source, source_size, "%.*s", (int)(colon - where), where);
	text_copy(path, path_size, colon + 2);
}

static void help_type(const struct setting *row, FILE *to)
{
	switch (row->type) {
	case SETTING_LIST: /* only command lines have these */
	case SETTING_TEXT:
		fputs(row->placeholder ? row->placeholder : "text", to);
		break;
	case SETTING_INTEGER:
		fputs("whole number", to);
		break;
	case SETTING_NUMBER:
		fprintf(to, "number%s%s", row->unit ? " in " : "", row->unit ? row->unit : "");
		break;
	case SETTING_DURATION:
		fputs("duration", to);
		break;
	case SETTING_SWITCH:
		fputs("true, false", to);
		break;
	case SETTING_CHOICE:
		for (int i = 0; row->choices[i]; i++)
			fprintf(to, "%s\"%s\"", i ? ", " : "", row->choices[i]);
		break;
	}
	if (row->min != 0 || row->max != 0)
		fprintf(to, ", %.10g to %.10g%s", row->min, row->max, row->type == SETTING_DURATION ? " s" : "");
}

void settings_help(const struct shape *shape, FILE *to)
{
	fprintf(to, "### %s\n\n%s\n\n| key | value | default | meaning |\n|---|---|---|---|\n", shape->name, shape->help);
	for (const struct setting *row = shape->rows; row->name; row++) {
		bool none = row->fallback && (row->fallback[0] == '\0' || strcmp(row->fallback, "nan") == 0);

		fprintf(to, "| `%s` | ", row->name);
		help_type(row, to);
		fprintf(to, " | %s | %s |\n", !row->fallback ? "**required**" : none ? "none" : row->fallback,
			row->help);
	}
	for (const struct special *s = shape->specials; s && s->name; s++)
		fprintf(to, "| `%s` | %s | %s | %s |\n", s->name, s->placeholder,
			s->required ? "**required**" : "none", s->help);
	fputc('\n', to);
}
