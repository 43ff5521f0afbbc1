/*
 * heatbench-evaluate - from a stored run to a verdict and a report; any time again, with newer software or
 * other limits.
 */
#include "analytics/core/evaluation.h"
#include "analytics/core/report.h"
#include "benches/flow/evaluate.h"
#include "benches/meters/evaluate.h"
#include "benches/pump/evaluate.h"
#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"
#include "daq/cli/evaluate_limits.h"
#include "daq/cli/report_output.h"
#include "daq/program/options.h"
#include "daq/store/reader.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One row per bench. A run belongs to the row of its bench's name, else to that of its devices' kind. */
static const struct evaluation {
	const char *bench, *dut_kind;
	int (*check_settings)(const char *settings, struct error *e);
	int (*evaluate)(struct report *out, const char *run_path, const char *folder,
		const struct evaluation_options *options, struct error *e);
} evaluations[] = {
	{"pump", "pump", pump_check_settings, pump_evaluate_run},
	{"flow", "flow_meter", flow_check_settings, flow_evaluate_run},
	{"meters", "heat_pump", meters_check_settings, meters_evaluate_run},
};

enum { EVALUATIONS = sizeof(evaluations) / sizeof(*evaluations) };

struct arguments {
	char run[4096], limits[1024], out[1024];
	struct setting_list set;
	bool json, quiet;
};

#define AT(field) offsetof(struct arguments, field)
#define SIZE(field) sizeof(((struct arguments *)0)->field)

/* clang-format off */
static const struct setting argument_rows[] = {
	{.name = "limits", .type = SETTING_TEXT, .offset = AT(limits), .size = SIZE(limits), .fallback = "", .placeholder = "FILE",
		.help = "judge by the limit{...} rows of this file instead of the run's own"},
	{.name = "set", .type = SETTING_LIST, .offset = AT(set), .fallback = "", .placeholder = "KEY=VALUE",
		.help = "a setting of the evaluation, over that of the bench file; may be given again"},
	{.name = "out", .type = SETTING_TEXT, .offset = AT(out), .size = SIZE(out), .fallback = "", .placeholder = "DIR",
		.help = "write report.html, report.json, junit.xml here (default: RUN/evaluations/<next number>)"},
	{.name = "json", .type = SETTING_SWITCH, .offset = AT(json), .fallback = "no", .help = "print report.json instead of the table"},
	{.name = "quiet", .type = SETTING_SWITCH, .offset = AT(quiet), .fallback = "no", .help = "print only the verdict"},
	SETTING_END};
/* clang-format on */

static const struct command evaluate_command = {.name = "heatbench evaluate",
	.usage = "RUN [OPTION...]",
	.purpose = "Verdict and report of a stored run; any time again, with newer software or other limits.\n"
		   "RUN is a run's folder, or its name below the results folder ($HEATBENCH_RESULTS, else ./results).",
	.options = argument_rows,
	.epilogue = "exit status: 0 passed, 1 failed, 2 could not be done, 3 undecided"};

/* 1 where help was asked for. */
static int read_arguments(struct arguments *a, int argc, char **argv, struct error *e)
{
	struct setting_list words = {.count = 0};
	int parsed = options_parse(&evaluate_command, argc, argv, a, &words, e);

	if (parsed != 0)
		return parsed;
	if (words.count == 0)
		return error_set(e, ERROR_USAGE, "which run? see heatbench evaluate --help");
	if (words.count > 1)
		return error_set(e, ERROR_USAGE, "one run at a time: %s and %s", words.item[0], words.item[1]);
	text_copy(a->run, sizeof(a->run), words.item[0]);
	return 0;
}

/* The run's own settings, then those of the command line: "elevation=120 mm,grade=2B". */
static int collect_settings(struct text *out, const char *run, const struct arguments *a, struct error *e)
{
	struct run_reader *reader = NULL;
	int result = -1;

	if (run_reader_open(&reader, run, e) < 0 || evaluation_run_settings(out, reader, e) < 0)
		goto out;
	for (int i = 0; i < a->set.count; i++)
		text_add(out, "%s%s", out->length ? "," : "", a->set.item[i]);
	result = out->failed ? error_set(e, ERROR_SYSTEM, "no memory for the settings") : 0;
out:
	run_reader_close(reader);
	return result;
}

