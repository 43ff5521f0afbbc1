/*
 * heatbench-runs - what lies in the results folder: list, show, verify, recover.
 */
#include "daq/cli/runs.h"

#include "daq/base/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct runs_command *const commands[] = {&runs_list, &runs_show, &runs_verify, &runs_recover};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *to)
{
	fprintf(to, "heatbench runs - what lies in the results folder\n\nusage:\n");
	for (int i = 0; i < COMMANDS; i++)
		fprintf(to, "  heatbench runs %-8s %-9s %s\n", commands[i]->name, commands[i]->arguments,
			commands[i]->help);
	fprintf(to, "\nRUN is a run's folder, or its name below the results folder.\n"
		    "\noptions:\n"
		    "  --results DIR   where the runs lie (default: $HEATBENCH_RESULTS, else ./results)\n"
		    "  --json          print JSON\n"
		    "  --help          this\n"
		    "\nexit status: 0 done; 2 could not be done.\n"
		    "verify: 0 intact, 1 changed, 2 no clean end; of several runs the worst.\n");
}

static const struct runs_command *find_command(const char *name, struct error *e)
{
	const char *names[COMMANDS + 1] = {NULL};
	const char *near;

	for (int i = 0; i < COMMANDS; i++) {
		names[i] = commands[i]->name;
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i];
	}
	near = nearest_name(name, names);
	error_set(e, ERROR_USAGE, "there is no \"heatbench runs %s\"%s%s%s", name, near ? ": did you mean \"" : "",
		near ? near : "", near ? "\"?" : "; see heatbench runs --help");
	return NULL;
}

static int unknown_option(const char *word, struct error *e)
{
	static const char *const known[] = {"--results", "--json", "--help", NULL};
	const char *near = nearest_name(word, known);

	return error_set(e, ERROR_USAGE, "unknown option %s%s%s%s", word, near ? ": did you mean " : "",
		near ? near : "", near ? "?" : "; see heatbench runs --help");
}

/* Options may stand anywhere; what is left goes to `run`. Returns 1 where help was asked for. */
static int read_arguments(int argc, char **argv, struct runs_options *options, const char **command,
	struct error *e)
{
	bool only_names = false;

	for (int i = 1; i < argc; i++) {
		char *word = argv[i];

		if (only_names || word[0] != '-' || !word[1]) {
			if (!*command)
				*command = word;
			else
				options->run[options->runs++] = word;
		} else if (strcmp(word, "--") == 0) {
			only_names = true;
		} else if (strcmp(word, "--json") == 0) {
			options->json = true;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			return 1;
		} else if (strncmp(word, "--results=", 10) == 0) {
			options->results = word + 10;
		} else if (strcmp(word, "--results") == 0) {
			if (++i == argc)
				return error_set(e, ERROR_USAGE, "--results needs a folder");
			options->results = argv[i];
		} else {
			return unknown_option(word, e);
		}
	}
	return 0;
}

static int carry_out(int argc, char **argv, struct runs_options *options, struct error *e)
{
	const struct runs_command *command;
	const char *name = NULL;
	int help = read_arguments(argc, argv, options, &name, e);

	if (help < 0)
		return -1;
	if (help || !name) {
		print_help(help ? stdout : stderr);
		return help ? EXIT_PASSED : EXIT_UNABLE;
	}
	command = find_command(name, e);
	if (!command)
		return -1;
	if (command->needs_run && options->runs == 0)
		return error_set(e, ERROR_USAGE, "heatbench runs %s needs a run; see heatbench runs list", name);
	return command->carry_out(options, e);
}

int main(int argc, char **argv)
{
	const char *results = getenv("HEATBENCH_RESULTS");
	struct runs_options options = {.results = results && results[0] ? results : "results"};
	struct error e = ERROR_INIT;
	int status;

	options.run = calloc((size_t)argc + 1, sizeof(*options.run));
	if (!options.run) {
		fprintf(stderr, "heatbench runs: no memory\n");
		return EXIT_UNABLE;
	}
	status = carry_out(argc, argv, &options, &e);
	/* A full disk or a closed pipe shows only here: what was asked for has not arrived then. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "heatbench runs: cannot write the output: %s\n", strerror(errno));
		status = EXIT_UNABLE;
	}
	if (status < 0) {
		fprintf(stderr, "heatbench runs: %s\n", e.text);
		status = EXIT_UNABLE;
	}
	free(options.run);
	return status;
}
