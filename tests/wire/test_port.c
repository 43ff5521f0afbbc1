/* Ports: who owns them, what is refused before anything on the wire is disturbed; and the printed times. */
#include "tests/wire/responder.h"

#include "daq/wire/port.h"

#include <fcntl.h>
#include <sys/wait.h>

static struct clock *clock_;
static struct clock_seat *seat;

static double ms(nanos t)
{
	return (double)t / 1e6;
}

static void times_on_the_wire_are_the_printed_ones(void **state)
{
	struct words_config c = {.kind = WORDS_RTU, .baud = 9600, .parity = 'E', .data_bits = 8, .stop_bits = 1};
	nanos cycle;

	(void)state;
	/* (8 + 5 + 2N + 7) characters x 11 bits / baud: 40 registers at 9600 8E1 */
	cycle = words_request_time(&c, 3, 40) + words_reply_time(&c, 3, 40) + 7 * words_character_time(&c);
	assert_near(ms(cycle), 114.6, 0.05);
	assert_near(ms(words_character_time(&c)), 11 / 9.6, 1e-5);
	/* 2 registers at 115200 8N1: about 1.5 ms */
	c = (struct words_config){.kind = WORDS_RTU, .baud = 115200, .parity = 'N', .data_bits = 8, .stop_bits = 1};
	assert_near(ms(words_request_time(&c, 4, 2) + words_reply_time(&c, 4, 2)), 1.476, 0.001);
	assert_near(ms(words_request_time(&c, 16, 3)), 15 * 10 / 115.2, 0.001);
	assert_near(ms(words_reply_time(&c, 16, 3)), 8 * 10 / 115.2, 0.001);
	assert_near(ms(words_request_time(&c, 6, 1)), 8 * 10 / 115.2, 0.001);
	c.kind = WORDS_TCP;
	assert_int_equal(words_request_time(&c, 3, 40) + words_reply_time(&c, 3, 40), 0);
}

static int try_open(const char *path, struct words **out, struct error *e)
{
	struct words_config c = {.kind = WORDS_RTU, .name = "bus", .baud = 19200, .parity = 'E', .data_bits = 8,
		.stop_bits = 1, .response_timeout = NANOS_PER_S};

	snprintf(c.port, sizeof(c.port), "%s", path);
	error_clear(e);
	return words_open(out, &c, seat, e);
}

static void a_port_in_use_is_refused_and_its_owner_named(void **state)
{
	struct words *first = NULL, *second = NULL;
	struct error e = ERROR_INIT;
	char path[64], owner[32];
	int master, slave;

	(void)state;
	assert_int_equal(openpty(&master, &slave, path, NULL, NULL), 0);
	snprintf(owner, sizeof(owner), "process %d", (int)getpid());
	must(try_open(path, &first, &e));
	refused(try_open(path, &second, &e), ERROR_BUSY, owner);
	assert_non_null(strstr(e.text, path));
	assert_null(second);
	words_close(first);
	must(try_open(path, &first, &e)); /* and is free again afterwards */
	words_close(first);
	words_close(NULL);
	close(slave);
	close(master);
}

