/* What is read quickly, many bytes and rows at a time and by all processors, is to the last bit what is read cell by cell by strtod(). */
#include "tests/check.h"

#include "daq/base/share.h"
#include "daq/recording/recording_ends.h"
#include "daq/recording/recording_four.h"
#include "daq/recording/recording_number.h"
#include "daq/recording/recording_private.h"
#include "tests/analytics/random.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t dice = 20260101;

static unsigned roll(unsigned sides)
{
	return (unsigned)(random_uniform(&dice) * sides);
}

/* At most 20 bytes: mostly what a log holds, now and then what it should not. Returns its length. */
static int cell(char *out)
{
	static const char *const odd[] = {"", "-", ".", "-.", "1.2.3", "--1", "1-2", "1e5", "-2.5E-3", "nan", "inf", "0x1f", "+7", "x", " 4", "4 ", ":", "/",
		"1:5", "99999999", "-9999999", "-99999999", ".1234567", "1234567.", "12345678.", "-0", "0.000", "999999999999999", "9999999999999999", "0.30000000000000004"};
	int n = 0, digits = 1 + (int)roll(roll(8) ? 8 : 17), point = roll(3) ? (int)roll((unsigned)digits + 1) : -1;

	if (roll(40) == 0)
		return sprintf(out, "%s", odd[roll(sizeof(odd) / sizeof(*odd))]);
	if (roll(4) == 0)
		out[n++] = '-';
	for (int i = 0; i <= digits; i++) {
		if (i == point)
			out[n++] = '.';
		if (i < digits)
			out[n++] = (char)('0' + roll(10));
	}
	out[n] = '\0';
	return n;
}

static bool same(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0 || (isnan(a) && isnan(b));
}

static void where_cells_end_is_found_alike_on_every_machine(void **state)
{
	static const char some[] = ",;\n\"\r1\x0b\x8a\x80\xff.-\t";
	char block[ENDS_BLOCK];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint64_t expected = 0;
		int lines = 0;

		for (int i = 0; i < ENDS_BLOCK; i++) {
			block[i] = roll(2) ? some[roll(sizeof(some))] : (char)roll(256);
			expected |= (uint64_t)(block[i] == ',' || block[i] == '\n' || block[i] == '"') << i;
			lines += block[i] == '\n';
		}
		assert_true(ends_by_words(block, ',') == expected);
		assert_true(ends_of_block(block, ',') == expected);
		assert_int_equal(ends_count_lines(block, block + ENDS_BLOCK), lines);
		assert_int_equal(ends_count_lines(block + 1, block + ENDS_BLOCK), lines - (block[0] == '\n'));
	}
}

static void the_ends_of_many_cells_are_found_where_they_are(void **state)
{
	enum { BLOCKS = 5, WANTED = 40 };
	static const char some[] = ",\n\"1.5;TRUE";
	char text[BLOCKS * ENDS_BLOCK + 10];
	uint32_t at[WANTED + ENDS_BLOCK];

	(void)state;
	for (int round = 0; round < 20000 && recording_four_possible(); round++) {
		unsigned dense = 1 + roll(9);
		uint32_t base = 0;
		int found, k = 0;

		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = roll(10) < dense ? some[roll(sizeof(some) - 1)] : '7';
		found = recording_four_find(text, sizeof(text), ',', WANTED, at, &base);
		assert_true(base % ENDS_BLOCK == 0 && base <= sizeof(text) && (found >= WANTED || base + ENDS_BLOCK > sizeof(text)));
		for (uint32_t i = 0; i < base; i++)
			if (text[i] == ',' || text[i] == '\n' || text[i] == '"')
				assert_int_equal(at[k++], i);
		assert_int_equal(found, k);
	}
}

/* Whether strtod() takes all of it, and it is no word and nothing hexadecimal. */
static bool slowly(const char *text, int n, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return n > 0 && end == text + n && strspn(text, "0123456789.-") == (size_t)n;
}

static void a_number_read_at_once_is_that_of_strtod_to_the_last_bit(void **state)
{
	char text[64];
	int quick = 0;

	(void)state;
	for (int round = 0; round < 400000; round++) {
		int n = cell(text);
		double v, expected;
		bool number = slowly(text, n, &expected);

		memset(text + n, roll(2) ? ',' : '5', 16);
		v = number_read(text, text + n);
		if (!isnan(v) && (!number || !same(v, expected)))
			fail_msg("%.*s became %.17g", n, text, v);
		if (isnan(v) && number && n <= 15)
			fail_msg("%.*s was not read at once", n, text);
		quick += !isnan(v);
	}
	assert_in_range(quick, 350000, 399000);
}

