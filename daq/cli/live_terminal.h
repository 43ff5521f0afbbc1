/*
 * live_terminal.h - what a live picture is drawn on: a window, a file, or letters on a text terminal.
 */
#ifndef HEATBENCH_CLI_LIVE_TERMINAL_H
#define HEATBENCH_CLI_LIVE_TERMINAL_H

#include "daq/cli/live_gnuplot.h"
#include "daq/cli/live_plot.h"

struct live_terminal {
	struct live_canvas canvas;
	const char *window; /* NULL: none */
	bool on_stdout;	    /* the picture itself goes there */
	bool clear;	    /* stdout is a terminal: each picture takes the place of the one before */
};

/* Sets gnuplot's terminal: `text`, or what belongs to the name of the file `output`, or the first window that
 * this gnuplot can open. Errors: ERROR_SYSTEM, saying what to install where there is none. */
enum live_event live_terminal_open(struct live_terminal *terminal, struct live_gnuplot *gnuplot,
	const char *text, const char *output, struct error *e);

/* Before and after the script of each picture. */
void live_terminal_begin(const struct live_terminal *terminal, struct text *script, const char *output);
void live_terminal_end(const struct live_terminal *terminal, struct text *script, const char *output);

/* The last picture was drawn: its window stays until the user closes it. */
enum live_event live_terminal_leave(
	const struct live_terminal *terminal, struct live_gnuplot *gnuplot, struct error *e);

/* Where a picture for the file `output` is drawn until it is whole. */
void live_terminal_part(char *out, size_t size, const char *output);

#endif
