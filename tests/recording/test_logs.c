/* Wide logs, quickly and with care: whatever way a row is read, it comes to the same. */
#include "tests/check.h"

#include "daq/recording/recording_left_out.h"
#include "daq/recording/recording_parts.h"
#include "daq/recording/recording_time.h"
#include "tests/analytics/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct recording_map wide(void)
{
	return (struct recording_map){.title = "log", .time_column = "time.ts|time", .time_unit = "ms", .time_zone = "UTC", .unique = true,
		.dut_kind = "heat_pump", .columns = 3,
		.column = {{.column = "a", .channel = "electric_power", .unit = "W", .kind = "gauge", .scale = 1, .resolution = NAN, .dut = "hp1"},
			{.column = "b", .channel = "pump_relay", .unit = "1", .kind = "state", .scale = 1, .resolution = NAN, .dut = "hp1"},
			{.column = "c|d", .channel = "electric_power", .unit = "W", .kind = "gauge", .scale = 2, .offset = 1, .resolution = NAN,
				.dut = "hp2"}}};
}

static void read_text(struct recording_rows *rows, const char *text, size_t length, struct recording_duts *duts)
{
	struct recording_map map = wide();
	struct recording_file file = {.path = "/tmp/heatbench-log-XXXXXX"};
	struct error e = ERROR_INIT;
	int fd = mkstemp(file.path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), (ssize_t)length);
	close(fd);
	must(recording_rows_read(rows, &file, &map, duts, &e));
	unlink(file.path);
}

static double value(const struct recording_rows *r, int row, int column)
{
	return r->value[(size_t)row * (size_t)r->columns + (size_t)r->slot[column]];
}

static int quality(const struct recording_rows *r, int row, int column)
{
	return r->quality[(size_t)row * (size_t)r->columns + (size_t)r->slot[column]];
}

static void numbers_are_those_of_strtod(void **state)
{
	static const char *const cells[] = {"0", "-0", "7", "1234567", "12345678", "123456789012345", "1234567890123456", "0.1", "-0.25",
		"5.", ".5", "-.75", "1234.567", "99999.99", "0.0000001", "123456.7890123", "1e3", "-1.5E-7", "+4", "00012.50", "2147483648.5"};
	struct recording_duts duts = {.count = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		char text[200];
		struct recording_rows rows;
		int n = snprintf(text, sizeof(text), "time,a,x,b,d\n1700000000000,%s,\xc3\xa4,TRUE,%s\n", cells[i], cells[i]);

		read_text(&rows, text, (size_t)n, &duts);
		if (value(&rows, 0, 0) != strtod(cells[i], NULL) || value(&rows, 0, 2) != 2 * strtod(cells[i], NULL) + 1)
			fail_msg("%s became %.17g", cells[i], value(&rows, 0, 0));
		assert_int_equal(quality(&rows, 0, 0), QUALITY_GOOD);
		assert_near(value(&rows, 0, 1), 1, 0);
		recording_rows_free(&rows);
	}
}

static void what_is_no_number_is_said_and_costs_no_row(void **state)
{
	static const char *const cells[] = {"-", ".", "-.", "12a", "1.2.3", "nan", "inf", "--1", "0x10", "TRUEX", "1 2"};
	struct recording_duts duts = {.count = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		char text[200];
		struct recording_rows rows;
		int n = snprintf(text, sizeof(text), "time,a,b,c\n1700000000000,1,FALSE,3\n1700000001000,%s,TRUE,3\n", cells[i]);

		read_text(&rows, text, (size_t)n, &duts);
		assert_int_equal(rows.count, 2);
		assert_true(isnan(value(&rows, 1, 0)));
		assert_int_equal(quality(&rows, 1, 0), QUALITY_EXCEPTION);
		assert_int_equal(rows.cells_left_out[NOTE_NO_NUMBER][0] + rows.cells_left_out[NOTE_NOT_FINITE][0], 1);
		recording_rows_free(&rows);
	}
}

static void times_in_words_are_instants(void **state)
{
	double t;

	(void)state;
	assert_true(recording_time_parse(&t, "2023-11-14T22:13:20.125Z", false));
	assert_near(t, 1700000000.125, 0);
	assert_true(recording_time_parse(&t, "2023-11-15 00:13:20+02:00", false));
	assert_near(t, 1700000000, 0);
	assert_true(recording_time_parse(&t, "2023-11-14T16:43:20-0530", false));
	assert_near(t, 1700000000, 0);
	assert_true(recording_time_parse(&t, "2024-02-29T00:00", true));
	assert_near(t, 1709164800, 0);
	assert_true(recording_time_parse(&t, "2000-03-01T00:00:00Z", false));
	assert_near(t, 951868800, 0);
	assert_false(recording_time_parse(&t, "2023-11-14T22:13:20", false)); /* of which zone? */
	assert_false(recording_time_parse(&t, "2023-02-29T00:00Z", true));
	assert_false(recording_time_parse(&t, "2023-11-14T22:13:20Zz", true));
	assert_false(recording_time_parse(&t, "2023-11-14", true));
	assert_false(recording_time_parse(&t, "2023-13-14T00:00Z", true));
}

