#include "daq/cli/runs.h"

#include "daq/cli/runs_words.h"
#include "daq/store/reader.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What would be lost, in a line. */
static void print_run(const char *path)
{
	struct error ignored = ERROR_INIT;
	struct run_reader *reader = NULL;
	struct run_summary summary;
	char start[32], evaluation[32];

	if (run_reader_open(&reader, path, &ignored) == 0 && run_reader_summary(reader, &summary, &ignored) == 0) {
		words_utc(summary.about.utc, start, sizeof(start));
		runs_evaluation(path, evaluation, sizeof(evaluation));
		fprintf(stderr, "  %s: %s, %s, %lld scans, %s%s%s\n", path, start, origin_name(summary.about.origin),
			(long long)summary.scans, summary.verdict, evaluation[0] ? ", " : "", evaluation);
	} else {
		fprintf(stderr, "  %s: cannot be read\n", path);
	}
	run_reader_close(reader);
}

static bool confirmed(const struct runs_options *options)
{
	char answer[64] = "";

	fprintf(stderr, "remove %d run%s for good?\n", options->runs, options->runs == 1 ? "" : "s");
	for (int i = 0; i < options->runs; i++) {
		struct error ignored = ERROR_INIT;
		char path[4400];

		if (runs_find(options, options->run[i], path, sizeof(path), &ignored) == 0)
			print_run(path);
	}
	fprintf(stderr, "type yes: ");
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return strcmp(answer, "yes") == 0;
}

/* All are looked at before any is touched: a wrong name among many removes none. */
static int check_all(const struct runs_options *options, struct error *e)
{
	for (int i = 0; i < options->runs; i++) {
		char path[4400], real[PATH_MAX];

		if (runs_find(options, options->run[i], path, sizeof(path), e) != 0 ||
			run_removable(path, real, sizeof(real), e) != 0)
			return -1;
	}
	return 0;
}

static int remove_all(const struct runs_options *options, json_t *list, struct error *e)
{
	for (int i = 0; i < options->runs; i++) {
		char path[4400];

		if (runs_find(options, options->run[i], path, sizeof(path), e) != 0 || run_remove(path, e) != 0)
			return -1;
		if (options->json)
			json_array_append_new(list, json_string(options->run[i]));
		else
			printf("%s: removed\n", options->run[i]);
	}
	return EXIT_PASSED;
}

static int carry_out_remove(const struct runs_options *options, struct error *e)
{
	json_t *list;
	int status;

	if (check_all(options, e) != 0)
		return -1;
	if (!options->yes && !isatty(STDIN_FILENO))
		return error_set(e, ERROR_USAGE, "nobody is here to confirm that a run is removed: --yes does without");
	if (!options->yes && !confirmed(options)) {
		fprintf(stderr, "nothing was removed\n");
		return EXIT_STOPPED;
	}
	list = json_array();
	status = remove_all(options, list, e);
	if (options->json) {
		json_dumpf(list, stdout, JSON_INDENT(1));
		putchar('\n');
	}
	json_decref(list);
	return status;
}

const struct runs_command runs_remove = {
	.name = "remove",
	.arguments = "RUN...",
	.help = "removes runs for good; asks first",
	.needs_run = true,
	.carry_out = carry_out_remove,
};
