/*
 * options.h - command lines from settings tables: "--name VALUE", "--name=VALUE", switches without a value.
 */
#ifndef HEATBENCH_PROGRAM_OPTIONS_H
#define HEATBENCH_PROGRAM_OPTIONS_H

#include "daq/base/settings.h"

struct error;

struct command {
	const char *name;    /* "heatbench pump" */
	const char *usage;   /* what stands behind it: "[RUN...]" */
	const char *purpose; /* one sentence */
	const struct setting *options;
	const char *epilogue; /* further text of the help; may be NULL */
};

/* Fills `base` (defaults first) and collects what is no option into `words` (may be NULL: none are taken).
 * Returns 1 where --help was asked for (and printed), 0, or -1: ERROR_USAGE with the nearest known name. */
int options_parse(const struct command *command, int argc, char **argv, void *base, struct setting_list *words,
	struct error *e);

/* The help, from the same rows. */
void options_help(const struct command *command);

#endif
