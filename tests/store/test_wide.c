/* Tables as wide, and rows as close, as nobody expects. */
#include "tests/store/sample.h"

enum { WIDE = 231, ROWS = 57 };

static double wide_value(int64_t tick, int c)
{
	return (tick + c) % 11 == 0 ? NAN : (tick * c) % 7 == 0 ? 0 : 1000 * (double)tick + c + 0.25;
}

/* Rows at these ticks of a group that should have one every `every`. */
static void write_rows(const char *results, int channels, int every, const int64_t *tick, int rows, char *path, size_t size)
{
	struct run_about about = sample_about();
	struct run_segment segment = {.boot_id = "boot", .utc = about.utc};
	struct run *run = NULL;
	struct error e = ERROR_INIT;
	double value[WIDE];
	uint8_t quality[WIDE] = {0};

	must(run_create(&run, results, &about, 0, &e));
	for (int c = 0; c < channels; c++) {
		struct run_channel channel = sample_channel("", "scan");

		snprintf(channel.name, sizeof(channel.name), "c%d", c);
		must(run_define_channel(run, &channel, &e));
	}
	must(run_define_group(run, "scan", every, &e));
	must(run_begin_segment(run, &segment, &e));
	for (int i = 0; i < rows; i++) {
		for (int c = 0; c < channels; c++)
			value[c] = wide_value(tick[i], c);
		must(run_put_scan(run, 0, tick[i], value, quality, channels, &e));
	}
	sample_finish(run, path, size);
}

static void read_back(const char *path, int channels, const int64_t *tick, int rows)
{
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_table t;

	must(run_reader_open(&reader, path, &e));
	must(run_reader_table(reader, "scan", &t, &e));
	assert_int_equal(t.rows, rows);
	assert_int_equal(t.columns, channels);
	for (int i = 0; i < rows; i++) {
		assert_int_equal(t.tick[i], tick[i]);
		for (int c = 0; c < channels; c++) {
			double want = wide_value(tick[i], c);

			assert_true(isnan(want) ? isnan(t.value[c][i]) : t.value[c][i] == want);
		}
	}
	run_table_free(&t);
	run_reader_close(reader);
}

static void a_table_of_two_hundred_channels_comes_back_whole(void **state)
{
	int64_t tick[ROWS];
	char path[4096];

	for (int channels = 95; channels <= WIDE; channels += channels < 98 ? 1 : 133) {
		for (int i = 0; i < ROWS; i++)
			tick[i] = i;
		write_rows(*state, channels, 1, tick, ROWS, path, sizeof(path));
		read_back(path, channels, tick, ROWS);
	}
}

static void rows_that_are_closer_or_further_than_their_group_says_all_come_back(void **state)
{
	static const int64_t close[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, apart[] = {0, 5, 1000, 1001, 1002, 5000000, 5000005};
	char path[4096];

	write_rows(*state, 3, 5, close, 12, path, sizeof(path));
	read_back(path, 3, close, 12);
	write_rows(*state, 3, 5, apart, 7, path, sizeof(path));
	read_back(path, 3, apart, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_table_of_two_hundred_channels_comes_back_whole, scratch_make, scratch_remove),
		cmocka_unit_test_setup_teardown(rows_that_are_closer_or_further_than_their_group_says_all_come_back, scratch_make, scratch_remove),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
