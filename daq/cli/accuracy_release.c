#include "daq/cli/accuracy_release.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/cli/accuracy.h"
#include "daq/cli/report_output.h"

#include <stdio.h>
#include <string.h>

const char *const release_units_names[] = {"random", "fixed", NULL};

int release_runs_find(struct release_runs *out, const struct setting_list *given, const char *what, struct error *e)
{
	out->count = 0;
	if (given->count == 0)
		return error_set(e, ERROR_USAGE, "%s", what);
	if (given->count > STUDY_RUNS)
		return error_set(e, ERROR_USAGE, "%d runs: at most %d", given->count, STUDY_RUNS);
	for (int i = 0; i < given->count; i++) {
		cli_find_run(out->text[i], sizeof(out->text[i]), given->item[i]);
		out->path[i] = out->text[i];
	}
	out->count = given->count;
	return 0;
}

int release_tell(struct release_told *out, const struct release_arguments *a, int argc, char **argv, struct error *e)
{
	struct accuracy_settings settings;

	*out = (struct release_told){.rules = release_rules_default()};
	if (accuracy_split_settings(&a->set, &settings, out->rest, sizeof(out->rest), e) < 0)
		return -1;
	if (a->exclude[0] && exclusion_read(&out->list, a->exclude, e) < 0)
		return -1;
	out->rules.margin = a->margin / 100;
	out->rules.fixed = a->units == 1;
	out->comparison = accuracy_rules(&settings);
	out->study = (struct study_options){
		.zone = a->zone[0] ? a->zone : NULL, .set = out->rest[0] ? out->rest : NULL, .exclude = a->exclude[0] ? &out->list : NULL};
	accuracy_command_line(out->command, sizeof(out->command), argc, argv);
	return 0;
}

void release_told_free(struct release_told *t)
{
	exclusion_free(&t->list);
}

int release_deliver(const struct report *r, const char *folder, const struct release_arguments *a, struct error *e)
{
	if (cli_write_report(r, folder, e) < 0 || (a->json && cli_print_json(r, e) < 0))
		return -1;
	if (!a->json && a->quiet)
		printf("%s%s: %s\n", verdict_name(r->verdict), r->incomplete ? ", incomplete" : "", r->verdict_sentence);
	else if (!a->json)
		cli_print_report(r, folder);
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_set_errno(e, ERROR_IO, "cannot write the result");
	return (int)cli_status(r->verdict);
}
