#include "daq/device/line_device.h"

#include <math.h>

#define POINT(number, text, quantity_text, unit_text, kind_of, step, low, high) \
	[number] = {.name = text, .address = number, .type = REGISTER_U16, .scale = 1, .unit = unit_text, \
		.kind = kind_of, .quantity = quantity_text, .resolution = step, .nominal = NAN, .min = low, .max = high}
#define SET_POINT(number, text, quantity_text, unit_text, step, low, high, typical) \
	[number] = {.name = text, .address = number, .type = REGISTER_U16, .scale = 1, .unit = unit_text, \
		.kind = KIND_SETPOINT, .quantity = quantity_text, .resolution = step, .nominal = typical, .min = low, \
		.max = high, .writable = true}
#define MAP(text, words, array) \
	{.name = text, .title = words, .manual = "docs/lines.md", .max_words = LINE_POINTS, .max_gap = LINE_POINTS, \
		.rows = sizeof(array) / sizeof(array[0]), .row = array, .check = -1}

/* Resolutions of what comes from edges: an ordinary thread's stamps are good to some tens of microseconds, 0.05 % of a
 * feedback's period of 13.3 ms. Digits below that are none. */
static struct register_row relay_rows[] = {
	SET_POINT(RELAY_STATE, "state", "relay", "1", 1, 0, 1, 1),
};

static struct register_row pwm_rows[] = {
	SET_POINT(PWM_DUTY, "duty", "pump duty", "permille", 0.1, 0, 1000, 400),
};

static struct register_row pulses_rows[] = {
	POINT(PULSES_FREQUENCY, "frequency", "frequency", "Hz", KIND_GAUGE, 0.01, 0, 100000),
	POINT(PULSES_COUNT, "count", "pulses", "imp", KIND_COUNTER, 1, 0, INFINITY),
	POINT(PULSES_FLOW, "flow", "volume flow", "l/h", KIND_GAUGE, 0.1, 0, 1000000),
	POINT(PULSES_VOLUME, "volume", "volume", "l", KIND_COUNTER, NAN, 0, INFINITY),
	POINT(PULSES_LAST_EDGE, "last_edge", "instant of the latest pulse since the start", "s", KIND_GAUGE, 1e-6, 0, INFINITY),
};

static struct register_row feedback_rows[] = {
	POINT(FEEDBACK_DUTY, "duty", "feedback duty", "permille", KIND_GAUGE, 0.1, 0, 1000),
	POINT(FEEDBACK_FREQUENCY, "frequency", "frequency", "Hz", KIND_GAUGE, 0.01, 0, 1000),
	POINT(FEEDBACK_POWER, "power", "feedback power", "W", KIND_GAUGE, 0.05, 0, 1000),
	POINT(FEEDBACK_FLOW, "flow", "volume flow", "l/h", KIND_GAUGE, 1, 0, 100000),
	POINT(FEEDBACK_STATE, "state", "pump state", "1", KIND_STATE, 1, 0, 20),
};

const struct register_map line_map_relay = MAP("relay", "relay on a GPIO line", relay_rows);
const struct register_map line_map_pwm = MAP("pwm", "PWM output", pwm_rows);
const struct register_map line_map_pulses = MAP("pulses", "pulse input on a GPIO line", pulses_rows);
const struct register_map line_map_feedback = MAP("feedback", "PWM feedback on a GPIO line", feedback_rows);
