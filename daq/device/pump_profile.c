#include "daq/device/pump_profile.h"

#include "daq/base/error.h"
#include "daq/base/settings.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/*
 * Source keys: W1 Wilo-Para MAXO manual Ed.04/2024-11 p.59; W2 Wilo-Para manual p.45; W3 Wilo Varios PICO
 * manual 11/2017 p.12; W4 Wilo-Para STG manual 06/2020 p.12-13; G1 Grundfos UPM3 manual p.18 and data sheet
 * p.13; G2 Grundfos UPML/UPMXL manual p.12; T1 Taco 00e manual p.30 (same family of codes).
 */

/* clang-format off */
/* Codes stand 5 % apart: each takes what is nearer to it than to its neighbours. */
static const struct pump_code wilo_codes[] = {
	{1, 3.5, PUMP_STANDBY, "stopped as told, ready to start"},				 /* 2 % W1 */
	{77.5, 82.5, PUMP_WARNING, "runs with a warning: overload or undervoltage"},		 /* 80 % W1 */
	{82.5, 87.5, PUMP_ERROR, "stopped: overload, over-temperature, voltage, or turbine operation"}, /* 85 % W1 */
	{87.5, 92.5, PUMP_ERROR, "stopped: overcurrent or over-speed"},				 /* 90 % W1 */
	{92.5, 97.5, PUMP_FAILED, "stopped for good: rotor blocked, motor or winding defective"}, /* 95 % W1 */
};

static const struct pump_code grundfos_codes[] = {
	{72.5, 77.5, PUMP_WARNING, "runs with a warning: undervoltage"},   /* 75 % G2 */
	{82.5, 87.5, PUMP_ERROR, "stopped: electrical fault"},		   /* 85 % G2 */
	{87.5, 92.5, PUMP_FAILED, "stopped: rotor blocked"},		   /* 90 % G2 */
	{92.5, 97.5, PUMP_STANDBY, "stopped as told, ready to start"},	   /* 95 % G2 */
};

#define COUNT(a) ((int)(sizeof(a) / sizeof(*(a))))

#define WILO_FEEDBACK                                                                                                \
	.value_low = 5, .value_high = 75, .codes = wilo_codes, .code_count = COUNT(wilo_codes),                      \
	.feedback_source = "W1", .frequency_min = 100, .frequency_max = 5000, .frequency_nominal = 1000,             \
	.note = "feedback frequency not printed by Wilo; whether 5 % is 0 W is ambiguous: see pump_scale.offset"

#define GRUNDFOS_FEEDBACK                                                                                            \
	.value_low = 0, .value_high = 70, .codes = grundfos_codes, .code_count = COUNT(grundfos_codes),              \
	.feedback_source = "G2", .frequency_min = 100, .frequency_max = 4000, .frequency_nominal = 1000, .note = ""

const struct pump_profile pump_profiles[] = {
	{.name = "wilo-ipwm1", .vendor = "Wilo", .use = "heating", .rising = false, .full_speed = 5, .linear_fast = 5,
		.linear_slow = 85, .start = 88, .stop = 93, .full_closed = false, .start_closed = true, .stop_closed = true,
		.on_break = PUMP_BREAK_FULL_SPEED, .safe_duty = 100, .input_source = "W3 W4", WILO_FEEDBACK},
	{.name = "wilo-ipwm2", .vendor = "Wilo", .use = "solar", .rising = true, .full_speed = 95, .linear_fast = 95,
		.linear_slow = 15, .start = 12, .stop = 7, .full_closed = false, .start_closed = true, .stop_closed = true,
		.on_break = PUMP_BREAK_STOPS, .safe_duty = 0, .input_source = "W3 W4", WILO_FEEDBACK},
	{.name = "grundfos-a", .vendor = "Grundfos", .use = "heating", .rising = false, .full_speed = 10,
		.linear_fast = 10, .linear_slow = 84, .start = 91, .stop = 95, .full_closed = true, .start_closed = true,
		.stop_closed = true, .on_break = PUMP_BREAK_FULL_SPEED, .safe_duty = 100, .input_source = "G1", GRUNDFOS_FEEDBACK},
	{.name = "grundfos-c", .vendor = "Grundfos", .use = "solar", .rising = true, .full_speed = 90, .linear_fast = 90,
		.linear_slow = 15, .start = 8, .stop = 5, .full_closed = false, .start_closed = false, .stop_closed = false,
		.on_break = PUMP_BREAK_STOPS, .safe_duty = 0, .input_source = "G1", GRUNDFOS_FEEDBACK},
};
/* clang-format on */

