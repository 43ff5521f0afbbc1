/*
 * settings_lua.h - Lua tables checked against settings tables.
 *
 * Every message begins with where the table was built: "my-rig.lua:12: modbus_rtu.baud ...".
 */
#ifndef HEATBENCH_SCRIPT_SETTINGS_LUA_H
#define HEATBENCH_SCRIPT_SETTINGS_LUA_H

#include "daq/base/settings.h"

#include <lua.h>
#include <stdio.h>

struct error;

/* A key whose value is no plain setting: a handle, a list. `read` finds the value on top of the stack and
 * leaves the stack as it was; `where` is "file:line: path" of the key. */
struct special {
	const char *name;
	bool required;
	int (*read)(lua_State *L, void *base, const char *where, struct error *e);
	const char *placeholder, *help;
};

/* The keys of one constructor. */
struct shape {
	const char *name;		 /* as in the file: "modbus_rtu" */
	const char *help;
	const struct setting *rows;	 /* ends with SETTING_END */
	const struct special *specials; /* ends with a NULL name; may be NULL */
};

/* Fills `base` (zeroed by the caller) from the table at `index`: defaults, then the plain keys, then the
 * special ones in the order of their rows. `source` is "file:line"; `path` names the table in messages. */
int settings_from_lua(lua_State *L, int index, const struct shape *shape, void *base, const char *source,
	const char *path, struct error *e);

/* A list of tables, each read as `shape` into the next element of `base`; "path[2]" names the second. */
int settings_list_from_lua(lua_State *L, int index, const struct shape *shape, void *base, size_t element,
	int room, int *count, const char *source, const char *path, struct error *e);

/* "file:line: path" as the specials get it, split again. */
void settings_split_where(const char *where, char *source, size_t source_size, char *path, size_t path_size);

/* A reference of the shape's keys as a Markdown table. */
void settings_help(const struct shape *shape, FILE *to);

#endif
