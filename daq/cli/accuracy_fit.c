/*
 * heatbench accuracy fit - the coefficients of a model found in reference logs.
 */
#include "daq/cli/accuracy.h"

#include "analytics/accuracy/accuracy.h"
#include "analytics/accuracy/fit_study.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/program/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct arguments {
	struct setting_list fix, set;
	char template[4096], out[4096], name[64], version[32], exclude[1024], zone[48];
	int method, seed;
	double lambda;
	bool quiet;
};

#define AT(field) offsetof(struct arguments, field)
#define SIZE(field) sizeof(((struct arguments *)0)->field)

/* clang-format off */
static const struct setting argument_rows[] = {
	{.name = "template", .type = SETTING_TEXT, .offset = AT(template), .size = SIZE(template), .fallback = NULL, .placeholder = "FILE", .help = "model file whose coefficients are to be found, or the name of a shipped one; its inputs, rules and floor stay"},
	{.name = "out", .type = SETTING_TEXT, .offset = AT(out), .size = SIZE(out), .fallback = NULL, .placeholder = "FILE", .help = "the model file to be written"},
	{.name = "method", .type = SETTING_CHOICE, .offset = AT(method), .choices = regress_method_names, .fallback = "ols", .help = "how they are found"},
	{.name = "lambda", .type = SETTING_NUMBER, .offset = AT(lambda), .min = 0, .max = 1e12, .fallback = "nan", .help = "of ridge and lasso; else chosen by leaving out whole heat pumps"},
	{.name = "fix", .type = SETTING_LIST, .offset = AT(fix), .fallback = "", .placeholder = "TERM=VALUE", .help = "a coefficient that is known, such as crankcase_heater=40; may be given again"},
	{.name = "seed", .type = SETTING_INTEGER, .offset = AT(seed), .min = 0, .max = 2147483647, .fallback = "1", .help = "of what is left to chance: which days are left out together"},
	{.name = "name", .type = SETTING_TEXT, .offset = AT(name), .size = SIZE(name), .fallback = "", .placeholder = "TEXT", .help = "of the model (default: the template's)"},
	{.name = "version", .type = SETTING_TEXT, .offset = AT(version), .size = SIZE(version), .fallback = "", .placeholder = "TEXT", .help = "of the model (default: fit- and its digest)"},
	{.name = "set", .type = SETTING_LIST, .offset = AT(set), .fallback = "", .placeholder = "KEY=VALUE", .help = "a setting of the study or of the meters (docs/accuracy.md); may be given again"},
	{.name = "exclude", .type = SETTING_TEXT, .offset = AT(exclude), .size = SIZE(exclude), .fallback = "", .placeholder = "FILE", .help = "CSV of test installations: id,from,to,why"},
	{.name = "zone", .type = SETTING_TEXT, .offset = AT(zone), .size = SIZE(zone), .fallback = "", .placeholder = "ZONE", .help = "time zone of the days (default: that of the first run)"},
	{.name = "quiet", .type = SETTING_SWITCH, .offset = AT(quiet), .fallback = "no", .help = "print nothing but where the model is"},
	SETTING_END};
/* clang-format on */

static const struct command fit_options = {.name = "heatbench accuracy fit",
	.usage = "RUN... --template FILE --out FILE [OPTION...]",
	.purpose = "Finds the coefficients of a model in reference logs, with standard errors that know autocorrelation and scores of the heat pumps\n"
		   "that were left out, and writes them with digests of coefficients and data as a model file.",
	.options = argument_rows,
	.epilogue = "exit status: 0 done, 2 could not be done"};

static int make_template(struct model *template, const struct arguments *args, struct error *e)
{
	char path[4096];

	if (accuracy_find_model(path, sizeof(path), args->template, e) < 0 || model_load(path, template, e) < 0)
		return -1;
	for (int i = 0; i < args->fix.count; i++)
		if (fit_fix(template, args->fix.item[i], e) < 0)
			return -1;
	return 0;
}

static void print_left_out(const struct fit_study *f)
{
	for (int x = 1; x < EXCLUSIONS; x++)
		if (f->excluded[x])
			printf("  left out: %lld rows (%s)\n", (long long)f->excluded[x], exclusion_names[x]);
	for (int p = 0; p < f->rows.heat_pumps; p++)
		if (f->skew[p].applied != 0)
			printf("  %s: reference moved by %.3g s\n", f->rows.heat_pump_name[p], f->skew[p].applied);
}

static int fit_and_write(const struct study *study, const struct arguments *args, const struct accuracy_settings *settings, struct error *e)
{
	static struct model template;
	static struct fit fit;
	static struct fit_study rows;
	struct comparison_rules rules = accuracy_rules(settings);
	struct fit_settings how = {.template = &template, .method = (enum regress_method)args->method, .lambda = args->lambda, .seed = args->seed,
		.lag = -1, .gap = NAN, .name = args->name[0] ? args->name : NULL, .version = args->version[0] ? args->version : NULL};
	struct text text = TEXT_INIT;
	int result = -1;

	if (make_template(&template, args, e) < 0 || fit_study_make(&rows, study, &template, &rules, e) < 0)
		return -1;
	if (accuracy_fit(&rows.rows, &how, &fit, e) < 0 || fit_write(&fit, args->out, e) < 0)
		goto out;
	if (!args->quiet) {
		fit_report(&fit, &text);
		printf("%s", text.data ? text.data : "");
		print_left_out(&rows);
	}
	printf("model: %s\n", args->out);
	result = fflush(stdout) != 0 ? error_set_errno(e, ERROR_IO, "cannot write the result") : 0;
out:
	text_free(&text);
	fit_study_free(&rows);
	return result;
}

static int carry_out(const struct arguments *args, const struct setting_list *words, struct error *e)
{
	static struct accuracy_runs runs;
	struct accuracy_settings settings;
	struct exclusion_list list = {.rows = 0};
	struct study study = {.runs = 0};
	char meters[2048];
	struct study_options options = {.zone = args->zone[0] ? args->zone : NULL, .set = meters, .exclude = args->exclude[0] ? &list : NULL};
	int result = -1;

	if (!args->template[0] || !args->out[0])
		return error_set(e, ERROR_USAGE, "--template FILE and --out FILE are needed; see heatbench accuracy fit --help");
	if (accuracy_find_runs(&runs, words, e) < 0 || accuracy_split_settings(&args->set, &settings, meters, sizeof(meters), e) < 0)
		return -1;
	if (args->exclude[0] && exclusion_read(&list, args->exclude, e) < 0)
		return -1;
	if (study_load(&study, runs.path, runs.count, &options, e) == 0)
		result = fit_and_write(&study, args, &settings, e);
	study_free(&study);
	exclusion_free(&list);
	return result;
}

int accuracy_fit_command(int argc, char **argv)
{
	static struct arguments arguments;
	struct setting_list words = {.count = 0};
	struct error e = ERROR_INIT;
	int status = options_parse(&fit_options, argc, argv, &arguments, &words, &e);

	if (status > 0)
		return EXIT_PASSED;
	if (status == 0)
		status = carry_out(&arguments, &words, &e);
	if (status < 0) {
		fprintf(stderr, "heatbench accuracy fit: %s\n", e.text);
		return EXIT_UNABLE;
	}
	return EXIT_PASSED;
}
