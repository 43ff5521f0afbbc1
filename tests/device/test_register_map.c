/* Maps as a whole: faults that are found, examples that prove, reads that are joined. */
#include "tests/device/rows.h"

#include <stdbool.h>
#include <stdlib.h>

static void a_sound_map_passes_and_views_of_the_same_word_may_share_it(void **state)
{
	struct register_row rows[] = {a_row("a", 0, REGISTER_U32, WORDS_HIGH_FIRST), a_row("b", 2, REGISTER_U16, WORDS_HIGH_FIRST),
		a_row("bit_0", 2, REGISTER_BIT, WORDS_HIGH_FIRST), a_row("bit_1", 2, REGISTER_BIT, WORDS_HIGH_FIRST),
		a_row("last", 65535, REGISTER_U16, WORDS_HIGH_FIRST), a_row("input", 1, REGISTER_U16, WORDS_HIGH_FIRST)};
	struct register_map map = a_map(rows, 6);
	struct error e = ERROR_INIT;

	(void)state;
	rows[5].function = 4; /* another table of the device */
	must(register_map_check(&map, &e));
	assert_int_equal(register_find(&map, "bit_1"), 3);
	assert_int_equal(register_find(&map, "bit_2"), -1);
}

static void faults_of_a_map_are_named(void **state)
{
	struct register_row good[] = {a_row("a", 0, REGISTER_U32, WORDS_HIGH_FIRST), a_row("b", 2, REGISTER_U32, WORDS_HIGH_FIRST)};
	struct register_row rows[2];
	struct register_map map = a_map(rows, 2);
	struct error e = ERROR_INIT;

	(void)state;
#define fault(change, words)                                                                                         \
	do {                                                                                                         \
		memcpy(rows, good, sizeof(rows));                                                                    \
		change;                                                                                              \
		refused(register_map_check(&map, &e), ERROR_CONFIG, words);                                          \
	} while (0)
	fault(rows[1].address = 1, "overlap");
	fault(rows[1].address = 0; rows[1].type = REGISTER_U16, "overlap");
	fault(strcpy(rows[1].name, "a"), "'a' is there twice");
	fault(strcpy(rows[1].unit, "banana"), "'banana'");
	fault(rows[1].address = -1, "outside 0 to 65535");
	fault(rows[1].address = 65535, "outside 0 to 65535");
	fault(rows[1].scale = 0, "scale");
	fault(rows[1].scale = NAN, "scale");
	fault(rows[1].offset = INFINITY, "offset");
	map.max_words = 1;
	fault((void)0, "more words");
#undef fault
}

/* An example as a reply frame; row "voltage" at 0, "power" at 0x0c. */
static struct register_map meter(struct register_row rows[2], struct register_example *x, const char *frame, int address,
	const char *name, double value, double tolerance)
{
	struct register_map map;

	rows[0] = a_row("voltage", 0, REGISTER_F32, WORDS_HIGH_FIRST);
	rows[1] = a_row("power", 0x0c, REGISTER_F32, WORDS_HIGH_FIRST);
	map = a_map(rows, 2);
	*x = (struct register_example){.address = address, .value = value, .tolerance = tolerance, .source = "test"};
	snprintf(x->frame, sizeof(x->frame), "%s", frame);
	snprintf(x->name, sizeof(x->name), "%s", name);
	map.examples = 1;
	map.example = x;
	return map;
}

/* The frame of BENCHES E1 as printed, and the one in Tasmota's driver. */
#define E1_REPLY "01 04 04 43 66 33 33 5A FA"
#define TASMOTA_REPLY "01 04 04 43 66 33 34 1B 38"

