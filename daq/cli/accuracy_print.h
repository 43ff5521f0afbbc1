/*
 * accuracy_print.h - a study on a terminal.
 */
#ifndef HEATBENCH_CLI_ACCURACY_PRINT_H
#define HEATBENCH_CLI_ACCURACY_PRINT_H

#include "analytics/accuracy/accuracy.h"

/* A line for each model and heat pump, the verdict, where the report lies; to standard output. */
void accuracy_print(const struct accuracy *a, const struct report *r, const char *folder);

#endif
