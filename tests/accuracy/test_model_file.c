/* What a model file may say, what the digest covers, and what is refused with which words. */
#include "tests/check.h"

#include "analytics/accuracy/model.h"
#include "daq/base/text.h"
#include "tests/analytics/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ELECTRICITY "analytics/accuracy/models/electricity.json"
#define HEAT "analytics/accuracy/models/heat-en1434.json"

static char file[64];

static int try(const char *text, size_t length, struct model *out, struct error *e)
{
	struct error not_written = ERROR_INIT;

	if (text_write_file(file, text, length, &not_written) < 0)
		fail_msg("%s", not_written.text);
	return model_load(file, out, e);
}

/* The file `path` with the first `from` replaced. */
static char *changed(const char *path, const char *from, const char *to)
{
	struct error e = ERROR_INIT;
	struct text t = TEXT_INIT;
	char *text, *at;

	must(text_read_file(path, &text, NULL, &e));
	at = strstr(text, from);
	if (!at)
		fail_msg("%s does not say %s", path, from);
	text_add_bytes(&t, text, (size_t)(at - text));
	text_add(&t, "%s%s", to, at + strlen(from));
	free(text);
	assert_false(t.failed);
	return t.data;
}

static void what_a_file_says_is_what_a_model_has(void **state)
{
	struct error e = ERROR_INIT;
	struct model m;

	(void)state;
	must(model_load(ELECTRICITY, &m, &e));
	assert_string_equal(m.name, "electricity");
	assert_string_equal(m.version, "1");
	assert_string_equal(m.hardware, "first");
	assert_string_equal(m.unit, "W");
	assert_int_equal(m.target, MODEL_ELECTRIC_POWER);
	assert_int_equal(m.inputs, 9);
	assert_int_equal(m.terms, 6);
	assert_int_equal(m.rules, 3);
	assert_non_null(strstr(m.source, "never fitted"));
	must(model_load(HEAT, &m, &e));
	assert_int_equal(m.target, MODEL_HEAT_POWER);
	assert_true(m.heat.used && m.heat.medium.convention == HEAT_EN1434 && m.heat.medium.sensor == HEAT_SENSOR_RETURN);
}

