#include "benches/meters/cross_check.h"

#include <math.h>
#include <stdio.h>

const char *const meters_check_names[CHECKS] = {"electric_register_deviation", "electric_vipf_deviation",
	"heat_register_deviation", "heat_flow_deviation", "volume_register_deviation", "electric_estimate_deviation",
	"heat_estimate_deviation"};
const char *const meters_verdict_names[] = {"not known", "agrees", "does not agree", "not resolvable", "not judged"};

/* Less of a cell covered by one than by the other than this is not the same time. */
static const double alike = 0.97;

enum agreement_verdict meters_agreement(double deviation, double U, double tolerance)
{
	if (isnan(deviation))
		return CHECK_UNKNOWN;
	if (isnan(U) || U > tolerance)
		return fabs(deviation) > tolerance + U ? CHECK_DISAGREES : CHECK_NOT_RESOLVABLE;
	return fabs(deviation) <= tolerance ? CHECK_AGREES : CHECK_DISAGREES;
}

const char *meters_verdict_words(char out[80], const struct meters_check *c, const struct meters_settings *s)
{
	snprintf(out, 80, c->verdict == CHECK_SHORT ? "%s: shorter than %d refreshes of %.3g s" : "%s", meters_verdict_names[c->verdict],
		s->refreshes_least, c->turn);
	return out;
}

static bool of_heat_meter(int kind)
{
	return kind == CHECK_HEAT_REGISTER || kind == CHECK_HEAT_FLOW || kind == CHECK_VOLUME_REGISTER || kind == CHECK_HEAT_ESTIMATE;
}

static void pair_of(struct meters_check *c, const struct meters_pump *p, struct meters_choice choice)
{
	const struct meters_settings *s = p->settings;
	const struct {
		int what, against;
		double tolerance;
	} pairs[CHECKS] = {
		[CHECK_ELECTRIC_REGISTER] = {ELECTRIC_COUNTER, ELECTRIC_POWER, s->register_tolerance},
		[CHECK_ELECTRIC_VIPF] = {ELECTRIC_VIPF, ELECTRIC_POWER, s->vipf_tolerance},
		[CHECK_HEAT_REGISTER] = {HEAT_COUNTER, HEAT_POWER, s->register_tolerance},
		[CHECK_HEAT_FLOW] = {HEAT_FLOW, choice.heat == HEAT_FLOW ? -1 : choice.heat, s->flow_tolerance},
		[CHECK_VOLUME_REGISTER] = {VOLUME_COUNTER, VOLUME_FLOW, s->register_tolerance},
		[CHECK_ELECTRIC_ESTIMATE] = {ESTIMATED_POWER, choice.electric, s->estimate_tolerance},
		[CHECK_HEAT_ESTIMATE] = {ESTIMATED_HEAT, choice.heat, s->estimate_tolerance},
	};

	c->what = pairs[c->kind].what;
	c->against = pairs[c->kind].against;
	c->tolerance = pairs[c->kind].tolerance;
}

static void sum_common(struct meters_check *c, const struct integral *a, const struct integral *b)
{
	for (int64_t i = b->first; i < b->first + b->cells; i++) {
		const struct cell *x = integral_cell(a, i), *y = integral_cell(b, i);
		double least, most;

		if (!x || !y)
			continue;
		least = fmin(x->seconds, y->seconds);
		most = fmax(x->seconds, y->seconds);
		if (!(least > 0) || least < alike * most)
			continue;
		c->value += x->amount * least / x->seconds;
		c->reference += y->amount * least / y->seconds;
		c->seconds += least;
	}
}

int meters_check(struct meters_check *out, const struct meters_pump *p, int index, int kind, struct meters_choice choice)
{
	struct meters_check c = {.pump = index, .kind = kind, .deviation = NAN, .U = NAN};
	double U;

	pair_of(&c, p, choice);
	if (c.against < 0 || !p->quantity[c.what].used || !p->quantity[c.against].used)
		return 0;
	sum_common(&c, &p->quantity[c.what], &p->quantity[c.against]);
	U = 2 / sqrt(6) * hypot(meters_pump_digit(p, (enum meters_quantity)c.what), meters_pump_digit(p, (enum meters_quantity)c.against));
	if (kind == CHECK_ELECTRIC_ESTIMATE || kind == CHECK_HEAT_ESTIMATE) {
		struct meters_period whole = meters_whole(p, index, choice);
		const struct meters_value *v = kind == CHECK_HEAT_ESTIMATE ? &whole.heat : &whole.electric;

		U = v->U * fabs(c.reference / v->value);
	}
	if (c.seconds > 0 && c.reference != 0) {
		c.deviation = 100 * (c.value / c.reference - 1);
		c.U = 100 * U / fabs(c.reference);
	}
	c.verdict = meters_agreement(c.deviation, c.U, c.tolerance);
	c.turn = of_heat_meter(kind) ? meters_pump_turn(p) : NAN;
	if (c.seconds > 0 && c.seconds < p->settings->refreshes_least * c.turn)
		c.verdict = CHECK_SHORT;
	*out = c;
	return 1;
}
