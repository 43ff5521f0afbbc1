/*
 * live_plot.h - one picture of a run that goes on, as a gnuplot script: a panel for each unit over one axis
 * of time.
 */
#ifndef HEATBENCH_CLI_LIVE_PLOT_H
#define HEATBENCH_CLI_LIVE_PLOT_H

#include <stdbool.h>

struct error;
struct live_data;
struct text;

/* What it is drawn on, in letters. */
struct live_canvas {
	int columns, lines;
	bool letters; /* nothing but letters: no colours, no shades */
	bool ascii;   /* and no letters but those of ASCII */
};

/* Adds the script; the terminal and its output are set by the caller. Errors: ERROR_SYSTEM (memory). */
int live_plot(
	struct text *script, const struct live_data *data, const struct live_canvas *canvas, struct error *e);

#endif
