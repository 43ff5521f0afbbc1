/*
 * evaluation_keys.h - what a bench file or --set says to an evaluation that does not run yet, held against its table now.
 */
#ifndef HEATBENCH_PROGRAM_EVALUATION_KEYS_H
#define HEATBENCH_PROGRAM_EVALUATION_KEYS_H

#include "daq/base/settings.h"

struct bench;
struct run_setting;

/* One key with its value. "hp3.heat_class" is of the device under test hp3, where the row allows that (`each`) and `duts`
 * (NULL-terminated) has it; duts NULL: they are not known yet. `source` begins the sentence. Errors: ERROR_CONFIG, with the path
 * of the key and the nearest name. */
int evaluation_key_check(const struct setting *rows, const char *name, const char *value, const char *const *duts,
	const char *source, struct error *e);

/* All of a bench file; then, where `together` is given, what none of them has wrong alone (struct acquisition). */
int evaluation_keys_check(const struct setting *rows, int (*together)(const char *settings, struct error *e), const struct bench *bench,
	struct error *e);

/* "KEY=VALUE[,KEY=VALUE]" of --set, checked likewise (devices under test are not known yet), as settings of a run behind the
 * *count of `most` that are there. Errors: ERROR_CONFIG, ERROR_USAGE. */
int evaluation_keys_parse(struct run_setting *out, int *count, int most, const struct setting *rows, const char *text,
	struct error *e);

#endif
