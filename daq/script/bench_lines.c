/*
 * bench_lines.c - constructors of what hangs on lines: a board of them, relays, PWM outputs, pulse inputs, PWM
 * feedback. Each device is one line of its board, and its points are rows (daq/device/line_device.h).
 */
#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/device/line_device.h"
#include "daq/device/pump_profile.h"

#include <math.h>
#include <string.h>

static const char *const pulls[] = {"none", "up", "down", NULL}; /* enum line_pull */

struct line_form {
	struct bench_device device;
	struct line_config line;
	int pull;
	struct bench_reader *reader;
};

/* clang-format off */
#define BOARD(field) offsetof(struct bus_form, bus.field)
#define FORM(field) offsetof(struct line_form, field)
#define DEVICE_OF(field) offsetof(struct line_form, device.field)
#define LINE_OF(field) offsetof(struct line_form, line.field)
static const struct setting board_rows[] = {
	{"name", SETTING_TEXT, BOARD(words.name), 32, .help = "letters, digits, _ and -"},
	{"retry_after", SETTING_DURATION, BOARD(retry_after), .min = 0.1, .max = 3600, .fallback = "5 s", .help = "how long lines that are gone are left alone"},
	SETTING_END
};

#define COMMON \
	{"name", SETTING_TEXT, DEVICE_OF(name), 32, .help = "letters, digits, _ and -; in a virtual lab the name of its line"}
#define GPIO \
	{"chip", SETTING_TEXT, LINE_OF(chip), 64, .help = "\"gpiochip0\" or a chip's label; `gpiodetect` lists them"}, \
	{"line", SETTING_INTEGER, LINE_OF(offset), .min = 0, .max = 1023, .help = "line of the chip; `gpioinfo` lists them"}, \
	{"active_low", SETTING_SWITCH, LINE_OF(active_low), .fallback = "false", .help = "electrically low means 1"}
#define PULL \
	{"pull", SETTING_CHOICE, FORM(pull), .choices = pulls, .fallback = "none", .help = "resistor at the input"}
static const struct setting relay_rows[] = {COMMON, GPIO, SETTING_END};
static const struct setting pwm_rows[] = {
	COMMON,
	{"chip", SETTING_TEXT, LINE_OF(chip), 64, .help = "\"pwmchip0\", below /sys/class/pwm"},
	{"channel", SETTING_INTEGER, LINE_OF(offset), .min = 0, .max = 63, .fallback = "0", .help = "of the chip"},
	{"frequency", SETTING_NUMBER, LINE_OF(frequency), .unit = "Hz", .min = 1, .max = 100000, .fallback = "1 kHz", .help = "of the signal; circulators take 100 Hz to 4 or 5 kHz, 1 kHz is usual"},
	{"inverted", SETTING_SWITCH, LINE_OF(active_low), .fallback = "false", .help = "the driver stage inverts: an open collector does"},
	SETTING_END
};
static const struct setting pulse_rows[] = {
	COMMON, GPIO, PULL,
	{"pulses", SETTING_NUMBER, DEVICE_OF(on_line.pulses_per_litre), .unit = "imp/l", .min = 1e-3, .max = 1e6, .fallback = "nan", .help = "of a meter, like \"1200 imp/l\"; without it only frequency and count"},
	{"min_width", SETTING_DURATION, DEVICE_OF(on_line.min_width), .min = 0, .max = 1, .fallback = "100 us", .help = "what is shorter is bounce"},
	SETTING_END
};
static const struct setting feedback_rows[] = {
	COMMON, GPIO, PULL,
	{"profile", SETTING_TEXT, DEVICE_OF(on_line.profile), 32, .fallback = "", .help = "vendor's codes: wilo-ipwm1, wilo-ipwm2, grundfos-a, grundfos-c; the same duty means other things to another vendor"},
	{"power_max", SETTING_NUMBER, DEVICE_OF(on_line.power_max), .unit = "W", .min = 0.1, .max = 10000, .fallback = "nan", .help = "power at the upper end of the range; by default as the profile says, where it does"},
	{"power_offset", SETTING_NUMBER, DEVICE_OF(on_line.power_offset), .unit = "W", .min = -1000, .max = 1000, .fallback = "nan", .help = "power at the lower end of the range"},
	{"flow_max", SETTING_NUMBER, DEVICE_OF(on_line.flow_max), .unit = "l/h", .min = 1, .max = 1000000, .fallback = "nan", .help = "flow at the upper end, of a variant that reports flow"},
	SETTING_END
};
/* clang-format on */

