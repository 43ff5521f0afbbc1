/*
 * procedure_child.h - the procedure's own process.
 */
#ifndef HEATBENCH_SCRIPT_PROCEDURE_CHILD_H
#define HEATBENCH_SCRIPT_PROCEDURE_CHILD_H

#include "daq/script/procedure.h"

#include <jansson.h>
#include <lua.h>
#include <sys/types.h>

struct procedure_script {
	const char *path, *text;
	size_t length;
	const struct bench *bench;
	const struct procedure_options *options; /* with its defaults filled in */
	pid_t parent;
	int fd; /* to the parent */
};

/* Never returns, never runs what the parent registered for its exit. */
_Noreturn void procedure_child(const struct procedure_script *script);

/* procedure_api.c: the functions and the bench as Lua sees them. A lua_CFunction; takes the api. */
struct procedure_api {
	const struct procedure_script *script;
	/* The sentence of the last refusal that was raised, so that its code survives the way through Lua. */
	int code;
	char text[512];
};
int procedure_api_offer(lua_State *L);

/* Codes of refusals: what the script ended with, if that was one. */
int procedure_api_code(const struct procedure_api *api, const char *text, int otherwise);

/* procedure_table.c: pushes the global `bench`. */
void procedure_table_push(lua_State *L, const struct procedure_script *script);

/* procedure_value.c: Lua values as JSON and back. NULL where it has no JSON; why is then set. */
json_t *procedure_value_read(lua_State *L, int index, int depth, const char **why);
void procedure_value_push(lua_State *L, const json_t *value);

/* procedure_lines.c: which lines ran. */
void procedure_lines_begin(const char *path, const char *text);
void procedure_lines_hook(lua_State *L, lua_Debug *ar);
/* "12-14, 20" for the caller to free; NULL when memory is out. */
char *procedure_lines_unreached(void);

#endif
