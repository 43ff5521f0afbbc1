#include "benches/meters/heat_pump.h"

#include "analytics/core/meters_permitted.h"

#include <math.h>
#include <string.h>

const char *const meters_quantity_names[QUANTITIES] = {"energy register", "power", "heat register", "heat power",
	"flow x dT x k", "volume register", "flow", "V x I x PF", "CiC's electric power", "CiC's heat power"};

static const struct {
	enum meters_quantity quantity;
	enum meters_role role, serial;
} counters[COUNTERS] = {{ELECTRIC_COUNTER, ROLE_ELECTRIC_ENERGY, ROLE_ELECTRIC_SERIAL},
	{HEAT_COUNTER, ROLE_HEAT_ENERGY, ROLE_HEAT_SERIAL}, {VOLUME_COUNTER, ROLE_VOLUME, ROLE_HEAT_SERIAL}};

/* The channel whose spacing says what a gap of the quantity is. */
static const enum meters_role leading[QUANTITIES] = {ROLE_ELECTRIC_ENERGY, ROLE_ELECTRIC_POWER, ROLE_HEAT_ENERGY,
	ROLE_HEAT_POWER, ROLE_FLOW, ROLE_VOLUME, ROLE_FLOW, ROLE_VOLTAGE, ROLE_ESTIMATED_POWER, ROLE_ESTIMATED_HEAT};

int meters_pump_begin(struct meters_pump *p, const struct stored_run *run, int dut, const struct meters_settings *settings,
	const struct heat_medium *medium, struct error *e)
{
	*p = (struct meters_pump){.settings = settings, .medium = medium, .dut = dut, .name = run->dut[dut].name, .first = NAN, .last = NAN};
	meters_steps_begin(&p->steps, settings->skew_step, settings->skew_range);
	for (int r = 0; r < ROLES; r++) {
		struct meters_channel *c = &p->role[r];

		*c = (struct meters_channel){.channel = meters_role_channel(run, p->name, (enum meters_role)r), .scale = 1,
			.spacing = NAN, .time = NAN, .value = NAN, .last_row = NAN, .min = NAN, .max = NAN, .least_step = NAN};
		c->group = c->channel < 0 ? NULL : run->channel[c->channel].group;
		if (c->channel >= 0 && meters_role_unit(&run->channel[c->channel], (enum meters_role)r, &c->scale, &c->offset, e) < 0)
			return -1;
	}
	for (int q = 0; q < QUANTITIES; q++)
		p->quantity[q] = (struct integral){.limit = INFINITY,
			.factor = q == VOLUME_FLOW ? 1e-3 / 3600 : 1 / 3.6e6};
	return 0;
}

void meters_pump_free(struct meters_pump *p)
{
	for (int q = 0; q < QUANTITIES; q++)
		integral_free(&p->quantity[q]);
	meters_steps_free(&p->steps);
}

static void begin_counter(struct meters_pump *p, int i, double limit)
{
	const struct meters_settings *s = p->settings;
	const double modulus[COUNTERS] = {s->electric_modulus, s->heat_modulus, s->volume_modulus};
	const double rate[COUNTERS] = {s->electric_max / 3.6e6, s->heat_max / 3.6e6, s->flow_max / 3.6e6};

	counter_begin(&p->counter[i], &(struct counter_rules){.modulus = modulus[i], .max_rate = rate[i],
					      .step = p->role[counters[i].role].least_step, .gap = limit, .float32 = s->float32});
	p->counting[i] = true;
}

void meters_pump_spacing(struct meters_pump *p, enum meters_role role, double seconds, double step)
{
	double limit = p->settings->bridge * seconds;

	p->role[role].spacing = seconds;
	p->role[role].least_step = step;
	for (int q = 0; q < QUANTITIES; q++)
		if (leading[q] == role)
			p->quantity[q].limit = limit;
	for (int i = 0; i < COUNTERS; i++)
		if (counters[i].role == role)
			begin_counter(p, i, limit);
}

static void set_fresh(struct meters_pump *p, enum meters_role role)
{
	p->fresh[role / 32] |= 1U << (role % 32);
}

static bool fresh(const struct meters_pump *p, enum meters_role role)
{
	return p->fresh[role / 32] >> (role % 32) & 1U;
}

/* Its value beside that of `leader` now: from the same row, or from another rate group and not older than it may be. */
static bool present(const struct meters_pump *p, enum meters_role role, enum meters_role leader, double time)
{
	const struct meters_channel *c = &p->role[role];

	if (c->channel < 0 || strcmp(c->group, p->role[leader].group) == 0)
		return fresh(p, role);
	return time >= c->time && time - c->time <= p->settings->bridge * c->spacing;
}

