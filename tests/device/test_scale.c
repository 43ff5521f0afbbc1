/*
 * Lines of scales: those printed in manuals, those that other programs' tests and users' captures hold, and what is none.
 * Each table names where its lines are from.
 */
#include "tests/check.h"

#include "daq/device/scale.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 300000 };

struct line_case {
	const char *line;
	enum scale_state state;
	double kg, resolution; /* kg; looked at when stable or dynamic */
	const char *unit;      /* NULL: not looked at */
	int unverified;
};

static void check_lines(const struct scale_driver *d, enum scale_ask ask, const char *blank_unit,
	const struct line_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct scale_reply r;

		scale_parse(d, ask, c[i].line, blank_unit, &r);
		if (r.state != c[i].state)
			fail_msg("\"%s\" is %s (%s), expected %s", c[i].line, scale_state_name(r.state), r.text,
				scale_state_name(c[i].state));
		if (c[i].unit && strcmp(r.unit, c[i].unit) != 0)
			fail_msg("\"%s\" has unit \"%s\"", c[i].line, r.unit);
		if (r.state != SCALE_STABLE && r.state != SCALE_DYNAMIC) {
			assert_true(isnan(r.weight) && isnan(r.resolution));
			continue;
		}
		if (fabs(r.weight - c[i].kg) > 1e-12 || fabs(r.resolution - c[i].resolution) > 1e-15)
			fail_msg("\"%s\" is %.10g kg by %.3g", c[i].line, r.weight, r.resolution);
		assert_int_equal(r.unverified, c[i].unverified);
	}
}

#define CHECK(driver, ask, unit, cases) check_lines(driver, ask, unit, cases, sizeof(cases) / sizeof((cases)[0]))

static void lines_of_sics_manuals_mean_what_they_say(void **state)
{
	static const struct line_case cases[] = {
		/* "S - Send stable weight value": MT AL-IC/AT operating instructions (manymanuals 7405 p.72, manualshelf
		 * at-balances p.87), Excellence reference manual 11780711, which has the ten characters */
		{"S S     100.00 g", SCALE_STABLE, 0.1, 1e-5, "g", 0},
		{"S S    -100.00 g", SCALE_STABLE, -0.1, 1e-5, "g", 0},
		{"S D     129.07 g", SCALE_DYNAMIC, 0.12907, 1e-5, "g", 0},
		{"S I", SCALE_NOT_EXECUTABLE, 0, 0, NULL, 0},
		{"S +", SCALE_OVERLOAD, 0, 0, NULL, 0},
		{"S -", SCALE_UNDERLOAD, 0, 0, NULL, 0},
		{"S L", SCALE_FAULT, 0, 0, NULL, 0},
		{"ES", SCALE_FAULT, 0, 0, NULL, 0},
		{"ET", SCALE_FAULT, 0, 0, NULL, 0},
		{"EL", SCALE_FAULT, 0, 0, NULL, 0},
		/* MT-SICS for weigh modules 11781363, 2.1.3.3, as PyLabRobot's protocol page has it */
		{"S S    Error 10b", SCALE_FAULT, 0, 0, NULL, 0},
		{"S D   12345.6 g", SCALE_DYNAMIC, 12.3456, 1e-4, "g", 0},
	};

	(void)state;
	CHECK(&scale_mt_sics, SCALE_WEIGH, "", cases);
	CHECK(&scale_mt_sics, SCALE_WEIGH_STABLE, "", cases);
	CHECK(&scale_kern_kcp, SCALE_WEIGH, "", cases);
}

static void lines_of_other_programs_tests_are_read_as_they_read_them(void **state)
{
	static const struct line_case cases[] = {
		/* InstrumentKit tests/test_mettler_toledo/test_mt_sics.py: A for stable, no fill */
		{"S A 1.234 g", SCALE_STABLE, 0.001234, 1e-6, "g", 0},
		{"S D 1.234 g", SCALE_DYNAMIC, 0.001234, 1e-6, "g", 0},
		/* Atlantis-Software/mt-sics test/sics0Test.js */
		{"S S     129.07 g", SCALE_STABLE, 0.12907, 1e-5, "g", 0},
		/* HerrRiebmann/Scale_Simulator README: nine characters */
		{"S S     4.08 kg", SCALE_STABLE, 4.08, 0.01, "kg", 0},
		/* janelia mettler_toledo_device README, XS204: -0.0082 g stable, -0.6800 g dynamic */
		{"S S    -0.0082 g", SCALE_STABLE, -8.2e-6, 1e-7, "g", 0},
		{"S D    -0.6800 g", SCALE_DYNAMIC, -6.8e-4, 1e-7, "g", 0},
		/* artisan pull request 2223: what a BC60 says in pounds and ounces */
		{"S D 12:07.50 lb:oz", SCALE_GARBLED, 0, 0, NULL, 0},
		{"S S      12.50 lb", SCALE_FOREIGN_UNIT, 0, 0, "lb", 0},
		{"S S         12 PCS", SCALE_FOREIGN_UNIT, 0, 0, "PCS", 0},
	};

	(void)state;
	CHECK(&scale_mt_sics, SCALE_WEIGH, "", cases);
}

