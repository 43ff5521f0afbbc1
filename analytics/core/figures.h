/*
 * figures.h - what the figures of all benches share: colours, announcing one, drawing all with one gnuplot.
 */
#ifndef HEATBENCH_CORE_FIGURES_H
#define HEATBENCH_CORE_FIGURES_H

#include "analytics/core/report.h"

struct text;

/* Colour of the i-th of several: Okabe and Ito's palette, told apart by most colour-blind eyes. */
const char *figures_colour(int i);

/* A figure that is in the script: its picture, <name>.svg, is read when gnuplot is done. */
void figures_announce(struct report *report, const char *name, const char *title, bool half, const char *caption);

/* Runs the script in `folder` (NULL: nothing is drawn) and reads the pictures of all figures that were announced.
 * One that could not be drawn is missing, with the reason. $HEATBENCH_GNUPLOT_SECONDS: how long it may take. */
void figures_draw(struct report *report, struct text *script, const char *folder);

#endif
