/*
 * flow_report.h - what is said of a flow evaluation: tables, figures, what to keep in mind.
 */
#ifndef HEATBENCH_FLOW_FLOW_REPORT_H
#define HEATBENCH_FLOW_FLOW_REPORT_H

#include "benches/flow/evaluate.h"

/* Parts of it (flow_tables.c, whole_tables.c, flow_figures.c). */
void flow_report_tables(struct report *r, const struct flow_evaluation *ev);
void flow_report_wholes(struct report *r, const struct flow_evaluation *ev);
void flow_figures(struct report *r, const struct flow_evaluation *ev, const char *folder);

struct text;

/* Into the script, and announced (budget_figures.c, set_point_figures.c). */
void flow_figures_budget(struct text *script, struct report *r, const struct flow_evaluation *ev);
void flow_figures_set_points(struct text *script, struct report *r, const struct flow_evaluation *ev);

/* Axes, a key above the plot. */
void flow_figures_dress(struct text *script, const char *x, const char *y);

#endif
