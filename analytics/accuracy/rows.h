/*
 * rows.h - a model beside the reference, row by row of a heat pump.
 */
#ifndef HEATBENCH_ACCURACY_ROWS_H
#define HEATBENCH_ACCURACY_ROWS_H

#include "analytics/accuracy/comparison.h"

/* [rows of the pump], the caller's to free with comparison_rows_free(). */
struct comparison_rows {
	int64_t rows;
	double *estimate, *reference; /* W; NaN */
	signed char *level;
	uint16_t *notes;
	uint8_t *regime, *reason; /* enum regime, enum exclusion */
};

/* What a model may ask of a heat pump: the roles' columns (what role power_input has is apparent_power), and those that are made of others: what an
 * LTE connection's hourly counters rose, whether the CiC was connected, and active (mode 2 or 3). */
enum derived { CONNECTED, ACTIVE, ELECTRIC_STEP, HEAT_STEP, DERIVED };
struct comparison_columns {
	struct model_column column[ROLES + DERIVED];
	size_t count;
	double *memory; /* of the derived ones */
};

/* Without the input `without` (NULL: with all). Errors: ERROR_SYSTEM. */
int comparison_columns(struct comparison_columns *out, const struct study_pump *p, const struct model *model, const char *without,
	struct error *e);
void comparison_columns_free(struct comparison_columns *columns);

/* Estimates only (level and notes too). `without`: an input that the model does not get; NULL. A reported model ("reported", model.h not
 * read from a file) is the column of what the CiC said. Errors: ERROR_DATA, ERROR_CONFIG with what the model asks for and the run lacks. */
int comparison_estimates(struct comparison_rows *out, const struct study_pump *p, const struct model *model, const char *without,
	struct error *e);

/* What the CiC itself said, as a model: it has no inputs and no terms. */
struct model comparison_reported(enum model_target target);

/* Reference (its instants moved by `shift`), regimes (`rules` NULL: not those), and which rows count. */
void comparison_references(struct comparison_rows *rows, const struct study_pump *p, enum study_target target, double shift,
	const struct regime_rules *rules);
int comparison_rows_make(struct comparison_rows *out, int64_t rows, struct error *e);
void comparison_rows_free(struct comparison_rows *rows);

/* Whether the heat pump has a reference for it; else why not. */
bool comparison_has_reference(const struct study_pump *p, enum study_target target, char *why, size_t size);

/* How much later the CiC's values come than the meter's. */
struct comparison_skew comparison_find_skew(const struct study_pump *p, enum study_target target, const struct comparison_rows *rows,
	const struct comparison_rules *rules);

/* Memory of a comparison of so many days and, at most, hourly pairs; nothing known yet. Given back by comparison_free(), also after ERROR_SYSTEM. */
int comparison_allocate(struct comparison *c, int days, int pairs, struct error *e);

static inline enum study_target comparison_target(const struct model *model)
{
	return model->target == MODEL_HEAT_POWER ? STUDY_HEAT : STUDY_ELECTRIC;
}

#endif
