/*
 * The reference bench as it is shipped (six heat pumps, 26 devices on 16 buses, a tick of a second) on the virtual lab in lock-step:
 * wall time of a lab hour, start and end of a run taken off, against what a day in a minute leaves for it.
 */
#include "tests/bench/bench.h"

#include <string.h>

enum { PAIRS = 3 };

#define LIMIT 2.5 /* seconds for a lab hour: a day in a minute */

/* Seconds that a run takes, evaluation included. */
static double run_for(const char *build, const char *how_long, const char *folder)
{
	char command[1600];
	double start = bench_now();

	snprintf(command, sizeof(command), "'%.400s/heatbench' meters --virtual --quiet --procedure scripts/meters-log.lua --argument '%s' "
		"--out '%.400s/days' >'%.400s/said' 2>&1; test $? = 3", build, how_long, folder, folder);
	if (system(command) != 0) {
		fprintf(stderr, "%s failed\n", command);
		exit(2);
	}
	return bench_now() - start;
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "/tmp";
	double hour[PAIRS];
	char build[512];

	snprintf(build, sizeof(build), "%.*s/../..", (int)(strrchr(argv[0], '/') - argv[0]), argv[0]);
	for (int i = 0; i < PAIRS; i++) {
		double nothing = run_for(build, "1 min", folder);

		hour[i] = (run_for(build, "181 min", folder) - nothing) / 3;
	}
	bench_figure("lab hour of the reference bench, in lock-step", "s", bench_quantile(hour, PAIRS, 0.5), LIMIT, "a day in a minute",
		bench_quantile(hour, PAIRS, 0.5) / LIMIT, 1, false, PAIRS);
	return 0;
}
