/* Many things by several threads. */
#include "tests/check.h"

#include "daq/base/parallel.h"

#include <stdatomic.h>
#include <unistd.h>

enum { MANY = 1000 };

static atomic_int done[MANY];

static int mark(void *self, int i, struct error *e)
{
	(void)self;
	(void)e;
	atomic_fetch_add(&done[i], 1);
	return 0;
}

static void each_is_done_once(void **state)
{
	struct error e = ERROR_INIT;

	(void)state;
	must(parallel_each(MANY, mark, NULL, &e));
	for (int i = 0; i < MANY; i++)
		assert_int_equal(atomic_load(&done[i]), 1);
	must(parallel_each(0, mark, NULL, &e));
	assert_int_equal(atomic_load(&done[0]), 1);
}

/* 0 waits until 1 has failed, so that both do. */
static int refuse(void *self, int i, struct error *e)
{
	atomic_int *second = self;

	if (i == 1) {
		atomic_store(second, 1);
		return error_set(e, ERROR_DATA, "number 1");
	}
	while (i == 0 && sysconf(_SC_NPROCESSORS_ONLN) > 1 && !atomic_load(second))
		;
	return i == 0 ? error_set(e, ERROR_IO, "number 0") : 0;
}

static void the_first_error_is_told(void **state)
{
	struct error e = ERROR_INIT;
	atomic_int second = 0;

	(void)state;
	refused(parallel_each(2, refuse, &second, &e), ERROR_IO, "number 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_done_once),
		cmocka_unit_test(the_first_error_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
