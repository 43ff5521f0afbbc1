/* Judgement and report of a study that was filled by hand. `test_accuracy_report FOLDER` leaves its reports there, for the schema. */
#include "tests/accuracy/study_made.h"

#include "analytics/core/report.h"

#include <ctype.h>
#include <dirent.h>
#include <gsl/gsl_errno.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[200] = "/tmp/heatbench-accuracy-XXXXXX";

static const struct made usual = {.pumps = 2, .days = 5, .models = 2, .bias = 0.3};

static void write_all(const struct report *r, const char *where)
{
	struct error e = ERROR_INIT;
	char path[300];

	snprintf(path, sizeof(path), "%s/report.html", where);
	must(report_html(r, path, &e));
	snprintf(path, sizeof(path), "%s/report.json", where);
	must(report_json(r, path, &e));
	snprintf(path, sizeof(path), "%s/junit.xml", where);
	must(report_junit(r, path, &e));
}

static struct report judged_report(struct accuracy *a, const char *where)
{
	struct error e = ERROR_INIT;
	struct report r;

	must(accuracy_judge(a, &e));
	must(accuracy_report(&r, a, where, &e));
	if (where)
		write_all(&r, where);
	return r;
}

static char *text_of(const char *name)
{
	struct error e = ERROR_INIT;
	char path[500], *text = NULL;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	must(text_read_file(path, &text, NULL, &e));
	return text;
}

static void empty_folder(void)
{
	DIR *d = opendir(folder);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		char path[500];

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	if (d)
		closedir(d);
}

/* As a word of its own. */
static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = text; (at = strcasestr(at, word)); at += n)
		if ((at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[n]))
			return true;
	return false;
}

static void no_file_says_nan_or_inf(void)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	int files = 0;

	assert_non_null(d);
	while ((entry = readdir(d))) {
		char *text;

		if (entry->d_name[0] == '.' || strstr(entry->d_name, ".svg"))
			continue;
		text = text_of(entry->d_name);
		if (has_word(text, "nan") || has_word(text, "inf") || has_word(text, "infinity"))
			fail_msg("%s says nan or inf", entry->d_name);
		free(text);
		files++;
	}
	closedir(d);
	assert_true(files > 20);
}

static const struct accuracy_verdict *verdict_of(const struct accuracy *a, int model, int pump, const char *what)
{
	for (int i = 0; i < a->verdicts; i++)
		if (a->verdict_row[i].model == model && a->verdict_row[i].pump == pump && strcmp(a->verdict_row[i].what, what) == 0)
			return &a->verdict_row[i];
	fail_msg("nothing was judged of model %d, heat pump %d: %s", model, pump, what);
	return NULL;
}

static void every_figure_is_drawn(void **state)
{
	static const char *const names[] = {"cumulative", "cumulative_heat", "daily_error", "daily_error_heat", "regimes", "error_power", "error_outside", "scatter",
		"bland_altman", "skew", "residual_map", "autocorrelation", "worst_events", "cop", "forest", "forest_2"};
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &usual);
	r = judged_report(&a, folder);
	assert_int_equal(r.figures, (int)(sizeof(names) / sizeof(*names)));
	for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
		bool drawn = false;

		for (int i = 0; i < r.figures; i++) {
			if (!r.figure[i].svg)
				fail_msg("%s: %s", r.figure[i].name, r.figure[i].missing);
			drawn |= strcmp(r.figure[i].name, names[k]) == 0;
		}
		if (!drawn)
			fail_msg("there is no figure %s", names[k]);
	}
	report_free(&r);
	accuracy_free(&a);
	empty_folder();
}

static void its_sixteen_sections_have_the_order_of_the_manual(void **state)
{
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &usual);
	r = judged_report(&a, NULL);
	assert_int_equal(r.sections, 16);
	assert_string_equal(r.section[0].title, "Verdict by requirement");
	assert_string_equal(r.section[3].title, "How well the reference is known");
	assert_string_equal(r.section[14].title, REPORT_AGAIN);
	assert_string_equal(r.section[15].title, "What this study cannot show");
	for (int i = 0; i < r.tables; i++)
		assert_in_range(r.table[i].section, 1, 16);
	for (int i = 0; i < r.figures; i++)
		assert_string_equal(r.figure[i].missing, "there is no folder to draw it into");
	report_free(&r);
	accuracy_free(&a);
}

