#include "benches/pump/state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct state_profile profiles[] = {
	{
		.name = "wilo-ipwm1",
		.stop_from = 930,
		.surely_off = 1,
		.surely_on = 8,
		.flow_seen = 163,
		.code = {{74, 84}, {122, 122}},
		.alarm = {{85, "stopped: overload, over-temperature, over- or undervoltage, turbine operation"},
			{90, "stopped: overcurrent or over-speed"},
			{95, "stopped for good: blocked rotor, motor or winding defective"}},
		.source = "Wilo-Para manuals: stop at 93 to 100 % duty, output codes 80, 85, 90, 95 %; pump comparison of 2023: "
			"codes of 74 to 84 and once 122 for the first seconds after a start, 8 W the least of a running pump; "
			"flow-meter test of 2023: 163 l/h the least flow read. Below 1 W: inference",
	}, {
		.name = "awmt",
		.stop_from = 930,
		.surely_off = 1,
		.surely_on = 8,
		.flow_seen = 163,
		.code = {{74, 84}, {122, 122}},
		.source = "pump comparison of 2023: 8 W the least of a running pump, codes after a start as with the others; "
			"flow-meter test of 2023: 163 l/h the least flow read; alarm codes not known; below 1 W: inference",
	}, {
		.name = "generic",
		.stop_from = 930,
		.surely_off = 1,
		.surely_on = 8,
		.flow_seen = 163,
		.code = {{74, 84}, {122, 122}},
		.source = "as of the two pumps of the comparison of 2023: not verified for this one",
	},
};

static const char *const names[] = {
	[PUMP_RUNNING] = "running",
	[PUMP_STOPPED] = "stopped",
	[PUMP_BELOW_SENSOR] = "running below the flow sensor's limit",
	[PUMP_UNDECIDABLE] = "stopped, or running below the flow sensor's limit",
	[PUMP_NO_SIGNAL] = "no signal",
	[PUMP_ALARM] = "alarm",
	[PUMP_STATUS_CODE] = "status code that looks like power",
};
/* clang-format on */

enum { PROFILES = sizeof(profiles) / sizeof(*profiles) };

const struct state_profile *state_profile_find(const char *name)
{
	for (int i = 0; i < PROFILES; i++)
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
	return &profiles[PROFILES - 1];
}

const char *state_name(enum pump_state state)
{
	return (size_t)state < sizeof(names) / sizeof(*names) ? names[state] : "?";
}

bool pump_state_flow_hidden(enum pump_state state)
{
	return state == PUMP_BELOW_SENSOR || state == PUMP_UNDECIDABLE;
}

bool state_profile_is_code(const struct state_profile *p, double watts)
{
	for (int i = 0; i < 4 && p->code[i][1] > 0; i++)
		if (watts >= p->code[i][0] - 0.5 && watts <= p->code[i][1] + 0.5)
			return true;
	return false;
}

static const char *alarm_meaning(const struct state_profile *p, double watts)
{
	for (int i = 0; i < 4 && p->alarm[i].meaning; i++)
		if (fabs(watts - p->alarm[i].code) <= 0.5)
			return p->alarm[i].meaning;
	return NULL;
}

/* Nothing flows, and the power could be anyone's: the run's own standby level decides, if it was measured. */
static enum pump_state by_power(
	const struct state_profile *p, const struct pump_evidence *v, char *why, size_t size)
{
	if (isnan(v->power)) {
		snprintf(why, size, "no flow seen and no power known");
		return PUMP_UNDECIDABLE;
	}
	if (v->power >= p->surely_on) {
		snprintf(why, size, "no flow seen at %.1f W: only a running pump takes %g W or more",
			v->power, p->surely_on);
		return PUMP_BELOW_SENSOR;
	}
	if (v->power <= p->surely_off) {
		snprintf(why, size, "no flow at %.1f W: less than any running pump takes", v->power);
		return PUMP_STOPPED;
	}
	if (isnan(v->standby)) {
		snprintf(why, size,
			"no flow seen at %.1f W, between off (%g W) and the least seen of a running pump (%g "
			"W); the "
			"run holds no stretch with the pump told to stop to compare with",
			v->power, p->surely_off, p->surely_on);
		return PUMP_UNDECIDABLE;
	}
	if (v->power - v->standby > hypot(v->power_U, v->standby_U)) {
		snprintf(why, size, "no flow seen at %.1f W, above the %.1f W in standby in this run",
			v->power, v->standby);
		return PUMP_BELOW_SENSOR;
	}
	snprintf(why, size, "no flow at %.1f W, no more than the %.1f W in standby in this run", v->power,
		v->standby);
	return PUMP_STOPPED;
}

enum pump_state pump_state_find(
	const struct state_profile *p, const struct pump_evidence *v, char *why, size_t size)
{
	bool still = v->has_flow && v->flow <= fmax(1, 2 * v->flow_digit);
	const char *meaning = still ? alarm_meaning(p, v->feedback) : NULL;

	if (v->alarm > 0) {
		snprintf(why, size, "the controller reports fault %g", v->alarm);
		return PUMP_ALARM;
	}
	if (!(v->good_share >= 0.5) || (v->has_flow && isnan(v->flow))) {
		snprintf(why, size, "only %.0f %% of the readings are good",
			100 * (isnan(v->good_share) ? 0 : v->good_share));
		return PUMP_NO_SIGNAL;
	}
	if (meaning) {
		snprintf(why, size, "read-back stays at %.0f with no flow, which is a code: %s", v->feedback,
			meaning);
		return PUMP_ALARM;
	}
	if (still && state_profile_is_code(p, v->feedback)) {
		snprintf(why, size, "read-back stays at %.0f with no flow: a status code, not a power",
			v->feedback);
		return PUMP_STATUS_CODE;
	}
	if (still)
		return by_power(p, v, why, size);
	if (!v->has_flow && v->power < p->surely_on)
		return by_power(p, v, why, size);
	snprintf(why, size, v->has_flow ? "flow seen" : "no flow sensor; power above that of any standby");
	return PUMP_RUNNING;
}
