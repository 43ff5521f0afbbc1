/* Local days of 23, 24 and 25 hours. Instants from `date -d 'TZ="Europe/Amsterdam" ...' +%s`. */
#include "analytics/accuracy/calendar.h"
#include "daq/base/error.h"

#include "tests/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct calendar make(const char *zone, double from, double to)
{
	struct calendar c;
	struct error e = ERROR_INIT;

	assert_int_equal(calendar_make(&c, zone, from, to, &e), 0);
	return c;
}

static void days_in_spring_have_23_hours_and_in_autumn_25(void **state)
{
	struct calendar spring = make("Europe/Amsterdam", 1711753200, 1711922399); /* 30 and 31 March 2024 */
	struct calendar autumn = make("Europe/Amsterdam", 1729980000, 1729980000); /* 27 October 2024 */

	(void)state;
	assert_int_equal(spring.days, 2);
	assert_string_equal(spring.day[1].name, "2024-03-31");
	assert_near(spring.day[1].end - spring.day[1].start, 23 * 3600, 0);
	assert_near(spring.day[0].end - spring.day[0].start, 24 * 3600, 0);
	assert_int_equal(autumn.days, 1);
	assert_near(autumn.day[0].end - autumn.day[0].start, 25 * 3600, 0);
	calendar_free(&spring);
	calendar_free(&autumn);
}

static void hours_have_the_names_that_clocks_show(void **state)
{
	struct calendar spring = make("Europe/Amsterdam", 1711839600, 1711839600), autumn = make("Europe/Amsterdam", 1729980000, 1729980000);

	(void)state;
	assert_int_equal(calendar_hour(&spring, 0, spring.day[0].start + 3600), 1);
	assert_int_equal(calendar_hour(&spring, 0, spring.day[0].start + 2 * 3600), 3); /* there is no 02:00 */
	assert_int_equal(calendar_hour(&spring, 0, spring.day[0].end - 1), 23);
	assert_int_equal(calendar_hour(&autumn, 0, autumn.day[0].start + 2 * 3600), 2);
	assert_int_equal(calendar_hour(&autumn, 0, autumn.day[0].start + 3 * 3600), 2); /* a second time */
	assert_int_equal(calendar_hour(&autumn, 0, autumn.day[0].end - 1), 23);
	calendar_free(&spring);
	calendar_free(&autumn);
}

static void an_instant_is_in_the_day_that_holds_it(void **state)
{
	struct calendar c = make("UTC", 1704067200, 1704067200 + 10 * 86400 - 1);

	(void)state;
	assert_int_equal(c.days, 10);
	assert_int_equal(calendar_find(&c, 1704067200), 0);
	assert_int_equal(calendar_find(&c, 1704067200 + 86399.999), 0);
	assert_int_equal(calendar_find(&c, 1704067200 + 86400), 1);
	assert_int_equal(calendar_find(&c, 1704067200 + 10 * 86400), -1);
	assert_int_equal(calendar_find(&c, 1704067199), -1);
	calendar_free(&c);
}

static void weeks_begin_on_monday_and_have_iso_numbers(void **state)
{
	struct calendar c = make("UTC", 1735516800 - 86400, 1735516800 + 3 * 86400); /* Sunday 29 December 2024 on */

	(void)state;
	assert_int_equal(c.weeks, 2);
	assert_string_equal(c.week[0], "2024-W52");
	assert_string_equal(c.week[1], "2025-W01");
	assert_int_equal(c.day[0].week, 0);
	assert_int_equal(c.day[1].week, 1);
	calendar_free(&c);
}

static void an_unknown_zone_is_refused_by_name_and_tz_stays(void **state)
{
	struct calendar c;
	struct error e = ERROR_INIT;

	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	assert_int_equal(calendar_make(&c, "Europe/Amsterdan", 0, 1, &e), -1);
	assert_non_null(strstr(e.text, "Europe/Amsterdan"));
	c = make("Europe/Amsterdam", 0, 1);
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	calendar_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_in_spring_have_23_hours_and_in_autumn_25),
		cmocka_unit_test(hours_have_the_names_that_clocks_show),
		cmocka_unit_test(an_instant_is_in_the_day_that_holds_it),
		cmocka_unit_test(weeks_begin_on_monday_and_have_iso_numbers),
		cmocka_unit_test(an_unknown_zone_is_refused_by_name_and_tz_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
