/*
 * heatbench-runs - what lies in the results folder: looked at, verified, compared, moved and removed.
 */
#include "daq/cli/runs.h"

#include "daq/base/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct runs_command *const commands[] = {&runs_list, &runs_show, &runs_compare, &runs_verify,
	&runs_recover, &runs_export, &runs_import, &runs_remove};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* `only`: the subcommand that has this option; NULL: all have it. */
static const struct runs_option {
	const char *name, *value, *only;
	size_t offset; /* const char * where it has a value, else bool */
	const char *help;
} option_rows[] = {
	{"--results", "DIR", NULL, offsetof(struct runs_options, results),
		"where the runs lie (default: $HEATBENCH_RESULTS, else ./results)"},
	{"--json", NULL, NULL, offsetof(struct runs_options, json), "print JSON"},
	{"--to", "DIR", "export", offsetof(struct runs_options, to),
		"export: a new or empty folder (default: ./<name of the run>-export)"},
	{"--group", "NAME", "export", offsetof(struct runs_options, group),
		"export: the values of this rate group only"},
	{"--out", "DIR", NULL, offsetof(struct runs_options, results), "as --results: what the other programs call it (not for export)"},
	{"--yes", NULL, "remove", offsetof(struct runs_options, yes), "remove: do not ask"},
	{"--help", NULL, NULL, 0, "this"},
};

enum { OPTIONS = sizeof(option_rows) / sizeof(option_rows[0]) };

static void print_help(FILE *to)
{
	fprintf(to, "heatbench runs - what lies in the results folder\n\nusage:\n");
	for (int i = 0; i < COMMANDS; i++)
		fprintf(to, "  heatbench runs %-8s %-9s %s\n", commands[i]->name, commands[i]->arguments,
			commands[i]->help);
	fprintf(to, "\nRUN is a run's folder, or its name below the results folder.\n\noptions:\n");
	for (int i = 0; i < OPTIONS; i++)
		fprintf(to, "  %-9s %-5s %s\n", option_rows[i].name, option_rows[i].value ? option_rows[i].value : "",
			option_rows[i].help);
	fprintf(to, "\nexit status: 0 done; 2 could not be done.\n"
		    "verify: 0 intact, 1 changed, 2 no clean end; of several runs the worst.\n"
		    "compare: 0 no significant difference, 1 some, 3 not comparable enough to say.\n"
		    "remove: 4 where the answer was no.\n");
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
	const char *known[OPTIONS + 1] = {NULL};
	const char *near;

	for (int i = 0; i < OPTIONS; i++)
		known[i] = option_rows[i].name;
	near = nearest_name(word, known);
	return error_set(e, ERROR_USAGE, "unknown option %s%s%s%s", word, near ? ": did you mean " : "",
		near ? near : "", near ? "?" : "; see heatbench runs --help");
}

/* The row of "--name" or "--name=value"; *value is what stands behind the '=' or NULL. */
static const struct runs_option *find_option(const char *word, const char **value)
{
	size_t length = strcspn(word, "=");

	*value = word[length] ? word + length + 1 : NULL;
	for (int i = 0; i < OPTIONS; i++)
		if (strlen(option_rows[i].name) == length && strncmp(option_rows[i].name, word, length) == 0)
			return &option_rows[i];
	return NULL;
}

/* What was given, to be held against the subcommand once that is known. */
struct given {
	const char *command;
	const struct runs_option *option[OPTIONS];
	int options;
	bool help;
};

static int take_option(int argc, char **argv, int *i, struct runs_options *options, struct given *given,
	struct error *e)
{
	const char *value;
	const struct runs_option *row = find_option(argv[*i], &value);
	char *to = (char *)options;

	if (!row || (value && !row->value))
		return unknown_option(argv[*i], e);
	if (given->options < OPTIONS)
		given->option[given->options++] = row;
	if (strcmp(row->name, "--help") == 0) {
		given->help = true;
	} else if (!row->value) {
		*(bool *)(void *)(to + row->offset) = true;
	} else {
		if (!value && *i + 1 < argc)
			value = argv[++*i];
		if (!value)
			return error_set(e, ERROR_USAGE, "%s needs a value (%s)", row->name, row->value);
		*(const char **)(void *)(to + row->offset) = value;
	}
	return 0;
}

/* Options may stand anywhere; what is left goes to `run`. */
static int read_arguments(int argc, char **argv, struct runs_options *options, struct given *given,
	struct error *e)
{
	bool only_names = false;

	for (int i = 1; i < argc; i++) {
		char *word = argv[i];

		if (!only_names && strcmp(word, "--") == 0)
			only_names = true;
		else if (!only_names && strcmp(word, "-h") == 0)
			given->help = true;
		else if (!only_names && word[0] == '-' && word[1]) {
			if (take_option(argc, argv, &i, options, given, e) != 0)
				return -1;
		} else if (!given->command)
			given->command = word;
		else
			options->run[options->runs++] = word;
	}
	return 0;
}

static int check_arguments(const struct runs_command *command, const struct runs_options *options,
	const struct given *given, struct error *e)
{
	for (int i = 0; i < given->options; i++)
		if (given->option[i]->only && strcmp(given->option[i]->only, command->name) != 0)
			return error_set(e, ERROR_USAGE, "heatbench runs %s has no option %s: it belongs to %s",
				command->name, given->option[i]->name, given->option[i]->only);
	for (int i = 0; i < given->options && command == &runs_export; i++)
		if (strcmp(given->option[i]->name, "--out") == 0) /* there it could mean the one or the other folder */
			return error_set(e, ERROR_USAGE, "heatbench runs export has no option --out: it goes to --to DIR, the runs lie in "
				"--results DIR");
	if (command->takes && options->runs != command->takes)
		return error_set(e, ERROR_USAGE, "heatbench runs %s %s: %d given", command->name, command->arguments,
			options->runs);
	if (command->needs_run && options->runs == 0)
		return error_set(e, ERROR_USAGE, "heatbench runs %s needs a run; see heatbench runs list", command->name);
	return 0;
}

static int carry_out(int argc, char **argv, struct runs_options *options, struct error *e)
{
	struct given given = {.command = NULL};
	const struct runs_command *command;

	if (read_arguments(argc, argv, options, &given, e) != 0)
		return -1;
	if (given.help || !given.command) {
		print_help(given.help ? stdout : stderr);
		return given.help ? EXIT_PASSED : EXIT_UNABLE;
	}
	command = find_command(given.command, e);
	if (!command || check_arguments(command, options, &given, e) != 0)
		return -1;
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
