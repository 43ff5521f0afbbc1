#include "daq/script/procedure_form.h"

#include "daq/acquire/bench.h"
#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"
#include "daq/base/units.h"
#include "daq/script/settings_lua.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define FORM(field) offsetof(struct call_form, field)
#define CHANNEL_ROW {"channel", SETTING_TEXT, FORM(channel), 48, .help = "name of a channel"}
static const struct setting step_rows[] = {
	{"name", SETTING_TEXT, FORM(name), 96, .help = "what people read: \"wilo open 100\""},
	{"dut", SETTING_TEXT, FORM(dut), 32, .fallback = "", .help = "device under test"},
	{"valve", SETTING_TEXT, FORM(valve), 24, .fallback = "", .help = "valve position: open, throttled"},
	{"set_point", SETTING_TEXT, FORM(set_point), CALL_QUANTITY, .fallback = "", .help = "number, or quantity with unit", .placeholder = "quantity"},
	{"unit", SETTING_TEXT, FORM(unit), 16, .fallback = "", .help = "of the set point, if that is a number"},
	SETTING_END
};
static const struct setting set_rows[] = {
	CHANNEL_ROW,
	{"value", SETTING_TEXT, FORM(value), CALL_QUANTITY, .help = "number in the channel's unit, or quantity with unit", .placeholder = "quantity"},
	SETTING_END
};
static const struct setting hold_rows[] = {
	{"duration", SETTING_DURATION, FORM(duration), .min = 0, .max = 1e7, .help = "seconds, or \"5 min\""},
	SETTING_END
};
static const struct setting measure_rows[] = {
	{"samples", SETTING_INTEGER, FORM(samples), .min = 0, .max = 1e7, .fallback = "0", .help = "how many ticks; or"},
	{"duration", SETTING_DURATION, FORM(duration), .min = 0, .max = 1e7, .fallback = "0 s", .help = "how long"},
	{"name", SETTING_TEXT, FORM(name), 96, .fallback = "", .help = "of the window in the run"},
	SETTING_END
};
static const struct setting settle_rows[] = {
	CHANNEL_ROW,
	{"within", SETTING_TEXT, FORM(within), CALL_QUANTITY, .help = "greatest minus least value in the window", .placeholder = "quantity"},
	{"window", SETTING_DURATION, FORM(window), .min = 0, .max = 1e6, .fallback = "10 s", .help = "how long it must be quiet"},
	{"limit", SETTING_DURATION, FORM(limit), .min = 0, .max = 1e7, .fallback = "120 s", .help = "when to give up: the step fails"},
	SETTING_END
};
static const struct setting await_rows[] = {
	CHANNEL_ROW,
	{"near", SETTING_TEXT, FORM(value), CALL_QUANTITY, .help = "value to wait for", .placeholder = "quantity"},
	{"within", SETTING_TEXT, FORM(within), CALL_QUANTITY, .help = "how near", .placeholder = "quantity"},
	{"limit", SETTING_DURATION, FORM(limit), .min = 0, .max = 1e7, .fallback = "300 s", .help = "when to give up: the step fails"},
	SETTING_END
};
static const struct setting read_rows[] = {CHANNEL_ROW, SETTING_END};
static const struct setting text_rows[] = {
	{"text", SETTING_TEXT, FORM(text), CALL_TEXT, .help = "what people read"},
	SETTING_END
};
/* clang-format on */

static const struct shape shapes[] = {
	{"step", "Begins a step; the one before ends.", step_rows, NULL},
	{"set", "Sets an output. Outside the channel's limits it is refused and the step fails.", set_rows, NULL},
	{"hold", "Lets time pass; the bench goes on recording.", hold_rows, NULL},
	{"measure", "Measures all channels over a window that begins now and returns "
		"`{ channel = { mean=, sd=, min=, max=, last=, n=, bad= }, ... }`: of the good samples, n of them. Without "
		"a good one mean is nil. Either `samples` or `duration`.", measure_rows, NULL},
	{"settle", "Waits until a channel is quiet.", settle_rows, NULL},
	{"await", "Waits until a channel has arrived at a value, and returns what it is.", await_rows, NULL},
	{"read", "Returns a channel's last value (nil if it has none) and its quality: \"good\", \"timeout\" ...",
		read_rows, NULL},
	{"ask", "Asks the operator and returns the answer. Needs a terminal or --answers FILE, else the step fails.",
		text_rows, NULL},
	{"note", "Writes into the run's log. `print` does too.", text_rows, NULL},
};

