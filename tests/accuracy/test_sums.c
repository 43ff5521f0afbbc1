/* Error sums, buckets and the list of test installations. */
#include "analytics/accuracy/buckets.h"
#include "analytics/accuracy/exclusion.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* By hand: reference 100, 200, 300; estimate 110, 190, 330; errors 10, -10, 30. */
static struct error_sums three(void)
{
	struct error_sums s = {0};

	error_sums_add(&s, 100, 110, 10);
	error_sums_add(&s, 200, 190, 20);
	error_sums_add(&s, 300, 330, 10);
	return s;
}

static void figures_are_those_of_the_definitions(void **state)
{
	struct error_sums s = three();

	(void)state;
	assert_near(metric_of(&s, METRIC_BIAS), 10, 1e-12);
	assert_near(metric_of(&s, METRIC_MAE), 50.0 / 3, 1e-12);
	assert_near(metric_of(&s, METRIC_RMSE), sqrt(1100.0 / 3), 1e-12);
	assert_near(metric_of(&s, METRIC_NMBE), 5, 1e-12);
	assert_near(metric_of(&s, METRIC_CVRMSE), 100 * sqrt(1100.0 / 3) / 200, 1e-12);
	assert_near(metric_of(&s, METRIC_R2), 1 - 1100.0 / 20000, 1e-12);
	assert_near(metric_of(&s, METRIC_ENERGY), 100 * (8200.0 / 8000 - 1), 1e-10);
}

static void sums_of_parts_are_the_sums_of_the_whole(void **state)
{
	struct error_sums whole = three(), parts = {0}, one = {0};

	(void)state;
	error_sums_add(&one, 100, 110, 10);
	error_sums_join(&parts, &one);
	one = (struct error_sums){0};
	error_sums_add(&one, 200, 190, 20);
	error_sums_add(&one, 300, 330, 10);
	error_sums_join(&parts, &one);
	for (int m = 0; m < METRICS; m++)
		assert_near(metric_of(&parts, (enum metric)m), metric_of(&whole, (enum metric)m), 1e-12);
}

static void demand_of_zero_has_no_relative_error(void **state)
{
	struct error_sums s = {0};

	(void)state;
	for (int m = 0; m < METRICS; m++)
		assert_true(isnan(metric_of(&s, (enum metric)m)));
	error_sums_add(&s, 0, 5, 10);
	error_sums_add(&s, 0, 5, 10);
	assert_true(isnan(metric_of(&s, METRIC_NMBE)));
	assert_true(isnan(metric_of(&s, METRIC_CVRMSE)));
	assert_true(isnan(metric_of(&s, METRIC_ENERGY)));
	assert_true(isnan(metric_of(&s, METRIC_R2)));
	assert_near(metric_of(&s, METRIC_BIAS), 5, 0);
}

struct seen {
	int n;
	int64_t index[64];
	double seconds[64], reference[64], estimate[64];
};

static void keep(void *self, int day, int64_t index, double seconds, double reference, double estimate)
{
	struct seen *s = self;

	(void)day;
	s->index[s->n] = index;
	s->seconds[s->n] = seconds;
	s->reference[s->n] = reference;
	s->estimate[s->n++] = estimate;
}

static void a_row_over_the_edge_of_buckets_is_split_there(void **state)
{
	struct bucket b = {.length = 300, .share = 1, .day = -1};
	struct seen s = {.n = 0};

	(void)state;
	bucket_take(&b, 0, 86400, 0, 290, 100, 110, keep, &s);
	bucket_take(&b, 0, 86400, 290, 620, 400, 410, keep, &s); /* to 910: fills one more and all of another */
	bucket_flush(&b, 86400, keep, &s);
	assert_int_equal(s.n, 3);
	assert_near(s.reference[0], (290 * 100 + 10 * 400) / 300.0, 1e-12);
	assert_near(s.reference[1], 400, 1e-12);
	assert_near(s.estimate[2], 410, 1e-12);
	assert_int_equal(s.index[2], 2); /* and 10 s of the next one are too little */
}

static void a_bucket_with_a_gap_counts_only_where_enough_is_covered(void **state)
{
	struct bucket b = {.length = 300, .share = 0.9, .day = -1};
	struct seen s = {.n = 0};

	(void)state;
	bucket_take(&b, 0, 86400, 0, 260, 100, 100, keep, &s);
	bucket_take(&b, 0, 86400, 300, 271, 200, 200, keep, &s);
	bucket_flush(&b, 86400, keep, &s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.index[0], 1);
	assert_near(s.seconds[0], 271, 1e-12);
}

static void the_last_bucket_of_a_day_may_be_shorter(void **state)
{
	struct bucket b = {.length = 7 * 3600, .share = 1, .day = -1};
	struct seen s = {.n = 0};

	(void)state;
	bucket_take(&b, 0, 23 * 3600, 0, 23 * 3600, 50, 60, keep, &s);
	bucket_flush(&b, 23 * 3600, keep, &s);
	assert_int_equal(s.n, 4);
	assert_near(s.seconds[3], 2 * 3600, 1e-9);
}

static int read_list(struct exclusion_list *list, const char *text, struct error *e)
{
	char path[] = "/tmp/heatbench-exclusions-XXXXXX";
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(text_write_file(path, text, strlen(text), NULL), 0);
	result = exclusion_read(list, path, e);
	unlink(path);
	return result;
}

static void the_list_takes_dates_instants_and_open_ends(void **state)
{
	struct exclusion_list list;
	struct error e = ERROR_INIT;

	(void)state;
	assert_int_equal(read_list(&list, "\xef\xbb\xbfid,from,to,why\r\nhp3,2024-01-31,2024-02-01T12:00:00Z,\"bench, not a home\"\r\n\r\nODU-7,,,never delivered\r\n", &e), 0);
	assert_int_equal(list.rows, 2);
	assert_near(list.row[0].from, 1706659200, 0);
	assert_near(list.row[0].to, 1706788800, 0);
	assert_string_equal(list.row[0].why, "bench, not a home");
	assert_true(isinf(list.row[1].from) && isinf(list.row[1].to));
	exclusion_free(&list);
}

static void errors_of_the_list_say_line_and_what_was_expected(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"id;from;to;why\n", "id,from,to,why"},
		{"id,from,to,why\nhp1,31.01.2024,,x\n", ":2: \"31.01.2024\""},
		{"id,from,to,why\nhp1,2024-01-02,2024-01-01,x\n", "not after its beginning"},
		{"id,from,to,why\nhp1,,\n", "3 fields"},
		{"id,from,to,why\n,,,x\n", ":2: id"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct exclusion_list list;
		struct error e = ERROR_INIT;

		assert_int_equal(read_list(&list, cases[i].text, &e), -1);
		if (!strstr(e.text, cases[i].says))
			fail_msg("'%s' does not say '%s'", e.text, cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_those_of_the_definitions),
		cmocka_unit_test(sums_of_parts_are_the_sums_of_the_whole),
		cmocka_unit_test(demand_of_zero_has_no_relative_error),
		cmocka_unit_test(a_row_over_the_edge_of_buckets_is_split_there),
		cmocka_unit_test(a_bucket_with_a_gap_counts_only_where_enough_is_covered),
		cmocka_unit_test(the_last_bucket_of_a_day_may_be_shorter),
		cmocka_unit_test(the_list_takes_dates_instants_and_open_ends),
		cmocka_unit_test(errors_of_the_list_say_line_and_what_was_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
