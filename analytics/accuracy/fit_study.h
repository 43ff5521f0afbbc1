/*
 * fit_study.h - the rows of a study as a fit wants them: heat pump after heat pump.
 */
#ifndef HEATBENCH_ACCURACY_FIT_STUDY_H
#define HEATBENCH_ACCURACY_FIT_STUDY_H

#include "analytics/accuracy/comparison.h"
#include "analytics/accuracy/fit.h"

/* Owns what rows point to. */
struct fit_study {
	struct fit_rows rows;
	int64_t excluded[EXCLUSIONS]; /* rows left out before, by reason */
	struct comparison_skew skew[STUDY_PUMPS];
	struct model_column *column;
	double **value; /* [columns] */
	double *target, *time;
	int *heat_pump, *day;
	const char **name;
};

/* All heat pumps that have a reference of the template's target; their skew is found with the template as it is (fit rules->skew_...), and the
 * reference moved by it. Rows that do not count whatever the model (gaps, the list, commissioning) are left out; those without reference stay,
 * without target. Errors: ERROR_DATA (no heat pump has a reference), ERROR_SYSTEM. */
int fit_study_make(struct fit_study *out, const struct study *study, const struct model *template, const struct comparison_rules *rules,
	struct error *e);
void fit_study_free(struct fit_study *f);

#endif
