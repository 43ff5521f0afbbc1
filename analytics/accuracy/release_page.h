/*
 * release_page.h - the parts that the reports of replay and ABBA have in common.
 */
#ifndef HEATBENCH_ACCURACY_RELEASE_PAGE_H
#define HEATBENCH_ACCURACY_RELEASE_PAGE_H

#include "analytics/accuracy/release_data.h"
#include "analytics/core/report.h"
#include "daq/base/text.h"

enum { RELEASE_PAGE_ROWS = 60 }; /* of a table: longer ones are files only */

struct release_page {
	struct report r;
	struct text script; /* of gnuplot */
	const struct release_metric *metric;
	int metrics;
	const struct release_rules *rules;
	const char *unit[RELEASE_UNITS]; /* names of heat pumps; NULL */
	const char *label[2];		 /* of the old one, of the new one */
	const char *day_word;		 /* what a pair is made of: "pairs of days", "days" */
};

/* Title, verdict, origin, banner; `study` one or two. */
void release_page_head(struct release_page *p, const char *title, const struct study *const *study, int studies, enum release_verdict verdict,
	const char *sentence);

/* Runs, with digests; the command. */
void release_page_scope(struct release_page *p, const struct study *study, const char *group);
void release_page_model(struct release_page *p, const char *label, const struct release_model *model);
void release_page_again(struct release_page *p, const char *command);

/* report.results: of each quantity the difference and the growth of |bias|, judged; of each heat pump the same, not judged. */
void release_page_results(struct release_page *p);
void release_page_effects(struct release_page *p); /* tables: effects, plan */
void release_page_notes(struct release_page *p);

/* Differences of heat pumps and of all of them, with the margin. */
void release_page_forest(struct release_page *p);

/* reset and the house's axes; `y` is the axis' title. */
void release_page_axes(struct text *script, const char *y);
/* Days from `first` to `last` (since 1970) along x. */
void release_page_days(struct text *script, int first, int last);

/* 100 (exp(x) - 1) */
double release_percent(double x);

/* As text, colour. */
enum verdict release_verdict_of(enum release_verdict v);

/* Draws, writes the tables as CSV, hands over. */
int release_page_finish(struct release_page *p, struct report *out, const char *folder, struct error *e);

#endif