static void the_answer_to_another_request_is_not_taken_for_a_weight(void **state)
{
	static const struct line_case weigh[] = {
		{"I4 A \"0123456789\"", SCALE_OTHER_ANSWER, 0, 0, NULL, 0}, /* also said when it is switched on */
		{"T A      2.486 g", SCALE_OTHER_ANSWER, 0, 0, NULL, 0},
		{"TA A     2.486 g", SCALE_OTHER_ANSWER, 0, 0, NULL, 0},
		{"Z A", SCALE_OTHER_ANSWER, 0, 0, NULL, 0},
	}, serial[] = {
		{"S S     100.00 g", SCALE_OTHER_ANSWER, 0, 0, NULL, 0},
		{"I2 A \"XS204\"", SCALE_OTHER_ANSWER, 0, 0, NULL, 0},
		{"I4 I", SCALE_NOT_EXECUTABLE, 0, 0, NULL, 0},
		{"I4 A", SCALE_GARBLED, 0, 0, NULL, 0},
		{"I4 A \"\"", SCALE_GARBLED, 0, 0, NULL, 0},
	}, stable[] = {{"SI D     100.00 g", SCALE_OTHER_ANSWER, 0, 0, NULL, 0}};

	(void)state;
	CHECK(&scale_mt_sics, SCALE_WEIGH, "", weigh);
	CHECK(&scale_mt_sics, SCALE_SERIAL, "", serial);
	CHECK(&scale_mt_sics, SCALE_WEIGH_STABLE, "", stable);
}

struct text_case {
	enum scale_ask ask;
	const char *line, *text;
};

static void check_texts(const struct scale_driver *d, const struct text_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct scale_reply r;

		scale_parse(d, c[i].ask, c[i].line, "", &r);
		if (r.state != SCALE_DONE || strcmp(r.text, c[i].text) != 0)
			fail_msg("\"%s\" is %s \"%s\"", c[i].line, scale_state_name(r.state), r.text);
		assert_true(isnan(r.weight));
	}
}

static void scales_say_who_they_are(void **state)
{
	static const struct text_case sics[] = {
		{SCALE_SERIAL, "I4 A \"0123456789\"", "0123456789"},
		{SCALE_SERIAL, "I4 A 0123456789", "0123456789"},     /* InstrumentKit */
		{SCALE_SERIAL, "I4 A \"B207696838\"", "B207696838"}, /* a WXS205SDU: PyLabRobot's protocol page */
		{SCALE_SERIAL, "I4 A \"K123456\"", "K123456"},	     /* Kern KIB-TM, as it comes */
		{SCALE_MODEL, "I2 A \"ICS469 OU 60.18 kg\"", "ICS469 OU 60.18 kg"}, /* Atlantis */
		{SCALE_MODEL, "I2 A \"WXS205SDU WXA-Bridge 220.00900 g\"", "WXS205SDU WXA-Bridge 220.00900 g"},
		{SCALE_TARE, "T S      2.486 g", "     2.486 g"},
		{SCALE_TARE, "T A      2.486 g", "     2.486 g"},
		{SCALE_ZERO, "Z A", ""},
	}, sbi[] = {
		/* numat/sartorius README and tests: a Minebea Intec Signum on Ethernet */
		{SCALE_MODEL, "SIWADCP-1-", "SIWADCP-1-"},
		{SCALE_SERIAL, "37454321", "37454321"},
		{SCALE_SERIAL, "      37454321      ", "37454321"},
		{SCALE_MODEL, "PMA7501-X00V1", "PMA7501-X00V1"}, /* ericlowry/sartorius-sbi README */
	};

	(void)state;
	check_texts(&scale_mt_sics, sics, sizeof(sics) / sizeof(sics[0]));
	check_texts(&scale_kern_kcp, sics, sizeof(sics) / sizeof(sics[0]));
	check_texts(&scale_sartorius_sbi, sbi, sizeof(sbi) / sizeof(sbi[0]));
}