static void what_is_wrong_is_named_with_its_place(void **state)
{
	static const struct {
		const char *path, *from, *to, *words;
	} cases[] = {
		{ELECTRICITY, "\"version\"", "\"versoin\"", ": versoin: no such key; did you mean 'version'?"},
		{ELECTRICITY, "\"version\": \"1\",", "", ": version: is missing: a text was expected"},
		{ELECTRICITY, "\"version\": \"1\"", "\"version\": 1", ": version: a text in quotes was expected"},
		{ELECTRICITY, "\"electricity\"", "\"\"", ": name: is empty"},
		{ELECTRICITY, "\"electric_power\"", "\"electric\"", ": target: 'electric' is none of electric_power, heat_power"},
		{ELECTRICITY, "\"unit\": \"W\"", "\"unit\": \"Wh\"", ": unit: 'Wh' is no unit of power"},
		{ELECTRICITY, "\"level\": 2", "\"level\": 3", ": level: a whole number from 0 to 2"},
		{ELECTRICITY, "\"VA\"", "\"VAA\"", ": inputs[0].unit: 'VAA' is not a unit"},
		{ELECTRICITY, "\"ac_voltage\"", "\"apparent_power\"", ": inputs[1].name: 'apparent_power' was there before"},
		{ELECTRICITY, "\"min\": 0, \"max\": 1", "\"min\": 2, \"max\": 1", ": inputs[4].max: 1 is below min, 2"},
		{ELECTRICITY, "\"unit\": \"A\"", "\"unit\": \"A\", \"measured\": false", ": inputs[2].measured: ac_current is not measured"},
		{ELECTRICITY, "\"unit\": \"A\"", "\"unit\": \"A\", \"measured\": 0", ": inputs[2].measured: true or false"},
		{ELECTRICITY, "[\"fan_speed\"]", "[\"fan_sped\"]",
			": terms[2].of: 'fan_sped' is none of the inputs; did you mean 'fan_speed'?"},
		{ELECTRICITY, "[\"fan_speed\"]", "[7]", ": terms[2].of[0]: a text in quotes"},
		{ELECTRICITY, "[\"fan_speed\"]", "\"fan_speed\"", ": terms[2].of: a list in brackets"},
		{ELECTRICITY, "[\"fan_speed\"]", "[\"pump_duty\", \"pump_duty\", \"fan_speed\"]", ": terms[2].of: 3 items; 2 are possible"},
		{ELECTRICITY, "-0.04858859969715763", "\"low\"", ": terms[2].coefficient: a number was expected"},
		{ELECTRICITY, "\"coefficient\": 40, ", "", ": terms[5].coefficient: is missing"},
		{ELECTRICITY, "{\"coefficient\": 5.150232354845286}", "5.15", ": terms[0].: an object in braces"},
		{ELECTRICITY, "[\"fan_speed\"]", "[\"fan_speed\"], \"while\": [\"not runing\"]", ": terms[2].while: 'runing' is none of the inputs"},
		{ELECTRICITY, "\"by\": \"product\"", "\"by\": \"sum\"", ": rules[0].by: 'sum' is none of product, cold_probability, crankcase"},
		{ELECTRICITY, "\"as_written\"", "\"upright\"", ": rules[2].variant: 'upright' is none of as_written, inverted"},
		{ELECTRICITY, ", \"slope\": 4.416233732189494", "", ": rules[1].slope: is missing"},
		{ELECTRICITY, "\"threshold\"", "\"slope\": 1, \"threshold\"", ": rules[2].slope: no such key"},
		{ELECTRICITY, "\"unit\": \"degC\"", "\"unit\": \"K\"", ": rules[1].temperature: input outside_temperature is in 'K'; 'degC'"},
		{ELECTRICITY, "\"first\": \"ac_voltage\"", "\"first\": \"crankcase_heater\"",
			": rules[0].fills: apparent_power is made from crankcase_heater, which this rule or a later one fills"},
		{ELECTRICITY, "\"first\": \"ac_voltage\"", "\"first\": \"apparent_power\"",
			": rules[0].fills: apparent_power is made from apparent_power"},
		{ELECTRICITY, "\"floor\": 0", "\"floor\": NaN", "invalid token"},
		{ELECTRICITY, "\"floor\": 0", "\"floor\": 0, \"floor\": 1", "duplicate object key"},
		{HEAT, "\"en1434\", \"sensor\"", "\"en14334\", \"sensor\"", ": heat.convention: 'en14334' is none of en1434, 997x4182"},
		{HEAT, "\"en1434\", \"sensor\"", "\"given\", \"sensor\"", ": heat.convention: convention = given needs rho_cp"},
		{HEAT, "\"pressure\": 16", "\"pressure\": 16, \"rho_cp\": 4", ": heat.rho_cp: belongs to convention 'given'"},
		{HEAT, "\"pressure\": 16", "\"pressure\": 0.5", ": heat.convention: the heat coefficient needs a pressure"},
		{HEAT, "\"l/h\"", "\"l/min\"", ": heat.flow: input internal_flow is in 'l/min'; 'l/h' was expected"},
		{HEAT, "\"unit\": \"W\"", "\"unit\": \"kW\"", ": heat.flow: heat comes in W, and the model's unit is 'kW'"},
		{HEAT, "\"heat\": {", "\"terms\": [], \"heat_of\": {", ": heat_of: no such key"},
	};
	struct error e = ERROR_INIT;
	struct model m = {.name = "untouched"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = changed(cases[i].path, cases[i].from, cases[i].to);

		refused(try(text, strlen(text), &m, &e), ERROR_CONFIG, cases[i].words);
		assert_ptr_equal(strstr(e.text, file), e.text);
		assert_string_equal(m.name, "untouched");
		free(text);
	}
	refused(try("{\n\"name\": }", 11, &m, &e), ERROR_CONFIG, ":2: ");
	refused(try("[]", 2, &m, &e), ERROR_CONFIG, "an object in braces");
	refused(try("", 0, &m, &e), ERROR_CONFIG, file);
	refused(model_load("no/such/model.json", &m, &e), ERROR_IO, "no/such/model.json");
}