static int csv_lines(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void every_table_is_a_csv_with_its_rows(void **state)
{
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &usual);
	r = judged_report(&a, folder);
	for (int i = 0; i < r.tables; i++) {
		char name[64], *text;

		for (int k = 0; k < i; k++)
			assert_string_not_equal(r.table[k].name, r.table[i].name);
		snprintf(name, sizeof(name), "%s.csv", r.table[i].name);
		text = text_of(name);
		assert_int_equal(csv_lines(text), r.table[i].rows + 1);
		free(text);
	}
	report_free(&r);
	accuracy_free(&a);
	empty_folder();
}

static const struct report_table *table_of(const struct report *r, const char *name)
{
	for (int i = 0; i < r->tables; i++)
		if (strcmp(r->table[i].name, name) == 0)
			return &r->table[i];
	fail_msg("there is no table %s", name);
	return NULL;
}

static void tables_keep_what_was_reckoned(void **state)
{
	struct accuracy a;
	struct report r;
	const struct report_table *t;
	const struct comparison *c;

	(void)state;
	made(&a, &usual);
	r = judged_report(&a, NULL);
	t = table_of(&r, "energy_total");
	c = accuracy_comparison(&a, 0, 1);
	assert_string_equal(t->cell[t->columns + 1].text, "hp2");
	assert_true(t->cell[t->columns + 7].value == c->metric[SPAN_SAMPLE][METRIC_ENERGY].value);
	assert_true(t->cell[t->columns + 7].high == c->metric[SPAN_SAMPLE][METRIC_ENERGY].high);
	report_free(&r);
	accuracy_free(&a);
}

static void a_heat_pump_without_a_meter_is_named_and_not_judged(void **state)
{
	struct accuracy a;
	struct report r;
	char *html;

	(void)state;
	made(&a, &usual);
	r = judged_report(&a, folder);
	assert_int_equal(verdict_of(&a, 1, 0, "daily NMBE")->verdict, VERDICT_NONE);
	assert_non_null(strstr(verdict_of(&a, 1, 0, "daily NMBE")->note, "it has no heat meter"));
	assert_non_null(strstr(a.sentence, "1 of 4 comparisons"));
	html = text_of("report.html");
	assert_non_null(strstr(html, "it has no heat meter"));
	free(html);
	report_free(&r);
	accuracy_free(&a);
	empty_folder();
}

static void forget(struct comparison *c, const char *why)
{
	c->there = false;
	snprintf(c->why, sizeof(c->why), "%s", why);
	made_metrics_unknown(c);
}

static void a_model_that_could_be_compared_with_nothing_is_undecided(void **state)
{
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &usual);
	for (int i = 3; i < 6; i++)
		forget(&a.comparison[i], "the model asks for flow, which the runs lack");
	a.spread[1] = (struct accuracy_spread){.n = 0};
	a.agreement[1] = (struct accuracy_agreement){.pairs = 0};
	r = judged_report(&a, folder);
	assert_int_equal(verdict_of(&a, 1, -1, "daily NMBE")->verdict, VERDICT_UNDECIDED);
	assert_int_not_equal(a.verdict, VERDICT_PASSED);
	no_file_says_nan_or_inf();
	report_free(&r);
	accuracy_free(&a);
	empty_folder();
}

static void nothing_known_at_all_is_said_in_words(void **state)
{
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &usual);
	for (int i = 0; i < a.comparisons; i++)
		forget(&a.comparison[i], "no row has all of it");
	a.spread[0] = a.spread[1] = (struct accuracy_spread){.n = 0};
	a.agreement[0] = a.agreement[1] = (struct accuracy_agreement){.pairs = 0};
	for (int i = 0; i < a.cops; i++)
		a.cop[i].there = false;
	r = judged_report(&a, folder);
	assert_int_equal(a.verdict, VERDICT_UNDECIDED);
	assert_int_equal(r.figures, 0);
	no_file_says_nan_or_inf();
	report_free(&r);
	accuracy_free(&a);
	empty_folder();
}

