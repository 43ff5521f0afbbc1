/*
 * runs.h - `heatbench runs`: one file per subcommand, one row each in runs.c.
 */
#ifndef HEATBENCH_CLI_RUNS_H
#define HEATBENCH_CLI_RUNS_H

#include "daq/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct runs_options {
	const char *results; /* the folder that holds the runs */
	const char *to;	     /* export: where to; NULL: beside where the user is */
	const char *group;   /* export: one rate group only; NULL: all */
	bool json, yes;
	int runs;
	char **run; /* as on the command line: names or paths */
};

struct runs_command {
	const char *name, *arguments, *help;
	bool needs_run; /* at least one RUN must be named; else none means all or does not apply */
	int takes;	/* so many and no more; 0: any number */
	/* Prints to stdout; returns an exit status, or -1 with an error. */
	int (*carry_out)(const struct runs_options *options, struct error *e);
};

extern const struct runs_command runs_list, runs_show, runs_verify, runs_recover, runs_export, runs_import,
	runs_compare, runs_remove;

/* A RUN argument to the run's folder: a path, or a name below options->results.
 * Errors: ERROR_USAGE with the nearest name. */
int runs_find(const struct runs_options *options, const char *run, char *out, size_t size, struct error *e);

/* Names of all runs below options->results, sorted; NULL-terminated, to be freed by runs_free_names(). */
int runs_names(const struct runs_options *options, char ***out, struct error *e);
void runs_free_names(char **names);

/* Shows on a terminal how far a long export or import is; says nothing elsewhere. */
struct run_progress;
extern const struct run_progress runs_progress;
void runs_progress_end(void);

/* The verdict of the newest evaluation, "" where there is none. */
void runs_evaluation(const char *path, char *out, size_t size);

#endif
