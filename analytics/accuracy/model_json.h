/*
 * model_json.h - values out of JSON objects, with errors that say where: "FILE: terms[3].coefficient: ...".
 */
#ifndef HEATBENCH_ACCURACY_MODEL_JSON_H
#define HEATBENCH_ACCURACY_MODEL_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

/* One object of the file and the way to it. */
struct place {
	const char *file;
	char path[96]; /* "" or "terms[3]." */
	const json_t *object;
	struct error *e;
};

/* ERROR_CONFIG "FILE: PATH KEY: ..."; -1. */
int place_refuse(const struct place *at, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Refuses what is no object and keys that are not among `known` (NULL-terminated), with the nearest. */
int place_check(const struct place *at, const char *const *known);

/* The object `key`, or item `index` of the array `key` (-1: the object itself). Both must exist. */
struct place place_down(const struct place *at, const char *key, int index);

bool place_has(const struct place *at, const char *key);

/* Length of the array `key`, at most `most`; 0 where there is none. -1: refused. */
int place_count(const struct place *at, const char *key, int most);

/* Where `fallback` is NULL the key is required. */
int place_text(const struct place *at, const char *key, const char *fallback, char *out, size_t size);
int place_number(const struct place *at, const char *key, const double *fallback, double *out);
int place_integer(const struct place *at, const char *key, int fallback, int min, int max, int *out);
int place_switch(const struct place *at, const char *key, bool fallback, bool *out);

/* Index of the text in `names`; `fallback` -1: required. */
int place_choice(const struct place *at, const char *key, const char *const *names, int fallback, int *out);

/* Item `index` of the array of texts `key`. */
int place_item(const struct place *at, const char *key, int index, const char **out);

#endif
