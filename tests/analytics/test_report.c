/* What a report keeps besides what it prints: all digits, sections, tables as CSV. */
#include "tests/check.h"

#include "analytics/core/table_row.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/heatbench-report-XXXXXX";

static char *file(const char *name)
{
	struct error e = ERROR_INIT;
	char path[128], *text = NULL;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	must(text_read_file(path, &text, NULL, &e));
	unlink(path);
	return text;
}

static void holds(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("it does not say \"%s\":\n%s", words, text);
}

static struct report report_with_table(void)
{
	static const char *const columns[] = {"who, what", "#mean|W", "~energy error|%", NULL};
	struct report r = {.bench = "accuracy", .origin = "measured", .tables_judge = true};
	struct row row = {.n = 0}, unknown = {.n = 0};
	struct report_table *t;

	report_section(&r, "Energy", "");
	t = report_table(&r, "totals", "Totals", columns);
	row_text(&row, "hp \"1\"");
	row_fixed(&row, 1 / 3.0, 1);
	row_interval(&row, -1.23456789, -2.01, -0.4, 2);
	row_mark(&row, VERDICT_PASSED);
	row_add(&r, t, &row);
	row_text(&unknown, "hp2");
	row_fixed(&unknown, NAN, 1);
	row_interval(&unknown, NAN, NAN, NAN, 2);
	row_add(&r, t, &unknown);
	assert_false(r.failed);
	return r;
}

static void a_csv_has_all_digits_and_nothing_for_what_is_not_known(void **state)
{
	struct report r = report_with_table();
	struct error e = ERROR_INIT;
	char *text;

	(void)state;
	must(report_csv(&r, folder, &e));
	text = file("totals.csv");
	assert_string_equal(text, "\"who, what\",mean [W],energy error [%],energy error low [%],energy error high [%]\r\n"
				  "\"hp \"\"1\"\"\",0.33333333333333331,-1.2345678899999999,-2.0099999999999998,-0.40000000000000002\r\n"
				  "hp2,,,,\r\n");
	free(text);
	report_free(&r);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
	struct report r = report_with_table();
	struct error e = ERROR_INIT;

	(void)state;
	refused(report_csv(&r, "/nowhere/at/all", &e), ERROR_IO, "/nowhere/at/all/totals.csv");
	report_free(&r);
}

static void json_prints_the_rounded_and_keeps_the_exact(void **state)
{
	struct report r = report_with_table();
	struct error e = ERROR_INIT;
	char *text = report_json_text(&r, &e);

	(void)state;
	assert_non_null(text);
	holds(text, "\"-1.23 (-2.01 \xe2\x80\xa6 -0.40)\"");
	holds(text, "-1.2345678899999999");
	holds(text, "\"value\": null");
	holds(text, "\"title\": \"Energy\"");
	assert_null(strstr(text, "nan"));
	free(text);
	report_free(&r);
}

static void a_section_holds_its_tables_and_names_those_left_out_of_the_page(void **state)
{
	struct report r = report_with_table();
	struct error e = ERROR_INIT;
	char path[128], *text;

	(void)state;
	report_section(&r, "Days", "by the calendar");
	r.table[0].aside = true;
	snprintf(path, sizeof(path), "%s/report.html", folder);
	must(report_html(&r, path, &e));
	text = file("report.html");
	holds(text, "<h2 id=\"section-1\">1&ensp;Energy</h2>");
	holds(text, "Too long for this page: Totals, totals.csv (2 rows).");
	assert_true(strstr(text, "totals.csv") < strstr(text, "<h2 id=\"section-2\">"));
	assert_null(strstr(text, "<td"));
	free(text);
	report_free(&r);
}

static void a_marked_cell_has_the_colour_of_its_verdict(void **state)
{
	struct report r = report_with_table();
	struct error e = ERROR_INIT;
	char path[128], *text;

	(void)state;
	snprintf(path, sizeof(path), "%s/report.html", folder);
	must(report_html(&r, path, &e));
	text = file("report.html");
	holds(text, "<td class=\"n v passed\">-1.23<small>-2.01 \xe2\x80\xa6 -0.40</small></td>");
	free(text);
	report_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_csv_has_all_digits_and_nothing_for_what_is_not_known),
		cmocka_unit_test(a_folder_that_is_not_there_is_named),
		cmocka_unit_test(json_prints_the_rounded_and_keeps_the_exact),
		cmocka_unit_test(a_section_holds_its_tables_and_names_those_left_out_of_the_page),
		cmocka_unit_test(a_marked_cell_has_the_colour_of_its_verdict),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(folder);
	return failed;
}