static void printed_frames_prove_a_map(void **state)
{
	struct register_row rows[2];
	struct register_example x;
	struct register_map map;
	struct error e = ERROR_INIT;

	(void)state;
	map = meter(rows, &x, TASMOTA_REPLY, 0, "voltage", 230.2, 0.0001);
	must(register_map_prove(&map, &e));
	assert_true(register_map_verified(&map));
	map = meter(rows, &x, E1_REPLY, 0, "voltage", 230.2, 0.0001);
	must(register_map_prove(&map, &e));
	map = meter(rows, &x, E1_REPLY, 0x0c, "power", 230.2, 0.0001);
	must(register_map_prove(&map, &e));
	map.examples = 0;
	assert_false(register_map_verified(&map));
}

static void an_example_that_does_not_fit_is_refused(void **state)
{
	struct register_row rows[2];
	struct register_example x;
	struct register_map map;
	struct error e = ERROR_INIT;

	(void)state;
#define bad(frame, address, name, value, words)                                                                      \
	do {                                                                                                         \
		map = meter(rows, &x, frame, address, name, value, 0.0001);                                          \
		refused(register_map_prove(&map, &e), ERROR_CONFIG, words);                                          \
	} while (0)
	bad(E1_REPLY, 0, "voltage", 230.3, "expected 230.3");
	bad(E1_REPLY, 0, "voltage", NAN, "expected");
	bad("01 04 04 43 66 33 33 5A FB", 0, "voltage", 230.2, "CRC");
	bad("01 04 04 43 66 33 32 5A FA", 0, "voltage", 230.2, "CRC");
	bad("01 04 04 43 66 33", 0, "voltage", 230.2, "not a Modbus RTU reply");
	bad("01 04 06 43 66 33 33 5A FA", 0, "voltage", 230.2, "not a Modbus RTU reply");
	bad("hello", 0, "voltage", 230.2, "not a Modbus RTU reply");
	bad("01 04 04 43 66 33 33 5A F", 0, "voltage", 230.2, "not a Modbus RTU reply");
	bad("", 0, "voltage", 230.2, "not a Modbus RTU reply");
	bad(E1_REPLY, 0, "current", 230.2, "'current'");
	bad(E1_REPLY, 2, "voltage", 230.2, "does not hold voltage");
	bad(E1_REPLY, 0, "power", 230.2, "does not hold power");
#undef bad
	map = meter(rows, &x, E1_REPLY, 0, "voltage", 230.2, 0.0001);
	rows[0].order = WORDS_LOW_FIRST;
	refused(register_map_prove(&map, &e), ERROR_CONFIG, "voltage");
}

static void gaps_lengths_and_functions_part_the_reads(void **state)
{
	struct register_row rows[] = {a_row("a", 10, REGISTER_U16, WORDS_HIGH_FIRST), a_row("b", 14, REGISTER_F32, WORDS_HIGH_FIRST),
		a_row("c", 20, REGISTER_U16, WORDS_HIGH_FIRST), a_row("d", 21, REGISTER_U16, WORDS_HIGH_FIRST)};
	struct register_map map = a_map(rows, 4);
	struct register_block out[4];
	struct error e = ERROR_INIT;

	(void)state;
	rows[3].function = 4;
	map.max_gap = 3;
	assert_int_equal(register_coalesce(&map, (const int[]){3, 1, 0, 2, 1}, 5, out, 4, &e), 3);
	assert_int_equal(out[0].function, 3);
	assert_int_equal(out[0].address, 10);
	assert_int_equal(out[0].count, 6);
	assert_int_equal(out[0].rows, 2);
	assert_int_equal(out[0].row[1], 1);
	assert_int_equal(out[0].at[1], 4);
	assert_int_equal(out[1].address, 20);
	assert_int_equal(out[2].function, 4);
	map.max_gap = 4;
	assert_int_equal(register_coalesce(&map, (const int[]){0, 1, 2, 3}, 4, out, 4, &e), 2);
	map.max_words = 5;
	assert_int_equal(register_coalesce(&map, (const int[]){0, 1, 2, 3}, 4, out, 4, &e), 4);
	refused(register_coalesce(&map, (const int[]){0, 1, 2, 3}, 4, out, 3, &e), ERROR_CONFIG, "more than 3 reads");
	assert_int_equal(register_coalesce(&map, NULL, 0, out, 4, &e), 0);
}

