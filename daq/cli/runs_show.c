#include "daq/cli/runs.h"

#include "daq/cli/runs_content.h"

#include <stdio.h>

static int carry_out_show(const struct runs_options *options, struct error *e)
{
	for (int i = 0; i < options->runs; i++) {
		struct runs_content content;
		char path[4400];
		int result = 0;

		if (runs_find(options, options->run[i], path, sizeof(path), e) != 0 ||
			runs_content_read(&content, path, e) != 0)
			return -1;
		if (i && !options->json)
			putchar('\n');
		if (options->json)
			result = runs_show_json(&content, e);
		else
			runs_show_text(&content);
		runs_content_free(&content);
		if (result != 0)
			return -1;
	}
	return EXIT_PASSED;
}

const struct runs_command runs_show = {
	.name = "show",
	.arguments = "RUN...",
	.help = "everything of a run: devices, channels, steps, events, bus health, counts of qualities",
	.needs_run = true,
	.carry_out = carry_out_show,
};
