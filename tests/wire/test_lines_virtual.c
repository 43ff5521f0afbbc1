/* The client of the line socket against the virtual lab itself, in lock-step and in flowing time. */
#include "tests/check.h"

#include "daq/base/lockstep.h"
#include "daq/device/pulse.h"
#include "daq/device/pump_profile.h"
#include "daq/device/pwm_feedback.h"
#include "daq/wire/lines.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct lab {
	pid_t pid;
	char control[128], socket[128];
	struct clock *clock;
	struct clock_seat *seat;
};

static void find(const char *ready, const char *key, char *out, size_t size)
{
	const char *at = strstr(ready, key);
	size_t n;

	assert_non_null(at);
	at += strlen(key);
	n = strcspn(at, "\"");
	assert_true(n < size);
	memcpy(out, at, n);
	out[n] = '\0';
}

static void start(struct lab *lab, const char *speed, const char *fault)
{
	char program[512], ready[4096] = "";
	const char *build = getenv("BUILD"), *lines;
	int ends[2];
	FILE *from;

	snprintf(program, sizeof(program), "%s/heatbench-lab", build ? build : "build");
	assert_int_equal(pipe(ends), 0);
	lab->pid = fork();
	if (lab->pid == 0) {
		dup2(ends[1], 1);
		close(ends[0]);
		execl(program, program, "--rig", "pump", speed ? "--speed" : "--lockstep",
			speed ? speed : "--fault", speed ? "--fault" : fault, speed ? fault : NULL, NULL);
		_exit(127);
	}
	close(ends[1]);
	from = fdopen(ends[0], "r");
	assert_non_null(fgets(ready, sizeof(ready), from));
	fclose(from);
	lines = strstr(ready, "\"lines\":{"); /* serial buses have a socket too */
	assert_non_null(lines);
	find(lines, "\"socket\":\"", lab->socket, sizeof(lab->socket));
	if (!speed)
		find(ready, "\"control\":\"", lab->control, sizeof(lab->control));
}

static void join(struct lab *lab, bool lockstep)
{
	struct error e = ERROR_INIT;

	if (lockstep)
		must(lockstep_open(&lab->clock, lab->control, &e));
	else
		lab->clock = clock_open_system(4);
	lab->seat = clock_join(lab->clock, "test");
}

static void end(struct lab *lab)
{
	clock_leave(lab->seat);
	clock_close(lab->clock);
	kill(lab->pid, SIGTERM);
	waitpid(lab->pid, NULL, 0);
}

enum { RELAY, PWM, FEEDBACK, FLOW };

static struct lines_config wiring(const struct lab *lab)
{
	struct lines_config c = {
		.name = "bench",
		.lines = 4,
		.line = {{.name = "relay_wilo", .kind = LINE_OUTPUT},
			{.name = "pwm_wilo", .kind = LINE_PWM, .frequency = 1000, .duty = 1},
			{.name = "fb_wilo", .kind = LINE_EDGES}, {.name = "flow", .kind = LINE_EDGES}},
	};

	snprintf(c.socket, sizeof(c.socket), "%s", lab->socket);
	return c;
}

static void wait_for(struct lab *lab, nanos duration)
{
	nanos until = clock_now(lab->clock) + duration;

	while (clock_now(lab->clock) < until)
		clock_wait(lab->seat, until);
}

/* Reads flow and feedback once a second for `seconds`. */
static void follow(struct lab *lab, struct lines *l, struct pulse *pulse, struct pwm_feedback *feedback,
	int seconds, struct pulse_reading *p, struct pwm_feedback_reading *f)
{
	struct edge edges[4096];
	struct line_state state;
	int n;

	for (int i = 0; i < seconds; i++) {
		wait_for(lab, NANOS_PER_S);
		while ((n = lines_take(l, FLOW, edges, 4096)) > 0)
			pulse_feed(pulse, edges, n);
		assert_int_equal(lines_get(l, FLOW, &state), LINE_OK);
		pulse_lost(pulse, state.lost_edges);
		pulse_read(pulse, clock_now(lab->clock), p);
		n = lines_take(l, FEEDBACK, edges, 4096);
		pwm_feedback_feed(feedback, edges, n);
		pwm_feedback_read(feedback, clock_now(lab->clock), f);
	}
}

