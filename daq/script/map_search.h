/*
 * map_search.h - where maps lie.
 */
#ifndef HEATBENCH_SCRIPT_MAP_SEARCH_H
#define HEATBENCH_SCRIPT_MAP_SEARCH_H

#include <stddef.h>

struct error;

/* The file of a map's name (or path), for a bench file or NULL. Errors: ERROR_CONFIG with the nearest name. */
int map_search(const char *name, const char *bench_file, char *path, size_t size, struct error *e);

/* As map_file_list, with the maps beside a bench file (NULL: none). */
int map_search_list(char ***out, const char *bench_file, struct error *e);
void map_search_free(char **names);

#endif
