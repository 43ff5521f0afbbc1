/*
 * parts.h - the parts of a study that go beyond one comparison: each a pure function of what was loaded and compared.
 */
#ifndef HEATBENCH_ACCURACY_PARTS_H
#define HEATBENCH_ACCURACY_PARTS_H

#include "analytics/accuracy/accuracy.h"

/* All errors: ERROR_SYSTEM (memory), ERROR_CONFIG (a heat convention). What cannot be told is said in `why` or is NaN. `of` are the comparisons of
 * one model: by heat pump, last all of them. */

int accuracy_heat_split(struct accuracy_heat *out, const struct study_pump *p, int pump, const struct model *model, int number,
	const struct comparison *c, const struct comparison_rules *rules, struct error *e);

/* Without input number `input` of the model. */
int accuracy_variant(struct accuracy_variant *out, const struct study *study, const struct model *model, int number, int input,
	const struct comparison *of, struct error *e);

/* Row by row, over everything that counts. */
double accuracy_sample_metric(const struct comparison *c, enum metric metric);

/* Its days are the caller's to free. */
int accuracy_cop_make(struct accuracy_cop *out, const struct comparison *electric, const struct comparison *heat,
	const struct comparison_resampling *how, struct error *e);

/* Heat pumps without energy error (not there) are left out. */
void accuracy_spread_make(struct accuracy_spread *out, const struct comparison *of, int pumps);

/* Of hourly means; heat pumps are the subjects. */
int accuracy_agreement_make(struct accuracy_agreement *out, const struct comparison *of, int pumps, struct error *e);

/* The old hourly aggregation: right-hand sample times interval, capped; hours labelled by their end; missing inputs as 0 W (STUDIES A5). Its hours
 * are the caller's to free. */
int accuracy_production_make(struct accuracy_production *out, const struct study_pump *p, int pump, const struct model *model, int number,
	const struct comparison *c, double cap, int64_t duplicates, struct error *e);

#endif
