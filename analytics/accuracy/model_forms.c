#include "analytics/accuracy/model_forms.h"

const struct model_rule_form model_rule_forms[] = {
	[MODEL_RULE_PRODUCT] = {.from = {"first", "second"}, .keys = {"fills", "by", "level", "first", "second", NULL}},
	[MODEL_RULE_COLD_PROBABILITY] = {.from = {"temperature", "power"},
		.from_unit = {"degC", NULL},
		.number = {"one_to", "zero_above", "intercept", "slope", "shift", NULL},
		.keys = {"fills", "by", "level", "temperature", "power", "one_to", "zero_above", "intercept", "slope", "shift", NULL}},
	[MODEL_RULE_CRANKCASE] = {.from = {"temperature", "power"},
		.from_unit = {"degC", NULL},
		.number = {"threshold", NULL},
		.keys = {"fills", "by", "level", "temperature", "power", "threshold", "variant", NULL},
		.variants = true},
};
