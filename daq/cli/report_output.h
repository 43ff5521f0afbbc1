/*
 * report_output.h - how a report leaves a program: as files in a folder, as a table or as JSON on standard output.
 */
#ifndef HEATBENCH_CLI_REPORT_OUTPUT_H
#define HEATBENCH_CLI_REPORT_OUTPUT_H

#include "analytics/core/report.h"
#include "daq/base/error.h"

/* A run's name that is no path is looked for below the results folder ($HEATBENCH_RESULTS, else ./results). */
void cli_find_run(char *out, size_t size, const char *run);

/* report.html, report.json, junit.xml in an existing folder. Errors: ERROR_IO. */
int cli_write_report(const struct report *r, const char *folder, struct error *e);

/* What was judged (else all values), what is missing, the verdict, where the report lies. */
void cli_print_report(const struct report *r, const char *folder);
int cli_print_json(const struct report *r, struct error *e);

enum exit_status cli_status(enum verdict v);

#endif
