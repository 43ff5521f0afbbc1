/* The table of cases of a value with its interval against a limit, when the reference may be off. */
#include "tests/check.h"

#include "analytics/accuracy/requirement.h"

#include <math.h>

static struct requirement_outcome deviation(double value, double low, double high, double limit, double permitted)
{
	const struct interval v = {value, low, high};

	return requirement_deviation(&v, limit, permitted);
}

static void is(struct requirement_outcome o, enum verdict verdict, bool not_resolvable)
{
	assert_int_equal(o.verdict, verdict);
	assert_int_equal(o.not_resolvable, not_resolvable);
	assert_int_equal(o.why[0] != '\0', verdict == VERDICT_UNDECIDED);
}

static void a_true_reference_leaves_the_interval_alone_to_decide(void **state)
{
	(void)state;
	is(deviation(1, 0.5, 1.5, 2, NAN), VERDICT_PASSED, false);
	is(deviation(-1, -1.5, -0.5, 2, NAN), VERDICT_PASSED, false);
	is(deviation(1.8, 1.4, 2.2, 2, NAN), VERDICT_UNDECIDED, false);
	is(deviation(3, 2.1, 3.9, 2, NAN), VERDICT_FAILED, false);
	is(deviation(-3, -3.9, -2.1, 2, NAN), VERDICT_FAILED, false);
	is(deviation(0, -3, 3, 2, NAN), VERDICT_UNDECIDED, false);
	is(deviation(1, 0, 2, 2, NAN), VERDICT_PASSED, false); /* at the limit is inside */
}

static void a_pass_holds_whatever_the_reference_is_off(void **state)
{
	(void)state;
	is(deviation(0.2, 0.1, 0.3, 2, 1), VERDICT_PASSED, false); /* inside what is permitted, and inside the limit even so */
	is(deviation(0.9, 0.8, 1.0, 2, 1), VERDICT_PASSED, false);
	is(deviation(1.5, 1.3, 1.7, 2, 1), VERDICT_UNDECIDED, false);
	assert_non_null(strstr(deviation(1.5, 1.3, 1.7, 2, 1).why, "inside the limit"));
}

static void a_failure_holds_whatever_the_reference_is_off(void **state)
{
	(void)state;
	is(deviation(4, 3.5, 4.5, 2, 1), VERDICT_FAILED, false);
	is(deviation(-4, -4.5, -3.5, 2, 1), VERDICT_FAILED, false);
	is(deviation(2.5, 2.3, 2.7, 2, 1), VERDICT_UNDECIDED, false);
	assert_non_null(strstr(deviation(2.5, 2.3, 2.7, 2, 1).why, "outside the limit"));
}

static void what_the_reference_may_be_off_itself_is_not_resolvable(void **state)
{
	(void)state;
	is(deviation(3, 2.5, 3.5, 2, 5.4), VERDICT_UNDECIDED, true);
	is(deviation(-3, -3.5, -2.5, 2, 5.4), VERDICT_UNDECIDED, true);
	is(deviation(0.9, 0.6, 1.2, 2, 1), VERDICT_UNDECIDED, true);
	is(deviation(5.5, 5, 6, 2, 5.4), VERDICT_UNDECIDED, false); /* more than permitted: resolved, and yet not decided */
}

/* A deviation that grows never gets a better verdict. */
static void a_worse_model_never_has_the_better_verdict(void **state)
{
	(void)state;
	for (double permitted = 0; permitted < 6; permitted += 0.5) {
		enum verdict before = VERDICT_PASSED;

		for (double d = 0; d < 12; d += 0.05) {
			enum verdict now = deviation(d, d - 0.3, d + 0.3, 2, permitted).verdict;

			assert_true(verdict_worse(before, now) == now);
			assert_int_equal(now, deviation(-d, -d - 0.3, -d + 0.3, 2, permitted).verdict);
			before = now;
		}
		assert_int_equal(before, VERDICT_FAILED);
	}
}

static void a_size_is_not_excused_by_the_reference(void **state)
{
	const struct interval inside = {12, 10, 15}, across = {18, 15, 22}, outside = {25, 21, 30};

	(void)state;
	is(requirement_size(&inside, 20), VERDICT_PASSED, false);
	is(requirement_size(&across, 20), VERDICT_UNDECIDED, false);
	is(requirement_size(&outside, 20), VERDICT_FAILED, false);
}

static void what_is_not_known_is_undecided(void **state)
{
	(void)state;
	is(deviation(NAN, NAN, NAN, 2, 1), VERDICT_UNDECIDED, false);
	is(deviation(0.1, NAN, NAN, 2, 1), VERDICT_UNDECIDED, false);
	is(deviation(0.1, NAN, NAN, 2, NAN), VERDICT_UNDECIDED, false);
	assert_non_null(strstr(deviation(0.1, NAN, NAN, 2, 1).why, "too few days"));
	is(deviation(0.1, 0, 0.2, NAN, 1), VERDICT_NONE, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_true_reference_leaves_the_interval_alone_to_decide),
		cmocka_unit_test(a_pass_holds_whatever_the_reference_is_off),
		cmocka_unit_test(a_failure_holds_whatever_the_reference_is_off),
		cmocka_unit_test(what_the_reference_may_be_off_itself_is_not_resolvable),
		cmocka_unit_test(a_worse_model_never_has_the_better_verdict),
		cmocka_unit_test(a_size_is_not_excused_by_the_reference),
		cmocka_unit_test(what_is_not_known_is_undecided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
