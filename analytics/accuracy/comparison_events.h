/*
 * comparison_events.h - what the errors of a comparison do over time: their memory, and the worst moments.
 */
#ifndef HEATBENCH_ACCURACY_COMPARISON_EVENTS_H
#define HEATBENCH_ACCURACY_COMPARISON_EVENTS_H

#include "analytics/accuracy/rows.h"

/* Fills acf, acf_spacing and events. The autocorrelation is that of rows about one spacing apart; pairs across gaps and with rows that do not
 * count are left out. Worst moments: the stretches of 10 min with the most squared error, at least 30 min apart. */
void comparison_events(struct comparison *c, const struct study_pump *p, const struct comparison_rows *rows);

#endif
