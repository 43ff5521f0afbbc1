/* Run folders of the lab's heat pumps through the whole study, heat pumps and days shared out among threads. */
#include "analytics/accuracy/accuracy.h"

#include "tests/accuracy/lab_logs.h"
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MONDAY = 1704067200, DAY = 86400 };

static char folder[64];
static const char model[] = "analytics/accuracy/models/electricity.json";

static void write_run(char path[4096], int days, int64_t start, bool open)
{
	const struct lab_logs want = {.seed = 5, .days = days, .interval = 60, .pumps = 3, .start = start, .daily = !open, .open = open};
	struct lab_truth truth;
	struct error e = ERROR_INIT;

	must(lab_logs_write(&want, folder, &truth, path, 4096, &e));
}

static struct accuracy *study(const char *const *run, int runs, const struct study_options *options)
{
	static struct accuracy a;
	struct accuracy_settings settings = accuracy_settings_default();
	const char *models[] = {model};
	struct error e = ERROR_INIT;

	settings.bootstrap = 300;
	must(accuracy_run(&a, run, runs, models, 1, &settings, options, true, &e));
	must(accuracy_judge(&a, &e));
	return &a;
}

static double energy_error(const struct accuracy *a, int pump)
{
	return accuracy_comparison(a, 0, pump)->metric[SPAN_SAMPLE][METRIC_ENERGY].value;
}

static void heat_pumps_are_compared_alike_by_however_many_threads(void **state)
{
	char path[4096];
	const char *run[] = {path};
	double once[4], twice[4];
	struct accuracy *a;

	(void)state;
	write_run(path, 5, MONDAY, false);
	for (int round = 0; round < 2; round++) {
		a = study(run, 1, &(struct study_options){.zone = "UTC"});
		assert_int_equal(a->study.pumps, 3);
		assert_int_equal(a->study.calendar.days, 5);
		assert_int_equal(a->study.scans, 3 * 5 * DAY / 60);
		for (int p = -1; p < 3; p++) {
			assert_true(accuracy_comparison(a, 0, p)->there);
			(round ? twice : once)[p + 1] = energy_error(a, p);
		}
		accuracy_free(a);
	}
	assert_memory_equal(once, twice, sizeof(once));
}

static void the_settings_of_one_heat_pump_count_for_it_alone(void **state)
{
	char path[4096];
	const char *run[] = {path};
	struct accuracy *a;
	double before[2], reference;

	(void)state;
	write_run(path, 4, MONDAY + 10 * DAY, false);
	a = study(run, 1, &(struct study_options){.zone = "UTC"});
	before[0] = energy_error(a, 0);
	before[1] = energy_error(a, 1);
	accuracy_free(a);
	a = study(run, 1, &(struct study_options){.zone = "UTC", .set = "hp2.meter_offset=10 W"});
	assert_near(energy_error(a, 0), before[0], 0);
	reference = accuracy_comparison(a, 0, 1)->day[1].regime[REGIME_OFF].reference;
	assert_true(energy_error(a, 1) > before[1]);
	assert_true(reference <= 0);
	accuracy_free(a);
}

static void runs_are_put_together_and_what_overlaps_counts_once(void **state)
{
	char one[4096], two[4096];
	const char *run[] = {two, one};
	struct accuracy *a;

	(void)state;
	write_run(one, 3, MONDAY + 20 * DAY, false);
	write_run(two, 3, MONDAY + 22 * DAY, false); /* its first day is the last of the other */
	a = study(run, 2, &(struct study_options){.zone = "UTC"});
	assert_int_equal(a->study.calendar.days, 5);
	assert_int_equal(a->study.rows_by_reason[EXCLUDED_OVERLAP], 3 * DAY / 60);
	assert_near(a->study.seconds_by_reason[EXCLUDED_OVERLAP], 3 * DAY, 1e-6);
	for (int d = 0; d < 5; d++)
		assert_true(accuracy_comparison(a, 0, 0)->day[d].covered <= DAY);
	accuracy_free(a);
}

static void a_run_given_twice_is_refused(void **state)
{
	char path[4096];
	const char *run[] = {path, path}, *models[] = {model};
	struct accuracy_settings settings = accuracy_settings_default();
	static struct accuracy a;
	struct error e = ERROR_INIT;

	(void)state;
	write_run(path, 1, MONDAY + 30 * DAY, false);
	refused(accuracy_run(&a, run, 2, models, 1, &settings, NULL, false, &e), ERROR_USAGE, "given twice");
}

static void what_the_list_names_is_left_out(void **state)
{
	char path[4096];
	const char *run[] = {path};
	struct exclusion_row row = {.id = "hp2", .why = "on a bench", .from = MONDAY + 41 * DAY, .to = INFINITY};
	struct exclusion_list list = {.rows = 1, .row = &row};
	struct accuracy *a;

	(void)state;
	write_run(path, 4, MONDAY + 40 * DAY, false);
	a = study(run, 1, &(struct study_options){.zone = "UTC", .exclude = &list});
	assert_int_equal(row.used, 3 * DAY / 60);
	assert_near(accuracy_comparison(a, 0, 1)->day[0].covered, DAY, 120);
	assert_near(accuracy_comparison(a, 0, 1)->day[2].covered, 0, 0);
	assert_near(accuracy_comparison(a, 0, 0)->day[2].covered, DAY, 120);
	accuracy_free(a);
}

static void a_run_that_is_still_written_is_studied_and_does_not_pass(void **state)
{
	char path[4096];
	const char *run[] = {path};
	struct accuracy *a;

	(void)state;
	write_run(path, 2, MONDAY + 50 * DAY, true);
	a = study(run, 1, &(struct study_options){.zone = "UTC"});
	assert_true(a->study.run[0].incomplete);
	assert_int_not_equal(a->verdict, VERDICT_PASSED);
	assert_non_null(strstr(a->sentence, "Incomplete"));
	accuracy_free(a);
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/heatbench-study-XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heat_pumps_are_compared_alike_by_however_many_threads),
		cmocka_unit_test(the_settings_of_one_heat_pump_count_for_it_alone),
		cmocka_unit_test(runs_are_put_together_and_what_overlaps_counts_once),
		cmocka_unit_test(a_run_given_twice_is_refused),
		cmocka_unit_test(what_the_list_names_is_left_out),
		cmocka_unit_test(a_run_that_is_still_written_is_studied_and_does_not_pass),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
