#include "daq/cli/runs.h"

#include "daq/store/reader.h"

#include <jansson.h>
#include <stdio.h>

static const char *const state_names[] = {
	[RUN_INTACT] = "intact",
	[RUN_CHANGED] = "changed",
	[RUN_NO_CLEAN_END] = "no clean end",
};

static int verify_one(const struct runs_options *options, const char *run, json_t *list, struct error *e)
{
	enum run_state state = RUN_NO_CLEAN_END;
	char path[4400], detail[512] = "";

	if (runs_find(options, run, path, sizeof(path), e) != 0 ||
		run_verify(path, &state, detail, sizeof(detail), e) != 0)
		return -1;
	if (options->json)
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s}", "run", run, "state", state_names[state], "detail", detail));
	else
		printf("%s: %s: %s\n", run, state_names[state], detail);
	return (int)state;
}

/* Every run is looked at, also after one that cannot be: its error is told and counts as the worst. */
static int carry_out_verify(const struct runs_options *options, struct error *e)
{
	json_t *list = json_array();
	int worst = 0;

	if (!list)
		return error_set(e, ERROR_SYSTEM, "no memory to verify runs");
	for (int i = 0; i < options->runs; i++) {
		struct error inner = ERROR_INIT;
		int state = verify_one(options, options->run[i], list, &inner);

		if (state < 0) {
			fprintf(stderr, "heatbench runs: %s\n", inner.text);
			state = EXIT_UNABLE;
		}
		worst = state > worst ? state : worst;
	}
	if (options->json) {
		json_dumpf(list, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
		putchar('\n');
	}
	json_decref(list);
	return worst;
}

const struct runs_command runs_verify = {
	.name = "verify",
	.arguments = "RUN...",
	.help = "whether the evidence is as it was at the end (0 intact, 1 changed, 2 no clean end)",
	.needs_run = true,
	.carry_out = carry_out_verify,
};
