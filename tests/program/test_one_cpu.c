/* A run in lock-step keeps to one processor, and leaves it where others need it. */
#include "tests/check.h"

#include "daq/program/one_cpu.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

static const bool all[] = {true, true, true, true};

static int better(int cpu, double used, double a, double b, double c, const bool *allowed)
{
	const double idle[] = {a, b, c};

	return one_cpu_better(cpu, &(struct one_cpu_look){.cpus = 3, .used = used, .idle = idle, .allowed = allowed});
}

static void a_run_that_others_crowd_out_moves_to_the_processor_with_most_room(void **state)
{
	(void)state;
	assert_int_equal(better(0, 0.5, 0.0, 0.4, 0.9, all), 2);
	assert_int_equal(better(2, 0.3, 0.6, 0.4, 0.05, all), 0);
}

static void a_run_that_has_its_processor_stays_however_idle_another_one_is(void **state)
{
	(void)state;
	assert_int_equal(better(1, 0.95, 1, 0, 1, all), 1);
}

static void a_run_that_waits_for_something_else_stays(void **state)
{
	(void)state;
	assert_int_equal(better(1, 0.4, 1, 0.5, 1, all), 1);
}

static void where_all_are_busy_nobody_moves(void **state)
{
	(void)state;
	assert_int_equal(better(1, 0.4, 0.2, 0, 0.1, all), 1);
}

static void a_processor_that_is_forbidden_is_never_moved_to(void **state)
{
	const bool allowed[] = {false, true, true};

	(void)state;
	assert_int_equal(better(1, 0.4, 1, 0, 0.5, allowed), 2);
	assert_int_equal(better(1, 0.4, 1, 0, 0.2, allowed), 1);
}

static void what_a_run_may_use_is_as_before_when_it_has_ended(void **state)
{
	cpu_set_t before, during, after;
	struct one_cpu *one;
	int cpu = one_cpu_choose();

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	one = one_cpu_start(cpu, getpid());
	assert_int_equal(one != NULL, CPU_COUNT(&before) > 1);
	assert_int_equal(sched_getaffinity(0, sizeof(during), &during), 0);
	assert_int_equal(CPU_COUNT(&during), 1);
	one_cpu_end(one);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
	assert_null(one_cpu_start(-1, getpid()));
}

static void a_signal_is_left_to_who_waits_for_it(void **state)
{
	struct one_cpu *one = one_cpu_start(one_cpu_choose(), getpid());
	sigset_t usr, before;
	int number;

	(void)state;
	sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr, &before);
	kill(getpid(), SIGUSR1); /* would end the program if it arrived anywhere */
	assert_int_equal(sigwait(&usr, &number), 0);
	assert_int_equal(number, SIGUSR1);
	one_cpu_end(one);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_that_others_crowd_out_moves_to_the_processor_with_most_room),
		cmocka_unit_test(a_run_that_has_its_processor_stays_however_idle_another_one_is),
		cmocka_unit_test(a_run_that_waits_for_something_else_stays),
		cmocka_unit_test(where_all_are_busy_nobody_moves),
		cmocka_unit_test(a_processor_that_is_forbidden_is_never_moved_to),
		cmocka_unit_test(what_a_run_may_use_is_as_before_when_it_has_ended),
		cmocka_unit_test(a_signal_is_left_to_who_waits_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
