/* heatbench accuracy replay: one log through two estimators. */
#include "analytics/accuracy/replay_study.h"
#include "daq/base/error.h"
#include "daq/cli/accuracy.h"
#include "daq/cli/accuracy_release.h"
#include "daq/program/options.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>

struct arguments {
	char old_model[1024], new_model[1024];
	struct release_arguments common;
};

#define AT(field) offsetof(struct arguments, field)
#define SIZE(field) sizeof(((struct arguments *)0)->field)

/* clang-format off */
static const struct setting argument_rows[] = {
	{.name = "old-model", .type = SETTING_TEXT, .offset = AT(old_model), .size = SIZE(old_model), .fallback = "", .placeholder = "FILE", .help = "the old estimator: a model file, a shipped one's name, or \"reported\" (what the CiC itself said)"},
	{.name = "new-model", .type = SETTING_TEXT, .offset = AT(new_model), .size = SIZE(new_model), .fallback = "", .placeholder = "FILE", .help = "the new estimator, likewise"},
	RELEASE_OPTION_ROWS(struct arguments, common),
	SETTING_END};
/* clang-format on */

static const struct command command = {.name = "heatbench accuracy replay",
	.usage = "--old-model FILE --new-model FILE RUN... [OPTION...]",
	.purpose = "What does a new estimator change? The same logs through the old and the new one, against the reference meters where there are some.",
	.options = argument_rows,
	.epilogue = "exit status: 0 equivalent, or not worse; 1 worse; 2 could not be done; 3 inconclusive"};

static int carry_out(const struct arguments *a, const struct setting_list *words, int argc, char **argv, struct error *e)
{
	static struct release_runs run;
	char old[1024], fresh[1024], folder[4352];
	struct release_told told = {.study = {0}};
	struct replay_study *study = calloc(1, sizeof(*study));
	struct replay_options options = {.old_model = old, .new_model = fresh};
	struct report report = {.bench = ""};
	int status = -1;

	if (!study) {
		error_set(e, ERROR_SYSTEM, "no memory for the study");
		goto out;
	}
	if (!a->old_model[0] || !a->new_model[0]) {
		error_set(e, ERROR_USAGE, "which %s estimator? --%s-model FILE", a->old_model[0] ? "new" : "old", a->old_model[0] ? "new" : "old");
		goto out;
	}
	if (release_runs_find(&run, words, "which run? see heatbench accuracy replay --help", e) < 0 ||
		accuracy_find_model(old, sizeof(old), a->old_model, e) < 0 || accuracy_find_model(fresh, sizeof(fresh), a->new_model, e) < 0 ||
		release_tell(&told, &a->common, argc, argv, e) < 0)
		goto out;
	options.run = run.path;
	options.runs = run.count;
	options.rules = told.rules;
	options.comparison = told.comparison;
	options.study = told.study;
	options.command = told.command;
	if (replay_run(study, &options, e) == 0 && accuracy_folder(folder, sizeof(folder), a->common.out, run.path, run.count, "replay", e) == 0 &&
		replay_report(&report, study, folder, e) == 0)
		status = release_deliver(&report, folder, &a->common, e);
	replay_free(study);
out:
	report_free(&report);
	release_told_free(&told);
	free(study);
	return status;
}

int replay_command(int argc, char **argv)
{
	static struct arguments arguments;
	struct setting_list words = {.count = 0};
	struct error e = ERROR_INIT;
	int status;

	gsl_set_error_handler_off();
	status = options_parse(&command, argc, argv, &arguments, &words, &e);
	if (status > 0)
		return EXIT_PASSED;
	if (status == 0)
		status = carry_out(&arguments, &words, argc, argv, &e);
	if (status < 0) {
		fprintf(stderr, "heatbench accuracy replay: %s\n", e.text);
		return EXIT_UNABLE;
	}
	return status;
}
