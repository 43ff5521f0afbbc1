/*
 * The guard: an acquisition in a process of its own dies, hangs or ends well; a device made of raw bytes sees what is
 * written to it. Times are printed; only the order and the outcome are asserted.
 */
#include "tests/acquire/rig.h"
#include "tests/wire/responder.h"

#include "daq/acquire/guard.h"
#include "daq/acquire/safe.h"
#include "daq/base/text.h"

#include <signal.h>
#include <sys/wait.h>

enum { RELAY = 10, DUTY = 15, RUNNING = 400, STOPPED = 1000, LONG_MS = 20000 };

/* What an acquisition does once its guard is armed. */
typedef void life(struct guard *guard);

struct scene {
	struct responder r;
	pid_t acquisition;
	int port_to, alive, started; /* pipes: the port goes out; ends with acquisition and guard; armed */
	char folder[40];
	int status;
};

static void describe(struct rig *rig, int port)
{
	struct bench *b;

	rig_describe(rig, 1, 1, S, 100 * MS);
	b = rig->bench;
	rig->map.row[0].address = DUTY;
	rig->map.row[0].writable = true;
	b->channel[0].output = true;
	b->bus[0].words = (struct words_config){.kind = WORDS_TCP, .name = "bus", .host = "127.0.0.1", .tcp_port = port,
		.response_timeout = 300 * MS};
	b->safes = 2;
	b->safe[0] = (struct bench_safe){.channel = 0, .value = STOPPED, .pause = 50 * MS};
	b->safe[1] = (struct bench_safe){.channel = 1, .value = 0};
}

static void acquisition(life *live, int port_from, int alive, int started, const char *folder)
{
	struct guard *guard = NULL;
	struct rig rig;
	int port;

	if (read(port_from, &port, sizeof(port)) != (ssize_t)sizeof(port))
		_exit(9);
	describe(&rig, port);
	if (guard_start(&guard, rig.bench, alive, NULL) != 0)
		_exit(9);
	guard_folder(guard, folder);
	guard_arm(guard);
	if (write(started, "x", 1) != 1)
		_exit(9);
	live(guard);
	_exit(0);
}

/* The acquisition is forked before the responder's thread exists. */
static void begin_with(struct scene *s, life *live, const struct misbehaviour *table, int rows)
{
	int port[2], alive[2], started[2];
	char byte;

	strcpy(s->folder, "/tmp/heatbench-guard-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	assert_int_equal(pipe(port) | pipe(alive) | pipe(started), 0);
	s->acquisition = fork();
	if (s->acquisition == 0) {
		close(port[1]);
		close(alive[0]);
		acquisition(live, port[0], alive[1], started[1], s->folder);
	}
	close(port[0]);
	close(alive[1]);
	close(started[1]);
	s->alive = alive[0];
	responder_start(&s->r, true, table, rows, NULL);
	atomic_store(&s->r.held[DUTY], RUNNING);
	atomic_store(&s->r.held[RELAY], 1);
	assert_int_equal(write(port[1], &s->r.port, sizeof(int)), sizeof(int));
	assert_int_equal(read(started[0], &byte, 1), 1);
	close(port[1]);
	close(started[0]);
}

static void begin(struct scene *s, life *live)
{
	begin_with(s, live, NULL, 0);
}

/* Waits until acquisition and guard are both gone; how long the safe state took, in ms, or -1: it was not reached. */
static int64_t await_end(struct scene *s)
{
	int64_t start = clock_wall_ms(), reached = -1;

	for (;;) {
		struct pollfd p = {.fd = s->alive, .events = POLLIN};

		if (reached < 0 && atomic_load(&s->r.held[RELAY]) == 0) {
			reached = clock_wall_ms() - start;
			assert_int_equal(atomic_load(&s->r.held[DUTY]), STOPPED); /* never the relay first */
		}
		if (poll(&p, 1, 2) > 0)
			break;
		assert_true(clock_wall_ms() - start < LONG_MS);
	}
	if (reached < 0 && atomic_load(&s->r.held[RELAY]) == 0)
		reached = clock_wall_ms() - start;
	return reached;
}

static void end(struct scene *s, const char *logged)
{
	char path[80], *log = NULL;
	struct error e = ERROR_INIT;

	waitpid(s->acquisition, &s->status, 0);
	responder_stop(&s->r);
	close(s->alive);
	snprintf(path, sizeof(path), "%s/guard.log", s->folder);
	if (logged) {
		must(text_read_file(path, &log, NULL, &e));
		if (!strstr(log, logged))
			fail_msg("guard.log does not say \"%s\":\n%s", logged, log);
		free(log);
	} else {
		assert_int_equal(access(path, F_OK), -1);
	}
	unlink(path);
	rmdir(s->folder);
}

static void pulse_for_ever(struct guard *guard)
{
	for (;;) {
		guard_pulse(guard);
		usleep(100000);
	}
}

static void a_killed_acquisition_leaves_the_bench_safe(void **state)
{
	struct scene s;
	int64_t took;

	(void)state;
	begin(&s, pulse_for_ever);
	usleep(300000);
	assert_int_equal(atomic_load(&s.r.held[DUTY]), RUNNING);
	kill(s.acquisition, SIGKILL);
	took = await_end(&s);
	print_message("# safe %lld ms after SIGKILL\n", (long long)took);
	assert_true(took >= 0);
	end(&s, "safe state reached");
	assert_true(WIFSIGNALED(s.status));
}

static void pulse_then_hang(struct guard *guard)
{
	for (int i = 0; i < 40; i++) { /* longer than the guard's patience */
		guard_pulse(guard);
		usleep(100000);
	}
	for (;;)
		pause();
}

static void an_acquisition_that_hangs_is_killed_and_the_bench_made_safe(void **state)
{
	struct scene s;
	int64_t took;

	(void)state;
	begin(&s, pulse_then_hang);
	usleep(3800000);
	assert_int_equal(atomic_load(&s.r.held[DUTY]), RUNNING); /* as long as it pulses nothing happens */
	took = await_end(&s);
	print_message("# safe %lld ms after the last pulse\n", (long long)took - 200);
	assert_true(took >= 0);
	end(&s, "no pulse from the acquisition");
	assert_true(WIFSIGNALED(s.status) && WTERMSIG(s.status) == SIGKILL);
}

static void disarm_and_die(struct guard *guard)
{
	guard_disarm(guard);
	kill(getpid(), SIGKILL);
}

static void a_bench_that_is_safe_already_is_left_alone(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, disarm_and_die);
	assert_int_equal(await_end(&s), -1);
	assert_int_equal(atomic_load(&s.r.transactions), 0);
	end(&s, NULL);
}