static void four_numbers_at_once_are_the_same_four(void **state)
{
	enum { ROWS = 64, STRIDE = 2 };
	static char text[ROWS * STRIDE * 24 + 8];
	uint32_t at[1 + ROWS * STRIDE] = {UINT32_MAX}, *end = at + 1;
	double out[ROWS];
	int read = 0;

	(void)state;
	for (int round = 0; round < 20000 && recording_four_possible(); round++) {
		uint32_t length = 0;
		int done, odd = 0;

		for (int i = 0; i < ROWS * STRIDE; i++, text[length++] = ',') {
			uint32_t n;

			do
				n = (uint32_t)cell(text + length);
			while (n > 8 && roll(50));
			end[i] = length += n;
		}
		memset(text + length, '7', 8);
		done = recording_four_read(text, end, STRIDE, ROWS, out, 1, 1, 0);
		for (int i = 0; i < done; i++)
			if (isnan(out[i]) || !same(out[i], number_read(text + (end[STRIDE * i - 1] + 1), text + end[STRIDE * i]) * 1 + 0.0))
				fail_msg("%.20s became %.17g", text + (end[STRIDE * i - 1] + 1), out[i]);
		for (int i = done; i < done + 4 && i < ROWS; i++)
			odd += end[STRIDE * i] - end[STRIDE * i - 1] - 1 - 1 > 7 ||
			       isnan(number_read(text + (end[STRIDE * i - 1] + 1), text + end[STRIDE * i]));
		assert_true(odd > 0 || done == ROWS); /* it stops at nothing else */
		read += done;
	}
	assert_true(read > 200000 || !recording_four_possible());
}

static struct recording_map map_of(int columns)
{
	struct recording_map map = {.title = "log", .time_column = "time", .time_unit = "ms", .time_zone = "UTC", .dut_kind = "heat_pump",
		.columns = columns};

	for (int i = 0; i < columns; i++) {
		map.column[i] = (struct recording_column){.unit = "1", .scale = i == 1 ? 0.1 : 1, .offset = i == 2 ? -3 : 0, .resolution = NAN,
			.dut = "hp1"};
		snprintf(map.column[i].column, sizeof(map.column[i].column), "c%d", i);
		snprintf(map.column[i].channel, sizeof(map.column[i].channel), "channel%d", i);
		snprintf(map.column[i].kind, sizeof(map.column[i].kind), i % 3 == 2 ? "state" : "gauge");
	}
	return map;
}

static void put_cell(FILE *f, int column)
{
	static const char *const words[] = {"TRUE", "FALSE", "true", "False", "tRUE", "FALSY", "1", "0", "TRUE "};
	char text[64];

	cell(text);
	if (column % 3 == 2 && roll(3))
		fputs(words[roll(4000) ? roll(4) : roll(9)], f);
	else if (roll(20000) == 0)
		fprintf(f, roll(3) ? "\"%s\"" : "\"%s\n\"", text);
	else if (roll(25))
		fprintf(f, "%d.%d", (int)roll(3000) - 500, (int)roll(1000));
	else if (roll(50) == 0)
		fputs(text, f);
}

/* `trouble`: one of so many rows is not usual on purpose, besides what cells do. */
static void write_log(const char *path, int rows, int columns, unsigned trouble)
{
	FILE *f = fopen(path, "w");
	int64_t ms = INT64_C(1700000000000);

	assert_non_null(f);
	fputs("\xef\xbb\xbf\"time\"", f);
	for (int i = 0; i < columns; i++)
		fprintf(f, ",c%d,unused%d", i, i);
	fputs("\n", f);
	for (int k = 0; k < rows; k++) {
		unsigned kind = roll(trouble);

		fprintf(f, kind == 1 ? "%" PRId64 "x" : "%" PRId64, ms += 1 + roll(1000));
		for (int i = 0; i < columns - (kind == 2); i++) {
			fputc(',', f);
			put_cell(f, i);
			fprintf(f, ",%s", roll(3) ? "" : "so what");
		}
		fputs(kind == 3 ? ",1\n" : kind == 4 ? "\n\n" : roll(2) ? "\r\n" : "\n", f);
	}
	fputs("1800000000000,1", f); /* cut */
	assert_int_equal(fclose(f), 0);
}