const struct shape bench_shape_lines = {"lines",
	"A board of GPIO lines and PWM channels. Returns the bus, for the devices on it.", board_rows, NULL};

static int read_board(lua_State *L, void *base, const char *where, struct error *e)
{
	struct line_form *form = base;
	const struct bench *bench = form->reader->bench;
	struct bench_handle handle;

	if (bench_handle_read(L, bench, HANDLE_BUS, &handle, where, e) != 0)
		return -1;
	if (bench->bus[handle.index].kind != BUS_LINES)
		return error_set(e, ERROR_CONFIG, "%s: bus '%s' carries registers, not lines", where,
			bench->bus[handle.index].words.name);
	form->device.bus = handle.index;
	return 0;
}

static const struct special line_specials[] = {
	{"bus", true, read_board, "bus", "what `lines` returned, or its name"}, {.name = NULL}};
const struct shape bench_shape_relay = {"relay", "A relay on a GPIO output; its point is `state`.", relay_rows,
	line_specials};
const struct shape bench_shape_pwm = {"pwm_output",
	"A PWM output of the kernel; its point is `duty`. It starts at the value of its `safe` step and is never switched off.",
	pwm_rows, line_specials};
const struct shape bench_shape_pulses = {"pulse_input",
	"Pulses of a meter on a GPIO input; its points are `flow`, `volume`, `frequency`, `count` and `last_edge`.", pulse_rows,
	line_specials};
const struct shape bench_shape_feedback = {"pwm_feedback",
	"A circulator's PWM feedback on a GPIO input; its points are `duty`, `frequency`, `power`, `flow` and `state`.",
	feedback_rows, line_specials};

int bench_build_lines(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct bus_form form = {.parity = 0};

	form.bus.kind = BUS_LINES;
	if (settings_from_lua(L, 1, &bench_shape_lines, &form, source, "lines", e) != 0)
		return -1;
	form.bus.words.parity = 'N';
	text_copy(form.bus.lines.name, sizeof(form.bus.lines.name), form.bus.words.name);
	return bench_add_bus(L, reader, &form, source, "lines", e);
}

/* A line twice on a board, a device's name twice. */
static int check_line(const struct bench *bench, const struct line_form *form, const char *source, const char *what,
	struct error *e)
{
	const struct lines_config *board = &bench->bus[form->device.bus].lines;

	for (int i = 0; i < bench->devices; i++)
		if (strcmp(bench->device[i].name, form->device.name) == 0)
			return bench_name_twice(source, what, form->device.name, bench->device[i].source, e);
	for (int i = 0; i < board->lines; i++)
		if (strcmp(board->line[i].chip, form->line.chip) == 0 && board->line[i].offset == form->line.offset &&
			(board->line[i].kind == LINE_PWM) == (form->line.kind == LINE_PWM))
			return error_set(e, ERROR_CONFIG, "%s: %s: %s %d of %s is '%s' already", source, what,
				form->line.kind == LINE_PWM ? "channel" : "line", form->line.offset, form->line.chip,
				board->line[i].name);
	return bench_check_room(board->lines, LINES_MOST, "lines of a board", source, e);
}

