#include "daq/cli/runs.h"

#include "daq/store/reader.h"

#include <jansson.h>
#include <stdio.h>

static int recover_one(const struct runs_options *options, const char *run, json_t *list, struct error *e)
{
	struct run_summary summary;
	struct run_reader *reader = NULL;
	char path[4400];
	int result = -1;

	if (runs_find(options, run, path, sizeof(path), e) != 0 || run_recover(path, e) != 0 ||
		run_reader_open(&reader, path, e) != 0 || run_reader_summary(reader, &summary, e) != 0)
		goto out;
	if (options->json)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I}", "run", run, "verdict", summary.verdict,
							"why", summary.why, "scans", (json_int_t)summary.scans));
	else
		printf("%s: closed with %lld scans, %s%s%s\n", run, (long long)summary.scans, summary.verdict,
			summary.why[0] ? ": " : "", summary.why);
	result = EXIT_PASSED;
out:
	run_reader_close(reader);
	return result;
}

static int carry_out_recover(const struct runs_options *options, struct error *e)
{
	json_t *list = json_array();
	int worst = EXIT_PASSED;

	if (!list)
		return error_set(e, ERROR_SYSTEM, "no memory to recover runs");
	for (int i = 0; i < options->runs; i++) {
		struct error inner = ERROR_INIT;

		if (recover_one(options, options->run[i], list, &inner) < 0) {
			fprintf(stderr, "heatbench runs: %s\n", inner.text);
			worst = EXIT_UNABLE;
		}
	}
	if (options->json) {
		json_dumpf(list, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
		putchar('\n');
	}
	json_decref(list);
	return worst;
}

const struct runs_command runs_recover = {
	.name = "recover",
	.arguments = "RUN...",
	.help = "closes a run that was killed: what was committed is kept, its verdict stays incomplete",
	.needs_run = true,
	.carry_out = carry_out_recover,
};