static void an_empty_column_is_as_if_it_were_not_there(void **state)
{
	static const char text[] = "time,a,b,c\n1700000000000,1,,3\n1700000001000,,,\n";
	struct recording_duts duts = {.count = 0};
	struct recording_rows rows;
	struct recording_left_out left;
	struct recording_map map = wide();
	int at = 0;

	(void)state;
	read_text(&rows, text, sizeof(text) - 1, &duts);
	assert_true(rows.has[0] && !rows.has[1] && rows.has[2]);
	assert_int_equal(quality(&rows, 1, 0), QUALITY_GAP);
	assert_int_equal(quality(&rows, 1, 1), QUALITY_GOOD); /* no flag for each of its rows */
	assert_int_equal(duts.count, 2);
	assert_true(recording_rows_left_out(&rows, &map, &at, &left));
	assert_string_equal(left.what, "cells of column \"b\": empty");
	assert_int_equal(left.count, 2);
	assert_false(recording_rows_left_out(&rows, &map, &at, &left));
	assert_true(recording_left_out_parse(&left, "3 rows left out: time goes back"));
	assert_int_equal(left.count, 3);
	assert_false(recording_left_out_parse(&left, "3 of 5 rows were left out"));
	recording_rows_free(&rows);
}

/* A long log with every kind of odd row, read by threads in parts, against the same rows in pieces too short for that. */
static void read_in_parts_it_is_the_same_log(void **state)
{
	static const char *const odd[] = {",\"1.5\",TRUE,4\n", ",1,TRUE\n", ", 7 ,FALSE,2\n", "\n\n", "x,1,TRUE,2\n",
		",\"two\nlines\",TRUE,3\n", ",1,TRUE,2,3\n", ",x,TRUE,2\r\n"};
	enum { ROWS = 300000, PIECE = 20000 };
	struct recording_duts duts = {.count = 0};
	struct recording_rows whole;
	char *text = malloc(ROWS * 64 + 64);
	uint64_t random = 7;
	size_t length = 0, start[ROWS / PIECE + 2], pieces = 0;
	int at = 0, left_out = 0;

	(void)state;
	assert_non_null(text);
	length += (size_t)sprintf(text, "time,a,b,c\n");
	for (int i = 0; i < ROWS; i++) {
		long long time = 1700000000000LL + 1000LL * i;

		if (i % PIECE == 0)
			start[pieces++] = length;
		if (random_uniform(&random) < 0.0005)
			length += (size_t)snprintf(text + length, 64, "%lld%s", time, odd[(int)(8 * random_uniform(&random))]);
		else
			length += (size_t)sprintf(text + length, "%lld,%.*f,%s,%d\n", time, i % 4, 2000 * random_uniform(&random),
				i % 3 ? "TRUE" : "FALSE", i % 1000);
	}
	start[pieces] = length;
	read_text(&whole, text, length, &duts);
	for (size_t p = 0; p < pieces; p++) {
		struct recording_rows piece;
		char *own = malloc(PIECE * 64 + 64);
		size_t n = start[p + 1] - start[p];

		assert_non_null(own);
		memcpy(own, "time,a,b,c\n", 11);
		memcpy(own + 11, text + start[p], n);
		read_text(&piece, own, n + 11, &duts);
		for (int i = 0; i < piece.count; i++, at++) {
			assert_true(at < whole.count);
			assert_true(piece.time[i] == whole.time[at]);
			for (int c = 0; c < 3; c++) {
				double a = value(&piece, i, c), b = value(&whole, at, c);

				assert_true(a == b || (isnan(a) && isnan(b)));
				assert_int_equal(quality(&piece, i, c), quality(&whole, at, c));
			}
		}
		left_out += piece.left_out;
		recording_rows_free(&piece);
		free(own);
	}
	assert_int_equal(at, whole.count);
	assert_int_equal(left_out, whole.left_out);
	assert_true(whole.left_out > 10);
	recording_rows_free(&whole);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_strtod),
		cmocka_unit_test(what_is_no_number_is_said_and_costs_no_row),
		cmocka_unit_test(times_in_words_are_instants),
		cmocka_unit_test(an_empty_column_is_as_if_it_were_not_there),
		cmocka_unit_test(read_in_parts_it_is_the_same_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
