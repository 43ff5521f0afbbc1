/*
 * data_file.h - a Lua file that only builds data: run once in a sandbox that offers constructors.
 *
 * Every data file also has include("x.lua"), relative to the file that includes.
 */
#ifndef HEATBENCH_SCRIPT_DATA_FILE_H
#define HEATBENCH_SCRIPT_DATA_FILE_H

#include <lua.h>

struct error;
struct sandbox;
struct source_files;

struct constructor {
	const char *name;
	/* The table is at index 1 and alone on the stack; `source` is "file:line" of the call. Returns the
	 * number of results it pushed, or -1. Must hold no memory that an error of Lua would leak. */
	int (*build)(lua_State *L, void *self, const char *source, struct error *e);
};

struct data_file {
	struct sandbox *sandbox;
	struct source_files *files;
	void *self;
	int depth;
	char running[8][256]; /* the file and those it includes */
};

/* `list` ends with a NULL name and must live as long as the file, like everything else passed here. */
int data_file_open(struct data_file *f, struct source_files *files, const struct constructor *list, void *self,
	struct error *e);
void data_file_close(struct data_file *f);

/* Runs the file. Errors: ERROR_IO, ERROR_CONFIG with file and line, ERROR_LIMIT. */
int data_file_run(struct data_file *f, const char *path, struct error *e);

#endif