static void another_process_that_owns_the_port_is_named(void **state)
{
	struct words *words = NULL;
	struct error e = ERROR_INIT;
	char path[64], owner[32], byte;
	int master, slave, ready[2], over[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(openpty(&master, &slave, path, NULL, NULL), 0);
	assert_int_equal(pipe(ready) | pipe(over), 0);
	child = fork();
	if (child == 0) {
		char real[128];

		close(over[1]);
		if (port_lock(path, real, sizeof(real), NULL) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(over[0], &byte, 1) != 0);
	}
	close(over[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	snprintf(owner, sizeof(owner), "process %d", (int)child);
	refused(try_open(path, &words, &e), ERROR_BUSY, owner);
	close(over[1]);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	must(try_open(path, &words, &e)); /* a process that is gone owns nothing */
	words_close(words);
	close(ready[0]);
	close(ready[1]);
	close(slave);
	close(master);
}

static void what_is_no_port_is_refused_by_name(void **state)
{
	struct words *words = NULL;
	struct error e = ERROR_INIT;
	char long_path[300], why[160];

	(void)state;
	refused(try_open("/dev/no-such-port", &words, &e), ERROR_DEVICE, "no such port: /dev/no-such-port");
	refused(try_open("/dev/null", &words, &e), ERROR_DEVICE, "/dev/null is not a serial port");
	refused(try_open("/tmp", &words, &e), ERROR_DEVICE, "/tmp");
	memset(long_path, 'x', sizeof(long_path));
	long_path[0] = '/';
	long_path[100] = '\0';
	refused(try_open(long_path, &words, &e), ERROR_DEVICE, "/xxx");
	assert_true(port_lacks_permission("/dev/no-such-port", why, sizeof(why)));
	assert_non_null(strstr(why, "no such port"));
	assert_false(port_lacks_permission("/dev/null", why, sizeof(why)));
	assert_int_equal(port_latency("/dev/null"), -1);
}

static void a_symbolic_link_is_followed_and_both_names_are_one_port(void **state)
{
	struct words *first = NULL, *second = NULL;
	struct error e = ERROR_INIT;
	char path[64], folder[] = "/tmp/heatbench-port-XXXXXX", link[64];
	int master, slave;

	(void)state;
	assert_int_equal(openpty(&master, &slave, path, NULL, NULL), 0);
	assert_non_null(mkdtemp(folder));
	snprintf(link, sizeof(link), "%s/usb-FTDI-if00", folder);
	assert_int_equal(symlink(path, link), 0);
	must(try_open(link, &first, &e));
	refused(try_open(path, &second, &e), ERROR_BUSY, path);
	words_close(first);
	unlink(link);
	assert_int_equal(symlink("/dev/no-such-port", link), 0);
	refused(try_open(link, &first, &e), ERROR_DEVICE, "no such port");
	unlink(link);
	rmdir(folder);
	close(slave);
	close(master);
}

static void a_baud_rate_that_no_port_has_is_refused(void **state)
{
	struct words_config c = {.kind = WORDS_RTU, .name = "bus", .baud = 12345, .parity = 'N', .data_bits = 8,
		.stop_bits = 1, .response_timeout = NANOS_PER_S};
	struct words *words = NULL;
	struct error e = ERROR_INIT;
	int master, slave;

	(void)state;
	assert_int_equal(openpty(&master, &slave, c.port, NULL, NULL), 0);
	refused(words_open(&words, &c, seat, &e), ERROR_DEVICE, "12345");
	close(slave);
	close(master);
}

static void a_refused_connection_names_host_and_port(void **state)
{
	struct responder r;
	struct words_config c;
	struct words *words = NULL;
	struct error e = ERROR_INIT;
	char place[40];

	(void)state;
	responder_start(&r, true, NULL, 0, NULL);
	c = responder_config(&r, 500);
	responder_stop(&r); /* nobody listens there any more */
	snprintf(place, sizeof(place), "127.0.0.1:%d", c.tcp_port);
	refused(words_open(&words, &c, seat, &e), ERROR_DEVICE, place);
	assert_non_null(strstr(e.text, "refused"));
	snprintf(c.host, sizeof(c.host), "no-such-host.invalid");
	refused(words_open(&words, &c, seat, &e), ERROR_DEVICE, "no-such-host.invalid");
}

static int sit_down(void **state)
{
	(void)state;
	clock_ = clock_open_system(1);
	seat = clock_join(clock_, "test");
	return seat ? 0 : -1;
}

static int get_up(void **state)
{
	(void)state;
	clock_leave(seat);
	clock_close(clock_);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_on_the_wire_are_the_printed_ones),
		cmocka_unit_test(a_port_in_use_is_refused_and_its_owner_named),
		cmocka_unit_test(another_process_that_owns_the_port_is_named),
		cmocka_unit_test(what_is_no_port_is_refused_by_name),
		cmocka_unit_test(a_symbolic_link_is_followed_and_both_names_are_one_port),
		cmocka_unit_test(a_baud_rate_that_no_port_has_is_refused),
		cmocka_unit_test(a_refused_connection_names_host_and_port),
	};

	return cmocka_run_group_tests_name("ports", tests, sit_down, get_up);
}
