#include "analytics/accuracy/regime.h"

#include <math.h>
#include <string.h>

const char *const regime_names[REGIMES] = {"transition", "defrost", "antifreeze", "cooling", "start-up", "heater on", "crankcase heater",
	"off", "standby", "steady, low", "steady, middle", "steady, high"};

/* Of a column that may not be there. */
static double at(const struct study_pump *p, enum meters_role role, int64_t row)
{
	return p->column[role] ? p->column[role][row] : NAN;
}

static double apparent(const struct study_pump *p, int64_t row)
{
	double given = at(p, ROLE_POWER_INPUT, row);

	return isnan(given) ? at(p, ROLE_AC_VOLTAGE, row) * at(p, ROLE_AC_CURRENT, row) : given;
}

/* Between a row and the next; a state that is not known does not switch. */
static bool switches(const struct study_pump *p, int64_t row)
{
	static const enum meters_role states[] = {ROLE_BOTTOM_PLATE_HEATER, ROLE_CRANKCASE_HEATER, ROLE_PUMP_RELAY};

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		double a = at(p, states[i], row), b = at(p, states[i], row + 1);

		if (!isnan(a) && !isnan(b) && (a != 0) != (b != 0))
			return true;
	}
	return false;
}

static bool steps(const struct study_pump *p, const double *reference, int64_t row, double step)
{
	return p->step[row] > 0 && (fabs(reference[row + 1] - reference[row]) > step || switches(p, row));
}

/* By voltage times current; where that is not known, by the reference. */
static bool compressor(const struct study_pump *p, double reference, int64_t row, const struct regime_rules *rules)
{
	double va = apparent(p, row);

	return isnan(va) ? reference > rules->on : va > rules->on;
}

/* What the controller says, apart from transitions and starts. */
static enum regime state(const struct study_pump *p, double reference, int64_t row, const struct regime_rules *rules)
{
	double mode = at(p, ROLE_SUPERVISORY_MODE, row);
	bool runs = compressor(p, reference, row, rules);

	if (at(p, ROLE_DEFROST, row) > 0)
		return REGIME_DEFROST;
	if (mode >= 96 && mode <= 99)
		return REGIME_ANTIFREEZE;
	if (at(p, ROLE_WORKING_MODE, row) == 1 && runs)
		return REGIME_COOLING;
	if (at(p, ROLE_BOTTOM_PLATE_HEATER, row) > 0)
		return REGIME_HEATER;
	if (!runs && at(p, ROLE_CRANKCASE_HEATER, row) > 0)
		return REGIME_CRANKCASE;
	if (!runs)
		return (isnan(reference) || reference < rules->off) && !(at(p, ROLE_PUMP_RELAY, row) > 0) ? REGIME_OFF : REGIME_STANDBY;
	return reference >= rules->high ? REGIME_HIGH : reference >= rules->middle ? REGIME_MIDDLE : REGIME_LOW;
}

void regime_find(const struct study_pump *p, const double *reference, const struct regime_rules *rules, uint8_t *out)
{
	double started = -INFINITY;
	bool ran = true; /* what ran at the first row may have run for long */

	for (int64_t i = 0; i < p->rows; i++) {
		bool runs = compressor(p, reference[i], i, rules);
		enum regime s = state(p, reference[i], i, rules);

		if (i > 0 && p->step[i - 1] == 0)
			ran = true;
		if (runs && !ran)
			started = p->time[i];
		ran = runs;
		if (s >= REGIME_HEATER && runs && p->time[i] - started < rules->startup)
			s = REGIME_STARTUP;
		out[i] = (uint8_t)s;
	}
	/* Afterwards, because a transition takes a row on each side of it. */
	for (int64_t i = 0; i + 1 < p->rows; i++)
		if (steps(p, reference, i, rules->step))
			out[i] = out[i + 1] = REGIME_TRANSITION;
}