/* Nothing was drawn for the whole study, and the model says so or not: shares of nothing are not defined. */
static void no_demand_at_all_is_not_known_and_not_infinite(void **state)
{
	const struct comparison_resampling resampling = {.replicates = 400, .seed = 1, .level = 0.95};
	struct error e = ERROR_INIT;
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &usual);
	for (int i = 0; i < 3; i++) {
		struct comparison *c = &a.comparison[i];

		for (int d = 0; d < c->days; d++) {
			struct comparison_day *day = &c->day[d];

			memset(day->span, 0, sizeof(day->span));
			memset(day->regime, 0, sizeof(day->regime));
			for (int k = 0; k < 24; k++) {
				error_sums_add(&day->span[SPAN_HOUR], 0, 5.15, 3600);
				error_sums_add(&day->span[SPAN_SAMPLE], 0, 5.15, 3600);
				error_sums_add(&day->regime[REGIME_STANDBY], 0, 5.15, 3600);
			}
			error_sums_add(&day->span[SPAN_DAY], 0, 5.15, 86400);
			day->permitted_j = 0;
		}
		c->permitted = NAN;
		memset(c->pair_reference, 0, (size_t)c->pairs * sizeof(double));
		must(comparison_intervals(c, &resampling, &e));
	}
	accuracy_spread_make(&a.spread[0], a.comparison, 2);
	must(accuracy_agreement_make(&a.agreement[0], a.comparison, 2, &e));
	r = judged_report(&a, folder);
	assert_true(isnan(verdict_of(&a, 0, -1, "daily NMBE")->value.value));
	assert_non_null(strstr(verdict_of(&a, 0, -1, "daily NMBE")->note, "energy is zero"));
	assert_non_null(strstr(verdict_of(&a, 0, 0, "off RMSE")->note, "never off"));
	assert_non_null(strstr(verdict_of(&a, 0, 0, "steady RMSE")->note, "never on and steady"));
	assert_int_equal(a.verdict, VERDICT_UNDECIDED);
	for (int i = 0; i < r.figures; i++)
		if (!r.figure[i].svg)
			fail_msg("%s: %s", r.figure[i].name, r.figure[i].missing);
	no_file_says_nan_or_inf();
	report_free(&r);
	accuracy_free(&a);
	empty_folder();
}

static void a_run_without_a_clean_end_never_passes(void **state)
{
	const struct made good = {.pumps = 2, .days = 12, .models = 1, .bias = 0};
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &good);
	r = judged_report(&a, NULL);
	assert_int_equal(a.verdict, VERDICT_PASSED);
	assert_false(r.incomplete);
	report_free(&r);
	a.study.run[0].incomplete = true;
	text_copy(a.study.run[0].state, sizeof(a.study.run[0].state), "had no clean end");
	r = judged_report(&a, NULL);
	assert_int_equal(a.verdict, VERDICT_UNDECIDED);
	assert_non_null(strstr(a.sentence, "cannot pass (had no clean end)"));
	assert_true(r.incomplete);
	report_free(&r);
	accuracy_free(&a);
}

static void a_meter_beyond_its_due_date_proves_nothing(void **state)
{
	const struct made good = {.pumps = 2, .days = 12, .models = 1, .bias = 0};
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &good);
	a.study.pump[1].meter[STUDY_ELECTRIC].expired = true;
	text_copy(a.study.pump[1].meter[STUDY_ELECTRIC].certificate, sizeof(a.study.pump[1].meter[0].certificate), "C-17, a laboratory, 2020-01-01, due 2022-01-01");
	r = judged_report(&a, NULL);
	assert_int_equal(a.verdict, VERDICT_UNDECIDED);
	assert_non_null(strstr(a.sentence, "had expired (C-17, a laboratory"));
	report_free(&r);
	accuracy_free(&a);
}

