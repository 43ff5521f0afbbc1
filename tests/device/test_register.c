/* One register: words -> value -> words. The numbers are those of the data types, worked out by hand. */
#include "tests/device/rows.h"

#include <inttypes.h>

#define HIGH WORDS_HIGH_FIRST
#define LOW WORDS_LOW_FIRST

static const struct {
	enum register_type type;
	enum word_order order;
	uint16_t words[4];
	double value;
} cases[] = {
	{REGISTER_U16, HIGH, {0}, 0},
	{REGISTER_U16, LOW, {65535}, 65535},
	{REGISTER_S16, HIGH, {0x8000}, -32768},
	{REGISTER_S16, HIGH, {0xffff}, -1},
	{REGISTER_U32, HIGH, {0x0001, 0x0002}, 65538},
	{REGISTER_U32, LOW, {0x0002, 0x0001}, 65538},
	{REGISTER_U32, HIGH, {0xffff, 0xffff}, 4294967295.0},
	{REGISTER_S32, HIGH, {0xffff, 0xfffe}, -2},
	{REGISTER_S32, LOW, {0x0000, 0x8000}, -2147483648.0},
	{REGISTER_U64, HIGH, {0x0000, 0x0001, 0x0002, 0x0003}, 4295098371.0},
	{REGISTER_U64, LOW, {0x0003, 0x0002, 0x0001, 0x0000}, 4295098371.0},
	{REGISTER_S64, HIGH, {0xffff, 0xffff, 0xffff, 0xfffd}, -3},
	{REGISTER_S64, LOW, {0xfffd, 0xffff, 0xffff, 0xffff}, -3},
	{REGISTER_F32, HIGH, {0x3f80, 0x0000}, 1},
	{REGISTER_F32, LOW, {0x0000, 0xc120}, -10},
	{REGISTER_F32, HIGH, {0x4366, 0x3333}, 230.1999969482421875},
	{REGISTER_F32, HIGH, {0x8000, 0x0000}, 0},
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void every_type_and_word_order_decodes(void **state)
{
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct register_row row = a_row("r", 0, cases[i].type, cases[i].order);
		double v = 42;

		assert_true(register_decode(&row, cases[i].words, &v));
		if (v != cases[i].value)
			fail_msg("case %d (%s): %.17g", i, register_type_name(row.type), v);
	}
}

static void what_is_written_is_what_is_read(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct register_row row = a_row("r", 0, cases[i].type, cases[i].order);
		uint16_t words[4];
		double v;

		must(register_encode(&row, cases[i].value, words, &e));
		assert_true(register_decode(&row, words, &v));
		assert_near(v, cases[i].value, 0);
		row.scale = 0.5;
		row.offset = -30;
		must(register_encode(&row, cases[i].value * 0.5 - 30, words, &e));
		assert_true(register_decode(&row, words, &v));
		assert_near(v, cases[i].value * 0.5 - 30, 0);
	}
}

static void a_bit_is_zero_or_one_and_its_neighbours_do_not_matter(void **state)
{
	const uint16_t words[] = {0x0801};

	(void)state;
	for (int bit = 0; bit < 16; bit++) {
		struct register_row row = a_row("bit", 0, REGISTER_BIT, HIGH);
		double v;

		row.bit = bit;
		assert_true(register_decode(&row, words, &v));
		assert_near(v, bit == 0 || bit == 11, 0);
	}
}

static void a_value_that_the_device_calls_invalid_is_none(void **state)
{
	struct register_row row = a_row("r", 0, REGISTER_S32, LOW);
	double v = 42;

	(void)state;
	row.refused_count = 2;
	row.refused[0] = 0x7fffffff; /* BENCHES E2: overflow of EM meters */
	row.refused[1] = 0xffffffff;
	assert_false(register_decode(&row, (const uint16_t[]){0xffff, 0x7fff}, &v));
	assert_true(isnan(v));
	assert_false(register_decode(&row, (const uint16_t[]){0xffff, 0xffff}, &v));
	assert_true(register_decode(&row, (const uint16_t[]){0xfffe, 0x7fff}, &v));
	row = a_row("r", 0, REGISTER_U64, HIGH);
	row.refused_count = 1;
	row.refused[0] = UINT64_MAX;
	assert_false(register_decode(&row, (const uint16_t[]){0xffff, 0xffff, 0xffff, 0xffff}, &v));
}

