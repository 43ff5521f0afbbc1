/* Meters against a reference meter: the published comparison, and what a held reference is worth. With arguments
 * "write FILE START SHIFT": writes such a recording. */
#include "tests/check.h"
#include "tests/flow/g5.h"

#include "benches/flow/evaluate.h"
#include "daq/base/text.h"
#include "daq/recording/recording.h"

#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[64];

static int remove_one(const char *path, const struct stat *s, int type, struct FTW *ftw)
{
	(void)s;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(place, "/tmp/heatbench-flow-XXXXXX");
	return mkdtemp(place) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(place, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct recording_map g5_map(void)
{
	struct recording_map map;
	const char *data = getenv("HEATBENCH_DATA");
	struct error e = ERROR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/benches/flow/recording.lua", data && *data ? data : ".");
	must(recording_map_read(&map, path, &e));
	return map;
}

/* So many runs, imported together and evaluated. */
static struct flow_evaluation compared(int runs, const char *settings)
{
	struct recording_map map = g5_map();
	struct recording_file file[4];
	struct recording_import import = {.file = file, .files = runs, .map = &map};
	struct run_about about = {.bench = "flow", .software = "test", .seed = -1};
	struct evaluation_options options = {.settings = settings};
	struct run_reader *reader = NULL;
	struct flow_evaluation ev;
	struct error e = ERROR_INIT;
	char path[4096];

	memset(file, 0, sizeof(file));
	for (int i = 0; i < runs; i++) {
		snprintf(file[i].path, sizeof(file[i].path), "%s/run%d.csv", place, i + 1);
		assert_int_equal(g5_write(file[i].path, 1685600000 + 7200.0 * i, 0.5 * i), 0);
	}
	must(recording_import(&import, &about, place, path, sizeof(path), &e));
	must(run_reader_open(&reader, path, &e));
	must(flow_evaluate(&ev, reader, &options, &e));
	run_reader_close(reader);
	return ev;
}

static void the_published_medians_come_out(void **state)
{
	struct flow_evaluation ev = compared(1, "statistic=median");

	(void)state;
	assert_int_equal(ev.points, G5_POINTS);
	for (int i = 0; i < G5_POINTS; i++) {
		const struct meter_point *p = &ev.point[i];

		assert_near(p->set_point, g5[i].duty, 0);
		assert_string_equal(p->unit, "permille");
		assert_near(p->reading, g5[i].internal, 1e-9);
		assert_near(p->reference, g5[i].external, 1e-9);
		assert_near(p->error, g5[i].error, 0.06);
		assert_int_equal(p->n, 24);
	}
	flow_evaluation_free(&ev);
}

static void mean_and_median_part_where_readings_drop_out(void **state)
{
	struct flow_evaluation ev = compared(1, "statistic=mean");
	const struct meter_point *p = &ev.point[G5_POINTS - 1];

	(void)state;
	assert_near(p->reading, 224, 1);
	assert_near(p->error, 2.6, 0.6);
	assert_near(p->mean_error, p->error, 1e-9);
	assert_near(p->median_error, 7.3, 0.06);
	assert_near(ev.point[0].mean_error, ev.point[0].median_error, 0.05);
	flow_evaluation_free(&ev);
}

static void readings_of_a_held_reference_count_once(void **state)
{
	struct flow_evaluation ev = compared(1, "");

	(void)state;
	assert_near(ev.hold, 60, 1.5);
	for (int i = 0; i < ev.trials; i++) {
		const struct flow_samples *s = &ev.trial[i].samples;

		assert_int_equal(s->n, 24);
		assert_near(s->n_reference, 3, 0);
		assert_near(s->paired.dof, 2, 1e-12);
		assert_true(s->from >= 60 + 180 * i - 1e-6); /* the first hold period is dropped */
		assert_true(s->sd_reference > 0.5 && s->sd_reference < 1);
	}
	flow_evaluation_free(&ev);
	ev = compared(1, "last=36"); /* and stays dropped whatever is asked for */
	assert_int_equal(ev.trial[1].samples.n, 24);
	flow_evaluation_free(&ev);
	ev = compared(1, "last=10");
	assert_int_equal(ev.trial[1].samples.n, 10);
	assert_near(ev.trial[1].samples.n_reference, 2, 0);
	flow_evaluation_free(&ev);
}

static void several_runs_are_trials_of_the_same_set_points(void **state)
{
	struct flow_evaluation ev = compared(3, "statistic=median,reference_uncertainty=1 %");

	(void)state;
	assert_int_equal(ev.points, G5_POINTS);
	assert_int_equal(ev.trials, 3 * G5_POINTS);
	for (int i = 0; i < G5_POINTS; i++) {
		const struct meter_point *p = &ev.point[i];

		assert_int_equal(p->used, 3);
		assert_near(p->reading, g5[i].internal + 0.5, 1e-9);
		assert_near(p->repeatability, 50 / g5[i].external, 1e-3);
		assert_near(p->n_reference, 9, 0);
		assert_true(p->reference_known && p->total.U > 0.9 && p->total.U < 3);
	}
	assert_string_equal(ev.run.step[ev.trial[7].step].name, "250 run 2");
	assert_int_equal(ev.trial[7].number, 2);
	assert_int_equal(ev.wholes, 1);
	assert_int_equal(ev.whole[0].relative.subjects, G5_POINTS);
	assert_true(ev.point[5].paired.p < 0.2 && ev.point[2].paired.p < 0.001);
	flow_evaluation_free(&ev);
}

static void a_correction_takes_out_gain_and_offset(void **state)
{
	struct flow_evaluation ev = compared(2, "statistic=median");
	const struct flow_correction *c = &ev.whole[0].correction;

	(void)state;
	assert_true(c->fit.known && c->called_for);
	assert_true(c->rms < c->rms_before / 1.5 && c->worst < c->worst_before);
	assert_true(c->offset.value < 0 && c->gain.value > 1); /* it reads too much at low flow */
	flow_evaluation_free(&ev);
}

static void unknown_reference_is_never_judged(void **state)
{
	struct run_limit limit = {.quantity = "flow_error", .set_point = NAN, .min = -20, .max = 20, .unit = "%"};
	struct flow_evaluation ev = compared(1, "");
	struct error e = ERROR_INIT;

	(void)state;
	assert_false(ev.point[0].reference_known);
	free(ev.limit);
	free(ev.result);
	ev.limit = calloc(1, sizeof(limit));
	ev.limit[0] = limit;
	ev.limits = 1;
	must(flow_judge(&ev, &e));
	assert_int_equal(ev.result[0].verdict, VERDICT_UNDECIDED);
	flow_evaluation_free(&ev);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_published_medians_come_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(mean_and_median_part_where_readings_drop_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(readings_of_a_held_reference_count_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(several_runs_are_trials_of_the_same_set_points, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_correction_takes_out_gain_and_offset, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unknown_reference_is_never_judged, set_up, tear_down),
	};

	if (argc == 5 && strcmp(argv[1], "write") == 0)
		return g5_write(argv[2], atof(argv[3]), atof(argv[4])) == 0 ? 0 : 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
