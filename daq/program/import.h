/*
 * import.h - --recording: recorded tests become a run of the bench.
 */
#ifndef HEATBENCH_PROGRAM_IMPORT_H
#define HEATBENCH_PROGRAM_IMPORT_H

#include "daq/program/acquisition.h"

#include <stddef.h>

/* Makes a run of options->recording by --map, else by the first of what->maps that fits the files' headers. `run` gets its
 * folder. Errors: ERROR_USAGE, ERROR_DATA (daq/recording/recording.h), ERROR_IO. */
int import_recordings(const struct acquisition *what, const struct acquisition_options *options, const char *command,
	char *run, size_t size, struct error *e);

#endif
