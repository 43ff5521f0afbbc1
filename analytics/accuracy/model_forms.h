/*
 * model_forms.h - what reading and writing a model file share.
 */
#ifndef HEATBENCH_ACCURACY_MODEL_FORMS_H
#define HEATBENCH_ACCURACY_MODEL_FORMS_H

#include "analytics/accuracy/model.h"
#include "analytics/accuracy/model_json.h"

/* What each kind of rule says besides "fills", "by" and "level". */
struct model_rule_form {
	const char *from[2], *number[MODEL_RULE_NUMBERS + 1];
	const char *from_unit[2]; /* NULL: any */
	const char *keys[12];
	bool variants;
};

extern const struct model_rule_form model_rule_forms[]; /* [enum model_rule_kind] */

/* The object "fit" at `at`, after the terms were read. ERROR_CONFIG also where the coefficients are not those that were fitted. */
int model_read_fit(const struct place *at, struct model *model);

/* ... and what it is written as; NULL: memory ran out, or a number is not finite. */
json_t *model_fit_json(const struct model *model);

/* A number, or nothing where it is NaN; -1 as jansson has it. */
int model_put_number(json_t *object, const char *key, double value);

#endif
