/*
 * fit_private.h - what the files of fit.h share.
 */
#ifndef HEATBENCH_ACCURACY_FIT_PRIVATE_H
#define HEATBENCH_ACCURACY_FIT_PRIVATE_H

#include "analytics/accuracy/fit.h"

#include <stdint.h>

enum { FIT_USED, FIT_EXCLUDED, FIT_NO_TARGET, FIT_NOT_FINITE, FIT_NO_INPUT /* + number of the input */ };

/* The terms as columns, of the rows that are whole. */
struct fit_design {
	size_t n;
	int p;
	double *term[MODEL_TERMS];		/* [n]; NULL: the constant */
	const double *column[MODEL_TERMS];	/* the same */
	double *y;	  /* [n] target - heat, in the model's unit */
	double *heat;	  /* [n]; NULL: none */
	double *time;	  /* [n] */
	int *pump, *day;  /* [n] */
	bool *starts;	  /* [n] */
	double *room;	  /* [rows given] */
	unsigned char *why; /* [rows given] FIT_... */
	char name[MODEL_TERMS][MODEL_TERM_NAME];
	const char *names[MODEL_TERMS];
};

/* To be let go of with fit_design_free(), whatever came out. Counts what is missing and filled in `out`. */
int fit_design(const struct fit_rows *rows, const struct model *template, struct fit_design *d, struct fit *out, struct error *e);
void fit_design_free(struct fit_design *d);

/* Marks the first row of each stretch, and gives their number. */
size_t fit_stretches(double gap, struct fit_design *d);

/* SHA-256 over the rows used: names, units, then heat pump, time, target and the template's inputs row by row. */
int fit_digest(const struct fit_rows *rows, const struct model *template, const struct fit_design *d, char out[65], struct error *e);

/* Of rows `from` to before `to`. */
struct fit_sums {
	size_t rows, floored;
	long double squares, absolute, errors, reference;
};
void fit_add(const struct fit_design *d, const double *coefficient, double floor, size_t from, size_t to, struct fit_sums *sums);
struct model_scores fit_scores(const struct fit_sums *sums);

/* The group of each row for regress.h: heat pumps, or fifths of the days of each. */
enum { FIT_FOLDS = 5, FIT_PUMPS_LEAST = 3 };
void fit_folds(const struct fit_design *d, bool by_day, int seed, int *group);

#endif