static void lines_of_sartorius_manuals_mean_what_they_say(void **state)
{
	static const struct line_case cases[] = {
		/* GC803S p.57, LE series p.52: 16 and 22 characters, the last digit not verified */
		{"+   123.56 g  ", SCALE_STABLE, 0.12356, 1e-5, "g", 0},
		{"+  123.5[6]g  ", SCALE_STABLE, 0.12356, 1e-5, "g", 1},
		{"N     +   123.56 g  ", SCALE_STABLE, 0.12356, 1e-5, "g", 0},
		{"N     +  123.5[6]g  ", SCALE_STABLE, 0.12356, 1e-5, "g", 1},
		/* FB p.66 */
		{"+   1255.7 g  ", SCALE_STABLE, 1.2557, 1e-4, "g", 0},
		/* Quintix p.87: a blank for the sign, special outputs, errors */
		{"   111.255 g  ", SCALE_STABLE, 0.111255, 1e-6, "g", 0},
		{"      --      ", SCALE_NOT_EXECUTABLE, 0, 0, NULL, 0},
		{"      Low     ", SCALE_UNDERLOAD, 0, 0, NULL, 0},
		{"      High    ", SCALE_OVERLOAD, 0, 0, NULL, 0},
		{"   Err  54    ", SCALE_FAULT, 0, 0, NULL, 0},
		{"   Err 101    ", SCALE_FAULT, 0, 0, NULL, 0},
		/* Entris II p.3: special and error codes in 22 characters */
		{"Stat        High    ", SCALE_OVERLOAD, 0, 0, NULL, 0},
		{"Stat        Low     ", SCALE_UNDERLOAD, 0, 0, NULL, 0},
		{"Stat       Cal.Ext. ", SCALE_NOT_EXECUTABLE, 0, 0, NULL, 0},
		{"Stat     ERR 054    ", SCALE_FAULT, 0, 0, NULL, 0},
		{"Stat     APP.ERR    ", SCALE_FAULT, 0, 0, NULL, 0},
		{"Stat     DIS.ERR    ", SCALE_FAULT, 0, 0, NULL, 0},
		{"Stat     PRT.ERR    ", SCALE_FAULT, 0, 0, NULL, 0},
		/* LE2202S p.51, CP p.56: one letter; FB p.66: two while checkweighing */
		{"      H       ", SCALE_OVERLOAD, 0, 0, NULL, 0},
		{"      L       ", SCALE_UNDERLOAD, 0, 0, NULL, 0},
		{"      C       ", SCALE_NOT_EXECUTABLE, 0, 0, NULL, 0},
		{"Stat        HH      ", SCALE_OVERLOAD, 0, 0, NULL, 0},
	};

	(void)state;
	CHECK(&scale_sartorius_sbi, SCALE_WEIGH, "", cases);
}

static void lines_of_sartorius_users_mean_what_they_found(void **state)
{
	static const struct line_case cases[] = {
		/* numat/sartorius tests/test_driver.py */
		{"N     +   0.1234 g  ", SCALE_STABLE, 1.234e-4, 1e-7, "g", 0},
		{"G     +   9.9999 kg ", SCALE_STABLE, 9.9999, 1e-4, "kg", 0},
		{"N     +   5.4321    ", SCALE_DYNAMIC, 5.4321e-3, 1e-7, "", 0},
		{"X     +   0.1234 g  ", SCALE_OTHER_ANSWER, 0, 0, NULL, 0},
		/* the same, driver.py: plugged in, but the face plate is off */
		{"Stat       OFF      ", SCALE_NOT_EXECUTABLE, 0, 0, NULL, 0},
		/* OpenTrickler pull request 79: in grains */
		{"+   62.916 GN ", SCALE_FOREIGN_UNIT, 0, 0, "GN", 0},
	};

	(void)state;
	CHECK(&scale_sartorius_sbi, SCALE_WEIGH, "g", cases);
}

static void a_weight_without_unit_is_dynamic_and_only_known_if_the_unit_is(void **state)
{
	struct scale_reply r;

	(void)state;
	scale_parse(&scale_sartorius_sbi, SCALE_WEIGH, "+   123.56    ", "", &r);
	assert_int_equal(r.state, SCALE_DYNAMIC);
	assert_true(isnan(r.weight));
	scale_parse(&scale_sartorius_sbi, SCALE_WEIGH, "+   123.56    ", "kg", &r);
	assert_int_equal(r.state, SCALE_DYNAMIC);
	assert_near(r.weight, 123.56, 1e-9);
	/* MT-SICS always says its unit: a weight without is none */
	scale_parse(&scale_mt_sics, SCALE_WEIGH, "S D     123.56", "g", &r);
	assert_int_equal(r.state, SCALE_GARBLED);
}

