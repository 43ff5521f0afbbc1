#include "tests/check.h"

#include "daq/base/clock.h"
#include "daq/base/settings.h"

#include <math.h>

struct sample {
	char text[8];
	int integer, choice;
	double number, flow, unlimited, unknown;
	nanos duration;
	bool on;
	struct setting_list list;
};

static const char *const colours[] = {"red", "green", "blue", NULL};

#define AT(field) offsetof(struct sample, field)
static const struct setting rows[] = {
	{"text", SETTING_TEXT, AT(text), 8, .fallback = "abc"},
	{"integer", SETTING_INTEGER, AT(integer), .min = 1, .max = 247, .fallback = "7"},
	{"choice", SETTING_CHOICE, AT(choice), .choices = colours, .fallback = "green"},
	{"number", SETTING_NUMBER, AT(number), .min = -1, .max = 1, .fallback = "0.5"},
	{"flow", SETTING_NUMBER, AT(flow), .unit = "l/h", .min = 0, .max = 5000, .fallback = "1 m3/h"},
	{"unlimited", SETTING_NUMBER, AT(unlimited), .fallback = "-1e9"},
	{"unknown", SETTING_NUMBER, AT(unknown), .unit = "W", .fallback = "nan"},
	{"duration", SETTING_DURATION, AT(duration), .min = 0.001, .max = 3600, .fallback = "1 s"},
	{"on", SETTING_SWITCH, AT(on), .fallback = "true"},
	{"list", SETTING_LIST, AT(list), .fallback = ""},
	{"wanted", SETTING_INTEGER, AT(integer), .fallback = NULL},
	SETTING_END,
};

static struct error e;

static int give(struct sample *s, const char *name, const char *text)
{
	struct setting_value value = {.kind = VALUE_TEXT, .text = text};

	error_clear(&e);
	return settings_assign(settings_find(rows, name), s, &value, "rig.lua:3: x", &e);
}

static int give_number(struct sample *s, const char *name, double number)
{
	struct setting_value value = {.kind = VALUE_NUMBER, .number = number};

	error_clear(&e);
	return settings_assign(settings_find(rows, name), s, &value, "rig.lua:3: x", &e);
}

static int give_switch(struct sample *s, const char *name, bool on)
{
	struct setting_value value = {.kind = VALUE_SWITCH, .on = on};

	error_clear(&e);
	return settings_assign(settings_find(rows, name), s, &value, "rig.lua:3: x", &e);
}

static struct sample defaults(void)
{
	struct sample s;

	memset(&s, 0, sizeof(s));
	must(settings_defaults(rows, &s, &e));
	return s;
}

static void defaults_are_read_like_anything_else(void **state)
{
	struct sample s = defaults();

	(void)state;
	assert_string_equal(s.text, "abc");
	assert_int_equal(s.integer, 7);
	assert_int_equal(s.choice, 1);
	assert_near(s.number, 0.5, 0);
	assert_near(s.flow, 1000, 1e-9);
	assert_near(s.unlimited, -1e9, 0);
	assert_true(isnan(s.unknown));
	assert_int_equal(s.duration, NANOS_PER_S);
	assert_true(s.on);
	assert_int_equal(s.list.count, 0);
	assert_true(setting_required(settings_find(rows, "wanted")));
	assert_false(setting_required(settings_find(rows, "text")));
}

static void every_type_takes_its_own(void **state)
{
	struct sample s = defaults();

	(void)state;
	assert_int_equal(give(&s, "text", "1234567"), 0);
	assert_string_equal(s.text, "1234567");
	assert_int_equal(give_number(&s, "text", 12.5), 0);
	assert_string_equal(s.text, "12.5");
	assert_int_equal(give(&s, "integer", "247"), 0);
	assert_int_equal(give_number(&s, "integer", 1), 0);
	assert_int_equal(s.integer, 1);
	assert_int_equal(give(&s, "choice", "blue"), 0);
	assert_int_equal(s.choice, 2);
	assert_int_equal(give_number(&s, "number", -1), 0);
	assert_int_equal(give(&s, "flow", "0.5 m3/h"), 0);
	assert_near(s.flow, 500, 1e-9);
	assert_int_equal(give(&s, "duration", "300 ms"), 0);
	assert_int_equal(s.duration, 300 * NANOS_PER_MS);
	assert_int_equal(give(&s, "on", "off"), 0);
	assert_false(s.on);
	assert_int_equal(give_switch(&s, "on", true), 0);
	assert_true(s.on);
	assert_int_equal(give(&s, "list", "a") | give(&s, "list", "b"), 0);
	assert_int_equal(s.list.count, 2);
	assert_string_equal(s.list.item[1], "b");
}

