/*
 * pump_report.h - what is said of a pump evaluation: scope, tables, figures, limits of what is known.
 */
#ifndef HEATBENCH_PUMP_REPORT_H
#define HEATBENCH_PUMP_REPORT_H

#include "benches/pump/evaluate.h"

/* Fills `out` (to be freed with report_free()). `folder`: where figures are drawn; NULL: they are missing.
 * Errors: ERROR_SYSTEM. */
int pump_report(struct report *out, const struct pump_evaluation *ev, const char *folder,
	const struct pump_options *options, struct error *e);

/* Parts of it (pump_tables.c, model_tables.c, curve_tables.c). */
void pump_report_tables(struct report *r, const struct pump_evaluation *ev);
void pump_report_models(struct report *r, const struct pump_evaluation *ev);
void pump_report_curves(struct report *r, const struct pump_evaluation *ev);

#endif
