#include "analytics/core/decision.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* clang-format off */
static const struct {
	const char *name, *sentence;
} rules[] = {
	[DECISION_SIMPLE] = {"simple",
		"Simple acceptance (ILAC-G8:09/2019, 4.2.1): a value inside its limits passes and one outside fails, "
		"whatever its uncertainty; at the limit itself up to one verdict in two may be wrong."},
	[DECISION_GUARDED] = {"guarded",
		"Guarded by the expanded uncertainty (ILAC-G8:09/2019, 4.2.2, guard band w = U): a value passes only if "
		"value \xc2\xb1 U lies inside its limits, fails only if value \xc2\xb1 U lies wholly outside one of them, "
		"and is undecided in between; the risk of a wrong pass is at most 2.5 %."},
};

static const char *const verdicts[] = {
	[VERDICT_NONE] = "not judged", [VERDICT_PASSED] = "passed",
	[VERDICT_UNDECIDED] = "undecided", [VERDICT_FAILED] = "failed",
};
/* clang-format on */

enum verdict decision_judge(enum decision_rule rule, double value, double U, double min, double max)
{
	double guard = rule == DECISION_GUARDED ? U : 0;

	if (isnan(min) && isnan(max))
		return VERDICT_NONE;
	if (isnan(value) || isnan(guard))
		return VERDICT_UNDECIDED;
	if (value + guard < min || value - guard > max)
		return VERDICT_FAILED;
	if ((isnan(min) || value - guard >= min) && (isnan(max) || value + guard <= max))
		return VERDICT_PASSED;
	return VERDICT_UNDECIDED;
}

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
	return a > b ? a : b;
}

const char *verdict_name(enum verdict v)
{
	return (size_t)v < sizeof(verdicts) / sizeof(*verdicts) ? verdicts[v] : "?";
}

const char *decision_rule_name(enum decision_rule rule)
{
	return rules[rule].name;
}

const char *decision_rule_sentence(enum decision_rule rule)
{
	return rules[rule].sentence;
}

int decision_rule_parse(const char *name)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (strcmp(name, rules[i].name) == 0)
			return (int)i;
	return -1;
}