static void run_pump(bool lockstep)
{
	static const struct pulse_config config = {.width_min = 400000, .zero_after = 5 * NANOS_PER_S};
	struct pump_scale scale = {.carries = PUMP_POWER, .full = 70};
	const struct pump_profile *profile;
	struct error e = ERROR_INIT;
	struct lines *l = NULL;
	struct pwm_feedback feedback;
	struct pwm_feedback_reading f;
	struct pump_feedback decoded;
	struct pulse_reading r;
	struct pulse pulse;
	struct lab lab;
	struct lines_config c;

	start(&lab, lockstep ? NULL : "4", "flow:bounce@0s,us=300");
	join(&lab, lockstep);
	c = wiring(&lab);
	must(lines_open(&l, &c, lab.seat, &e));
	must(pump_profile_find("wilo-ipwm1", &profile, &e));
	pulse_init(&pulse, &config, false, clock_now(lab.clock));
	pwm_feedback_init(&feedback, true, clock_now(lab.clock));
	assert_int_equal(lines_set_duty(l, PWM, pump_profile_duty(profile, 1)), LINE_OK);
	assert_int_equal(lines_set(l, RELAY, true), LINE_OK);
	follow(&lab, l, &pulse, &feedback, 25, &r, &f);
	assert_int_equal(r.rate_quality, QUALITY_GOOD);
	assert_near(r.rate * 3.6 / 1.2, 1170, 60); /* l/h at 5 %: a little above the 1119 at 10 % */
	assert_int_equal(r.lost, 0);
	assert_int_equal(f.state, PWM_FEEDBACK_OK);
	pump_profile_decode(profile, &scale, f.duty, &decoded);
	assert_int_equal(decoded.condition, PUMP_NORMAL);
	assert_near(decoded.value, 45, 5);
	assert_int_equal(lines_set(l, RELAY, false), LINE_OK);
	follow(&lab, l, &pulse, &feedback, 12, &r, &f);
	assert_near(r.rate, 0, 0);
	assert_int_equal(f.state, PWM_FEEDBACK_HIGH);
	lines_close(l);
	end(&lab);
}

static void a_pump_is_driven_and_read_by_lines_in_lock_step(void **state)
{
	(void)state;
	run_pump(true);
}

static void and_in_flowing_time_with_stamps_in_bench_time(void **state)
{
	(void)state;
	run_pump(false);
}

static void lines_in_use_name_who_has_them(void **state)
{
	struct error e = ERROR_INIT;
	struct lines *l = NULL, *second = NULL;
	struct lines_config c;
	struct lab lab;

	(void)state;
	start(&lab, NULL, "flow:lost@0s");
	join(&lab, true);
	c = wiring(&lab);
	must(lines_open(&l, &c, lab.seat, &e));
	refused(lines_open(&second, &c, lab.seat, &e), ERROR_BUSY, "in use by \"heatbench ");
	lines_close(l);
	wait_for(&lab, NANOS_PER_S);
	must(lines_open(&second, &c, lab.seat, &e));
	lines_close(second);
	strcpy(c.line[0].name, "relay_other");
	refused(lines_open(&second, &c, lab.seat, &e), ERROR_DEVICE, "the lab has no line relay_other");
	end(&lab);
}

static void a_lab_that_is_gone_is_a_board_that_is_gone(void **state)
{
	struct error e = ERROR_INIT;
	struct line_state s;
	struct lines *l = NULL;
	struct lines_config c;
	struct edge edge;
	struct lab lab;

	(void)state;
	start(&lab, NULL, "lines:replug@2s+2s");
	join(&lab, true);
	c = wiring(&lab);
	must(lines_open(&l, &c, lab.seat, &e));
	wait_for(&lab, 3 * NANOS_PER_S);
	assert_int_equal(lines_set(l, RELAY, true), LINE_GONE);
	assert_non_null(strstr(lines_detail(l), "gone"));
	assert_int_equal(lines_set_duty(l, PWM, 0.5), LINE_GONE);
	assert_int_equal(lines_get(l, FLOW, &s), LINE_GONE);
	assert_int_equal(lines_take(l, FLOW, &edge, 1), 0);
	lines_close(l);
	wait_for(&lab, 2 * NANOS_PER_S);
	must(lines_open(&l, &c, lab.seat, &e));
	assert_int_equal(lines_set(l, RELAY, true), LINE_OK);
	lines_close(l);
	end(&lab);
}

static void active_low_turns_levels_and_duties_round(void **state)
{
	struct error e = ERROR_INIT;
	struct line_state s;
	struct lines *l = NULL;
	struct lines_config c;
	struct lab lab;

	(void)state;
	start(&lab, NULL, "flow:lost@0s");
	join(&lab, true);
	c = wiring(&lab);
	for (int i = 0; i < c.lines; i++)
		c.line[i].active_low = true;
	c.line[PWM].duty = 0.9; /* on the line: 10 %, which is near full speed */
	must(lines_open(&l, &c, lab.seat, &e));
	assert_int_equal(lines_get(l, FEEDBACK, &s), LINE_OK);
	assert_false(s.level);				       /* it is pulled high */
	assert_int_equal(lines_set(l, RELAY, false), LINE_OK); /* electrically high: the relay closes */
	wait_for(&lab, 30 * NANOS_PER_S);
	assert_int_equal(lines_get(l, FLOW, &s), LINE_OK);
	assert_true(s.edges > 3000);
	lines_close(l);
	end(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pump_is_driven_and_read_by_lines_in_lock_step),
		cmocka_unit_test(and_in_flowing_time_with_stamps_in_bench_time),
		cmocka_unit_test(lines_in_use_name_who_has_them),
		cmocka_unit_test(a_lab_that_is_gone_is_a_board_that_is_gone),
		cmocka_unit_test(active_low_turns_levels_and_duties_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
