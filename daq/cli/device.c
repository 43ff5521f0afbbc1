/*
 * heatbench-device - instruments while they are being wired: find them, read them, look at their registers.
 */
#include "daq/cli/device.h"

#include "daq/program/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

volatile sig_atomic_t device_stopped;

static const struct device_command *const commands[] = {&device_scan, &device_read, &device_dump, &device_maps, &device_mbus, &device_decode};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *to)
{
	fprintf(to, "heatbench device - find, read and look through instruments while they are being wired\n\nusage:\n");
	for (int i = 0; i < COMMANDS; i++)
		fprintf(to, "  heatbench device %-6s %-38s %s\n", commands[i]->name, commands[i]->arguments,
			commands[i]->help);
	fprintf(to, "\nLINE is rtu:PATH?baud=9600&parity=N&stop=1 or tcp:HOST:PORT; read also takes http://HOST:PORT/PATH and\n"
		    "redis://HOST:PORT. Nothing is ever written to a device.\n"
		    "Each has its own --help; docs/instruments.md goes through them with an example.\n"
		    "\nexit status: 0 done; 2 could not be done (nothing answered); 4 stopped by the user.\n");
}

static const struct device_command *find_command(const char *name, struct error *e)
{
	const char *names[COMMANDS + 1] = {NULL}, *near;

	for (int i = 0; i < COMMANDS; i++) {
		names[i] = commands[i]->name;
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i];
	}
	near = nearest_name(name, names);
	error_set(e, ERROR_USAGE, "there is no \"heatbench device %s\"%s%s%s", name, near ? ": did you mean \"" : "",
		near ? near : "", near ? "\"?" : "; see heatbench device --help");
	return NULL;
}

/* "--watch" may stand without a time. */
static void complete_watch(int argc, char **argv)
{
	static char every_second[] = "--watch=1 s";

	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--watch") == 0 && (i + 1 == argc || argv[i + 1][0] < '0' || argv[i + 1][0] > '9'))
			argv[i] = every_second;
}

static int carry_out(int argc, char **argv, struct error *e)
{
	struct device_options options = {.on = ""};
	const struct device_command *device;
	struct command command;
	char name[64];
	int help;

	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(argc < 2 ? stderr : stdout);
		return argc < 2 ? EXIT_UNABLE : EXIT_PASSED;
	}
	device = find_command(argv[1], e);
	if (!device)
		return -1;
	snprintf(name, sizeof(name), "heatbench device %s", device->name);
	command = (struct command){name, device->arguments, device->help, device->options, device->epilogue};
	complete_watch(argc - 1, argv + 1);
	help = options_parse(&command, argc - 1, argv + 1, &options, &options.words, e);
	if (help != 0)
		return help < 0 ? -1 : EXIT_PASSED;
	return device->carry_out(&options, e);
}

static void on_signal(int number)
{
	(void)number;
	device_stopped = 1;
}

int main(int argc, char **argv)
{
	struct sigaction stop = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct error e = ERROR_INIT;
	int status;

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	status = carry_out(argc, argv, &e);
	/* A full disk shows only here: what was asked for has not arrived then. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "heatbench device: cannot write the output: %s\n", strerror(errno));
		status = EXIT_UNABLE;
	}
	if (status < 0) {
		fprintf(stderr, "heatbench device: %s\n", e.text);
		status = EXIT_UNABLE;
	}
	return status;
}
