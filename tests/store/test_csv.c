#include "tests/store/sample.h"

#include "daq/store/csv.h"

#include <locale.h>

static struct csv *table(void **state, const char *bytes, size_t length, struct error *e)
{
	struct csv *csv = NULL;
	char path[700];
	FILE *f;

	snprintf(path, sizeof(path), "%s/t.csv", (char *)*state);
	f = fopen(path, "wb");
	assert_non_null(f);
	fwrite(bytes, 1, length, f);
	fclose(f);
	if (csv_open(&csv, path, e) != 0)
		return NULL;
	return csv;
}

#define TABLE(text) table(state, text, sizeof(text) - 1, &e)

static void plain_tables_are_read(void **state)
{
	struct error e = ERROR_INIT;
	struct csv *csv = TABLE("time,flow\n1,2.5\n\n 3 , -4e2\n");
	double v = 0;

	assert_non_null(csv);
	assert_int_equal(csv_columns(csv), 2);
	assert_string_equal(csv_header(csv, 1), "flow");
	assert_int_equal(csv_find(csv, "flow", &e), 1);
	assert_true(csv_next(csv));
	assert_int_equal(csv_line(csv), 2);
	assert_int_equal(csv_number(csv, 1, &v), CSV_NUMBER);
	assert_true(v == 2.5);
	assert_true(csv_next(csv));
	assert_int_equal(csv_line(csv), 4);
	assert_string_equal(csv_text(csv, 0), "3");
	assert_int_equal(csv_number(csv, 1, &v), CSV_NUMBER);
	assert_true(v == -400);
	assert_false(csv_cut(csv));
	assert_false(csv_next(csv));
	assert_false(csv_next(csv));
	csv_close(csv);
}

static void quotes_marks_and_line_ends_of_every_kind_are_taken(void **state)
{
	struct error e = ERROR_INIT;
	struct csv *csv = TABLE("\xef\xbb\xbf\"na\"\"me\",\"a,b\",c\r\n\"x\ny\",\"1\",\r\n,,\"\"\r\n");
	double v = 0;

	assert_non_null(csv);
	assert_int_equal(csv_columns(csv), 3);
	assert_string_equal(csv_header(csv, 0), "na\"me");
	assert_string_equal(csv_header(csv, 1), "a,b");
	assert_true(csv_next(csv));
	assert_string_equal(csv_text(csv, 0), "x\ny");
	assert_int_equal(csv_number(csv, 1, &v), CSV_NUMBER);
	assert_int_equal(csv_number(csv, 2, &v), CSV_EMPTY);
	assert_true(csv_next(csv));
	assert_int_equal(csv_line(csv), 4);
	assert_int_equal(csv_cells(csv), 3);
	assert_int_equal(csv_number(csv, 2, &v), CSV_EMPTY);
	csv_close(csv);
}

static void a_semicolon_or_tab_separates_where_the_header_says_so(void **state)
{
	struct error e = ERROR_INIT;
	struct csv *csv = TABLE("a;b\n1;2,5\n");
	double v = 7;

	assert_int_equal(csv_columns(csv), 2);
	assert_true(csv_next(csv));
	assert_int_equal(csv_number(csv, 1, &v), CSV_NO_NUMBER); /* a decimal comma is not guessed at */
	assert_true(v == 7);
	csv_close(csv);
	csv = TABLE("a\tb\n1\t2\n");
	assert_int_equal(csv_columns(csv), 2);
	assert_true(csv_next(csv));
	assert_int_equal(csv_number(csv, 1, &v), CSV_NUMBER);
	csv_close(csv);
}

static void only_a_finite_decimal_number_is_a_number(void **state)
{
	static const struct {
		const char *text;
		enum csv_value want;
		double value;
	} cases[] = {{"1", CSV_NUMBER, 1}, {"-0.5", CSV_NUMBER, -0.5}, {"+1e-3", CSV_NUMBER, 1e-3}, {".5", CSV_NUMBER, 0.5},
		{"1700000000.123456", CSV_NUMBER, 1700000000.123456}, {"nan", CSV_NOT_FINITE, 0}, {"-Inf", CSV_NOT_FINITE, 0},
		{"1e999", CSV_NOT_FINITE, 0}, {"0x10", CSV_NO_NUMBER, 0}, {"1.2.3", CSV_NO_NUMBER, 0}, {"12 W", CSV_NO_NUMBER, 0},
		{"1e", CSV_NO_NUMBER, 0}, {"-", CSV_NO_NUMBER, 0}, {"NA", CSV_NO_NUMBER, 0}, {"", CSV_EMPTY, 0},
		{"  ", CSV_EMPTY, 0}};

	setlocale(LC_ALL, "de_DE.UTF-8"); /* where there is one: the point stays a point */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error e = ERROR_INIT;
		struct csv *csv;
		char text[128];
		double v = 0;

		snprintf(text, sizeof(text), "a,b\n%s,\n", cases[i].text);
		csv = table(state, text, strlen(text), &e);
		assert_true(csv_next(csv));
		if (csv_number(csv, 0, &v) != cases[i].want || v != cases[i].value)
			fail_msg("\"%s\" is read as %g", cases[i].text, v);
		csv_close(csv);
	}
	setlocale(LC_ALL, "C");
}

