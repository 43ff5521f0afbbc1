/*
 * figures.h - the pump test's figures: traces in time, flow and power over duty, the ratio of the valve
 * positions.
 */
#ifndef HEATBENCH_PUMP_FIGURES_H
#define HEATBENCH_PUMP_FIGURES_H

#include "benches/pump/evaluate.h"

struct text;

/* Draws all figures with one gnuplot into `folder` and adds them to the report; one that could not be drawn
 * is added as missing, with the reason. */
void pump_figures(struct report *report, const struct pump_evaluation *ev, const char *folder);

/* Colour of the i-th device under test: Okabe and Ito's palette, told apart by most colour-blind eyes. */
const char *pump_figures_colour(int dut);

/* Time axis of the traces: run time with pauses longer than a minute cut to `PUMP_GAP` seconds. Own:
 * step.c's times. */
enum { PUMP_GAP = 20 };

/* Adds the traces of one device (trace.c). */
void pump_figures_trace(struct text *script, const struct pump_evaluation *ev, int dut);

#endif
