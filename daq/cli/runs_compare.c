#include "daq/cli/runs.h"

#include "daq/cli/runs_compare.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

static int read_side(const struct runs_options *options, int i, struct compare_side *side, struct error *e)
{
	char path[4400];

	if (runs_find(options, options->run[i], path, sizeof(path), e) != 0)
		return -1;
	return compare_side_read(side, path, options->run[i], e);
}

static int carry_out_compare(const struct runs_options *options, struct error *e)
{
	struct comparison c = {.rows = 0};
	int status = -1;

	gsl_set_error_handler_off();
	if (read_side(options, 0, &c.a, e) != 0 || read_side(options, 1, &c.b, e) != 0)
		goto out;
	c.same_bench = strcmp(c.a.summary.about.bench, c.b.summary.about.bench) == 0;
	if (compare_conditions(&c, e) != 0 || compare_rows(&c, e) != 0)
		goto out;
	if (!options->json)
		compare_print(&c);
	else if (compare_print_json(&c, e) != 0)
		goto out;
	status = c.differ ? EXIT_FAILED : c.enough ? EXIT_PASSED : EXIT_UNDECIDED;
out:
	compare_side_free(&c.a);
	compare_side_free(&c.b);
	free(c.condition);
	free(c.row);
	return status;
}

const struct runs_command runs_compare = {
	.name = "compare",
	.arguments = "A B",
	.help = "set point by set point: what differs significantly (0 nothing, 1 something, 3 cannot say)",
	.needs_run = true,
	.takes = 2,
	.carry_out = carry_out_compare,
};
