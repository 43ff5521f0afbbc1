/*
 * check.h - cmocka with what it wants before itself, and two words that most tests use.
 */
#ifndef HEATBENCH_TESTS_CHECK_H
#define HEATBENCH_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daq/base/error.h"

#include <string.h>

/* A call that must succeed, with a `struct error e` in sight. */
#define must(call)                                                                                                   \
	do {                                                                                                         \
		error_clear(&e);                                                                                     \
		if ((call) < 0)                                                                                      \
			fail_msg("%s: %s", #call, e.text);                                                           \
	} while (0)

/* A call that must fail with this code, its sentence holding these words. */
#define refused(call, expected, words)                                                                               \
	do {                                                                                                         \
		error_clear(&e);                                                                                     \
		assert_int_equal(call, -1);                                                                          \
		assert_int_equal(e.code, expected);                                                                  \
		if (!strstr(e.text, words))                                                                          \
			fail_msg("\"%s\" does not say \"%s\"", e.text, words);                                       \
	} while (0)

/* Two numbers no further apart than `epsilon`; NaN is near nothing. */
#define assert_near(a, b, epsilon)                                                                                   \
	do {                                                                                                         \
		double near_a = (a), near_b = (b);                                                                   \
		if (!(near_a - near_b <= (epsilon) && near_b - near_a <= (epsilon)))                                 \
			fail_msg("%s is %.12g, not %.12g", #a, near_a, near_b);                                      \
	} while (0)

#endif
