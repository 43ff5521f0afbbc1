#include "analytics/accuracy/requirement.h"

#include <math.h>

static const char no_interval[] = "no interval: too few days to resample";
static const char crosses[] = "the interval reaches across the limit: more days may decide";

/* Whether all of it is inside, outside, or neither. */
static enum verdict hold(double low, double high, double limit)
{
	if (low >= -limit && high <= limit)
		return VERDICT_PASSED;
	return low > limit || high < -limit ? VERDICT_FAILED : VERDICT_UNDECIDED;
}

static const char *reason(enum verdict alone, bool not_resolvable)
{
	if (not_resolvable)
		return "not resolvable: inside the reference's own permitted error";
	if (alone == VERDICT_PASSED)
		return "inside the limit, but by less than the reference's permitted error";
	if (alone == VERDICT_FAILED)
		return "outside the limit, but by less than the reference's permitted error";
	return crosses;
}

struct requirement_outcome requirement_deviation(const struct interval *v, double limit, double permitted)
{
	struct requirement_outcome out = {VERDICT_UNDECIDED, false, no_interval};
	double wider = permitted > 0 ? permitted : 0;

	if (isnan(limit))
		return (struct requirement_outcome){VERDICT_NONE, false, ""};
	if (isnan(v->value))
		out.why = "not known";
	if (isnan(v->value) || isnan(v->low) || isnan(v->high))
		return out;
	out.verdict = hold(v->low - wider, v->high + wider, limit);
	out.not_resolvable = out.verdict == VERDICT_UNDECIDED && fabs(v->value) <= wider && wider > 0;
	out.why = out.verdict == VERDICT_UNDECIDED ? reason(hold(v->low, v->high, limit), out.not_resolvable) : "";
	return out;
}

struct requirement_outcome requirement_size(const struct interval *v, double limit)
{
	return requirement_deviation(v, limit, NAN);
}
