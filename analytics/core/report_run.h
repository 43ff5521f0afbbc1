/*
 * report_run.h - what a report says of the run that it is about, whatever was tested: its facts, who was under
 * test, the instruments, how good the data are, and how to do it again.
 */
#ifndef HEATBENCH_CORE_REPORT_RUN_H
#define HEATBENCH_CORE_REPORT_RUN_H

#include "analytics/core/report.h"
#include "analytics/core/stored_run.h"

/* Title ("Pump test: <label>"), bench, origin, software, instant, and the banner over data that are not measured:
 * "says nothing about `real`". */
void report_run_head(struct report *r, const struct stored_run *run, const char *title, const char *real);

/* Folder, start, procedure, evidence ...; the devices under test. */
void report_run_facts(struct report *r, const struct stored_run *run);

/* Channels with one of these roles (NULL-terminated), as instruments. */
void report_run_instruments(struct report *r, const struct stored_run *run, const char *const *roles);

/* Digests, commands, software. `limit_file` and `command` may be NULL. */
void report_run_again(
	struct report *r, const struct stored_run *run, const char *limit_file, const char *command);

/* The decision rules that were used, in words. */
void report_run_rule(struct report *r, const struct report_result *result, int results);

/* Tables: flags by kind, buses, events. */
void report_run_quality(struct report *r, const struct stored_run *run);

#endif