/* Whether rows i..k (sorted by address, one function) fit one read. */
static bool one_read(const struct register_row *rows, const int *sorted, int i, int k, int max_gap, int max_words)
{
	int end = rows[sorted[i]].address + register_words(rows[sorted[i]].type);

	for (int m = i + 1; m <= k; m++) {
		const struct register_row *row = &rows[sorted[m]];

		if (row->function != rows[sorted[i]].function || row->address - end > max_gap)
			return false;
		end = row->address + register_words(row->type);
	}
	return end - rows[sorted[i]].address <= max_words;
}

/* The fewest reads, by trying every way to cut the sorted row of registers. */
static int fewest(const struct register_row *rows, const int *sorted, int n, int max_gap, int max_words)
{
	int best = n;

	for (unsigned cuts = 0; cuts < 1u << (n - 1); cuts++) {
		int blocks = 0, from = 0;
		bool fits = true;

		for (int i = 0; i < n && fits; i++)
			if (i == n - 1 || cuts >> i & 1) {
				fits = one_read(rows, sorted, from, i, max_gap, max_words);
				from = i + 1;
				blocks++;
			}
		if (fits && blocks < best)
			best = blocks;
	}
	return best;
}

static unsigned seed;

static int dice(int sides)
{
	seed = seed * 1664525 + 1013904223;
	return (int)((seed >> 16) % (unsigned)sides);
}

static void check_blocks(const struct register_map *map, const struct register_block *out, int blocks, int n)
{
	int served = 0;

	for (int b = 0; b < blocks; b++) {
		assert_in_range(out[b].count, 1, map->max_words);
		for (int r = 0; r < out[b].rows; r++) {
			const struct register_row *row = &map->row[out[b].row[r]];

			assert_int_equal(row->function, out[b].function);
			assert_int_equal(row->address, out[b].address + out[b].at[r]);
			assert_true(out[b].at[r] + register_words(row->type) <= out[b].count);
			served++;
		}
	}
	assert_int_equal(served, n);
}

static void no_cut_of_the_registers_needs_fewer_reads_whatever_their_order(void **state)
{
	static const enum register_type type[] = {REGISTER_U16, REGISTER_F32, REGISTER_U64};

	(void)state;
	seed = 1;
	for (int round = 0; round < 3000; round++) {
		int n = 1 + dice(8), address = dice(5), sorted[8], wanted[8];
		struct register_row rows[8];
		struct register_map map = a_map(rows, n);
		struct register_block out[8];
		struct error e = ERROR_INIT;

		map.max_gap = dice(4);
		map.max_words = 4 + dice(10);
		for (int i = 0; i < n; i++) {
			rows[i] = a_row("r", address, type[dice(3)], WORDS_HIGH_FIRST);
			rows[i].function = 3 + (i >= n / 2 && n > 4);
			address += register_words(rows[i].type) + dice(5);
			sorted[i] = wanted[i] = i;
		}
		for (int i = n - 1; i > 0; i--) {
			int k = dice(i + 1), t = wanted[i];

			wanted[i] = wanted[k];
			wanted[k] = t;
		}
		assert_int_equal(register_coalesce(&map, wanted, n, out, 8, &e), fewest(rows, sorted, n, map.max_gap, map.max_words));
		check_blocks(&map, out, fewest(rows, sorted, n, map.max_gap, map.max_words), n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_map_passes_and_views_of_the_same_word_may_share_it),
		cmocka_unit_test(faults_of_a_map_are_named),
		cmocka_unit_test(printed_frames_prove_a_map),
		cmocka_unit_test(an_example_that_does_not_fit_is_refused),
		cmocka_unit_test(gaps_lengths_and_functions_part_the_reads),
		cmocka_unit_test(no_cut_of_the_registers_needs_fewer_reads_whatever_their_order),
	};

	return cmocka_run_group_tests_name("register maps", tests, NULL, NULL);
}
