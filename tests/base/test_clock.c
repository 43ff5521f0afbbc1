#include "tests/check.h"

#include "daq/base/lockstep.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define S NANOS_PER_S
#define MS NANOS_PER_MS

static void a_system_wait_ends_at_its_time_and_not_before(void **state)
{
	struct clock *clock = clock_open_system(1);
	struct clock_seat *seat = clock_join(clock, "test");
	nanos start = clock_now(clock);

	(void)state;
	assert_false(clock_wait(seat, start + 5 * MS));
	assert_true(clock_now(clock) >= start + 5 * MS);
	assert_false(clock_wait(seat, start)); /* past: at once */
	assert_false(clock_wait(seat, -1));
	assert_true(llabs(clock_utc(clock, start) - (nanos)time(NULL) * S) < 5 * S);
	assert_int_equal(clock_charge(seat, "x", 0) / S, clock_now(clock) / S);
	clock_leave(seat);
	clock_leave(NULL);
	clock_close(clock);
	clock_close(NULL);
}

static void *wake_it(void *seat)
{
	usleep(2000);
	clock_wake(seat);
	return NULL;
}

static void a_wake_ends_the_present_or_the_next_wait_once(void **state)
{
	struct clock *clock = clock_open_system(1);
	struct clock_seat *seat = clock_join(clock, "test");
	pthread_t thread;

	(void)state;
	clock_wake(seat);
	clock_wake(seat);
	assert_true(clock_wait(seat, NANOS_NEVER));
	assert_false(clock_wait(seat, clock_now(clock) + MS)); /* wakes are not counted */
	pthread_create(&thread, NULL, wake_it, seat);
	assert_true(clock_wait(seat, NANOS_NEVER));
	pthread_join(thread, NULL);
	clock_leave(seat);
	clock_close(clock);
}

static void a_clock_at_speed_100_makes_a_second_of_10_ms(void **state)
{
	struct clock *clock = clock_open_system(100);
	struct clock_seat *seat = clock_join(clock, "test");
	nanos start = clock_now(clock), utc = clock_utc(clock, start);
	int64_t wall = clock_wall_ms();

	(void)state;
	assert_false(clock_wait(seat, start + 2 * S));
	assert_true(clock_now(clock) >= start + 2 * S);
	assert_true(clock_wall_ms() - wall >= 19);
	assert_int_equal(clock_utc(clock, start + 2 * S) - utc, 2 * S); /* bench time passes in UTC too */
	clock_leave(seat);
	clock_close(clock);
}

struct ticker {
	struct clock *clock;
	struct clock_seat *seat; /* taken before any thread runs: a late one would find that time has gone on */
	nanos period, first, last;
	int ticks, wrong;
};

/* Takes tick n at n * period, so long as there are ticks. */
static void *tick(void *argument)
{
	struct ticker *t = argument;

	for (int n = 1; n <= t->ticks; n++) {
		clock_wait(t->seat, n * t->period);
		t->wrong += clock_now(t->clock) != n * t->period;
	}
	t->last = clock_now(t->clock);
	clock_leave(t->seat);
	return NULL;
}

static void hours_pass_in_lock_step_and_every_tick_is_on_time(void **state)
{
	struct ticker ticker[4] = {{.period = S, .ticks = 7200}, {.period = 250 * MS, .ticks = 28800},
		{.period = 777777777, .ticks = 9000}, {.period = 3600 * S, .ticks = 2}};
	struct error e = ERROR_INIT;
	struct clock_seat *hold;
	struct clock *clock;
	pthread_t thread[4];

	(void)state;
	must(lockstep_open_alone(&clock, 1000 * S, &e));
	assert_true(clock->lockstep);
	hold = clock_join(clock, "test"); /* a seat that does not wait: time stands still until all are there */
	for (int i = 0; i < 4; i++) {
		ticker[i].clock = clock;
		ticker[i].seat = clock_join(clock, "ticker");
	}
	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, tick, &ticker[i]);
	usleep(1000);
	assert_int_equal(clock_now(clock), 0);
	clock_wait(hold, 0);
	clock_leave(hold);
	for (int i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(ticker[i].wrong, 0);
		assert_int_equal(ticker[i].last, ticker[i].ticks * ticker[i].period);
	}
	assert_int_equal(clock_utc(clock, clock_now(clock)), 1000 * S + clock_now(clock));
	clock_close(clock);
}

struct sleeper {
	struct clock *clock;
	struct clock_seat *seat;
	bool woken;
	nanos at;
};

static void *sleep_for_ever(void *argument)
{
	struct sleeper *s = argument;

	s->woken = clock_wait(s->seat, NANOS_NEVER);
	s->at = clock_now(s->clock);
	clock_leave(s->seat);
	return NULL;
}