static void a_gain_that_nobody_can_overlook_fails(void **state)
{
	const struct made off = {.pumps = 2, .days = 12, .models = 1, .bias = 6};
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &off);
	r = judged_report(&a, NULL);
	assert_int_equal(verdict_of(&a, 0, -1, "daily NMBE")->verdict, VERDICT_FAILED);
	assert_int_equal(a.verdict, VERDICT_FAILED);
	assert_non_null(strstr(a.sentence, "First failed: electricity 1, hp1, daily NMBE"));
	report_free(&r);
	accuracy_free(&a);
}

static void a_single_heat_pump_says_nothing_of_the_next(void **state)
{
	const struct made one = {.pumps = 1, .days = 5, .models = 1, .bias = 0};
	const struct report_table *t;
	struct accuracy a;
	struct report r;

	(void)state;
	made(&a, &one);
	r = judged_report(&a, folder);
	t = table_of(&r, "spread");
	assert_true(isnan(t->cell[3].value) && isnan(t->cell[9].low) && isnan(t->cell[10].low));
	no_file_says_nan_or_inf();
	report_free(&r);
	accuracy_free(&a);
	empty_folder();
}

static void texts_from_files_cannot_break_the_page(void **state)
{
	struct accuracy a;
	struct report r;
	char *html;

	(void)state;
	made(&a, &usual);
	text_copy(a.study.pump[1].name, sizeof(a.study.pump[1].name), "hp'{%}_<b>");
	r = judged_report(&a, folder);
	html = text_of("report.html");
	assert_null(strstr(html, "<made>"));
	assert_null(strstr(html, "<b>\"quoted\""));
	assert_non_null(strstr(html, "&lt;made&gt; &amp; &quot;quoted&quot;"));
	for (int i = 0; i < r.figures; i++)
		if (!r.figure[i].svg)
			fail_msg("%s: %s", r.figure[i].name, r.figure[i].missing);
	assert_non_null(strstr(html, "hp'{%}_&lt;b&gt;"));
	free(html);
	report_free(&r);
	accuracy_free(&a);
	empty_folder();
}

/* Each with something missing. */
static int leave(const char *where)
{
	const struct made one = {.pumps = 1, .days = 2, .models = 1, .bias = 0};
	const struct made *const all[] = {&usual, &one};

	for (int i = 0; i < 2; i++) {
		struct accuracy a;
		struct report r;
		char path[300];

		snprintf(path, sizeof(path), "%s/%d", where, i + 1);
		if (mkdir(path, 0777) < 0)
			return 1;
		made(&a, all[i]);
		r = judged_report(&a, path);
		report_free(&r);
		accuracy_free(&a);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_figure_is_drawn),
		cmocka_unit_test(its_sixteen_sections_have_the_order_of_the_manual),
		cmocka_unit_test(every_table_is_a_csv_with_its_rows),
		cmocka_unit_test(tables_keep_what_was_reckoned),
		cmocka_unit_test(a_heat_pump_without_a_meter_is_named_and_not_judged),
		cmocka_unit_test(a_model_that_could_be_compared_with_nothing_is_undecided),
		cmocka_unit_test(nothing_known_at_all_is_said_in_words),
		cmocka_unit_test(no_demand_at_all_is_not_known_and_not_infinite),
		cmocka_unit_test(a_run_without_a_clean_end_never_passes),
		cmocka_unit_test(a_meter_beyond_its_due_date_proves_nothing),
		cmocka_unit_test(a_gain_that_nobody_can_overlook_fails),
		cmocka_unit_test(a_single_heat_pump_says_nothing_of_the_next),
		cmocka_unit_test(texts_from_files_cannot_break_the_page),
	};
	int failed;

	gsl_set_error_handler_off();
	if (argc > 1)
		return leave(argv[1]);
	if (!mkdtemp(folder))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	empty_folder();
	rmdir(folder);
	return failed;
}
