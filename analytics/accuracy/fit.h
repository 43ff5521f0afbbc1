/*
 * fit.h - finds the coefficients of a production energy model (model.h) in the rows of a reference bench.
 *
 * A model file is the template: inputs, rules, heat, floor and terms stay; coefficients are found by an estimator of
 * analytics/core/regress.h, but for terms marked "fixed", which keep theirs. "nonnegative" marks terms for that method; where it is
 * chosen and none is marked, all are. The floor takes no part in the search, and does in all scores.
 *
 * What a fit is worth is said by the heat pumps that it did not see: the same fit without each of them, held against that one.
 * Its in-sample scores flatter it. Standard errors (hac.h) know that residuals remember, take nothing across gaps and from one heat
 * pump to the next, and know nothing of what a heat pump has of its own, of a chosen lambda or of dropped terms.
 */
#ifndef HEATBENCH_ACCURACY_FIT_H
#define HEATBENCH_ACCURACY_FIT_H

#include "analytics/accuracy/model.h"
#include "analytics/core/regress.h"

struct error;
struct text;

/* Rows of one heat pump stand together, in ascending time. What is missing is NaN. The caller's. */
struct fit_rows {
	size_t n;
	const struct model_column *column; /* [columns] of n, in any order and unit that converts; more than needed are ignored */
	size_t columns;
	const double *target; /* [n] the reference meter */
	const char *target_unit;
	const int *heat_pump; /* [n] 0 ... heat_pumps - 1 */
	const int *day;	      /* [n] any count of days */
	const double *time;   /* [n] s since 1970, UTC */
	const char *const *heat_pump_name;
	int heat_pumps;	      /* at most MODEL_FIT_PUMPS */
	const bool *excluded; /* [n] rows that are not to count, for reasons of the caller's; NULL: none */
};

struct fit_settings {
	const struct model *template;
	enum regress_method method;
	/* Of ridge and lasso; NaN: chosen by leaving out whole heat pumps, or, where there are fewer than three, fifths of the
	 * days of each, drawn by `seed`. Nothing else here is left to chance. */
	double lambda;
	int seed;     /* >= 0 */
	int lag;      /* rows; below 0: autocorrelation_lag() */
	double gap;   /* s: a longer step starts a stretch; NaN: 1.5 x the heat pump's median step */
	const char *name, *version, *source; /* of the model; NULL: the template's; "fit-" and the coefficients' digest; how it was fitted */
};

struct fit {
	struct model model; /* with model.fit */
	size_t given;	    /* rows; model.fit.in_sample.rows of them were used, and the others are counted by the first that is missing: */
	size_t excluded, no_target, no_input[MODEL_INPUTS];
	size_t not_finite;	    /* products beyond all numbers */
	size_t filled[MODEL_RULES]; /* rows used in which the rule filled its input */
	size_t floored;		    /* rows used in which the floor is the model's value */
	size_t stretches;
	bool found[MODEL_TERMS];
	double residual_sd, scale, low_weight; /* as in struct regress */
	struct model_scores left_out;	       /* all left-out rows together; NaN where there are none */
};

/* Takes "TERM=VALUE", TERM as model_term_name() has it, into the template: that coefficient is fixed. Errors: ERROR_USAGE. */
int fit_fix(struct model *template, const char *text, struct error *e);

/* Errors: those of model_evaluate() and regress_fit(), with the template's names; ERROR_DATA for rows out of order and where no row is
 * whole, naming what is missing; ERROR_USAGE for settings. A left-out fit that is not possible is no error: `why` says it. */
int accuracy_fit(const struct fit_rows *rows, const struct fit_settings *settings, struct fit *out, struct error *e);

int fit_write(const struct fit *fit, const char *path, struct error *e); /* the model file, as model_write() */

/* What came out, in lines for people. */
void fit_report(const struct fit *fit, struct text *out);

#endif