static void end_disarmed(struct guard *guard)
{
	guard_disarm(guard);
	_exit(guard_end(guard) ? 5 : 6);
}

static void a_guard_that_is_let_go_does_nothing(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, end_disarmed);
	assert_int_equal(await_end(&s), -1);
	end(&s, NULL);
	assert_int_equal(WEXITSTATUS(s.status), 5);
	assert_true(guard_end(NULL));
}

static void end_armed(struct guard *guard)
{
	_exit(guard_end(guard) ? 5 : 6);
}

static void an_end_while_armed_walks_the_safe_steps_and_says_whether_it_could(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, end_armed);
	assert_true(await_end(&s) >= 0);
	end(&s, "safe state reached");
	assert_int_equal(WEXITSTATUS(s.status), 5);
}

static void a_safe_state_that_nobody_confirms_is_not_claimed_and_is_reached_when_the_device_is_back(void **state)
{
	static const struct misbehaviour deaf[] = {{MUTE, 0, 12, 0}};
	struct scene s;
	char late[96];

	(void)state;
	begin_with(&s, end_armed, deaf, 1);
	assert_true(await_end(&s) > 2000);
	snprintf(late, sizeof(late), "%s.guard.log", s.folder);
	end(&s, "SAFE STATE NOT CONFIRMED");
	assert_int_equal(WEXITSTATUS(s.status), 6);
	assert_int_equal(access(late, F_OK), 0);
	unlink(late);
}

static void what_no_safe_step_covers_is_named(void **state)
{
	struct rig rig;
	char names[100];

	(void)state;
	describe(&rig, 1);
	safe_uncovered(rig.bench, names, sizeof(names));
	assert_string_equal(names, "");
	rig.bench->safes = 0;
	safe_uncovered(rig.bench, names, sizeof(names));
	assert_string_equal(names, "d0_r0, d0_r1");
	free(rig.map.row);
	free(rig.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_acquisition_leaves_the_bench_safe),
		cmocka_unit_test(an_acquisition_that_hangs_is_killed_and_the_bench_made_safe),
		cmocka_unit_test(a_bench_that_is_safe_already_is_left_alone),
		cmocka_unit_test(a_guard_that_is_let_go_does_nothing),
		cmocka_unit_test(an_end_while_armed_walks_the_safe_steps_and_says_whether_it_could),
		cmocka_unit_test(a_safe_state_that_nobody_confirms_is_not_claimed_and_is_reached_when_the_device_is_back),
		cmocka_unit_test(what_no_safe_step_covers_is_named),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
