/*
 * The accuracy study of 27 days, six heat pumps, samples every 15 s (930,000 scans of 12 columns): loading and computing against pandas and
 * NumPy on the same run folder (tests/peers/accuracy_pandas.py), the whole command with report and figures, and what a million scans cost
 * with samples every 15 s, 5 s and 1 s of the same span.
 */
#include "tests/bench/bench.h"

#include "analytics/accuracy/accuracy.h"
#include "daq/base/error.h"
#include "tests/accuracy/lab_logs.h"

#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DAYS = 27, PAIRS = 3 };

extern char **environ;

static const char *const model = "analytics/accuracy/models/electricity.json";

struct took {
	double load, compute;
	double scans;
};

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(2);
}

static void make(const char *folder, int interval, char *path, size_t size)
{
	struct lab_logs want = {.seed = 1, .days = DAYS, .interval = interval, .pumps = LAB_PUMPS, .start = 1704067200, .daily = true};
	struct lab_truth truth;
	struct error e = ERROR_INIT;

	if (lab_logs_write(&want, folder, &truth, path, size, &e) < 0)
		die(e.text);
}

/* Without resampling, as the peer. */
static struct took ours(const char *run)
{
	struct accuracy_settings settings = accuracy_settings_default();
	struct study_options options = {.zone = NULL};
	static struct accuracy a;
	struct error e = ERROR_INIT;
	struct took took;

	settings.bootstrap = 1;
	if (accuracy_run(&a, &run, 1, &model, 1, &settings, &options, false, &e) < 0)
		die(e.text);
	took = (struct took){a.load_s, a.compute_s, (double)a.study.scans};
	accuracy_free(&a);
	return took;
}

static struct took pandas(const char *run)
{
	struct took took = {NAN, NAN, NAN};
	char command[5000], line[4096] = "";
	FILE *p;

	snprintf(command, sizeof(command), "/usr/bin/python3 tests/peers/accuracy_pandas.py '%.4000s'", run);
	p = popen(command, "r");
	if (!p || !fgets(line, sizeof(line), p) || pclose(p) != 0 ||
		sscanf(line, "{\"load_s\": [%lf, %*f], \"compute_s\": [%lf, %*f], \"scans\": %lf", &took.load, &took.compute, &took.scans) != 3)
		die("/usr/bin/python3 with pandas and scipy is needed");
	return took;
}

static void compare(const char *run)
{
	double load[PAIRS], compute[PAIRS], peer_load[PAIRS], peer_compute[PAIRS], load_ratio[PAIRS], compute_ratio[PAIRS];

	for (int i = 0; i < PAIRS; i++) {
		struct took peer = pandas(run), own = ours(run);

		if (peer.scans != own.scans)
			die("not the same scans");
		load[i] = own.load;
		compute[i] = own.compute;
		peer_load[i] = peer.load;
		peer_compute[i] = peer.compute;
		load_ratio[i] = peer.load / own.load;
		compute_ratio[i] = peer.compute / own.compute;
	}
	bench_figure("accuracy, 930 000 scans x 12 columns, loaded", "s", bench_quantile(load, PAIRS, 0.5), bench_quantile(peer_load, PAIRS, 0.5),
		"pandas", bench_quantile(load_ratio, PAIRS, 0.5), 10, true, PAIRS);
	bench_figure("accuracy, 930 000 scans, computed", "s", bench_quantile(compute, PAIRS, 0.5), bench_quantile(peer_compute, PAIRS, 0.5),
		"pandas, NumPy", bench_quantile(compute_ratio, PAIRS, 0.5), 10, true, PAIRS);
}

/* The whole command, figures drawn; peak memory of it and all that it starts. */
static void command(const char *build, const char *run, const char *out)
{
	char program[4200], path[4200];
	char *argv[] = {program, (char[]){"accuracy"}, path, (char[]){"--model"}, (char[]){"electricity"}, (char[]){"--quiet"}, (char[]){"--out"},
		(char *)out, NULL};
	double start = bench_now();
	posix_spawn_file_actions_t quiet;
	struct rusage used;
	pid_t child;
	int status;

	snprintf(program, sizeof(program), "%.4000s/heatbench", build);
	snprintf(path, sizeof(path), "%.4000s", run);
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0); /* the verdict is no figure */
	if (posix_spawn(&child, program, &quiet, NULL, argv, environ) != 0 || wait4(child, &status, 0, &used) < 0 || !WIFEXITED(status) ||
		WEXITSTATUS(status) == 2)
		die("heatbench accuracy failed");
	posix_spawn_file_actions_destroy(&quiet);
	start = bench_now() - start;
	bench_figure("accuracy, run folder to report, 930 000 scans", "s", start, 15, "15 s", start / 15, 1, false, 1);
	bench_figure("... its memory", "MiB", (double)used.ru_maxrss / 1024, 1024, "1 GiB", (double)used.ru_maxrss / 1048576, 1, false, 1);
}

/* Seconds for a million scans: what is linear stays the same. */
static double per_million(const char *run)
{
	struct took t = ours(run);

	return (t.load + t.compute) / t.scans * 1e6;
}

static void linear(const char *folder, const char *coarse)
{
	static const int interval[] = {5, 1};
	double base = per_million(coarse);

	printf("{\"name\": \"accuracy, a million scans, one each 15 s\", \"unit\": \"s\", \"ours\": %.4g, \"peer\": %.4g, \"peer_name\": \"-\"}\n", base, base);
	for (int i = 0; i < 2; i++) {
		char run[4096], name[96], remove[4200];
		double cost;

		make(folder, interval[i], run, sizeof(run));
		cost = per_million(run);
		snprintf(name, sizeof(name), "accuracy, a million scans, one each %d s", interval[i]);
		bench_figure(name, "s", cost, base, "one each 15 s", cost / base, 1.5, false, 1);
		snprintf(remove, sizeof(remove), "rm -rf '%.4000s'", run);
		if (system(remove) != 0)
			die("cannot remove the run");
	}
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "/tmp", *slash = strrchr(argv[0], '/');
	char run[4096], out[4200], build[4096];

	/* BUILD/tests/bench/bench_accuracy */
	snprintf(build, sizeof(build), "%.*s/../..", slash ? (int)(slash - argv[0]) : 1, slash ? argv[0] : ".");
	make(folder, 15, run, sizeof(run));
	snprintf(out, sizeof(out), "%s/report", folder);
	compare(run);
	command(build, run, out);
	if (argc < 3)
		linear(folder, run);
	return 0;
}
