/* Values out of documents: what is one, what is none, and what is not taken for one. */
#include "tests/check.h"

#include "daq/device/document.h"

#include <math.h>

/* BENCHES G2's minimal sample, and what an ill-behaved one may hold. */
static const char feed[] =
	"{\"time\":{\"ts\":1700000000000,\"tsHuman\":\"2023-11-14T22:13:20Z\"},\"system\":{\"hostName\":\"CIC-test\"},"
	"\"hp1\":{\"modbusSlaveId\":1,\"getMainWorkingMode\":2,\"temperatureOutside\":4.12,\"powerInput\":1053,\"power\":-46.5,"
	"\"silentModeStatus\":false,\"limitedByCop\":true,\"list\":[1,2]},\"boiler\":{\"otFbChModeActive\":null},"
	"\"31\":\"800.3\",\"103\":\"\",\"104\":\"12 \",\"105\":\"0x10\",\"106\":\"nan\",\"107\":\"1e3\",\"108\":\"1e999\",\"109\":\"-.5\","
	"\"110\":\"on\",\"a.b\":7,\"a\":{\"b\":8}}";

static struct document *parsed(const char *text)
{
	struct document *d = NULL;
	struct error e = ERROR_INIT;

	must(document_parse(&d, text, strlen(text), &e));
	return d;
}

static void numbers_switches_and_numeric_texts_are_values(void **state)
{
	static const struct {
		const char *key;
		double value;
	} cases[] = {{"time.ts", 1700000000000.0}, {"hp1.powerInput", 1053}, {"hp1.temperatureOutside", 4.12}, {"hp1.power", -46.5},
		{"hp1.silentModeStatus", 0}, {"hp1.limitedByCop", 1}, {"31", 800.3}, {"107", 1000}};
	struct document *d = parsed(feed);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double value = NAN;

		assert_int_equal(document_number(d, cases[i].key, &value), DOCUMENT_VALUE);
		assert_true(value == cases[i].value);
	}
	document_free(d);
}

static void what_is_no_number_is_told_apart_and_never_zero(void **state)
{
	static const struct {
		const char *key;
		enum document_found found;
	} cases[] = {{"boiler.otFbChModeActive", DOCUMENT_NULL}, {"hp2.powerInput", DOCUMENT_MISSING}, {"hp1.nothing", DOCUMENT_MISSING},
		{"hp1.powerInput.deeper", DOCUMENT_MISSING}, {"", DOCUMENT_MISSING}, {".", DOCUMENT_MISSING}, {"hp1", DOCUMENT_WRONG},
		{"hp1.list", DOCUMENT_WRONG}, {"system.hostName", DOCUMENT_WRONG}, {"103", DOCUMENT_WRONG}, {"104", DOCUMENT_WRONG},
		{"105", DOCUMENT_WRONG}, {"106", DOCUMENT_WRONG}, {"108", DOCUMENT_WRONG}, {"109", DOCUMENT_WRONG}, {"110", DOCUMENT_WRONG}};
	struct document *d = parsed(feed);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double value = 4711;

		if (document_number(d, cases[i].key, &value) != cases[i].found || value != 4711)
			fail_msg("%s is not %s, or wrote %g", cases[i].key, document_found_name(cases[i].found), value);
	}
	document_free(d);
}

static void a_member_with_the_whole_name_comes_before_a_path(void **state)
{
	struct document *d = parsed(feed);
	double value = NAN;

	(void)state;
	assert_int_equal(document_number(d, "a.b", &value), DOCUMENT_VALUE);
	assert_true(value == 7);
	document_free(d);
}

static void what_a_document_says_of_itself_is_text(void **state)
{
	struct document *d = parsed(feed);
	char text[16], little[4];

	(void)state;
	assert_true(document_text(d, "system.hostName", text, sizeof(text)));
	assert_string_equal(text, "CIC-test");
	assert_true(document_text(d, "hp1.modbusSlaveId", text, sizeof(text)));
	assert_string_equal(text, "1");
	assert_false(document_text(d, "boiler.otFbChModeActive", text, sizeof(text)));
	assert_false(document_text(d, "103", text, sizeof(text)));
	assert_false(document_text(d, "system.hostName", little, sizeof(little))); /* half a name is another one */
	document_free(d);
}

static void what_is_no_document_is_refused_with_what_it_begins_with(void **state)
{
	struct document *d = NULL;
	struct error e = ERROR_INIT;
	char half[200];

	(void)state;
	refused(document_parse(&d, "", 0, &e), ERROR_DATA, "empty");
	refused(document_parse(&d, "<html>\n", 7, &e), ERROR_DATA, "it begins with: <html> ");
	refused(document_parse(&d, "[1,2]", 5, &e), ERROR_DATA, "no members");
	refused(document_parse(&d, "3", 1, &e), ERROR_DATA, "no");
	refused(document_parse(&d, "{} {}", 5, &e), ERROR_DATA, "no JSON");
	/* Every cut of a feed is half a document, and none. */
	for (size_t n = 1; n + 1 < sizeof(feed); n++)
		if (document_parse(&d, feed, n, &e) == 0)
			fail_msg("%zu bytes of %zu were taken for a document", n, sizeof(feed) - 1);
	memcpy(half, feed, sizeof(half));
	half[50] = '\0';
	refused(document_parse(&d, half, sizeof(half), &e), ERROR_DATA, "no JSON");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_switches_and_numeric_texts_are_values),
		cmocka_unit_test(what_is_no_number_is_told_apart_and_never_zero),
		cmocka_unit_test(a_member_with_the_whole_name_comes_before_a_path),
		cmocka_unit_test(what_a_document_says_of_itself_is_text),
		cmocka_unit_test(what_is_no_document_is_refused_with_what_it_begins_with),
	};

	return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
