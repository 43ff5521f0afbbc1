#include "daq/cli/runs.h"

#include "daq/base/text.h"
#include "daq/store/export.h"
#include "daq/store/reader.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ./<name of the run>-export; the name is that of the folder, however it was reached ("." too). */
static int default_place(const char *run, char *out, size_t size, struct error *e)
{
	char *real = realpath(run, NULL);
	char *name = real ? strrchr(real, '/') + 1 : NULL;

	if (!real)
		return error_set_errno(e, ERROR_IO, "cannot look at %s", run);
	if (strcmp(name, "run.db") == 0) {
		name[-1] = '\0';
		name = strrchr(real, '/') + 1;
	}
	snprintf(out, size, "%s-export", name);
	free(real);
	return 0;
}

static int carry_out_export(const struct runs_options *options, struct error *e)
{
	char path[4400], to[4400];
	int result;

	if (runs_find(options, options->run[0], path, sizeof(path), e) != 0)
		return -1;
	if (!options->to && default_place(path, to, sizeof(to), e) != 0)
		return -1;
	if (options->to)
		text_copy(to, sizeof(to), options->to);
	result = run_export(path, to, options->group, &runs_progress, e);
	runs_progress_end();
	if (result != 0)
		return -1;
	if (options->json) {
		json_t *said = json_pack("{s:s, s:s}", "run", options->run[0], "export", to);

		json_dumpf(said, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
		putchar('\n');
		json_decref(said);
	} else {
		printf("%s\n", to);
	}
	return EXIT_PASSED;
}

const struct runs_command runs_export = {
	.name = "export",
	.arguments = "RUN",
	.help = "a run as CSV and JSON, with nothing lost",
	.needs_run = true,
	.takes = 1,
	.carry_out = carry_out_export,
};
