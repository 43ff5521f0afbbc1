/*
 * guest_drive.c - outputs and PWMs of a real kernel: driven, refused, in use, and left behind. Runs in the
 * guest that tests/kernel/run boots, once with libgpiod 1.6 and once with 2.x.
 */
#include "tests/kernel/guest_board.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

static void a_relay_follows_its_output(void **state)
{
	struct lines_config c = board();
	struct lines *l = open_board(&c);
	struct line_state s;

	(void)state;
	assert_int_equal(sim_value(0), 0);
	assert_int_equal(lines_set(l, RELAY, true), LINE_OK);
	assert_int_equal(sim_value(0), 1);
	assert_int_equal(lines_get(l, RELAY, &s), LINE_OK);
	assert_true(s.level);
	assert_int_equal(lines_set(l, RELAY, false), LINE_OK);
	assert_int_equal(sim_value(0), 0);
	close_board(l);
	c.line[RELAY].active_low = true;
	c.line[RELAY].initial = true;
	l = open_board(&c);
	assert_int_equal(sim_value(0), 0);
	assert_int_equal(lines_set(l, RELAY, false), LINE_OK);
	assert_int_equal(sim_value(0), 1);
	close_board(l);
}

static void a_chip_is_found_by_path_and_by_name_too(void **state)
{
	struct lines_config c = board();

	(void)state;
	for (int i = 0; i < 2; i++) {
		for (int line = RELAY; line < PUMP; line++)
			snprintf(c.line[line].chip, sizeof(c.line[line].chip), "%s%s", i ? "/dev/" : "",
				getenv("CHIP"));
		close_board(open_board(&c));
	}
}

static void a_pull_is_applied_and_told_as_level(void **state)
{
	struct lines_config c = board();
	struct line_state s;
	struct lines *l;

	(void)state;
	c.line[FLOW].pull = LINE_PULL_UP;
	l = open_board(&c);
	assert_int_equal(lines_get(l, FLOW, &s), LINE_OK);
	assert_true(s.level);
	close_board(l);
	c.line[FLOW].pull = LINE_PULL_DOWN;
	l = open_board(&c);
	assert_int_equal(lines_get(l, FLOW, &s), LINE_OK);
	assert_false(s.level);
	close_board(l);
}

static void a_pwm_starts_with_its_duty_and_follows(void **state)
{
	struct lines_config c = board();
	struct lines *l = open_board(&c);

	(void)state;
	assert_int_equal(guest_number(PWM_FOLDER "/period"), 1000000);
	assert_int_equal(guest_number(PWM_FOLDER "/duty_cycle"), 950000);
	assert_int_equal(guest_number(PWM_FOLDER "/enable"), 1);
	for (int percent = 0; percent <= 100; percent += 10) {
		assert_int_equal(lines_set_duty(l, PUMP, percent / 100.0), LINE_OK);
		assert_int_equal(guest_number(PWM_FOLDER "/duty_cycle"), percent * 10000);
	}
	close_board(l);
	/* Other frequencies, up and down, while it runs: the kernel refuses any duty longer than the period.
	 */
	for (int i = 0; i < 4; i++) {
		c.line[PUMP].frequency = (double[]){5000, 100, 2000, 1000}[i];
		c.line[PUMP].duty = (double[]){1, 0.9, 0.05, 0.95}[i];
		close_board(open_board(&c));
		assert_int_equal(guest_number(PWM_FOLDER "/duty_cycle"),
			lround(1e9 / c.line[PUMP].frequency * c.line[PUMP].duty));
		assert_int_equal(guest_number(PWM_FOLDER "/enable"), 1);
	}
}

static void a_pwm_that_refuses_its_duty_keeps_the_one_before(void **state)
{
	struct lines_config c = board();
	struct error e = ERROR_INIT;
	struct lines *l = open_board(&c), *other = NULL;

	(void)state;
	assert_int_equal(lines_set_duty(l, PUMP, 0.6), LINE_OK);
	guest_write(PWM_REFUSE, "80");
	assert_int_equal(lines_set_duty(l, PUMP, 0.9), LINE_REFUSED);
	if (!strstr(lines_detail(l), "pump: the PWM refuses a duty of 0.9"))
		fail_msg("%s", lines_detail(l));
	assert_int_equal(guest_number(PWM_FOLDER "/duty_cycle"), 600000);
	assert_int_equal(guest_number(PWM_FOLDER "/enable"), 1);
	close_board(l);
	refused(lines_open(&other, &c, seat, &e), ERROR_DEVICE,
		"pump: pwmchip0 refuses a period of 1000000 ns");
	guest_write(PWM_REFUSE, "100");
	assert_int_equal(guest_number(PWM_FOLDER "/enable"), 1);
	close_board(open_board(&c));
}

enum way { WAY_CLOSE, WAY_EXIT, WAY_TERM, WAY_KILL, WAY_CRASH, WAYS };