double meters_pump_refresh(const struct meters_pump *p, enum meters_role role)
{
	const struct meters_channel *c = &p->role[role];

	return c->changes >= p->settings->changes_least ? c->held / (double)c->changes : NAN;
}

double meters_pump_turn(const struct meters_pump *p)
{
	static const enum meters_role shown[] = {ROLE_FLOW, ROLE_SUPPLY, ROLE_RETURN, ROLE_VOLUME};
	double turn = NAN, spacing = NAN;

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		turn = fmin(turn, meters_pump_refresh(p, shown[i]));
		spacing = fmax(spacing, p->role[shown[i]].spacing);
	}
	return fmax(turn, spacing);
}

static void note_change(struct meters_channel *c, double time, double standstill)
{
	if (c->changed > 0 && time - c->changed <= standstill) {
		c->held += time - c->changed;
		c->changes++;
	}
	c->changed = time;
}

void meters_pump_sample(struct meters_pump *p, enum meters_role role, double time, double value, uint8_t quality)
{
	struct meters_channel *c = &p->role[role];

	if (isnan(value) && quality == QUALITY_GOOD)
		return; /* a row of something else */
	if (time <= c->last_row) {
		c->backwards++;
		return;
	}
	p->first = isnan(p->first) ? time : fmin(p->first, time);
	p->last = isnan(p->last) ? time : fmax(p->last, time);
	c->last_row = time;
	c->rows++;
	c->quality[quality < QUALITY_COUNT ? quality : QUALITY_GAP]++;
	if (quality != QUALITY_GOOD || !isfinite(value))
		return;
	value = value * c->scale + c->offset;
	if (value != c->value)
		note_change(c, time, p->settings->standstill);
	if (value != c->value && c->good > 0)
		c->least_step = fmin(fabs(value - c->value), isnan(c->least_step) ? INFINITY : c->least_step);
	c->good++;
	c->sum += value;
	c->min = fmin(value, isnan(c->min) ? value : c->min);
	c->max = fmax(value, isnan(c->max) ? value : c->max);
	c->time = time;
	c->value = value;
	set_fresh(p, role);
}

static void keep_lost(struct meters_pump *p, enum meters_quantity quantity, const struct counter_increment *what)
{
	if (p->losts < LOST_MOST)
		p->lost[p->losts++] = (struct meters_lost){quantity, *what};
}

static void count(struct meters_pump *p, int i, double time)
{
	const struct meters_channel *c = &p->role[counters[i].role], *serial = &p->role[counters[i].serial];
	int64_t identity = serial->channel >= 0 && !isnan(serial->value) ? (int64_t)serial->value : -1;
	struct counter_increment out[2];
	struct integral *x = &p->quantity[counters[i].quantity];
	int n;

	if (!p->counting[i])
		begin_counter(p, i, INFINITY);
	n = counter_take(&p->counter[i], time, c->value, identity, out);
	for (int k = 0; k < n; k++) {
		bool covered = out[k].kind == COUNTER_ORDINARY || (out[k].kind == COUNTER_WRAPPED && out[k].to - out[k].from <= x->limit);

		x->used = true;
		integral_count(x, out[k].from, out[k].to, out[k].amount, covered);
		if (out[k].kind != COUNTER_ORDINARY && out[k].kind != COUNTER_GAP)
			keep_lost(p, counters[i].quantity, &out[k]);
	}
}

static void rate(struct meters_pump *p, enum meters_quantity quantity, double time, double value, double permitted)
{
	p->quantity[quantity].used = true;
	integral_take(&p->quantity[quantity], time, value, permitted);
}

static void view(struct meters_pump *p, enum meters_view of, double time, double power)
{
	const struct meters_channel *plate = &p->role[ROLE_BOTTOM_PLATE_HEATER], *crankcase = &p->role[ROLE_CRANKCASE_HEATER];
	const double heaters[STEPS_REGRESSORS] = {isnan(plate->value) ? 0 : plate->value, isnan(crankcase->value) ? 0 : crankcase->value};

	p->viewed[of] = true;
	meters_steps_view(&p->steps, of, time, power, heaters);
}