static void one_seat_wakes_another_at_its_own_time(void **state)
{
	struct sleeper s = {.woken = false};
	struct clock_seat *seat;
	struct error e = ERROR_INIT;
	pthread_t thread;

	(void)state;
	must(lockstep_open_alone(&s.clock, 0, &e));
	s.seat = clock_join(s.clock, "sleeper");
	seat = clock_join(s.clock, "test");
	pthread_create(&thread, NULL, sleep_for_ever, &s);
	assert_false(clock_wait(seat, 5 * S));
	clock_wake(s.seat);
	assert_int_equal(clock_now(s.clock), 5 * S);
	clock_leave(seat);
	pthread_join(thread, NULL);
	assert_true(s.woken);
	assert_int_equal(s.at, 5 * S);
	clock_close(s.clock);
}

static void a_wake_is_not_lost_between_two_waits(void **state)
{
	struct clock_seat *seat;
	struct clock *clock;
	struct error e = ERROR_INIT;

	(void)state;
	must(lockstep_open_alone(&clock, 0, &e));
	seat = clock_join(clock, "test");
	clock_wake(seat);
	assert_true(clock_wait(seat, 9 * S));
	assert_int_equal(clock_now(clock), 0); /* woken at once: no time has passed */
	assert_false(clock_wait(seat, 9 * S));
	assert_int_equal(clock_now(clock), 9 * S);
	assert_false(clock_wait(seat, 3 * S)); /* time does not go back */
	assert_int_equal(clock_now(clock), 9 * S);
	clock_leave(seat);
	clock_close(clock);
}

/* A lab that says hello, and hangs up at the second request after it. */
static void *short_lived_lab(void *argument)
{
	int listener = *(int *)argument, fd = accept(listener, NULL, NULL);
	char line[64];
	FILE *f = fdopen(fd, "r+");

	if (fgets(line, sizeof(line), f))
		dprintf(fd, "ok 5000000000 77000000000\n");
	if (fgets(line, sizeof(line), f))
		dprintf(fd, "now 6000000000\n");
	if (fgets(line, sizeof(line), f))
		fclose(f);
	return NULL;
}

static void a_lab_that_goes_away_leaves_nobody_waiting(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct sleeper s = {.woken = false};
	struct clock_seat *seat;
	struct error e = ERROR_INIT;
	pthread_t lab, thread;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/heatbench-clock-%d", (int)getpid());
	unlink(address.sun_path);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	listen(listener, 1);
	pthread_create(&lab, NULL, short_lived_lab, &listener);
	must(lockstep_open(&s.clock, address.sun_path, &e));
	assert_int_equal(clock_now(s.clock), 5 * S);
	assert_int_equal(clock_utc(s.clock, 5 * S), 77 * S);
	s.seat = clock_join(s.clock, "sleeper");
	seat = clock_join(s.clock, "test");
	pthread_create(&thread, NULL, sleep_for_ever, &s);
	clock_wait(seat, 6 * S);
	assert_int_equal(clock_now(s.clock), 6 * S);
	clock_wait(seat, 6 * S + 20 * MS); /* the lab hangs up: from here time is the wall's */
	assert_true(clock_now(s.clock) >= 6 * S + 20 * MS);
	refused(lockstep_timeout(s.clock, "odu", MS, &e), ERROR_DEVICE, "odu");
	clock_wake(s.seat);
	clock_leave(seat);
	pthread_join(thread, NULL);
	assert_true(s.woken);
	clock_close(s.clock);
	pthread_join(lab, NULL);
	close(listener);
	unlink(address.sun_path);
	refused(lockstep_open(&s.clock, address.sun_path, &e), ERROR_DEVICE, address.sun_path);
}

/* The one that finds the lab gone waits for ever itself; the other's time must go on all the same. */
static void who_waits_for_ever_does_not_stop_the_others_when_the_lab_is_lost(void **state)
{
	struct sleeper s = {.woken = false};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct clock_seat *seat;
	struct error e = ERROR_INIT;
	pthread_t lab, thread;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/heatbench-clock-%d", (int)getpid());
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	listen(listener, 1);
	pthread_create(&lab, NULL, short_lived_lab, &listener);
	must(lockstep_open(&s.clock, address.sun_path, &e));
	seat = clock_join(s.clock, "test");
	clock_wait(seat, 6 * S);
	s.seat = clock_join(s.clock, "sleeper");
	pthread_create(&thread, NULL, sleep_for_ever, &s);
	clock_wait(seat, 6 * S + 10 * MS);
	clock_wait(seat, clock_now(s.clock) + 10 * MS);
	clock_wake(s.seat);
	pthread_join(thread, NULL);
	clock_leave(seat);
	clock_close(s.clock);
	pthread_join(lab, NULL);
	close(listener);
	unlink(address.sun_path);
}

/* A lab that says a line, or nothing, for each that it hears, by what it hears: as `script` has it. */
struct scripted_lab {
	int listener;
	const struct {
		const char *heard, *said;
	} *script;
};

static void *scripted_lab(void *argument)
{
	const struct scripted_lab *lab = argument;
	int fd = accept(lab->listener, NULL, NULL);
	FILE *f = fdopen(fd, "r");
	char line[128];

	for (int i = 0; fgets(line, sizeof(line), f); i++) {
		if (!lab->script[i].heard || strcmp(line, lab->script[i].heard) != 0)
			fail_msg("the lab heard %s", line);
		dprintf(fd, "%s", lab->script[i].said);
	}
	fclose(f);
	return NULL;
}

