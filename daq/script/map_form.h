/*
 * map_form.h - a map file while it is read: registers (map_file.c), and rows found by a key (map_form.c).
 */
#ifndef HEATBENCH_SCRIPT_MAP_FORM_H
#define HEATBENCH_SCRIPT_MAP_FORM_H

#include "daq/device/register_map.h"

#include <lua.h>
#include <stdio.h>

enum { MAP_ROWS = 512, MAP_EXAMPLES = 32 };

struct row_form {
	struct register_row row;
	int function, order; /* 0: as the map says */
};

struct map_form {
	struct register_map map;
	int function;
	char check[32];
	char identity[8][32]; /* register of each identity_name */
	struct row_form row[MAP_ROWS];
	struct register_example example[MAP_EXAMPLES];
	char source[160];
	bool done;
};

/* `expect` of a row, `identity` of a map (settings_lua.h: special). */
int map_form_read_expect(lua_State *L, void *base, const char *where, struct error *e);
int map_form_read_identity(lua_State *L, void *base, const char *where, struct error *e);

/* Constructors document_map{...} and mbus_map{...}; `self` is a struct map_form. */
int map_form_build_document(lua_State *L, void *self, const char *source, struct error *e);
int map_form_build_mbus(lua_State *L, void *self, const char *source, struct error *e);

void map_form_help(FILE *to);

#endif
