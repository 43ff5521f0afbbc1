/* heatbench accuracy abba: two firmware releases that took turns. */
#include "analytics/accuracy/abba_study.h"
#include "daq/base/error.h"
#include "daq/cli/accuracy.h"
#include "daq/cli/accuracy_release.h"
#include "daq/program/options.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>

struct arguments {
	struct setting_list run[2], model;
	char label[2][64];
	int apart;
	struct release_arguments common;
};

#define AT(field) offsetof(struct arguments, field)
#define SIZE(field) sizeof(((struct arguments *)0)->field)

/* clang-format off */
static const struct setting argument_rows[] = {
	{.name = "old", .type = SETTING_LIST, .offset = AT(run[0]), .fallback = "", .placeholder = "RUN", .help = "a run under the old release; may be given again"},
	{.name = "new", .type = SETTING_LIST, .offset = AT(run[1]), .fallback = "", .placeholder = "RUN", .help = "a run under the new release; may be given again"},
	{.name = "model", .type = SETTING_LIST, .offset = AT(model), .fallback = "", .placeholder = "FILE", .help = "what estimates: \"reported\" (the CiC itself, the default), a model file or a shipped one's name; one for electricity, one for heat"},
	{.name = "old-name", .type = SETTING_TEXT, .offset = AT(label[0]), .size = SIZE(label[0]), .fallback = "", .placeholder = "NAME", .help = "what to call the old release (default: its firmware)"},
	{.name = "new-name", .type = SETTING_TEXT, .offset = AT(label[1]), .size = SIZE(label[1]), .fallback = "", .placeholder = "NAME", .help = "what to call the new one"},
	{.name = "apart", .type = SETTING_INTEGER, .offset = AT(apart), .min = 1, .max = 60, .fallback = "3", .placeholder = "DAYS", .help = "how far the two days of a pair may be apart"},
	RELEASE_OPTION_ROWS(struct arguments, common),
	SETTING_END};
/* clang-format on */

static const struct command command = {.name = "heatbench accuracy abba",
	.usage = "--old RUN --new RUN [--old RUN --new RUN ...] [OPTION...]",
	.purpose = "May the new firmware release ship? Two releases that took turns day by day on the same heat pumps, each day's estimate\n"
		   "against the reference meters.",
	.options = argument_rows,
	.epilogue = "exit status: 0 equivalent, or not worse; 1 worse; 2 could not be done; 3 inconclusive: the report says how many more days it takes"};

static int judge(const struct arguments *a, const struct abba_options *options, struct abba_study *study,
	struct error *e)
{
	struct report report = {.bench = ""};
	char folder[4352];
	int status = -1;

	if (abba_run(study, options, e) < 0)
		return -1;
	if (accuracy_folder(folder, sizeof(folder), a->common.out, options->run[1], 0, "abba", e) == 0 && abba_report(&report, study, folder, e) == 0)
		status = release_deliver(&report, folder, &a->common, e);
	report_free(&report);
	abba_free(study);
	return status;
}

static int carry_out(const struct arguments *a, int argc, char **argv, struct error *e)
{
	static struct release_runs run[2];
	static char model[2][1024];
	const char *models[2] = {"reported"};
	struct release_told told = {.study = {0}};
	struct abba_study *study = calloc(1, sizeof(*study));
	struct abba_options options = {.model = models, .models = 1, .apart = a->apart, .label = {a->label[0], a->label[1]}};
	int status = -1;

	if (!study) {
		error_set(e, ERROR_SYSTEM, "no memory for the study");
		goto out;
	}
	if (release_runs_find(&run[0], &a->run[0], "which run under the old release? --old RUN", e) < 0 ||
		release_runs_find(&run[1], &a->run[1], "which run under the new release? --new RUN", e) < 0)
		goto out;
	if (a->model.count > 2) {
		error_set(e, ERROR_USAGE, "--model: one for electricity and one for heat, not %d", a->model.count);
		goto out;
	}
	for (int i = 0; i < a->model.count; i++) {
		if (accuracy_find_model(model[i], sizeof(model[i]), a->model.item[i], e) < 0)
			goto out;
		models[i] = model[i];
		options.models = i + 1;
	}
	if (release_tell(&told, &a->common, argc, argv, e) < 0)
		goto out;
	for (int r = 0; r < 2; r++) {
		options.run[r] = run[r].path;
		options.runs[r] = run[r].count;
	}
	options.rules = told.rules;
	options.comparison = told.comparison;
	options.study = told.study;
	options.command = told.command;
	status = judge(a, &options, study, e);
out:
	release_told_free(&told);
	free(study);
	return status;
}

int abba_command(int argc, char **argv)
{
	static struct arguments arguments;
	struct error e = ERROR_INIT;
	int status;

	gsl_set_error_handler_off();
	status = options_parse(&command, argc, argv, &arguments, NULL, &e);
	if (status > 0)
		return EXIT_PASSED;
	if (status == 0)
		status = carry_out(&arguments, argc, argv, &e);
	if (status < 0) {
		fprintf(stderr, "heatbench accuracy abba: %s\n", e.text);
		return EXIT_UNABLE;
	}
	return status;
}
