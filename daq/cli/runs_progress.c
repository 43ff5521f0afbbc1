#include "daq/cli/runs.h"

#include "daq/base/clock.h"
#include "daq/store/export.h"

#include <stdio.h>
#include <unistd.h>

enum { FIRST_MS = 1000, EVERY_MS = 200 };

static int64_t began, shown;

/* Nothing for what is done at once; nothing into files and pipes. */
static void show_progress(void *self, const char *table, int64_t row, int64_t rows)
{
	int64_t now = clock_wall_ms();

	(void)self;
	if (!began)
		began = now;
	if (now - began < FIRST_MS || now - shown < EVERY_MS || !isatty(STDERR_FILENO))
		return;
	shown = now;
	if (rows > 0)
		fprintf(stderr, "\r%s: %lld of %lld rows (%d %%)\033[K", table, (long long)row, (long long)rows,
			(int)(100 * row / rows));
	else
		fprintf(stderr, "\r%s: %lld rows\033[K", table, (long long)row);
}

void runs_progress_end(void)
{
	if (shown)
		fprintf(stderr, "\r\033[K");
	began = shown = 0;
}

const struct run_progress runs_progress = {.told = show_progress};
