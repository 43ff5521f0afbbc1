/*
 * heatbench.c - the front program: finds the program of a subcommand in its own folder and becomes it.
 */
#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/program/program_path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name, *help;
} programs[] = {
	{"pump", "the pump test: on hardware, on the virtual lab (--virtual), from recordings"},
	{"flow", "flow meters against a weighing tank or a reference meter; the same"},
	{"meters", "reference electricity and heat meters beside heat pumps, for weeks; the same"},
	{"evaluate", "evaluates a run again, with newer software or other limits"},
	{"accuracy", "reference logs against production energy models; fits models, checks releases"},
	{"runs", "list, show, verify, recover, export, import, compare and remove runs"},
	{"live", "shows a run as it goes on, in a gnuplot window"},
	{"device", "find, read and look through instruments while they are being wired"},
	{"lab", "the virtual lab by itself, to try a bench or a driver against"},
};

enum { PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

static int help(void)
{
	printf("heatbench " HEATBENCH_VERSION ": hardware test benches for heat pumps\n\n");
	for (int i = 0; i < PROGRAMS; i++)
		printf("  heatbench %-10s %s\n", programs[i].name, programs[i].help);
	printf("\nEach has its own --help. The manual is in docs/.\n");
	return fflush(stdout) == 0 ? EXIT_PASSED : EXIT_UNABLE;
}

static int unknown(const char *name)
{
	const char *names[PROGRAMS + 1] = {NULL}, *near;

	for (int i = 0; i < PROGRAMS; i++)
		names[i] = programs[i].name;
	near = nearest_name(name, names);
	fprintf(stderr, "heatbench: there is no '%s'%s%s%s\n", name, near ? " (did you mean '" : "; --help lists what is",
		near ? near : "", near ? "'?)" : "");
	return EXIT_UNABLE;
}

int main(int argc, char **argv)
{
	struct error e = ERROR_INIT;
	char file[64], path[PATH_MAX];

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0) {
		printf("heatbench " HEATBENCH_VERSION "\n");
		return fflush(stdout) == 0 ? EXIT_PASSED : EXIT_UNABLE;
	}
	for (int i = 0; i < PROGRAMS; i++) {
		if (strcmp(programs[i].name, argv[1]) != 0)
			continue;
		snprintf(file, sizeof(file), "heatbench-%s", argv[1]);
		if (program_path(path, sizeof(path), file, &e) == 0) {
			argv[1] = path;
			execv(path, argv + 1);
			error_set_errno(&e, ERROR_SYSTEM, "cannot start %s", path);
		}
		fprintf(stderr, "heatbench: %s\n", e.text);
		return EXIT_UNABLE;
	}
	return unknown(argv[1]);
}
