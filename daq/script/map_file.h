/*
 * map_file.h - register maps: a device's data sheet as a Lua file.
 */
#ifndef HEATBENCH_SCRIPT_MAP_FILE_H
#define HEATBENCH_SCRIPT_MAP_FILE_H

#include "daq/device/register_map.h"

#include <stdio.h>

struct source_files;

/* One register map by name or path; the caller frees with register_map_free(). The rows are checked and the
 * examples proved. A name is looked for in $HEATBENCH_MAPS (folders with ':' between), then among the maps
 * that came with the program. Errors: ERROR_CONFIG, ERROR_IO. */
int map_file_read(struct register_map **out, const char *name, struct error *e);

/* The same as part of a bench file: maps/ beside it is looked into second, and the file is noted in `files`. */
int map_file_read_beside(struct register_map **out, const char *name, const char *bench_file,
	struct source_files *files, struct error *e);

/* The file at `path`. */
int map_file_load(struct register_map **out, const char *path, struct source_files *files, struct error *e);

/* Names of all maps that can be found, sorted, NULL-terminated; free each and the array. */
int map_file_list(char ***out, struct error *e);

/* The keys of a map file, as Markdown. */
void map_file_help(FILE *to);

/* The directory of data files that came with the program: $HEATBENCH_DATA, else found from the executable. */
const char *data_directory(void);

#endif
