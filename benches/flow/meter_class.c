#include "benches/flow/meter_class.h"

#include <math.h>
#include <stdio.h>

enum { CLASSES = 3 };
#define NEAR 1.05 /* a flow set for Q1 or Q4 is rarely met exactly */

static const struct {
	double low, cold, warm; /* %, below Q2; from Q2 on up to 30 degC, above */
	bool unverified;
} iso4064[CLASSES] = {{3, 1, 2, true}, {5, 2, 3, false}, {NAN, NAN, NAN, true}};

static const struct {
	double a, b; /* a + b qp/q */
	bool unverified;
} en1434[CLASSES] = {{1, 0.01, true}, {2, 0.02, false}, {3, 0.05, true}};

double meter_class_mpe(const struct flow_settings *s, double flow, double temperature)
{
	int c = s->class - 1;
	double q1 = 1000 * s->q3 / s->ratio, q4 = 1250 * s->q3;

	if (c < 0 || c >= CLASSES || !(flow > 0))
		return NAN;
	if (s->standard == FLOW_STANDARD_EN1434)
		return fmin(5, en1434[c].a + en1434[c].b * 1000 * s->qp / flow);
	if (s->standard != FLOW_STANDARD_ISO4064 || flow < q1 / NEAR || flow > q4 * NEAR)
		return NAN;
	if (flow < 1.6 * q1)
		return iso4064[c].low;
	return temperature > 30 ? iso4064[c].warm : iso4064[c].cold;
}

bool meter_class_unverified(const struct flow_settings *s)
{
	int c = s->class - 1;

	return c >= 0 && c < CLASSES &&
	       ((s->standard == FLOW_STANDARD_ISO4064 && iso4064[c].unverified) ||
		       (s->standard == FLOW_STANDARD_EN1434 && en1434[c].unverified));
}

const char *meter_class_name(char *out, size_t size, const struct flow_settings *s)
{
	if (s->standard == FLOW_STANDARD_ISO4064)
		snprintf(out, size, "ISO 4064 class %d, Q3 = %g m3/h, R %g", s->class, s->q3, s->ratio);
	else if (s->standard == FLOW_STANDARD_EN1434)
		snprintf(out, size, "EN 1434 class %d, qp = %g m3/h", s->class, s->qp);
	else
		snprintf(out, size, "no class");
	return out;
}