static const struct shape *find_shape(const char *name)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strcmp(shapes[i].name, name) == 0)
			return &shapes[i];
	return NULL;
}

void call_form_help(const char *name, FILE *to)
{
	settings_help(find_shape(name), to);
}

/* The n-th row of a call takes its n-th argument; a table may hold them under their names too. */
static const struct setting *row_of_key(const struct shape *shape, const char *key)
{
	char *end;
	long n = strtol(key, &end, 10);

	if (end == key || *end)
		return settings_find(shape->rows, key);
	for (const struct setting *row = shape->rows; row->name; row++)
		if (--n == 0)
			return row;
	return NULL;
}

static int assign(struct call_form *form, const struct setting *row, const json_t *value, struct error *e)
{
	struct setting_value v = {.kind = VALUE_TEXT};
	char seconds[40];

	if (json_is_string(value)) {
		v.text = json_string_value(value);
	} else if (json_is_number(value)) {
		v.kind = VALUE_NUMBER;
		v.number = json_number_value(value);
	} else if (json_is_boolean(value)) {
		v.kind = VALUE_SWITCH;
		v.on = json_is_true(value);
	} else {
		return error_set(e, ERROR_CONFIG, "%s: expected a number or a text, got a table", row->name);
	}
	if (row->type == SETTING_DURATION && v.kind == VALUE_NUMBER) { /* hold(10): seconds */
		snprintf(seconds, sizeof(seconds), "%.17g s", v.number);
		v.kind = VALUE_TEXT;
		v.text = seconds;
	}
	return settings_assign(row, form, &v, row->name, e);
}

static int assign_key(struct call_form *form, const struct shape *shape, const char *key, const json_t *value,
	bool *given, struct error *e)
{
	const struct setting *row = row_of_key(shape, key);
	const char *near;

	if (json_is_null(value))
		return 0;
	if (row) {
		given[row - shape->rows] = true;
		return assign(form, row, value, e);
	}
	near = settings_nearest(shape->rows, key);
	return error_set(e, ERROR_CONFIG, "unknown key '%s'%s%s%s", key, near ? " (did you mean '" : "",
		near ? near : "", near ? "'?)" : "");
}

static int assign_all(struct call_form *form, const struct shape *shape, const json_t *arguments, struct error *e)
{
	bool given[8] = {false};
	const char *key;
	json_t *value;
	char number[24];

	for (size_t i = 0; i < json_array_size(arguments); i++) {
		const json_t *argument = json_array_get(arguments, i);

		snprintf(number, sizeof(number), "%zu", i + 1);
		if (!json_is_object(argument) && assign_key(form, shape, number, argument, given, e) != 0)
			return -1;
		json_object_foreach ((json_t *)argument, key, value)
			if (assign_key(form, shape, key, value, given, e) != 0)
				return -1;
	}
	for (const struct setting *row = shape->rows; row->name; row++)
		if (setting_required(row) && !given[row - shape->rows])
			return error_set(e, ERROR_CONFIG, "'%s' is missing (%s)", row->name, row->help);
	return 0;
}

static int find_channel(struct call_form *form, const struct bench *bench, struct error *e)
{
	const char *near;

	form->index = bench_find_channel(bench, form->channel);
	if (form->index >= 0)
		return 0;
	near = bench_nearest_channel(bench, form->channel);
	return error_set(e, ERROR_CONFIG, "no channel is called '%s'%s%s%s", form->channel,
		near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* A bare number is in the unit that the place has. */
static int read_quantity(const char *text, const char *unit, double *out, struct error *e)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end)
		return quantity_read(text, unit, out, e);
	if (!isfinite(v))
		return error_set(e, ERROR_CONFIG, "'%s' is not a finite number", text);
	*out = v;
	return 0;
}

