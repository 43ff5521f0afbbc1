#include "daq/cli/runs.h"

#include "daq/store/export.h"
#include "daq/store/reader.h"

#include <jansson.h>
#include <stdio.h>

static int carry_out_import(const struct runs_options *options, struct error *e)
{
	struct run_reader *reader = NULL;
	char path[4400], digest[65] = "";
	int result = run_import(options->run[0], options->results, path, sizeof(path), &runs_progress, e);

	runs_progress_end();
	if (result != 0 || run_reader_open(&reader, path, e) != 0)
		return -1;
	result = run_reader_digest(reader, digest, e);
	run_reader_close(reader);
	if (result != 0)
		return -1;
	if (options->json) {
		json_t *said = json_pack("{s:s, s:s, s:s}", "export", options->run[0], "run", path, "rows_digest", digest);

		json_dumpf(said, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
		putchar('\n');
		json_decref(said);
	} else {
		printf("%s: rows digest %s, as exported\n", path, digest);
	}
	return EXIT_PASSED;
}

const struct runs_command runs_import = {
	.name = "import",
	.arguments = "DIR",
	.help = "a run of it again, with the same rows digest",
	.needs_run = true,
	.takes = 1,
	.carry_out = carry_out_import,
};