/* Every row with care. */
static void read_slowly(struct recording_rows *rows, const struct recording_file *file, const struct recording_map *map)
{
	struct recording_duts duts = {.count = 0};
	struct recording_layout at = {.slots = 0};
	struct csv *csv = NULL;
	struct error e = ERROR_INIT;

	*rows = (struct recording_rows){.columns = 0};
	must(csv_open(&csv, file->path, &e));
	must(recording_layout_read(&at, csv, file, map, &e));
	rows->columns = at.slots;
	while (csv_next(csv)) {
		rows->records++;
		must(recording_row_take(rows, csv, file, map, &at, &duts, &e));
	}
	csv_close(csv);
}

static void a_log_is_the_same(int rows, int columns, unsigned trouble)
{
	struct recording_map map = map_of(columns);
	struct recording_file file = {.path = "/tmp/heatbench-plain-XXXXXX"};
	struct recording_duts duts = {.count = 0};
	struct recording_rows quick, slow;
	struct error e = ERROR_INIT;
	int fd = mkstemp(file.path);

	assert_true(fd >= 0);
	close(fd);
	write_log(file.path, rows, columns, trouble);
	must(recording_rows_read(&quick, &file, &map, &duts, &e));
	read_slowly(&slow, &file, &map);
	unlink(file.path);
	assert_int_equal(quick.count, slow.count);
	assert_int_equal(quick.records, slow.records);
	assert_int_equal(quick.left_out, slow.left_out);
	assert_int_equal(quick.notes, slow.notes);
	for (int i = 0; i < slow.notes; i++)
		assert_int_equal(quick.note[i].first_line, slow.note[i].first_line);
	assert_memory_equal(quick.rows_left_out, slow.rows_left_out, sizeof(slow.rows_left_out));
	assert_memory_equal(quick.cells_left_out, slow.cells_left_out, sizeof(slow.cells_left_out));
	assert_memory_equal(quick.time, slow.time, (size_t)slow.count * sizeof(*slow.time));
	assert_memory_equal(quick.line, slow.line, (size_t)slow.count * sizeof(*slow.line));
	assert_memory_equal(quick.quality, slow.quality, (size_t)slow.count * (size_t)slow.columns);
	for (size_t i = 0; i < (size_t)slow.count * (size_t)slow.columns; i++)
		if (!same(quick.value[i], slow.value[i]))
			fail_msg("line %d: %.17g instead of %.17g", slow.line[i / (size_t)slow.columns], quick.value[i], slow.value[i]);
	recording_rows_free(&quick);
	recording_rows_free(&slow);
}

static void a_long_log_with_trouble_is_the_same_by_all_processors(void **state)
{
	(void)state;
	a_log_is_the_same(120000, 5, 500); /* some megabytes: in parts */
	a_log_is_the_same(120000, 5, 100000);
}

static void a_short_log_is_the_same(void **state)
{
	(void)state;
	for (int rows = 0; rows < 150; rows++)
		a_log_is_the_same(20 + rows, 1 + rows % 9, rows % 2 ? 10 : 1000);
}

static atomic_int done[100];

static void do_piece(void *self, int piece)
{
	assert_ptr_equal(self, done);
	atomic_fetch_add(&done[piece], 1);
}

static void every_piece_is_done_once(void **state)
{
	(void)state;
	for (int pieces = 0; pieces <= 100; pieces++) {
		memset(done, 0, sizeof(done));
		share_out(pieces, do_piece, done);
		for (int i = 0; i < 100; i++)
			assert_int_equal(done[i], i < pieces);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_cells_end_is_found_alike_on_every_machine),
		cmocka_unit_test(the_ends_of_many_cells_are_found_where_they_are),
		cmocka_unit_test(a_number_read_at_once_is_that_of_strtod_to_the_last_bit),
		cmocka_unit_test(four_numbers_at_once_are_the_same_four),
		cmocka_unit_test(a_long_log_with_trouble_is_the_same_by_all_processors),
		cmocka_unit_test(a_short_log_is_the_same),
		cmocka_unit_test(every_piece_is_done_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