static int check_set(struct call_form *form, const struct bench *bench, struct error *e)
{
	const struct bench_channel *c;

	if (find_channel(form, bench, e) != 0)
		return -1;
	c = &bench->channel[form->index];
	if (!c->output)
		return error_set(e, ERROR_CONFIG, "'%s' is no output (%s)", c->name, c->source);
	if (read_quantity(form->value, c->unit, &form->number, e) != 0)
		return -1;
	if (form->number >= c->min && form->number <= c->max)
		return 0;
	return error_set(e, ERROR_LIMIT, "%s = %g %s is outside %g to %g %s (%s)", c->name, form->number, c->unit,
		c->min, c->max, c->unit, c->source);
}

static int check_measure(struct call_form *form, const struct bench *bench, struct error *e)
{
	if ((form->samples > 0) == (form->duration > 0))
		return error_set(e, ERROR_CONFIG, "give either samples = 30 or duration = \"30 s\"");
	if (form->samples > 0)
		form->duration = form->samples * bench->tick;
	return 0;
}

static int check_window(struct call_form *form, const struct bench *bench, struct error *e)
{
	const char *unit;

	if (find_channel(form, bench, e) != 0)
		return -1;
	unit = bench->channel[form->index].unit;
	if (form->value[0] && read_quantity(form->value, unit, &form->number, e) != 0)
		return -1;
	if (strcmp(unit, "degC") == 0 || strcmp(unit, "°C") == 0)
		unit = "K"; /* a width, not a temperature */
	if (read_quantity(form->within, unit, &form->band, e) != 0)
		return -1;
	if (!(form->band >= 0))
		return error_set(e, ERROR_CONFIG, "within = %g is below 0", form->band);
	return 0;
}

static int check_step(struct call_form *form, const struct bench *bench, struct error *e)
{
	const char *names[BENCH_DUTS + 1], *near;
	char unit[16] = "";

	if (form->dut[0] && bench_find_dut(bench, form->dut) < 0) {
		for (int i = 0; i < bench->duts; i++)
			names[i] = bench->dut[i].name;
		names[bench->duts] = NULL;
		near = nearest_name(form->dut, names);
		return error_set(e, ERROR_CONFIG, "no dut is called '%s'%s%s%s", form->dut,
			near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
	}
	if (form->unit[0] && !unit_known(form->unit))
		return error_set(e, ERROR_CONFIG, "unit: '%s' is not a unit that is known here", form->unit);
	if (!form->set_point[0])
		return 0;
	if (form->unit[0])
		return read_quantity(form->set_point, form->unit, &form->number, e);
	if (quantity_parse(form->set_point, &form->number, unit, sizeof(unit), e) != 0)
		return -1;
	text_copy(form->unit, sizeof(form->unit), unit);
	return 0;
}

int call_form_read(struct call_form *form, const char *name, const json_t *arguments, const struct bench *bench,
	struct error *e)
{
	const struct shape *shape = find_shape(name);

	memset(form, 0, sizeof(*form));
	form->index = -1;
	form->number = NAN;
	if (settings_defaults(shape->rows, form, e) != 0 || assign_all(form, shape, arguments, e) != 0)
		return -1;
	if (shape->rows == step_rows)
		return check_step(form, bench, e);
	if (shape->rows == set_rows)
		return check_set(form, bench, e);
	if (shape->rows == measure_rows)
		return check_measure(form, bench, e);
	if (shape->rows == settle_rows || shape->rows == await_rows)
		return check_window(form, bench, e);
	return shape->rows == read_rows ? find_channel(form, bench, e) : 0;
}

void call_form_describe(const struct call_form *form, const char *name, const struct bench *bench, struct text *out)
{
	text_add(out, "%s", name);
	if (form->index >= 0)
		text_add(out, " %s", bench->channel[form->index].name);
	if (!isnan(form->number) && !form->name[0])
		text_add(out, " %.17g", form->number);
	if (form->within[0])
		text_add(out, " within %.17g", form->band);
	if (form->duration || form->window || form->limit)
		text_add(out, " %.9g s", (double)(form->duration + form->window) / 1e9);
	if (form->limit)
		text_add(out, " limit %.9g s", (double)form->limit / 1e9);
	if (form->name[0])
		text_add(out, " %s", form->name);
	if (form->dut[0] || form->valve[0] || (form->name[0] && !isnan(form->number)))
		text_add(out, " (%s %s %.17g %s)", form->dut, form->valve, form->number, form->unit);
	text_add(out, form->text[0] ? " %s" : "%s", form->text);
}
