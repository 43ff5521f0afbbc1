/*
 * meters_report.h - what is said of an evaluation of reference meters: tables, figures, what to keep in mind.
 */
#ifndef HEATBENCH_METERS_METERS_REPORT_H
#define HEATBENCH_METERS_METERS_REPORT_H

#include "benches/meters/evaluate.h"

/* Errors: ERROR_SYSTEM, ERROR_IO (days.csv). */
int meters_report(struct report *out, const struct meters_evaluation *ev, const char *folder,
	const struct evaluation_options *options, struct error *e);

/* Parts of it (meters_tables.c, meters_data_tables.c, meters_figures.c). */
void meters_report_tables(struct report *r, const struct meters_evaluation *ev);
void meters_report_data(struct report *r, const struct meters_evaluation *ev);
void meters_figures(struct report *r, const struct meters_evaluation *ev, const char *folder);

/* Every day's numbers to the last digit, as `folder`/days.csv (days_csv.c). Errors: ERROR_IO, ERROR_SYSTEM. */
int meters_days_csv(const struct meters_evaluation *ev, const char *folder, struct error *e);

/* Day whose power is drawn: the one that was asked for, else the last decided one, else the best covered; -1: none. */
int64_t meters_drawn_day(const struct meters_evaluation *ev);

/* Days of a pump: ev->day[*first .. *end). */
void meters_days_of(const struct meters_evaluation *ev, int pump, int *first, int *end);

/* "3 h 12 min", "45 s"; a dash for NaN. Returns `out`. */
const char *meters_duration(char out[32], double seconds);

#endif