/* What the meter and the CiC show of the electric power, for their skew. */
static void views(struct meters_pump *p, double time)
{
	if (fresh(p, ROLE_ELECTRIC_POWER)) {
		p->steps.gap = p->settings->bridge * p->role[ROLE_ELECTRIC_POWER].spacing;
		meters_steps_meter(&p->steps, time, p->role[ROLE_ELECTRIC_POWER].value);
	}
	if (fresh(p, ROLE_POWER_INPUT))
		view(p, VIEW_POWER_INPUT, time, p->role[ROLE_POWER_INPUT].value);
	if (fresh(p, ROLE_AC_VOLTAGE) && fresh(p, ROLE_AC_CURRENT))
		view(p, VIEW_VOLT_AMPERE, time, p->role[ROLE_AC_VOLTAGE].value * p->role[ROLE_AC_CURRENT].value);
	if (fresh(p, ROLE_ESTIMATED_POWER))
		view(p, VIEW_ESTIMATE, time, p->role[ROLE_ESTIMATED_POWER].value);
}

static void electricity(struct meters_pump *p, double time)
{
	const struct meters_channel *power = &p->role[ROLE_ELECTRIC_POWER];

	if (fresh(p, ROLE_ELECTRIC_POWER)) {
		rate(p, ELECTRIC_POWER, time, power->value, permitted_electric(p->settings, power->value));
		p->electric_all += fabs(power->value);
		p->weak += fabs(power->value) / p->settings->mains < p->settings->imin ? fabs(power->value) : 0;
	}
	if (fresh(p, ROLE_VOLTAGE) && present(p, ROLE_CURRENT, ROLE_VOLTAGE, time) && present(p, ROLE_POWER_FACTOR, ROLE_VOLTAGE, time))
		rate(p, ELECTRIC_VIPF, time,
			p->role[ROLE_VOLTAGE].value * p->role[ROLE_CURRENT].value * p->role[ROLE_POWER_FACTOR].value, NAN);
	if (fresh(p, ROLE_ESTIMATED_POWER))
		rate(p, ESTIMATED_POWER, time, p->role[ROLE_ESTIMATED_POWER].value, NAN);
}

static void heat(struct meters_pump *p, double time)
{
	double flow = p->role[ROLE_FLOW].value, supply = p->role[ROLE_SUPPLY].value, ret = p->role[ROLE_RETURN].value, power;

	if (fresh(p, ROLE_HEAT_POWER))
		rate(p, HEAT_POWER, time, p->role[ROLE_HEAT_POWER].value, NAN);
	if (fresh(p, ROLE_ESTIMATED_HEAT))
		rate(p, ESTIMATED_HEAT, time, p->role[ROLE_ESTIMATED_HEAT].value, NAN);
	if (!fresh(p, ROLE_FLOW))
		return;
	rate(p, VOLUME_FLOW, time, flow, NAN);
	if (!present(p, ROLE_SUPPLY, ROLE_FLOW, time) || !present(p, ROLE_RETURN, ROLE_FLOW, time))
		return;
	power = heat_power(p->medium, flow, supply, ret);
	if (isnan(power))
		return;
	rate(p, HEAT_FLOW, time, power,
		permitted_heat(p->settings, flow, supply - ret, heat_coefficient(p->medium, supply, ret)));
	p->heat_all += fabs(power);
	p->cold += fabs(supply - ret) < p->settings->dt_min ? fabs(power) : 0;
}

void meters_pump_instant(struct meters_pump *p, double time)
{
	for (int i = 0; i < COUNTERS; i++)
		if (fresh(p, counters[i].role))
			count(p, i, time);
	views(p, time);
	electricity(p, time);
	heat(p, time);
	memset(p->fresh, 0, sizeof(p->fresh));
}

void meters_pump_end(struct meters_pump *p)
{
	for (int i = 0; i < COUNTERS; i++)
		if (p->counting[i])
			counter_end(&p->counter[i]);
}

const struct counter *meters_pump_counter(const struct meters_pump *p, enum meters_quantity quantity)
{
	for (int i = 0; i < COUNTERS; i++)
		if (counters[i].quantity == quantity && p->counting[i])
			return &p->counter[i];
	return NULL;
}

double meters_pump_digit(const struct meters_pump *p, enum meters_quantity quantity)
{
	for (int i = 0; i < COUNTERS; i++) {
		double step = p->role[counters[i].role].least_step;

		if (counters[i].quantity != quantity || !p->counting[i])
			continue;
		step = isnan(step) ? 0 : step;
		return p->settings->float32 ? fmax(step, counter_float32_step(p->counter[i].value)) : step;
	}
	return 0;
}
