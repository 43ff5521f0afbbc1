/*
 * sandbox.h - a Lua state that can only compute.
 *
 * No files, processes, modules, coroutines, bytecode, finalizers or debug library; memory is capped, and so
 * is what one call of a string or table function can cost, because such a call runs no instruction that a
 * hook could count. Reading a global name that does not exist is an error with the nearest name. pairs()
 * visits keys in order, and random numbers begin at a fixed seed: the same file does the same thing twice.
 */
#ifndef HEATBENCH_SCRIPT_SANDBOX_H
#define HEATBENCH_SCRIPT_SANDBOX_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

struct error;
struct sandbox;

struct sandbox_limits {
	long memory;	    /* bytes */
	long instructions;  /* between two sandbox_rest() */
	double cpu_seconds; /* of the thread, likewise; 0: not watched */
	const char *budget; /* begins the message: "no call for" gives "no call for 50 million instructions" */
	/* Told when a limit is hit; must not return. NULL: an error that comes back as often as it is caught. */
	void (*exhausted)(void *self, const char *why);
	void *self;
};

/* Errors: ERROR_SYSTEM (memory). */
int sandbox_open(struct sandbox **out, const struct sandbox_limits *limits, struct error *e);
void sandbox_close(struct sandbox *s); /* NULL is fine */

lua_State *sandbox_state(struct sandbox *s);
struct sandbox *sandbox_of(lua_State *L);

/* The instruction count begins anew: the script has asked for something. */
void sandbox_rest(struct sandbox *s);

/* Errors if the budget is spent; functions that may run long without an instruction call it. */
void sandbox_check(lua_State *L);

/* Lines and calls are reported to `trace` (as lua_Hook); NULL ends it. */
void sandbox_trace(struct sandbox *s, lua_Hook trace);

/* Runs a text under its name and leaves `results` values on the stack. Errors: ERROR_CONFIG with file and
 * line; the sentence of a limit if one was hit. */
int sandbox_run(struct sandbox *s, const char *text, size_t length, const char *name, int results,
	struct error *e);

/* Only reads it: the syntax. Leaves the chunk on the stack. */
int sandbox_load(struct sandbox *s, const char *text, size_t length, const char *name, struct error *e);

/* Calls the function under `arguments` values; as sandbox_run. */
int sandbox_call(struct sandbox *s, int arguments, int results, struct error *e);

/* "file:line" of the innermost Lua function at `level` or above; returns the line, 0 where none runs. */
int sandbox_where(lua_State *L, int level, char *out, size_t size);

/* Whether a limit was hit (memory included), whatever the script did about it. */
bool sandbox_exhausted(const struct sandbox *s);

/* Installs the functions whose cost is capped; used by sandbox_open (sandbox_library.c). */
int sandbox_library(lua_State *L);

#endif