static void unknown_bench(const char *run, const char *bench, struct error *e)
{
	char known[200] = "";
	size_t used = 0;

	for (int i = 0; i < EVALUATIONS && used < sizeof(known); i++)
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s", i ? ", " : "", evaluations[i].bench);
	error_set(e, ERROR_DATA, "%s is of bench \"%s\", for which there is no evaluation (known: %s)", run, bench, known);
}

/* The folder itself and the evaluation that fits. */
static const struct evaluation *choose(char *folder, size_t size, const char *run, struct error *e)
{
	const struct evaluation *chosen = NULL;
	struct run_reader *reader = NULL;
	struct run_summary summary;
	struct run_dut *dut = NULL;
	int duts = 0;

	if (run_reader_open(&reader, run, e) < 0)
		return NULL;
	if (run_reader_summary(reader, &summary, e) < 0 || run_reader_duts(reader, &dut, &duts, e) < 0)
		goto out;
	text_copy(folder, size, run_reader_path(reader));
	for (int i = 0; i < EVALUATIONS && !chosen; i++)
		if (strcmp(summary.about.bench, evaluations[i].bench) == 0)
			chosen = &evaluations[i];
	for (int i = 0; i < EVALUATIONS && !chosen; i++)
		if (duts > 0 && strcmp(dut[0].kind, evaluations[i].dut_kind) == 0)
			chosen = &evaluations[i];
	if (!chosen)
		unknown_bench(run, summary.about.bench, e);
out:
	free(dut);
	run_reader_close(reader);
	return chosen;
}

static int make_folder(char *out, size_t size, const char *run, const struct arguments *a, struct error *e)
{
	if (!a->out[0])
		return run_new_evaluation(run, out, size, e);
	if (mkdir(a->out, 0777) < 0 && errno != EEXIST)
		return error_set_errno(e, ERROR_IO, "cannot make %s", a->out);
	if (!text_copy(out, size, a->out))
		return error_set(e, ERROR_IO, "the name of folder %s is too long", a->out);
	return 0;
}

static void command_line(char *out, size_t size, const struct arguments *a)
{
	size_t used = (size_t)snprintf(out, size, "heatbench evaluate %s%s%s", a->run, a->limits[0] ? " --limits " : "",
		a->limits);

	for (int i = 0; i < a->set.count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, " --set '%s'", a->set.item[i]);
}

/* The exit status, or -1. */
static int carry_out(const struct arguments *a, struct error *e)
{
	char run[4096], found[4096], folder[4352], command[1024];
	struct report report = {.bench = ""};
	struct run_limit *limit = NULL;
	struct text text = TEXT_INIT;
	struct evaluation_options options = {.limit_file = a->limits[0] ? a->limits : NULL, .command = command};
	const struct evaluation *evaluation;
	int status = -1;

	cli_find_run(found, sizeof(found), a->run);
	command_line(command, sizeof(command), a);
	evaluation = choose(run, sizeof(run), found, e);
	if (!evaluation)
		return -1;
	if (collect_settings(&text, run, a, e) < 0 || evaluation->check_settings(text.data, e) < 0)
		goto out;
	options.settings = text.data;
	if (a->limits[0] && evaluate_limits_read(&limit, &options.limits, run, a->limits, e) < 0)
		goto out;
	options.limit = limit;
	if (make_folder(folder, sizeof(folder), run, a, e) < 0 ||
		evaluation->evaluate(&report, run, folder, &options, e) < 0 ||
		cli_write_report(&report, folder, e) < 0)
		goto out;
	if (a->json && cli_print_json(&report, e) < 0)
		goto out;
	if (!a->json && a->quiet)
		printf("%s%s: %s\n", verdict_name(report.verdict), report.incomplete ? ", incomplete" : "",
			report.verdict_sentence);
	else if (!a->json)
		cli_print_report(&report, folder);
	status = cli_status(report.verdict);
	if (fflush(stdout) != 0 || ferror(stdout))
		status = error_set_errno(e, ERROR_IO, "cannot write the result");
out:
	report_free(&report);
	text_free(&text);
	free(limit);
	return status;
}

int main(int argc, char **argv)
{
	static struct arguments arguments;
	struct error e = ERROR_INIT;
	int status;

	gsl_set_error_handler_off();
	status = read_arguments(&arguments, argc, argv, &e);
	if (status > 0)
		return EXIT_PASSED;
	if (status == 0)
		status = carry_out(&arguments, &e);
	if (status < 0) {
		fprintf(stderr, "heatbench evaluate: %s\n", e.text);
		return EXIT_UNABLE;
	}
	return status;
}
