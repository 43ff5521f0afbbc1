#include "analytics/core/counter.h"

#include <math.h>

enum { CONFIRM = 3 };

/* A reading against another one from which it may go on. */
enum fit { FIT_NOT, FIT_ON, FIT_WRAPPED, FIT_UNKNOWN };

void counter_begin(struct counter *c, const struct counter_rules *rules)
{
	*c = (struct counter){.rules = *rules, .identity = -1, .odd_identity = -1};
	if (c->rules.confirm <= 0)
		c->rules.confirm = CONFIRM;
}

double counter_float32_step(double value)
{
	float x = fabsf((float)value);

	return isfinite(x) ? (double)nextafterf(x, INFINITY) - (double)x : NAN;
}

static double step_at(const struct counter *c, double value)
{
	double step = isnan(c->rules.step) ? 0 : c->rules.step;

	return c->rules.float32 ? fmax(step, counter_float32_step(value)) : step;
}

/* The most that can have been counted since `from`, the last digit of both readings included. Where the digit is not known it
 * cannot have been more than came since the reading last changed. */
static double most(const struct counter *c, double from, double time, double value)
{
	double since = isnan(c->rules.step) && from == c->time ? c->changed : from;

	return isnan(c->rules.max_rate) ? INFINITY : c->rules.max_rate * (time - since) + step_at(c, value);
}

static enum fit fits(const struct counter *c, double time, double value, double from_time, double from, double *amount)
{
	double d = value - from, modulus = c->rules.modulus, step = step_at(c, fmax(value, from)), allowed = most(c, from_time, time, value);

	if (modulus > 0 && !isnan(c->rules.max_rate) && c->rules.max_rate * (time - from_time) >= modulus)
		return FIT_UNKNOWN; /* it may have gone round any number of times */
	if (d >= 0 && d <= allowed) {
		*amount = d;
		return FIT_ON;
	}
	if (d < 0 && -d <= step) {
		*amount = 0;
		return FIT_ON;
	}
	d += modulus;
	/* Without a known rate only the way from the last tenth to the first is taken for a wrap. */
	if (modulus > 0 && value < from && d >= 0 && d <= allowed &&
		(isfinite(allowed) || (from > 0.9 * modulus && value < 0.1 * modulus))) {
		*amount = d;
		return FIT_WRAPPED;
	}
	return FIT_NOT;
}

/* Ordinary, unless nobody looked for `widest` seconds in it. */
static enum counter_kind looked(const struct counter *c, double widest)
{
	return widest > c->rules.gap ? COUNTER_GAP : COUNTER_ORDINARY;
}

static struct counter_increment increment(struct counter *c, enum counter_kind kind, double from, double to, double amount)
{
	c->kinds[kind]++;
	if (!isnan(amount))
		c->total += amount;
	return (struct counter_increment){kind, from, to, amount};
}

/* From now on this is where it goes on from; noise back by a step does not count twice. */
static void believe(struct counter *c, double time, double value, int64_t identity)
{
	if (!c->begun || value > c->value || c->odd)
		c->changed = time;
	if (!c->begun || c->odd || !(value < c->value && c->value - value <= step_at(c, c->value)))
		c->value = value;
	c->time = time;
	c->identity = identity >= 0 ? identity : c->identity;
	c->begun = true;
	c->odd = false;
}

static bool another(int64_t a, int64_t b)
{
	return a >= 0 && b >= 0 && a != b;
}

static void be_odd(struct counter *c, double time, double value, int64_t identity)
{
	c->odd = true;
	c->odd_from = c->odd_time = time;
	c->odd_first = c->odd_value = value;
	c->odd_amount = c->odd_widest = 0;
	c->odd_identity = identity;
	c->follows = 0;
}

/* How it came from the last believed reading to the first of those that go on from each other. */
static struct counter_increment crossing(struct counter *c)
{
	double amount = NAN;
	enum fit fit = FIT_NOT;

	if (another(c->identity, c->odd_identity))
		return increment(c, COUNTER_REPLACED, c->time, c->odd_from, NAN);
	fit = fits(c, c->odd_from, c->odd_first, c->time, c->value, &amount);
	if (fit == FIT_WRAPPED)
		return increment(c, COUNTER_WRAPPED, c->time, c->odd_from, amount);
	if (fit == FIT_UNKNOWN)
		return increment(c, COUNTER_GAP, c->time, c->odd_from, NAN);
	return increment(c, c->odd_first < c->value ? COUNTER_RESET : COUNTER_IMPOSSIBLE, c->time, c->odd_from, NAN);
}

/* A reading while an odd one waits. */
static int take_odd(struct counter *c, double time, double value, int64_t identity, struct counter_increment out[2])
{
	double amount = 0;
	enum fit fit = another(c->odd_identity, identity) ? FIT_NOT : fits(c, time, value, c->odd_time, c->odd_value, &amount);
	int n = 0;

	if (fit != FIT_ON && fit != FIT_WRAPPED) {
		c->dropped += 1 + c->follows;
		be_odd(c, time, value, identity);
		return 0;
	}
	c->odd_widest = fmax(c->odd_widest, time - c->odd_time);
	c->odd_time = time;
	c->odd_value = fit == FIT_WRAPPED ? value : fmax(value, c->odd_value);
	c->odd_amount += amount;
	c->odd_identity = identity >= 0 ? identity : c->odd_identity;
	if (++c->follows < c->rules.confirm)
		return 0;
	out[n++] = crossing(c);
	if (c->odd_time > c->odd_from)
		out[n++] = increment(c, looked(c, c->odd_widest), c->odd_from, c->odd_time, c->odd_amount);
	believe(c, c->odd_time, c->odd_value, c->odd_identity);
	return n;
}

int counter_take(struct counter *c, double time, double value, int64_t identity, struct counter_increment out[2])
{
	double amount, from;

	if (isnan(time) || !isfinite(value)) {
		c->missing++;
		return 0;
	}
	if (c->begun && time <= (c->odd ? c->odd_time : c->time)) {
		c->dropped++;
		return 0;
	}
	c->readings++;
	if (!c->begun) {
		believe(c, time, value, identity);
		return 0;
	}
	if (!another(c->identity, identity) && fits(c, time, value, c->time, c->value, &amount) == FIT_ON) {
		if (c->odd)
			c->dropped += 1 + c->follows;
		c->odd = false;
		from = c->time;
		believe(c, time, value, identity);
		out[0] = increment(c, looked(c, time - from), from, time, amount);
		return 1;
	}
	if (c->odd)
		return take_odd(c, time, value, identity, out);
	be_odd(c, time, value, identity);
	return 0;
}

void counter_end(struct counter *c)
{
	if (c->odd)
		c->dropped += 1 + c->follows;
	c->odd = false;
}

const char *counter_kind_name(enum counter_kind kind)
{
	static const char *const names[COUNTER_KINDS] = {"ordinary", "gap", "wrapped", "reset", "replaced", "impossible"};

	return kind < COUNTER_KINDS ? names[kind] : "?";
}
