/*
 * decision.h - from a value, its uncertainty and a limit to a verdict (ILAC-G8:09/2019).
 *
 *	simple	 4.2.1 simple acceptance: the value alone decides (shared risk, up to 50 % false accept at the limit)
 *	guarded	 4.2.2 guard band w = U, non-binary: passed only if value +- U is inside the limits, failed only if
 *		 it is wholly outside one of them, between the two undecided (false accept <= 2.5 %)
 *
 * Nothing passes without a limit.
 */
#ifndef HEATBENCH_CORE_DECISION_H
#define HEATBENCH_CORE_DECISION_H

enum verdict { VERDICT_NONE, VERDICT_PASSED, VERDICT_UNDECIDED, VERDICT_FAILED };

enum decision_rule { DECISION_SIMPLE, DECISION_GUARDED };

/* value, U, min and max in one unit; min or max NaN: open on that side. Both NaN: VERDICT_NONE.
 * A value that is not known, or guarded without a known U: VERDICT_UNDECIDED. */
enum verdict decision_judge(enum decision_rule rule, double value, double U, double min, double max);

/* The worse of the two: failed, then undecided, then passed; none counts for nothing. */
enum verdict verdict_worse(enum verdict a, enum verdict b);

/* "passed", "failed", "undecided", "not judged". */
const char *verdict_name(enum verdict v);

/* "simple", "guarded"; what it means in one sentence; the inverse is -1 for an unknown name. */
const char *decision_rule_name(enum decision_rule rule);
const char *decision_rule_sentence(enum decision_rule rule);
int decision_rule_parse(const char *name);

#endif