static void only_a_stable_weight_is_good(void **state)
{
	(void)state;
	for (int s = 0; s < SCALE_STATES; s++)
		if (s != SCALE_STABLE && s != SCALE_DONE)
			assert_int_not_equal(scale_state_quality((enum scale_state)s), QUALITY_GOOD);
	assert_int_equal(scale_state_quality(SCALE_STABLE), QUALITY_GOOD);
	assert_int_equal(scale_state_quality(SCALE_DYNAMIC), QUALITY_SUSPECT);
	assert_int_equal(scale_state_quality(SCALE_OVERLOAD), QUALITY_RANGE);
	assert_int_equal(scale_state_quality(SCALE_STATES), QUALITY_CHECKSUM);
	assert_string_equal(scale_state_name(SCALE_UNDERLOAD), "underload");
}

static void units_become_kilograms(void **state)
{
	static const struct line_case cases[] = {
		{"S S     100.00 mg", SCALE_STABLE, 1e-4, 1e-8, "mg", 0},
		{"S S     100.00 kg", SCALE_STABLE, 100, 0.01, "kg", 0},
		{"S S      1.205 t", SCALE_STABLE, 1205, 1, "t", 0},
		{"S S        250 g", SCALE_STABLE, 0.25, 1e-3, "g", 0},
		{"S S       250. g", SCALE_STABLE, 0.25, 1e-3, "g", 0},
		{"S S   100.0[0] g", SCALE_STABLE, 0.1, 1e-5, "g", 1},
		{"S S   10[0.00] g", SCALE_STABLE, 0.1, 1e-5, "g", 3},
	};

	(void)state;
	CHECK(&scale_mt_sics, SCALE_WEIGH, "", cases);
	assert_true(isnan(scale_unit_kg("G")));
	assert_true(isnan(scale_unit_kg("")));
}

static void what_is_nearly_a_reply_is_none(void **state)
{
	static const char *const sics[] = {"", " ", "S", "S ", "S S", "S S ", "S S g", "S S 1", "S S 1.2.3 g", "S S 1,2 g",
		"S S 0x10 g", "S S 1e3 g", "S S nan g", "S S inf g", "S S - 1 g", "S S 1 g g", "S S 1[2 g", "S S 12] g",
		"S S [12] g", "S S 1[] g", "S S 1 2 g", "S X 1 g", "S SS 1 g", "SS 100.00 g", "s s 1 g", "S S\t1 g",
		" S S     100.00 g", "S S     100.00 g\x01", "S S .5 g", "S S --1 g", "S S 1- g", "S I 1 g",
		"S S 11111111111111111111111111 g", "ES ", "ES S S 1 g", "S S 1 kilogram", "S + 100.00 g"};
	static const char *const sbi[] = {"", "+   123.56 g ", "+   123.56 g   ", "+  123.5[6] g ", "++  123.56 g  ",
		"+   123.56  g ", "+   123.56 g g", "+   12 .56 g  ", "+   1-3.56 g  ", "+   123.56  5 ", "+            g  ",
		"x   123.56 g  ", "N     +   123.56 g ", "Stat     123.56 g   ", "Stat                ", "+   123,56 g  ",
		"+   123.56 +  ", "   Err        ", "   Err 5x     ", "      Hi      ", "+ 1.2[3]4  g  "};
	struct scale_reply r;

	(void)state;
	for (size_t i = 0; i < sizeof(sics) / sizeof(sics[0]); i++) {
		scale_parse(&scale_mt_sics, SCALE_WEIGH, sics[i], "g", &r);
		if (r.state != SCALE_GARBLED || !isnan(r.weight))
			fail_msg("\"%s\" is %s", sics[i], scale_state_name(r.state));
	}
	for (size_t i = 0; i < sizeof(sbi) / sizeof(sbi[0]); i++) {
		scale_parse(&scale_sartorius_sbi, SCALE_WEIGH, sbi[i], "g", &r);
		if (r.state != SCALE_GARBLED || !isnan(r.weight))
			fail_msg("\"%s\" is %s", sbi[i], scale_state_name(r.state));
	}
}

