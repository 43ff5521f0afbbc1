/* Errors, text, log: what every room stands on. */
#include "tests/check.h"

#include "daq/base/log.h"
#include "daq/base/quality.h"
#include "daq/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void the_first_error_is_kept(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	assert_int_equal(error_set(&e, ERROR_BUSY, "port %s is in use", "a"), -1);
	assert_int_equal(error_set(&e, ERROR_IO, "clean-up failed"), -1);
	assert_int_equal(e.code, ERROR_BUSY);
	assert_string_equal(e.text, "port a is in use");
	error_clear(&e);
	errno = ENOENT;
	error_set_errno(&e, ERROR_IO, "cannot open %s", "b");
	assert_string_equal(e.text, "cannot open b: No such file or directory");
	assert_int_equal(error_set(NULL, ERROR_IO, "nobody listens"), -1);
}

static void a_long_sentence_is_cut_not_spilt(void **state)
{
	struct error e = ERROR_INIT;
	char huge[2000];

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	errno = EIO;
	error_set_errno(&e, ERROR_IO, "%s", huge);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

static void text_grows_and_keeps_every_byte(void **state)
{
	struct text t = TEXT_INIT;
	char expected[16];

	(void)state;
	for (int i = 0; i < 5000; i++)
		text_add(&t, "%04d,", i);
	text_add_bytes(&t, "\0z", 2);
	assert_int_equal(t.length, 25002);
	assert_false(t.failed);
	for (int i = 0; i < 5000; i += 617) {
		snprintf(expected, sizeof(expected), "%04d,", i);
		assert_memory_equal(t.data + 5 * i, expected, 5);
	}
	assert_int_equal(t.data[25001], 'z');
	assert_int_equal(t.data[25002], '\0');
	text_free(&t);
	assert_null(t.data);
	text_free(&t);
}

static void a_copy_that_does_not_fit_says_so(void **state)
{
	char room[4] = "???";

	(void)state;
	assert_true(text_copy(room, sizeof(room), "abc"));
	assert_false(text_copy(room, sizeof(room), "abcd"));
	assert_string_equal(room, "abc");
	assert_false(text_copy(room, 0, "a"));
}

static void files_come_back_as_they_were_written(void **state)
{
	char folder[] = "/tmp/heatbench-base-XXXXXX", path[64], *back = NULL;
	struct error e = ERROR_INIT;
	size_t length;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/f", folder);
	must(text_write_file(path, "a\0b\n", 4, &e));
	must(text_read_file(path, &back, &length, &e));
	assert_int_equal(length, 4);
	assert_memory_equal(back, "a\0b\n", 5);
	free(back);
	must(text_write_file(path, "", 0, &e));
	must(text_read_file(path, &back, &length, &e));
	assert_string_equal(back, "");
	free(back);
	refused(text_read_file(folder, &back, &length, &e), ERROR_IO, folder);
	unlink(path);
	refused(text_read_file(path, &back, &length, &e), ERROR_IO, path);
	snprintf(path, sizeof(path), "%s/no/f", folder);
	refused(text_write_file(path, "x", 1, &e), ERROR_IO, path);
	refused(text_write_file("/dev/full", "x", 1, &e), ERROR_IO, "/dev/full");
	rmdir(folder);
}

static void a_log_line_has_bench_time_and_level(void **state)
{
	char path[] = "/tmp/heatbench-log-XXXXXX", *back = NULL;
	struct error e = ERROR_INIT;
	struct log *log = NULL;
	struct clock *clock;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	clock = clock_open_system(1);
	must(log_open(&log, NULL, LOG_ERROR + 1, clock, &e));
	log_write(log, LOG_INFO, "before there is a file");
	must(log_to_file(log, path, &e));
	log_write(log, LOG_WARNING, "%s %d", "pump", 7);
	must(log_to_file(log, path, &e)); /* a second time: the first is closed */
	log_write(log, LOG_ERROR, "end");
	log_write(NULL, LOG_ERROR, "no log");
	log_close(log);
	log_close(NULL);
	must(text_read_file(path, &back, NULL, &e));
	assert_int_equal(back[4], '-');
	assert_int_equal(back[10], 'T');
	assert_int_equal(back[23], 'Z');
	assert_non_null(strstr(back, "Z warning pump 7\n"));
	assert_non_null(strstr(back, "Z error   end\n"));
	assert_null(strstr(back, "before"));
	free(back);
	unlink(path);
	refused(log_open(&log, "/no/such/folder/log", LOG_ERROR, clock, &e), ERROR_IO, "/no/such/folder/log");
	clock_close(clock);
}

static void quality_and_origin_have_names_both_ways(void **state)
{
	(void)state;
	for (int q = 0; q < QUALITY_COUNT; q++)
		assert_int_equal(quality_parse(quality_name((enum quality)q)), q);
	for (int o = 0; o < ORIGIN_COUNT; o++)
		assert_int_equal(origin_parse(origin_name((enum origin)o)), o);
	assert_int_equal(quality_parse("Good"), -1);
	assert_int_equal(origin_parse(""), -1);
	assert_string_equal(quality_name((enum quality)99), "?");
	assert_string_equal(origin_name((enum origin)-1), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_error_is_kept),
		cmocka_unit_test(a_long_sentence_is_cut_not_spilt),
		cmocka_unit_test(text_grows_and_keeps_every_byte),
		cmocka_unit_test(a_copy_that_does_not_fit_says_so),
		cmocka_unit_test(files_come_back_as_they_were_written),
		cmocka_unit_test(a_log_line_has_bench_time_and_level),
		cmocka_unit_test(quality_and_origin_have_names_both_ways),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
