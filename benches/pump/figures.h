/*
 * figures.h - the pump test's figures: traces in time, flow and power over duty, the ratio of the valve
 * positions, models, curves.
 */
#ifndef HEATBENCH_PUMP_FIGURES_H
#define HEATBENCH_PUMP_FIGURES_H

#include "analytics/core/figures.h"
#include "benches/pump/evaluate.h"

struct text;

/* Draws all figures with one gnuplot into `folder` and adds them to the report; one that could not be drawn
 * is added as missing, with the reason. */
void pump_figures(struct report *report, const struct pump_evaluation *ev, const char *folder);

/* Time axis of the traces: run time with pauses longer than a minute cut to `PUMP_GAP` seconds. Own:
 * step.c's times. */
enum { PUMP_GAP = 20 };

/* Adds the traces of one device (trace.c). */
void pump_figures_trace(struct text *script, const struct pump_evaluation *ev, int dut);

/* Static lines and dynamics (model_figures.c); head, power, efficiency (curve_figures.c): into the script, and
 * announced in the report. None where the run holds none. */
void pump_figures_models(struct text *script, struct report *report, const struct pump_evaluation *ev);
void pump_figures_curves(struct text *script, struct report *report, const struct pump_evaluation *ev);

/* Axes over duty. */
void pump_figures_dress(struct text *script, const char *y, bool zero);

#endif