static int build_line(lua_State *L, struct bench_reader *reader, struct line_form *form, const struct shape *shape,
	const struct register_map *map, const char *source, struct error *e)
{
	struct bench *bench = reader->bench;
	struct lines_config *board;

	form->reader = reader;
	if (settings_from_lua(L, 1, shape, form, source, shape->name, e) != 0 ||
		bench_check_name(form->device.name, false, source, shape->name, e) != 0 ||
		bench_check_room(bench->devices, BENCH_DEVICES, "devices", source, e) != 0 ||
		check_line(bench, form, source, shape->name, e) != 0)
		return -1;
	board = &bench->bus[form->device.bus].lines;
	form->line.pull = (enum line_pull)form->pull;
	text_copy(form->line.name, sizeof(form->line.name), form->device.name);
	form->device.map = map;
	form->device.late_max = NANOS_PER_S;
	form->device.on_line.line = board->lines;
	text_copy(form->device.source, sizeof(form->device.source), source);
	board->line[board->lines++] = form->line;
	bench->device[bench->devices] = form->device;
	bench_handle_push(L, reader, HANDLE_DEVICE, bench->devices++);
	return 1;
}

int bench_build_relay(lua_State *L, void *self, const char *source, struct error *e)
{
	struct line_form form = {.line.kind = LINE_OUTPUT, .device.on_line.kind = LINE_DEVICE_RELAY};

	return build_line(L, self, &form, &bench_shape_relay, &line_map_relay, source, e);
}

int bench_build_pwm(lua_State *L, void *self, const char *source, struct error *e)
{
	struct line_form form = {.line.kind = LINE_PWM, .line.duty = NAN, .device.on_line.kind = LINE_DEVICE_PWM};

	return build_line(L, self, &form, &bench_shape_pwm, &line_map_pwm, source, e);
}

int bench_build_pulses(lua_State *L, void *self, const char *source, struct error *e)
{
	struct line_form form = {.line.kind = LINE_EDGES, .device.on_line.kind = LINE_DEVICE_PULSES};

	return build_line(L, self, &form, &bench_shape_pulses, &line_map_pulses, source, e);
}

int bench_build_feedback(lua_State *L, void *self, const char *source, struct error *e)
{
	struct line_form form = {.line.kind = LINE_EDGES, .device.on_line.kind = LINE_DEVICE_FEEDBACK};
	const struct pump_profile *profile;
	struct error inner = ERROR_INIT;

	if (build_line(L, self, &form, &bench_shape_feedback, &line_map_feedback, source, e) < 0)
		return -1;
	if (form.device.on_line.profile[0] && pump_profile_find(form.device.on_line.profile, &profile, &inner) != 0)
		return error_set(e, ERROR_CONFIG, "%s: pwm_feedback.profile: %s", source, inner.text);
	return 1;
}

/* What a line's output shall be from the moment it is requested: the value of its first safe step. */
static bool start_of(const struct bench *bench, int device, double *value)
{
	for (int s = 0; s < bench->safes; s++) {
		const struct bench_channel *c = &bench->channel[bench->safe[s].channel];

		if (c->device != device)
			continue;
		*value = (bench->safe[s].value - c->offset) / c->gain;
		return true;
	}
	return false;
}

int bench_resolve_lines(struct bench *bench, struct error *e)
{
	for (int d = 0; d < bench->devices; d++) {
		const struct bench_device *device = &bench->device[d];
		struct line_config *line;
		double value = 0;
		bool known = start_of(bench, d, &value);

		if (bench->bus[device->bus].kind != BUS_LINES)
			continue;
		line = &bench->bus[device->bus].lines.line[device->on_line.line];
		if (line->kind == LINE_PWM && !known)
			return error_set(e, ERROR_CONFIG,
				"%s: pwm_output '%s' has no safe step: nothing says what signal it starts with", device->source,
				device->name);
		if (line->kind == LINE_PWM)
			line->duty = value / 1000;
		else if (line->kind == LINE_OUTPUT)
			line->initial = value >= 0.5;
	}
	return 0;
}