static void a_float_that_is_no_number_is_none(void **state)
{
	static const uint16_t bad[][2] = {{0x7fc0, 0}, {0xffff, 0xffff}, {0x7f80, 0}, {0xff80, 0}, {0x7f80, 1}};
	struct register_row row = a_row("r", 0, REGISTER_F32, HIGH);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		double v = 42;

		assert_false(register_decode(&row, bad[i], &v));
		assert_true(isnan(v));
	}
}

static void what_does_not_fit_is_not_written(void **state)
{
	static const struct {
		enum register_type type;
		double value;
	} bad[] = {{REGISTER_U16, -1}, {REGISTER_U16, 65536}, {REGISTER_S16, 32768}, {REGISTER_S16, -32769},
		{REGISTER_U32, 4294967296.0}, {REGISTER_S32, 2147483648.0}, {REGISTER_U64, -1}, {REGISTER_S64, 1e17},
		{REGISTER_F32, 1e39}, {REGISTER_U16, NAN}, {REGISTER_F32, NAN}, {REGISTER_U16, INFINITY}};
	struct error e = ERROR_INIT;
	uint16_t words[4] = {7, 7, 7, 7};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct register_row row = a_row("duty", 0, bad[i].type, HIGH);

		refused(register_encode(&row, bad[i].value, words, &e), ERROR_LIMIT, "duty");
	}
	assert_int_equal(words[0], 7);
}

static void only_what_is_writable_is_written(void **state)
{
	struct register_row row = a_row("serial", 0, REGISTER_U16, HIGH);
	struct error e = ERROR_INIT;
	uint16_t words[4];

	(void)state;
	row.writable = false;
	refused(register_encode(&row, 1, words, &e), ERROR_LIMIT, "serial");
	row = a_row("bit", 0, REGISTER_BIT, HIGH);
	refused(register_encode(&row, 1, words, &e), ERROR_LIMIT, "bit");
}

static void a_set_point_is_rounded_to_the_nearest_raw_value(void **state)
{
	struct register_row row = a_row("position", 0, REGISTER_U16, HIGH);
	struct error e = ERROR_INIT;
	uint16_t words[4];

	(void)state;
	row.scale = 0.01;
	must(register_encode(&row, 30.0049, words, &e));
	assert_int_equal(words[0], 3000);
	must(register_encode(&row, 30.0051, words, &e));
	assert_int_equal(words[0], 3001);
	row.scale = 1.0 / 4096; /* a relay: raw 0 and 4096 */
	must(register_encode(&row, 1, words, &e));
	assert_int_equal(words[0], 4096);
}

static void types_and_kinds_have_names_both_ways(void **state)
{
	(void)state;
	for (int t = REGISTER_U16; t <= REGISTER_BIT; t++)
		assert_int_equal(register_type_parse(register_type_name((enum register_type)t)), t);
	for (int k = KIND_GAUGE; k <= KIND_SETPOINT; k++)
		assert_int_equal(register_kind_parse(register_kind_name((enum register_kind)k)), k);
	assert_int_equal(register_type_parse("u8"), -1);
	assert_int_equal(register_kind_parse(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_and_word_order_decodes),
		cmocka_unit_test(what_is_written_is_what_is_read),
		cmocka_unit_test(a_bit_is_zero_or_one_and_its_neighbours_do_not_matter),
		cmocka_unit_test(a_value_that_the_device_calls_invalid_is_none),
		cmocka_unit_test(a_float_that_is_no_number_is_none),
		cmocka_unit_test(what_does_not_fit_is_not_written),
		cmocka_unit_test(only_what_is_writable_is_written),
		cmocka_unit_test(a_set_point_is_rounded_to_the_nearest_raw_value),
		cmocka_unit_test(types_and_kinds_have_names_both_ways),
	};

	return cmocka_run_group_tests_name("registers", tests, NULL, NULL);
}
