#include "analytics/core/figures.h"

#include "analytics/core/plot.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEADLINE_S = 20 };

const char *figures_colour(int i)
{
	static const char *const palette[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};

	return palette[i % (int)(sizeof(palette) / sizeof(*palette))];
}

void figures_announce(struct report *r, const char *name, const char *title, bool half, const char *caption)
{
	struct report_figure *f = report_figure(r, name, title);

	if (!f)
		return;
	f->half = half;
	text_copy(f->caption, sizeof(f->caption), caption);
	snprintf(f->file, sizeof(f->file), "%s.svg", name);
}

/* $HEATBENCH_GNUPLOT_SECONDS on a slow machine (or an impatient one). */
static int deadline_ms(void)
{
	const char *seconds = getenv("HEATBENCH_GNUPLOT_SECONDS");
	long value = seconds ? strtol(seconds, NULL, 10) : 0;

	return 1000 * (int)(value > 0 && value < 3600 ? value : DEADLINE_S);
}

static void collect(struct report *r, const char *folder, const char *reason)
{
	for (int i = 0; i < r->figures; i++) {
		struct report_figure *f = &r->figure[i];
		struct error why = ERROR_INIT;
		char path[4608];

		snprintf(path, sizeof(path), "%s/%s", folder, f->file);
		if (access(path, R_OK) < 0 || plot_read_svg(&f->svg, path, f->name, &why) < 0)
			text_copy(f->missing, sizeof(f->missing),
				*reason	      ? reason
				: why.text[0] ? why.text
					      : "it was not drawn");
	}
}

void figures_draw(struct report *report, struct text *script, const char *folder)
{
	struct error why = ERROR_INIT;

	text_add(script, "exit\n");
	if (!folder)
		error_set(&why, ERROR_IO, "there is no folder to draw it into");
	else if (script->failed)
		error_set(&why, ERROR_SYSTEM, "out of memory");
	else
		plot_run(script->data, script->length, folder, deadline_ms(), &why);
	collect(report, folder ? folder : "", why.text);
}