/* A process that drives relay and pump, and ends in one way or another. */
static void drive_and_end(enum way way)
{
	pid_t child = fork();

	if (child == 0) {
		struct lines_config c = board();
		struct lines *l = NULL;

		if (lines_open(&l, &c, seat, NULL) != 0)
			_exit(1);
		lines_set(l, RELAY, true);
		lines_set_duty(l, PUMP, 0.97);
		if (way == WAY_CLOSE)
			close_board(l);
		if (way == WAY_TERM || way == WAY_KILL)
			raise(way == WAY_TERM ? SIGTERM : SIGKILL);
		if (way == WAY_CRASH) {
			signal(SIGABRT, SIG_DFL);
			abort();
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void the_pwm_goes_on_whichever_way_the_process_ends(void **state)
{
	struct lines_config c = board();

	(void)state;
	for (int way = 0; way < WAYS; way++) {
		close_board(open_board(&c));
		drive_and_end(way);
		assert_int_equal(guest_number(PWM_FOLDER "/enable"), 1);
		assert_int_equal(guest_number(PWM_FOLDER "/duty_cycle"), 970000);
		assert_int_equal(guest_number(PWM_FOLDER "/period"), 1000000);
		print_message("# way %d: relay reads %ld afterwards\n", way, sim_value(0));
	}
}

static void what_a_killed_process_held_is_free_for_the_next(void **state)
{
	struct lines_config c = board();
	struct lines *l;

	(void)state;
	drive_and_end(WAY_KILL);
	l = open_board(&c);
	assert_int_equal(lines_set(l, RELAY, false), LINE_OK);
	assert_int_equal(lines_set_duty(l, PUMP, 1), LINE_OK);
	close_board(l);
}

static void a_line_in_use_names_its_consumer(void **state)
{
	struct lines_config c = board(), same = c;
	struct error e = ERROR_INIT;
	struct lines *l = open_board(&c), *other = NULL;
	char words[96];

	(void)state;
	snprintf(words, sizeof(words), "relay: line 0 of " SIM_LABEL " is in use by \"heatbench %ld\"",
		(long)getpid());
	refused(lines_open(&other, &same, seat, &e), ERROR_BUSY, words);
	same.line[RELAY].offset = 5;
	refused(lines_open(&other, &same, seat, &e), ERROR_BUSY, "flow: line 1 of");
	close_board(l);
	c.line[RELAY].offset = 7; /* hogged by the kernel */
	refused(lines_open(&other, &c, seat, &e), ERROR_BUSY, "in use by \"mains\"");
}

static void a_chip_line_or_channel_that_is_not_there_is_named(void **state)
{
	struct lines_config c = board();
	struct error e = ERROR_INIT;
	struct lines *l = NULL;

	(void)state;
	strcpy(c.line[RELAY].chip, "gpiochip9");
	refused(lines_open(&l, &c, seat, &e), ERROR_DEVICE, "relay: there is no GPIO chip gpiochip9");
	c = board();
	c.line[FLOW].offset = 99;
	refused(lines_open(&l, &c, seat, &e), ERROR_DEVICE,
		"flow: " SIM_LABEL " has lines 0 to 7, and no line 99");
	c = board();
	strcpy(c.line[PUMP].chip, "pwmchip9");
	refused(lines_open(&l, &c, seat, &e), ERROR_DEVICE, "pump: there is no PWM chip pwmchip9");
	c = board();
	c.line[PUMP].offset = 2;
	refused(lines_open(&l, &c, seat, &e), ERROR_DEVICE,
		"pump: pwmchip0 has PWM channels 0 to 1, and no channel 2");
	c = board();
	strcpy(c.line[RELAY].chip, "/dev/null");
	refused(lines_open(&l, &c, seat, &e), ERROR_DEVICE, "relay: there is no GPIO chip /dev/null");
	c = board();
	close_board(open_board(&c)); /* nothing was left behind */
}

static void who_may_not_is_told_which_group(void **state)
{
	pid_t child;
	int status;

	(void)state;
	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct lines_config c = board();
		char why[256] = "";

		snprintf(c.line[RELAY].chip, sizeof(c.line[RELAY].chip), "%s", getenv("CHIP"));
		if (setuid(1000) != 0 || !lines_lacks_permission(&c, why, sizeof(why)) ||
			!strstr(why, "not in group gpio"))
			_exit(1);
		_exit(0);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

/* Last: the chip is gone. */
static void a_chip_that_goes_away_is_gone_for_inputs_and_outputs(void **state)
{
	struct lines_config c = board();
	struct lines *l = open_board(&c);
	enum line_status status = LINE_OK;
	struct line_state s;

	(void)state;
	guest_write("/sys/kernel/config/gpio-sim/bench/live", "0");
	for (int i = 0; i < 20 && status == LINE_OK; i++) {
		guest_sleep_ms(20);
		status = lines_get(l, FLOW, &s);
	}
	assert_int_equal(status, LINE_GONE);
	assert_int_equal(lines_set(l, RELAY, true), LINE_GONE);
	assert_int_equal(lines_set_duty(l, PUMP, 0.95), LINE_OK); /* another chip */
	close_board(l);
}

static int group(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_relay_follows_its_output, close_after),
		cmocka_unit_test_teardown(a_chip_is_found_by_path_and_by_name_too, close_after),
		cmocka_unit_test_teardown(a_pull_is_applied_and_told_as_level, close_after),
		cmocka_unit_test_teardown(a_pwm_starts_with_its_duty_and_follows, close_after),
		cmocka_unit_test_teardown(a_pwm_that_refuses_its_duty_keeps_the_one_before, close_after),
		cmocka_unit_test_teardown(the_pwm_goes_on_whichever_way_the_process_ends, close_after),
		cmocka_unit_test_teardown(what_a_killed_process_held_is_free_for_the_next, close_after),
		cmocka_unit_test_teardown(a_line_in_use_names_its_consumer, close_after),
		cmocka_unit_test_teardown(a_chip_line_or_channel_that_is_not_there_is_named, close_after),
		cmocka_unit_test_teardown(who_may_not_is_told_which_group, close_after),
		cmocka_unit_test_teardown(a_chip_that_goes_away_is_gone_for_inputs_and_outputs, close_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return run_with_seat(group);
}
