/* Registers that a device gives only to a read of nothing else, and readings that are expected. */
#include "tests/device/rows.h"

#include <math.h>

/* Words 0 to 15 as in a meter whose word 11 is another thing when it is read by itself. */
static int coalesce(const struct register_map *map, struct register_block *blocks)
{
	const int all[] = {0, 1, 2, 3};
	struct error e = ERROR_INIT;

	return register_coalesce(map, all, 4, blocks, 8, &e);
}

static void a_register_that_stands_alone_has_a_read_of_its_own(void **state)
{
	struct register_row rows[] = {a_row("voltage", 0, REGISTER_S32, WORDS_LOW_FIRST),
		a_row("model", 11, REGISTER_U16, WORDS_HIGH_FIRST), a_row("current", 12, REGISTER_S32, WORDS_LOW_FIRST),
		a_row("power", 14, REGISTER_S32, WORDS_LOW_FIRST)};
	struct register_map map = a_map(rows, 4);
	struct register_block block[8];

	(void)state;
	map.max_gap = 16;
	assert_int_equal(coalesce(&map, block), 1);
	rows[1].alone = true;
	assert_int_equal(coalesce(&map, block), 3);
	assert_int_equal(block[1].address, 11);
	assert_int_equal(block[1].count, 1);
	assert_int_equal(block[1].rows, 1);
	assert_int_equal(block[2].address, 12);
	assert_int_equal(block[2].rows, 2);
}

static void another_word_order_spares_rows_with_their_own(void **state)
{
	struct register_row rows[] = {a_row("value", 0, REGISTER_F32, WORDS_HIGH_FIRST),
		a_row("letters", 2, REGISTER_U32, WORDS_HIGH_FIRST)};
	struct register_map map = a_map(rows, 2);

	(void)state;
	rows[1].own_order = true;
	register_map_order(&map, WORDS_LOW_FIRST);
	assert_int_equal(rows[0].order, WORDS_LOW_FIRST);
	assert_int_equal(rows[1].order, WORDS_HIGH_FIRST);
	assert_true(map.reordered);
}

static void a_row_without_expectation_expects_anything(void **state)
{
	struct register_row row = a_row("voltage", 0, REGISTER_F32, WORDS_HIGH_FIRST);

	(void)state;
	assert_true(register_expected(&row, -1e9));
	row.expects = true;
	row.expect_min = 200;
	row.expect_max = 260;
	assert_true(register_expected(&row, 200));
	assert_true(register_expected(&row, 260));
	assert_false(register_expected(&row, 260.01));
	assert_false(register_expected(&row, NAN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_register_that_stands_alone_has_a_read_of_its_own),
		cmocka_unit_test(another_word_order_spares_rows_with_their_own),
		cmocka_unit_test(a_row_without_expectation_expects_anything),
	};

	return cmocka_run_group_tests_name("alone and expected", tests, NULL, NULL);
}