const int pump_profile_count = COUNT(pump_profiles);

int pump_profile_find(const char *name, const struct pump_profile **out, struct error *e)
{
	const char *names[COUNT(pump_profiles) + 1], *near;

	for (int i = 0; i < pump_profile_count; i++) {
		names[i] = pump_profiles[i].name;
		if (strcmp(name, names[i]) == 0) {
			*out = &pump_profiles[i];
			return 0;
		}
	}
	names[pump_profile_count] = NULL;
	near = nearest_name(name, names);
	return error_set(e, ERROR_CONFIG,
		"no pump profile is called '%s'%s%s: expected wilo-ipwm1, wilo-ipwm2, grundfos-a or "
		"grundfos-c",
		name, near ? "; nearest is " : "", near ? near : "");
}

/* The duty seen so that less is faster, as in profiles of heating pumps. */
static double falling(const struct pump_profile *p, double percent)
{
	return p->rising ? 100 - percent : percent;
}

struct pump_demand pump_profile_demand(const struct pump_profile *p, double duty, bool running)
{
	struct pump_demand none = {false, 0}, full = {true, 1}, some = {true, 0};
	/* Duties are compared to a millionth of a per cent, else 0.93 would not be 93 %. */
	double d = round(falling(p, 100 * duty) * 1e6) / 1e6;
	double fast = falling(p, p->linear_fast), slow = falling(p, p->linear_slow);
	double limit = falling(p, p->full_speed), stop = falling(p, p->stop), start = falling(p, p->start);

	if (isnan(duty))
		return pump_profile_broken(p);
	if (d < limit || (d == limit && p->full_closed))
		return full;
	if (d > stop || (d == stop && !p->stop_closed))
		return none;
	if (!running && (d > start || (d == start && !p->start_closed)))
		return none;
	if (d < slow)
		some.speed = fmin((slow - d) / (slow - fast), 1);
	return some;
}

struct pump_demand pump_profile_broken(const struct pump_profile *p)
{
	return p->on_break == PUMP_BREAK_FULL_SPEED ? (struct pump_demand){true, 1}
						    : (struct pump_demand){false, 0};
}

double pump_profile_duty(const struct pump_profile *p, double speed)
{
	return (p->linear_slow + fmin(fmax(speed, 0), 1) * (p->linear_fast - p->linear_slow)) / 100;
}

static void set(struct pump_feedback *out, enum pump_condition condition, const char *meaning)
{
	*out = (struct pump_feedback){.condition = condition, .value = NAN, .meaning = meaning};
}

void pump_profile_decode(
	const struct pump_profile *p, const struct pump_scale *scale, double duty, struct pump_feedback *out)
{
	double d = 100 * duty, share = (d - p->value_low) / (p->value_high - p->value_low);

	for (int i = 0; i < p->code_count; i++)
		if (d >= p->codes[i].low && d < p->codes[i].high) {
			set(out, p->codes[i].condition, p->codes[i].meaning);
			return;
		}
	/* What is left below the first code above the linear range belongs to it: its ends carry the
	 * tolerance. */
	if (!(d >= p->value_low - 2.5 && d < p->value_high + 2.5)) {
		set(out, PUMP_UNKNOWN, "no code of this vendor");
		return;
	}
	set(out, PUMP_NORMAL, "runs");
	out->has_value = true;
	out->value = scale->offset + fmin(fmax(share, 0), 1) * (scale->full - scale->offset);
}

const char *pump_condition_name(enum pump_condition condition)
{
	static const char *const names[] = {
		[PUMP_STANDBY] = "standby",
		[PUMP_NORMAL] = "running",
		[PUMP_WARNING] = "warning",
		[PUMP_ERROR] = "error",
		[PUMP_FAILED] = "failed",
		[PUMP_UNKNOWN] = "unknown",
	};

	return (unsigned)condition < sizeof(names) / sizeof(*names) ? names[condition] : "?";
}
