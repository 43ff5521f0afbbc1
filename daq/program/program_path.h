/*
 * program_path.h - where the other programs and data files of this installation are.
 */
#ifndef HEATBENCH_PROGRAM_PROGRAM_PATH_H
#define HEATBENCH_PROGRAM_PROGRAM_PATH_H

#include <stddef.h>

struct error;

/* The program `name` in the folder of the running one. Errors: ERROR_SYSTEM when it is not there. */
int program_path(char *out, size_t size, const char *name, struct error *e);

/* The folder for runs: `option` if not empty, else $HEATBENCH_RESULTS, else "results". */
const char *results_folder(const char *option);

/* Runs a program to its end with these arguments (argv[0] is replaced); returns its exit status, or -1. */
int program_run(const char *name, char **argv, struct error *e);

#endif
