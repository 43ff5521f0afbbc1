/*
 * make_run FOLDER [key=value ...]: a log of the virtual lab's six heat pumps as a run, and what is true of it as one line of JSON.
 *	days=27 interval=15 pumps=6 seed=1 start=1704067200 zone=UTC daily=0 heat=0 open=0
 */
#include "tests/accuracy/lab_logs.h"

#include "daq/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int take(struct lab_logs *want, const char *key, const char *value)
{
	long n = strtol(value, NULL, 10);

	if (strcmp(key, "days") == 0)
		want->days = (int)n;
	else if (strcmp(key, "interval") == 0)
		want->interval = (int)n;
	else if (strcmp(key, "pumps") == 0)
		want->pumps = n < 1 || n > LAB_PUMPS ? LAB_PUMPS : (int)n;
	else if (strcmp(key, "seed") == 0)
		want->seed = (uint64_t)n;
	else if (strcmp(key, "start") == 0)
		want->start = n;
	else if (strcmp(key, "zone") == 0)
		want->zone = value;
	else if (strcmp(key, "daily") == 0)
		want->daily = n != 0;
	else if (strcmp(key, "heat") == 0)
		want->heat = n != 0;
	else if (strcmp(key, "open") == 0)
		want->open = n != 0;
	else
		return -1;
	return 0;
}

static void print_numbers(const char *name, const double *v, int n)
{
	printf(", \"%s\": [", name);
	for (int i = 0; i < n; i++)
		printf("%s%.17g", i ? ", " : "", v[i]);
	printf("]");
}

int main(int argc, char **argv)
{
	struct lab_logs want = {.seed = 1, .days = 27, .interval = 15, .pumps = LAB_PUMPS, .start = 1704067200};
	struct lab_truth truth = {.skew = {0}};
	struct error e = ERROR_INIT;
	char path[4096];

	for (int i = 2; i < argc; i++) {
		char *equals = strchr(argv[i], '=');

		if (equals)
			*equals = 0;
		if (!equals || take(&want, argv[i], equals + 1) < 0) {
			fprintf(stderr, "make_run: what is %s?\n", argv[i]);
			return 2;
		}
	}
	if (argc < 2 || lab_logs_write(&want, argv[1], &truth, path, sizeof(path), &e) < 0) {
		fprintf(stderr, "make_run: %s\n", argc < 2 ? "where to?" : e.text);
		return 2;
	}
	printf("{\"run\": \"%s\", \"skew\": [", path);
	for (int i = 0; i < want.pumps; i++)
		printf("%s%d", i ? ", " : "", truth.skew[i]);
	printf("]");
	print_numbers("meter_gain", truth.meter_gain, want.pumps);
	print_numbers("meter_offset", truth.meter_offset, want.pumps);
	print_numbers("flow_gain", truth.flow_gain, want.pumps);
	print_numbers("current_gain", truth.current_gain, want.pumps);
	print_numbers("energy_kwh", truth.energy_kwh, want.pumps);
	print_numbers("heat_kwh", truth.heat_kwh, want.pumps);
	puts("}");
	return 0;
}
