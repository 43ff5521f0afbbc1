/*
 * accuracy_page.h - the report of an accuracy study while it is written: its sections in the order of docs/accuracy.md, one
 * function each, and what they share. Figures collect in one script; gnuplot runs once at the end.
 */
#ifndef HEATBENCH_ACCURACY_ACCURACY_PAGE_H
#define HEATBENCH_ACCURACY_ACCURACY_PAGE_H

#include "analytics/accuracy/accuracy.h"
#include "analytics/core/table_row.h"
#include "daq/base/text.h"

enum { PAGE_LABEL = 128, PAGE_MANY = 12, PAGE_ROWS = 40 };

/* W of a figure over the whole page, and over half of it. */
enum { PAGE_WIDE = 1040, PAGE_HALF = 510 };

#define PAGE_INK "#1c2530"
#define PAGE_SOFT "#5b6774"
#define PAGE_PALE "#dfe4ea"

struct accuracy_page {
	struct report r;
	const struct accuracy *a;
	struct text script; /* of gnuplot */
	int model;	    /* the one that is shown in full; -1: none could be compared */
	int heat;	    /* the heat model that is shown; -1 */
};

/* Sections, in this order. */
void accuracy_section_verdict(struct accuracy_page *p);
void accuracy_section_scope(struct accuracy_page *p);
void accuracy_section_data(struct accuracy_page *p);
void accuracy_section_budget(struct accuracy_page *p);
void accuracy_section_energy(struct accuracy_page *p);
void accuracy_section_power(struct accuracy_page *p);
void accuracy_section_regimes(struct accuracy_page *p);
void accuracy_section_points(struct accuracy_page *p);
void accuracy_section_agreement(struct accuracy_page *p);
void accuracy_section_skew(struct accuracy_page *p);
void accuracy_section_residuals(struct accuracy_page *p);
void accuracy_section_models(struct accuracy_page *p);
void accuracy_section_heat(struct accuracy_page *p);
void accuracy_section_units(struct accuracy_page *p);
void accuracy_section_again(struct accuracy_page *p);
void accuracy_section_limits(struct accuracy_page *p);

/* "electricity 1"; "reported by the CiC". With " #2" behind it where an earlier one is called the same. */
const char *page_model(const struct accuracy *a, int model, char out[PAGE_LABEL]);

/* "hp1"; "all" for -1. */
const char *page_pump(const struct accuracy *a, int pump);

/* The last part of a path. */
const char *page_base(const char *path);

/* The comparison, or NULL where it is not there. */
const struct comparison *page_there(const struct accuracy *a, int model, int pump);

/* Whether the pumps' own lines are drawn in colours with a key, or so many that they are a grey cloud. */
bool page_few(const struct accuracy *a);

/* Sum over the days. */
struct error_sums page_sum(const struct comparison *c, enum span span);
struct error_sums page_level(const struct comparison *c, int level);

/* A row's cell of a metric with its interval; of plain sums. */
void row_metric(struct row *row, const struct interval *v, int places);
void row_sums(struct row *row, const struct error_sums *s, enum metric metric, int places);

/* First two cells of most tables. */
void row_who(struct row *row, const struct accuracy *a, int model, int pump);

/* Two tables: for the page the model that is shown in full, all heat pumps together; <name>_each of every comparison, aside. */
typedef void (*page_rows)(struct accuracy_page *p, struct report_table *t, const struct comparison *c);
void page_tables(struct accuracy_page *p, const char *name, const char *title, const char *const *columns, page_rows rows);

/* A table of every model, all heat pumps together. Valid until the next is added. */
struct report_table *page_joined(struct accuracy_page *p, const char *name, const char *title, const char *const *columns, page_rows rows);

/* One table of every comparison, aside. */
void page_aside(struct accuracy_page *p, const char *name, const char *title, const char *const *columns, page_rows rows);

/* Begins a figure: size, axes as all have them. */
void page_figure(struct accuracy_page *p, const char *name, int width, int height);
void page_axes(struct accuracy_page *p, const char *x, const char *y);

/* Days along x: from 0, day k from k to k + 1, named where there is room. */
void page_days_axis(struct accuracy_page *p, int width);

/* How heat pump i is drawn among all: colour, dashes, mark. */
const char *page_colour(const struct accuracy *a, int pump);
int page_dashes(const struct accuracy *a, int pump);
int page_mark(int pump);

/* Where in a day its mark stands, so that they do not hide each other. */
double page_place(const struct accuracy *a, int pump);

/* "title '...'" or "notitle". */
void page_title(struct accuracy_page *p, const char *title, bool key);

/* "'name' at", as `set ytics (...)` wants it: there a % is a format. */
void page_tic(struct accuracy_page *p, const char *name, double at);

/* Begins and ends an inline block of data, $name. */
void page_data(struct accuracy_page *p, const char *name, int number);
void page_data_end(struct accuracy_page *p);

#endif