/* Gives a text that must be refused, with the place and these words, and must change nothing. */
static void refuse(const char *name, const char *text, const char *words)
{
	struct sample s = defaults(), before = s;

	if (give(&s, name, text) == 0)
		fail_msg("%s took \"%s\"", name, text);
	assert_int_equal(e.code, ERROR_CONFIG);
	assert_non_null(strstr(e.text, "rig.lua:3: x"));
	if (!strstr(e.text, words))
		fail_msg("\"%s\" does not say \"%s\"", e.text, words);
	assert_memory_equal(&s, &before, sizeof(s));
}

static void what_does_not_fit_is_refused_with_the_place(void **state)
{
	(void)state;
	refuse("text", "12345678", "longer than 7");
	refuse("integer", "0", "outside 1 to 247");
	refuse("integer", "248", "outside 1 to 247");
	refuse("integer", "3.5", "whole number");
	refuse("integer", "", "expected a number");
	refuse("integer", "7 W", "expected a number");
	refuse("choice", "pink", "red, green, blue");
	refuse("number", "1.01", "outside -1 to 1");
	refuse("flow", "100", "l/h");
	refuse("flow", "100 W", "'W'");
	refuse("flow", "6 m3/h", "outside 0 to 5000");
	refuse("duration", "5", "'5 s'");
	refuse("duration", "2 h", "outside");
	refuse("on", "maybe", "true or false");
}

static void nan_and_infinity_are_no_settings(void **state)
{
	struct sample s = defaults();

	(void)state;
	refuse("integer", "nan", "finite");
	refuse("number", "nan", "finite");
	refuse("unlimited", "inf", "finite");
	refuse("flow", "nan l/h", "finite");
	refuse("duration", "inf s", "finite");
	refuse("unknown", "nan", "finite"); /* only as a default */
	assert_int_equal(give_number(&s, "number", NAN), -1);
	assert_int_equal(give_number(&s, "unlimited", -INFINITY), -1);
	assert_int_equal(give_number(&s, "integer", NAN), -1);
}

static void a_bare_number_is_no_quantity(void **state)
{
	struct sample s = defaults();

	(void)state;
	assert_int_equal(give_number(&s, "flow", 100), -1);
	assert_non_null(strstr(e.text, "\"100 l/h\""));
	assert_int_equal(give_number(&s, "duration", 5), -1);
	assert_non_null(strstr(e.text, "\"5 s\""));
	assert_int_equal(give_switch(&s, "number", true), -1);
	assert_int_equal(give_switch(&s, "text", true), -1);
	assert_int_equal(give_number(&s, "on", 1), -1);
	assert_int_equal(give_number(&s, "choice", 1), -1);
}

static void a_time_that_64_bits_cannot_hold_is_refused(void **state)
{
	static const struct setting row = {"for", SETTING_DURATION, 0, .fallback = "1 s"};
	struct setting_value value = {.kind = VALUE_TEXT, .text = "1e300 s"};
	nanos room = 5;

	(void)state;
	refused(settings_assign(&row, &room, &value, "here", &e), ERROR_CONFIG, "here");
	assert_int_equal(room, 5);
}

static void a_list_that_is_full_takes_no_more(void **state)
{
	struct sample s = defaults();

	(void)state;
	for (int i = 0; i < 64; i++)
		assert_int_equal(give(&s, "list", "x"), 0);
	assert_int_equal(give(&s, "list", "x"), -1);
	assert_int_equal(s.list.count, 64);
}

static void a_misspelt_name_finds_its_neighbour(void **state)
{
	static const char *const names[] = {"baud", "parity", "stop_bits", NULL};

	(void)state;
	assert_string_equal(nearest_name("buad", names), "baud");
	assert_string_equal(nearest_name("stopbits", names), "stop_bits");
	assert_string_equal(nearest_name("paritty", names), "parity");
	assert_null(nearest_name("response_timeout", names));
	assert_null(nearest_name("zzzz", names));
	assert_string_equal(settings_nearest(rows, "durration"), "duration");
	assert_null(settings_find(rows, "durration"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_read_like_anything_else),
		cmocka_unit_test(every_type_takes_its_own),
		cmocka_unit_test(what_does_not_fit_is_refused_with_the_place),
		cmocka_unit_test(nan_and_infinity_are_no_settings),
		cmocka_unit_test(a_bare_number_is_no_quantity),
		cmocka_unit_test(a_time_that_64_bits_cannot_hold_is_refused),
		cmocka_unit_test(a_list_that_is_full_takes_no_more),
		cmocka_unit_test(a_misspelt_name_finds_its_neighbour),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
