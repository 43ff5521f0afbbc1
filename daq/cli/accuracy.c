/*
 * heatbench-accuracy - reference logs against production energy models. docs/accuracy.md is its manual.
 */
#include "daq/cli/accuracy.h"

#include "analytics/accuracy/accuracy.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/cli/accuracy_print.h"
#include "daq/cli/report_output.h"
#include "daq/program/options.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <string.h>

struct arguments {
	struct setting_list model, set;
	char out[1024], exclude[1024], zone[48];
	bool as_production, json, quiet;
};

#define AT(field) offsetof(struct arguments, field)
#define SIZE(field) sizeof(((struct arguments *)0)->field)

/* clang-format off */
static const struct setting argument_rows[] = {
	{.name = "model", .type = SETTING_LIST, .offset = AT(model), .fallback = "", .placeholder = "FILE", .help = "a model file, the name of a shipped one (electricity, heat-997x4182 ...), or reported: what the CiC itself said; may be given again"},
	{.name = "set", .type = SETTING_LIST, .offset = AT(set), .fallback = "", .placeholder = "KEY=VALUE", .help = "a setting of the study or of the meters (docs/accuracy.md); may be given again"},
	{.name = "exclude", .type = SETTING_TEXT, .offset = AT(exclude), .size = SIZE(exclude), .fallback = "", .placeholder = "FILE", .help = "CSV of test installations: id,from,to,why"},
	{.name = "zone", .type = SETTING_TEXT, .offset = AT(zone), .size = SIZE(zone), .fallback = "", .placeholder = "ZONE", .help = "time zone of the days (default: that of the first run)"},
	{.name = "as-production", .type = SETTING_SWITCH, .offset = AT(as_production), .fallback = "no", .help = "also the old hourly aggregation, to explain a difference to the counters in the cloud"},
	{.name = "out", .type = SETTING_TEXT, .offset = AT(out), .size = SIZE(out), .fallback = "", .placeholder = "DIR", .help = "where the report goes (default: RUN/evaluations/<next number>; of several runs, a new folder below the results)"},
	{.name = "json", .type = SETTING_SWITCH, .offset = AT(json), .fallback = "no", .help = "print report.json instead of the table"},
	{.name = "quiet", .type = SETTING_SWITCH, .offset = AT(quiet), .fallback = "no", .help = "print only the verdict"},
	SETTING_END};
/* clang-format on */

static const struct command study_command = {.name = "heatbench accuracy",
	.usage = "RUN... --model FILE... [OPTION...]",
	.purpose = "Holds reference logs against production energy models and writes a report.\n"
		   "RUN is a run's folder, or its name below the results folder ($HEATBENCH_RESULTS, else ./results).",
	.options = argument_rows,
	.epilogue = "subcommands: fit, replay, abba (each has its own --help)\n"
		    "exit status: 0 passed, 1 failed, 2 could not be done, 3 undecided"};

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} subcommands[] = {{"fit", accuracy_fit_command}, {"replay", replay_command}, {"abba", abba_command}};

enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(subcommands[0]) };

struct found_models {
	char name[ACCURACY_MODELS][4096];
	const char *path[ACCURACY_MODELS];
	int count;
};

static int find_models(struct found_models *out, const struct setting_list *model, struct error *e)
{
	if (model->count == 0)
		return error_set(e, ERROR_USAGE, "which model? --model FILE, or the name of a shipped one such as electricity");
	if (model->count > ACCURACY_MODELS)
		return error_set(e, ERROR_USAGE, "%d models: at most %d", model->count, ACCURACY_MODELS);
	for (int i = 0; i < model->count; i++) {
		if (accuracy_find_model(out->name[i], sizeof(out->name[i]), model->item[i], e) < 0)
			return -1;
		out->path[out->count++] = out->name[i];
	}
	return 0;
}

static int report_study(const struct accuracy *a, const struct arguments *args, const struct accuracy_runs *runs, struct error *e)
{
	struct report report = {.bench = ""};
	char folder[4352];
	int status = -1;

	if (accuracy_folder(folder, sizeof(folder), args->out, runs->path, runs->count, "accuracy", e) < 0 ||
		accuracy_report(&report, a, folder, e) < 0)
		return -1;
	if (cli_write_report(&report, folder, e) < 0 || (args->json && cli_print_json(&report, e) < 0))
		goto out;
	if (!args->json && args->quiet)
		printf("%s: %s\n", verdict_name(report.verdict), report.verdict_sentence);
	else if (!args->json)
		accuracy_print(a, &report, folder);
	status = cli_status(report.verdict);
	if (fflush(stdout) != 0 || ferror(stdout))
		status = error_set_errno(e, ERROR_IO, "cannot write the result");
out:
	report_free(&report);
	return status;
}

/* The exit status, or -1. */
static int study(const struct arguments *args, const struct setting_list *words, int argc, char **argv, struct error *e)
{
	static struct accuracy_runs runs;
	static struct found_models models;
	static struct accuracy a;
	struct accuracy_settings settings;
	struct exclusion_list list = {.rows = 0};
	char meters[2048];
	struct study_options options = {.zone = args->zone[0] ? args->zone : NULL, .set = meters, .exclude = args->exclude[0] ? &list : NULL};
	int status = -1;

	if (accuracy_find_runs(&runs, words, e) < 0 || find_models(&models, &args->model, e) < 0 ||
		accuracy_split_settings(&args->set, &settings, meters, sizeof(meters), e) < 0)
		return -1;
	if (args->exclude[0] && exclusion_read(&list, args->exclude, e) < 0)
		return -1;
	if (accuracy_run(&a, runs.path, runs.count, models.path, models.count, &settings, &options, args->as_production, e) < 0)
		goto out;
	text_copy(a.exclude_file, sizeof(a.exclude_file), args->exclude);
	accuracy_command_line(a.command, sizeof(a.command), argc - 1, argv + 1);
	if (accuracy_judge(&a, e) == 0)
		status = report_study(&a, args, &runs, e);
	accuracy_free(&a);
out:
	exclusion_free(&list);
	return status;
}

int main(int argc, char **argv)
{
	static struct arguments arguments;
	struct setting_list words = {.count = 0};
	struct error e = ERROR_INIT;
	int status;

	gsl_set_error_handler_off();
	for (int i = 0; argc > 1 && i < SUBCOMMANDS; i++)
		if (strcmp(argv[1], subcommands[i].name) == 0)
			return subcommands[i].main(argc - 1, argv + 1);
	status = options_parse(&study_command, argc, argv, &arguments, &words, &e);
	if (status > 0)
		return EXIT_PASSED;
	if (status == 0)
		status = study(&arguments, &words, argc, argv, &e);
	if (status < 0) {
		fprintf(stderr, "heatbench accuracy: %s\n", e.text);
		return EXIT_UNABLE;
	}
	return status;
}
