/*
 * evaluate_limits.h - limits from a Lua file, for a run that was made with others or without.
 */
#ifndef HEATBENCH_CLI_EVALUATE_LIMITS_H
#define HEATBENCH_CLI_EVALUATE_LIMITS_H

#include "daq/store/reader.h"

struct error;

/* Reads a file of limit{...} constructors as if it stood in the run's bench file: the run's devices under
 * test and channels are known in it. The caller frees *out. Errors: ERROR_CONFIG, ERROR_IO, ERROR_DATA. */
int evaluate_limits_read(
	struct run_limit **out, int *count, const char *run_path, const char *file, struct error *e);

#endif
