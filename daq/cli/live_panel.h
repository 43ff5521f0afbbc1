/*
 * live_panel.h - the panels of a live picture: channels of one unit each, one above the other.
 */
#ifndef HEATBENCH_CLI_LIVE_PANEL_H
#define HEATBENCH_CLI_LIVE_PANEL_H

#include "daq/cli/live_data.h"

struct text;

enum { LIVE_PANELS = 32, LIVE_PANEL_SERIES = 24 };

struct live_panel {
	const char *unit;
	int count, series[LIVE_PANEL_SERIES]; /* indices into live_data.series */
	bool steps;			      /* nothing but set points and states: half as high */
};

/* A picture while it is composed. Places are parts of the canvas, from its lower left. */
struct live_view {
	const struct live_data *data;
	int columns, lines;
	bool letters, ascii; /* as in live_canvas */
	double left, right, top, bottom, edge;
	double from, to; /* the axis of time */
	struct live_panel panel[LIVE_PANELS];
	int panels, shown; /* those that have room come first */
};

/* Channels into panels: measured ones first, in the order of the run, then set points. */
void live_panels_sort(struct live_view *v);

/* Adds their data and their plots. */
void live_panels_add(struct text *script, const struct live_view *v);

/* Seconds since the run's start as h:mm:ss. */
void live_clock(char *out, size_t size, double seconds);

#endif
