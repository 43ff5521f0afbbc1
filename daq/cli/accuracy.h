/*
 * accuracy.h - what the subcommands of heatbench accuracy share.
 */
#ifndef HEATBENCH_CLI_ACCURACY_H
#define HEATBENCH_CLI_ACCURACY_H

#include "daq/base/settings.h"

#include <stddef.h>

struct error;

/* argv[0] is the subcommand's name. They return the exit status, and say what went wrong on standard error themselves. */
int accuracy_fit_command(int argc, char **argv);
int replay_command(int argc, char **argv);
int abba_command(int argc, char **argv);

/* The runs that were named, as folders. */
enum { ACCURACY_RUNS = 64 };
struct accuracy_runs {
	int count;
	char name[ACCURACY_RUNS][4096];
	const char *path[ACCURACY_RUNS];
};

/* A name that is no path is looked for below the results folder. Errors: ERROR_USAGE for none or too many. */
int accuracy_find_runs(struct accuracy_runs *out, const struct setting_list *words, struct error *e);

/* A model's file as it was given, or the shipped one of that name ("electricity" for analytics/accuracy/models/electricity.json, looked for
 * from here and from the program's folder). "reported" stays. Errors: ERROR_USAGE with the shipped ones. */
int accuracy_find_model(char *out, size_t size, const char *given, struct error *e);

/* The folder of a report, made: `out` where it was given, else the next evaluation of the run where there is one, else a new folder below the results. */
int accuracy_folder(char *out, size_t size, const char *given, const char *const *run, int runs, const char *what, struct error *e);

/* "key=value,key=value" over the defaults of the study's settings (`own`), what is no key of those to `rest` (the meters' settings). Errors:
 * ERROR_CONFIG with the nearest key of both. */
struct accuracy_settings;
int accuracy_split_settings(const struct setting_list *set, struct accuracy_settings *own, char *rest, size_t size, struct error *e);

/* "heatbench accuracy" and these words, as a shell takes them. */
void accuracy_command_line(char *out, size_t size, int argc, char **argv);

#endif