static void random_bytes_are_never_a_good_weight(void **state)
{
	char line[64];

	(void)state;
	srand(4185);
	for (int i = 0; i < ROUNDS; i++) {
		const struct scale_driver *d = scale_drivers[i % scale_driver_count];
		int length = rand() % (int)(sizeof(line) - 1);
		struct scale_reply r;

		for (int c = 0; c < length; c++)
			line[c] = (char)(rand() % 255 + 1);
		line[length] = '\0';
		scale_parse(d, (enum scale_ask)(i % SCALE_ASKS), line, i & 1 ? "g" : "", &r);
		if (r.state == SCALE_STABLE || !isnan(r.weight))
			fail_msg("\"%s\" is a weight", line);
	}
}

/* Characters of the dialects only: many more of them are nearly right. */
static void random_words_of_a_dialect_crash_nothing(void **state)
{
	static const char alphabet[] = "  SSDAI+-0123456789.[]gkmtETLNStatHighLowErr\"";
	char line[32];

	(void)state;
	srand(8316);
	for (int i = 0; i < ROUNDS; i++) {
		int length = rand() % (int)(sizeof(line) - 1);
		struct scale_reply r;

		for (int c = 0; c < length; c++)
			line[c] = alphabet[rand() % (int)(sizeof(alphabet) - 1)];
		line[length] = '\0';
		for (int d = 0; d < scale_driver_count; d++) {
			scale_parse(scale_drivers[d], (enum scale_ask)(i % SCALE_ASKS), line, "g", &r);
			assert_true(isnan(r.weight) == isnan(r.resolution));
			assert_true(isnan(r.weight) || r.state == SCALE_STABLE || r.state == SCALE_DYNAMIC);
			assert_true(isnan(r.weight) || isfinite(r.weight));
		}
	}
}

static void a_lost_character_never_makes_another_weight_of_a_sartorius_line(void **state)
{
	static const char *const lines[] = {"+   123.56 g  ", "N     -  9123.56 kg ", "+  123.5[6]g  "};
	char cut[32];
	struct scale_reply r;

	(void)state;
	for (size_t l = 0; l < sizeof(lines) / sizeof(lines[0]); l++)
		for (size_t i = 0; i < strlen(lines[l]); i++) {
			strcpy(cut, lines[l]);
			memmove(cut + i, cut + i + 1, strlen(cut + i));
			scale_parse(&scale_sartorius_sbi, SCALE_WEIGH, cut, "g", &r);
			assert_true(isnan(r.weight));
		}
}

static void every_driver_has_a_row_and_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < scale_driver_count; i++) {
		const struct scale_driver *d = scale_drivers[i];

		assert_ptr_equal(scale_driver_find(d->name), d);
		assert_non_null(d->ask[SCALE_WEIGH]);
		assert_non_null(d->ask[SCALE_SERIAL]);
		assert_true(d->port.baud > 0 && strchr("NEO", d->port.parity));
	}
	assert_null(scale_driver_find("truck"));
	assert_string_equal(scale_mt_sics.ask[SCALE_WEIGH], "SI\r\n");
	assert_memory_equal(scale_sartorius_sbi.ask[SCALE_WEIGH], "\x1bP\r\n", 5);
	assert_true(scale_kern_kcp.pause > 100 * NANOS_PER_MS); /* "must be longer than 100 ms" */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_sics_manuals_mean_what_they_say),
		cmocka_unit_test(lines_of_other_programs_tests_are_read_as_they_read_them),
		cmocka_unit_test(the_answer_to_another_request_is_not_taken_for_a_weight),
		cmocka_unit_test(scales_say_who_they_are),
		cmocka_unit_test(lines_of_sartorius_manuals_mean_what_they_say),
		cmocka_unit_test(lines_of_sartorius_users_mean_what_they_found),
		cmocka_unit_test(a_weight_without_unit_is_dynamic_and_only_known_if_the_unit_is),
		cmocka_unit_test(only_a_stable_weight_is_good),
		cmocka_unit_test(units_become_kilograms),
		cmocka_unit_test(what_is_nearly_a_reply_is_none),
		cmocka_unit_test(random_bytes_are_never_a_good_weight),
		cmocka_unit_test(random_words_of_a_dialect_crash_nothing),
		cmocka_unit_test(a_lost_character_never_makes_another_weight_of_a_sartorius_line),
		cmocka_unit_test(every_driver_has_a_row_and_a_name_of_its_own),
	};

	return cmocka_run_group_tests_name("scale", tests, NULL, NULL);
}