static void an_end_that_is_told_unasked_is_not_asked_for_and_an_old_one_is_nobodys(void **state)
{
	struct scripted_lab lab = {.script = (const void *)(const char *const[][2]){{"hello\n", "ok 0 0\n"},
		/* told at once, with the time that it is then; nobody else waits, so that the limit is for ever */
		{"expect odu 1 5 9223372036854775807\n", "ended 1 1 2000000000 2000000005\n"},
		/* not told: whether there is anything to say, then asked for, as before */
		{"expect odu 2 0 9223372036854775807\n", ""}, {"hello\n", "ok 2000000000 2000000000\n"}, {"finish odu 0 9223372036854775807\n", "end 3000000000 3000000000\n"},
		/* given up; its end comes later, between a question and an answer */
		{"expect odu 3 0 9223372036854775807\n", ""},
		{"expect odu 4 0 9223372036854775807\n", "ended 3 1 3500000000 3500000000\nended 4 1 4000000000 4000000000\n"},
		/* silence is for the caller to judge */
		{"expect odu 5 0 9223372036854775807\n", "ended 5 0 4000000000 4000000000\n"},
		{"finish odu 0 9223372036854775807\n", "end 5000000000 5000000000\n"}, {NULL, NULL}}};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct error e = ERROR_INIT;
	struct clock_seat *seat;
	struct clock *clock;
	pthread_t thread;

	(void)state;
	lab.listener = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/heatbench-clock-%d", (int)getpid());
	unlink(address.sun_path);
	assert_int_equal(bind(lab.listener, (struct sockaddr *)&address, sizeof(address)), 0);
	listen(lab.listener, 1);
	pthread_create(&thread, NULL, scripted_lab, &lab);
	must(lockstep_open(&clock, address.sun_path, &e));
	seat = clock_join(clock, "test");
	clock_expect(seat, "odu", 5);
	assert_int_equal(clock_charge(seat, "odu", 5), 2 * S);
	assert_int_equal(clock_now(clock), 2 * S + 5);
	clock_expect(seat, "odu", 0);
	assert_int_equal(clock_charge(seat, "odu", 0), 3 * S);
	clock_expect(seat, "odu", 0);
	clock_expect(seat, "odu", 0);
	assert_int_equal(clock_charge(seat, "odu", 0), 4 * S);
	clock_expect(seat, "odu", 0);
	assert_int_equal(clock_charge(seat, "odu", 0), 5 * S);
	clock_leave(seat);
	clock_close(clock);
	pthread_join(thread, NULL);
	close(lab.listener);
	unlink(address.sun_path);
}

/* A lab on a busy machine: what it says of a transaction comes long after the reply, and `finish` would move its time again. */
static void *slow_lab(void *argument)
{
	int listener = *(int *)argument, fd = accept(listener, NULL, NULL);
	char line[128];
	FILE *f = fdopen(fd, "r+");

	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, "hello", 5) == 0)
			dprintf(fd, "ok 5000000000 77000000000\n");
		if (strncmp(line, "finish", 6) == 0)
			dprintf(fd, "end 5032000000 5034000000\n");
		if (strncmp(line, "expect", 6) == 0) {
			usleep(100000);
			dprintf(fd, "ended 1 1 5030000000 5032000000\n");
		}
	}
	fclose(f);
	return NULL;
}

static void a_transaction_ends_when_the_lab_says_however_late_it_says_it(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct clock *clock;
	struct clock_seat *seat;
	struct error e = ERROR_INIT;
	pthread_t lab;
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/heatbench-clock-%d", (int)getpid());
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	listen(listener, 1);
	pthread_create(&lab, NULL, slow_lab, &listener);
	must(lockstep_open(&clock, address.sun_path, &e));
	seat = clock_join(clock, "test");
	clock_expect(seat, "odu", 2 * MS);
	assert_int_equal(clock_charge(seat, "odu", 2 * MS), 5 * S + 30 * MS);
	assert_int_equal(clock_now(clock), 5 * S + 32 * MS);
	clock_leave(seat);
	clock_close(clock);
	pthread_join(lab, NULL);
	close(listener);
	unlink(address.sun_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_system_wait_ends_at_its_time_and_not_before),
		cmocka_unit_test(a_wake_ends_the_present_or_the_next_wait_once),
		cmocka_unit_test(a_clock_at_speed_100_makes_a_second_of_10_ms),
		cmocka_unit_test(hours_pass_in_lock_step_and_every_tick_is_on_time),
		cmocka_unit_test(one_seat_wakes_another_at_its_own_time),
		cmocka_unit_test(a_wake_is_not_lost_between_two_waits),
		cmocka_unit_test(a_lab_that_goes_away_leaves_nobody_waiting),
		cmocka_unit_test(who_waits_for_ever_does_not_stop_the_others_when_the_lab_is_lost),
		cmocka_unit_test(an_end_that_is_told_unasked_is_not_asked_for_and_an_old_one_is_nobodys),
		cmocka_unit_test(a_transaction_ends_when_the_lab_says_however_late_it_says_it),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