static void a_file_that_ends_inside_a_line_says_so(void **state)
{
	struct error e = ERROR_INIT;
	struct csv *csv = TABLE("a,b\n1,2\n3");

	assert_true(csv_next(csv));
	assert_false(csv_cut(csv));
	assert_true(csv_next(csv));
	assert_true(csv_cut(csv));
	assert_int_equal(csv_cells(csv), 1);
	assert_string_equal(csv_text(csv, 1), "");
	assert_false(csv_next(csv));
	csv_close(csv);
	csv = TABLE("a,b\n1,\"2");
	assert_true(csv_next(csv));
	assert_true(csv_cut(csv));
	csv_close(csv);
	csv = TABLE("a,b\n1,2,3,4\n");
	assert_true(csv_next(csv));
	assert_int_equal(csv_cells(csv), 4);
	assert_string_equal(csv_text(csv, 3), ""); /* counted, not kept */
	csv_close(csv);
}

static void what_is_no_table_is_refused(void **state)
{
	struct error e = ERROR_INIT;
	struct csv *csv = NULL;

	assert_null(TABLE(""));
	assert_int_equal(e.code, ERROR_DATA);
	assert_non_null(strstr(e.text, "is empty"));
	error_clear(&e);
	assert_null(TABLE("\xef\xbb\xbf\r\n\n"));
	assert_int_equal(e.code, ERROR_DATA);
	error_clear(&e);
	assert_null(TABLE("a,b,a\n"));
	assert_non_null(strstr(e.text, "twice"));
	error_clear(&e);
	assert_int_equal(csv_open(&csv, "/no/such.csv", &e), -1);
	assert_int_equal(e.code, ERROR_IO);
}

static void a_column_that_is_missing_is_named_with_the_nearest(void **state)
{
	struct error e = ERROR_INIT;
	struct csv *csv = TABLE("time,measured_flow\n");

	assert_int_equal(csv_find(csv, "mesured_flow", &e), -1);
	assert_int_equal(e.code, ERROR_DATA);
	assert_non_null(strstr(e.text, "did you mean \"measured_flow\"?"));
	assert_int_equal(csv_find(csv, "other", NULL), -1);
	assert_false(csv_next(csv));
	csv_close(csv);
}

/* Every prefix of a file, and every byte of it replaced: an answer each time, whatever it is. */
static void no_bytes_crash_it(void **state)
{
	static const char whole[] = "\"ti\"\"me\",pump_name,flow\r\n1,\"wilo\",2\n\n3,x,\"4\n5\"\n,,\n6,y";
	char bytes[sizeof(whole)];

	for (size_t i = 0; i < sizeof(whole); i++)
		for (int k = 0; k < 6; k++) {
			struct error e = ERROR_INIT;
			struct csv *csv;
			double v;
			int rows = 0;

			memcpy(bytes, whole, sizeof(whole));
			bytes[i] = "\0\",\n\r\xff"[k];
			csv = table(state, bytes, k ? sizeof(whole) - 1 : i, &e);
			while (csv && csv_next(csv)) {
				rows++;
				for (int c = -1; c < csv_cells(csv) + 2; c++)
					csv_number(csv, c, &v);
			}
			assert_true(rows < 12);
			csv_close(csv);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plain_tables_are_read, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(quotes_marks_and_line_ends_of_every_kind_are_taken, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_semicolon_or_tab_separates_where_the_header_says_so, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(only_a_finite_decimal_number_is_a_number, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_file_that_ends_inside_a_line_says_so, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(what_is_no_table_is_refused, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(a_column_that_is_missing_is_named_with_the_nearest, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(no_bytes_crash_it, scratch_make, scratch_remove),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