static void the_digest_covers_what_decides_a_value_and_nothing_else(void **state)
{
	static const struct {
		const char *path, *from, *to;
		bool same;
	} cases[] = {
		{ELECTRICITY, "\"electricity\"", "\"another\"", true},
		{ELECTRICITY, "never fitted", "somebody's", true},
		{ELECTRICITY, "\"floor\": 0", "\"floor\":   0.0e0", true},
		{ELECTRICITY, "{\"coefficient\": 40, \"of\": [\"crankcase_heater\"]}", "{\"of\": [\"crankcase_heater\"], \"coefficient\": 40.0}",
			true},
		{ELECTRICITY, "\"floor\": 0,", "", false},
		{ELECTRICITY, "1.1240096401010435", "1.1240096401010437", false},
		{ELECTRICITY, "as_written", "inverted", false},
		{ELECTRICITY, "\"threshold\": -4", "\"threshold\": -5", false},
		{ELECTRICITY, "\"unit\": \"VA\"", "\"unit\": \"kVA\"", false},
		{ELECTRICITY, "\"of\": [\"fan_speed\"]", "\"of\": [\"fan_speed\"], \"while\": [\"pump_relay\"]", false},
		{HEAT, "\"sensor\": \"return\", ", "", true},
		{HEAT, "\"sensor\": \"return\"", "\"sensor\": \"supply\"", false},
		{HEAT, "\"pressure\": 16", "\"pressure\": 10", false},
	};
	struct error e = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = changed(cases[i].path, cases[i].from, cases[i].to), one[65], other[65];
		struct model a, b;

		must(model_load(cases[i].path, &a, &e));
		must(try(text, strlen(text), &b, &e));
		model_digest(&a, one);
		model_digest(&b, other);
		assert_int_equal(strlen(one), 64);
		if ((strcmp(one, other) == 0) != cases[i].same)
			fail_msg("%s -> %s", cases[i].from, cases[i].to);
		free(text);
	}
}

/* Bytes changed, cut out and doubled at random: a model or an error, and a model that can be evaluated. */
static void a_damaged_file_is_refused_or_is_a_model(void **state)
{
	static const char *const paths[] = {ELECTRICITY, HEAT, "analytics/accuracy/models/electricity-lte.json"};
	static const char alphabet[] = "\"{}[],:0123456789.-e abW\\\xff\n";
	struct error e = ERROR_INIT;
	uint64_t seed = 9;
	int good = 0, bad = 0;

	(void)state;
	for (int round = 0; round < 1500; round++) {
		char *text;
		size_t length;
		struct model m;

		must(text_read_file(paths[round % 3], &text, &length, &e));
		for (int hits = 1 + round % 4; hits > 0; hits--) {
			size_t at = (size_t)(random_uniform(&seed) * (double)length);

			if (random_uniform(&seed) < 0.1)
				length = at + 1;
			text[at] = alphabet[(size_t)(random_uniform(&seed) * (sizeof(alphabet) - 1))];
		}
		if (try(text, length, &m, &e) < 0) {
			assert_true(e.code == ERROR_CONFIG && e.text[0]);
			bad++;
		} else {
			double value, zero = 0;
			signed char level;
			struct model_column columns[MODEL_INPUTS];

			good++;
			for (int i = 0; i < m.inputs; i++)
				columns[i] = (struct model_column){m.input[i].name, m.input[i].unit, &zero};
			must(model_evaluate(&m, columns, (size_t)m.inputs, 1, &(struct model_rows){&value, &level, NULL}, &e));
		}
		error_clear(&e);
		free(text);
	}
	assert_true(good > 50 && bad > 500);
}

static int start(void **state)
{
	int fd;

	(void)state;
	snprintf(file, sizeof(file), "/tmp/heatbench-model-XXXXXX");
	fd = mkstemp(file);
	return fd < 0 ? -1 : close(fd);
}

static int end(void **state)
{
	(void)state;
	return unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_file_says_is_what_a_model_has),
		cmocka_unit_test(what_is_wrong_is_named_with_its_place),
		cmocka_unit_test(the_digest_covers_what_decides_a_value_and_nothing_else),
		cmocka_unit_test(a_damaged_file_is_refused_or_is_a_model),
	};

	return cmocka_run_group_tests(tests, start, end);
}
