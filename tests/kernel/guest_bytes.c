/*
 * guest_bytes.c - the end through libserialport on serial ports of a real kernel: two crossed 16550s, and a USB port that
 * is unplugged. Runs in the guest that tests/kernel/run boots. (The cable between the 16550s carries whole bytes: that
 * both ends agree on 7 bits and parity is shown by what the driver says of them, not by what arrives.)
 */
#include "tests/kernel/guest_port.h"

#include "daq/wire/bytes.h"

#include <string.h>
#include <sys/stat.h>

static struct clock *system_time;
static struct clock_seat *seat;
static struct bytes *opened; /* closed after a test that did not come so far */
static pid_t child;	     /* ended then */

/* A scale that answers each line with the same line in brackets. Ends when the port does. */
static void answer_lines(const char *path, tcflag_t bits)
{
	int fd = port_raw(path, B9600, bits);
	char line[256];
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, line + n, 1);

		if (got <= 0)
			_exit(0);
		if (line[n] != '\n' && n + 1 < sizeof(line)) {
			n++;
			continue;
		}
		if (dprintf(fd, "[%.*s]\r\n", (int)(n && line[n - 1] == '\r' ? n - 1 : n), line) < 0)
			_exit(0);
		n = 0;
	}
}

static void start_scale(const char *path, tcflag_t bits)
{
	child = fork();
	if (child == 0)
		answer_lines(path, bits);
	guest_sleep_ms(200);
}

static void end_child(void)
{
	if (child > 0)
		port_dismiss(child);
	child = 0;
}

static void close_opened(void)
{
	bytes_close(opened);
	opened = NULL;
}

static int end_after(void **state)
{
	(void)state;
	close_opened();
	end_child();
	return 0;
}

static struct bytes_config port(const char *path, int data_bits, char parity)
{
	struct bytes_config c = {.kind = BYTES_SERIAL,
		.name = "scale",
		.baud = 9600,
		.parity = parity,
		.data_bits = data_bits,
		.stop_bits = 1,
		.response_timeout = 2 * NANOS_PER_S};

	snprintf(c.port, sizeof(c.port), "%s", path);
	return c;
}

static void open_port(const struct bytes_config *c)
{
	struct error e = ERROR_INIT;

	must(bytes_open(&opened, c, seat, &e));
	assert_string_equal(bytes_note(opened), "");
}

/* Lines of growing length go to the scale and come back. */
static void lines_go_both_ways(void)
{
	struct bytes_line kept = {.have = 0};
	struct bytes_stamps stamps;
	char say[128], want[128], line[128];
	enum wire_status status;

	for (int i = 1; i <= 46; i += 15) {
		snprintf(say, sizeof(say), "SI %0*d g\r\n", i, i);
		snprintf(want, sizeof(want), "[SI %0*d g]", i, i);
		assert_int_equal(bytes_write(opened, say, strlen(say), &stamps), WIRE_OK);
		status = bytes_read_line(opened, &kept, '\n', line, sizeof(line), 3 * NANOS_PER_S, &stamps);
		if (status != WIRE_OK)
			fail_msg("answer %d: %s", i, wire_status_name(status));
		assert_string_equal(line, want);
		assert_true(stamps.before <= stamps.after && stamps.after <= stamps.last);
	}
	assert_int_equal(bytes_read_line(opened, &kept, '\n', line, sizeof(line), 100 * NANOS_PER_MS, NULL), WIRE_TIMEOUT);
	assert_int_equal(bytes_drain(opened, 0), 0);
}

/* What the driver says of a port that somebody else has open: root may look, in spite of TIOCEXCL. */
static struct termios settings_of(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios t;

	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &t), 0);
	close(fd);
	return t;
}

static void check_settings(const char *path, tcflag_t bits)
{
	struct termios t = settings_of(path);

	assert_int_equal(t.c_cflag & (PARENB | PARODD | CSTOPB | CSIZE | CRTSCTS), bits);
	assert_int_equal(cfgetospeed(&t), B9600);
	assert_int_equal(cfgetispeed(&t), B9600);
	assert_int_equal(t.c_lflag & (ICANON | ECHO | ISIG), 0);
	assert_int_equal(t.c_iflag & (ICRNL | INLCR | IGNCR | IXON | IXOFF), 0);
	assert_int_equal(t.c_oflag & OPOST, 0);
}

static void lines_go_both_ways_at_9600_8n1_on_a_16550(void **state)
{
	struct bytes_config c = port("/dev/ttyS1", 8, 'N');

	(void)state;
	start_scale("/dev/ttyS2", CS8);
	open_port(&c);
	check_settings("/dev/ttyS1", CS8);
	lines_go_both_ways();
}

static void and_at_7e1_as_scales_leave_the_factory(void **state)
{
	struct bytes_config c = port("/dev/ttyS1", 7, 'E');

	(void)state;
	start_scale("/dev/ttyS2", CS7 | PARENB);
	open_port(&c);
	check_settings("/dev/ttyS1", CS7 | PARENB);
	lines_go_both_ways();
}

static void a_speed_that_the_port_cannot_run_at_is_refused(void **state)
{
	struct bytes_config c = port("/dev/ttyS1", 8, 'N');
	struct error e = ERROR_INIT;

	(void)state;
	c.baud = 230400; /* a 16550 on this clock ends at 115200 */
	refused(bytes_open(&opened, &c, seat, &e), ERROR_DEVICE, "230400");
	c.baud = 9600;
	open_port(&c);
}

static void a_port_in_use_names_its_owner(void **state)
{
	struct bytes_config c = port("/dev/ttyS1", 8, 'N');
	struct error e = ERROR_INIT;
	struct bytes *other = NULL;
	char owner[32];

	(void)state;
	open_port(&c);
	snprintf(owner, sizeof(owner), "process %ld", (long)getpid());
	refused(bytes_open(&other, &c, seat, &e), ERROR_BUSY, owner);
	assert_null(other);
	close_opened();
	open_port(&c);
}

/* As user `lab`: who is not root is already refused by the terminal. */
static int try_as_user(const struct bytes_config *c, const char *owner)
{
	struct error e = ERROR_INIT;
	struct bytes *b = NULL;

	if (setgid(1000) != 0 || setuid(1000) != 0)
		return 2;
	if (bytes_open(&b, c, seat, &e) == 0)
		return 3;
	fprintf(stderr, "# %s\n", e.text);
	return e.code == ERROR_BUSY && strstr(e.text, owner) ? 0 : 4;
}

static void who_is_not_root_is_told_as_well(void **state)
{
	struct bytes_config c = port("/dev/ttyS1", 8, 'N');
	char owner[32];
	int status;

	(void)state;
	assert_int_equal(chmod("/dev/ttyS1", 0666), 0);
	open_port(&c);
	snprintf(owner, sizeof(owner), "process %ld", (long)getpid());
	child = fork();
	if (child == 0)
		_exit(try_as_user(&c, owner));
	assert_int_equal(waitpid(child, &status, 0), child);
	child = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void silence_is_a_timeout_that_costs_no_cpu(void **state)
{
	struct bytes_config c = port("/dev/ttyS1", 8, 'N');
	struct timespec before, after;
	char data[8];
	size_t n;

	(void)state;
	open_port(&c);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	assert_int_equal(bytes_read(opened, data, sizeof(data), &n, NANOS_PER_S, NULL), WIRE_TIMEOUT);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	assert_true((after.tv_sec - before.tv_sec) * NANOS_PER_S + after.tv_nsec - before.tv_nsec < 50 * NANOS_PER_MS);
}

struct puller {
	nanos gone; /* when the port had vanished; 0: it did not */
};

static void *pull_plug(void *data)
{
	struct puller *p = data;

	guest_sleep_ms(1000);
	if (port_move_plug(false))
		p->gone = guest_now();
	return NULL;
}

static nanos cpu_of_thread(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (nanos)t.tv_sec * NANOS_PER_S + t.tv_nsec;
}

/* Waits for a line while the plug is pulled. */
static void expect_gone(void)
{
	struct bytes_line kept = {.have = 0};
	struct puller puller = {0};
	nanos cpu, ended;
	enum wire_status status;
	pthread_t thread;
	char line[64];

	assert_int_equal(pthread_create(&thread, NULL, pull_plug, &puller), 0);
	cpu = cpu_of_thread();
	status = bytes_read_line(opened, &kept, '\n', line, sizeof(line), 20 * NANOS_PER_S, NULL);
	ended = guest_now();
	cpu = cpu_of_thread() - cpu;
	pthread_join(thread, NULL);
	assert_int_equal(status, WIRE_GONE);
	assert_true(puller.gone > 0);
	print_message("# noticed %lld ms after the port had vanished, with %lld us of CPU\n",
		(long long)((ended - puller.gone) / NANOS_PER_MS), (long long)(cpu / 1000));
	assert_true(ended - puller.gone < 300 * NANOS_PER_MS);
	assert_true(cpu < 50 * NANOS_PER_MS);
}

static void a_usb_port_that_is_unplugged_is_gone_at_once_and_works_again_after_plugging_in(void **state)
{
	struct bytes_config c = port(USB_PORT, 8, 'N');
	struct error e = ERROR_INIT;
	nanos from;
	char data[8];
	size_t n;

	(void)state;
	port_plug(true);
	start_scale(USB_FAR, CS8);
	open_port(&c);
	lines_go_both_ways();
	end_child(); /* holds the gadget, which would not go */
	expect_gone();
	from = guest_now();
	assert_int_equal(bytes_write(opened, "SI\r\n", 4, NULL), WIRE_GONE);
	assert_int_equal(bytes_read(opened, data, sizeof(data), &n, 5 * NANOS_PER_S, NULL), WIRE_GONE);
	bytes_drain(opened, 10 * NANOS_PER_MS);
	assert_true(guest_now() - from < 300 * NANOS_PER_MS);
	close_opened();
	refused(bytes_open(&opened, &c, seat, &e), ERROR_DEVICE, "no such port: " USB_PORT);
	port_plug(true);
	start_scale(USB_FAR, CS8);
	open_port(&c);
	lines_go_both_ways();
	close_opened();
	end_child();
	port_plug(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(lines_go_both_ways_at_9600_8n1_on_a_16550, end_after),
		cmocka_unit_test_teardown(and_at_7e1_as_scales_leave_the_factory, end_after),
		cmocka_unit_test_teardown(a_speed_that_the_port_cannot_run_at_is_refused, end_after),
		cmocka_unit_test_teardown(a_port_in_use_names_its_owner, end_after),
		cmocka_unit_test_teardown(who_is_not_root_is_told_as_well, end_after),
		cmocka_unit_test_teardown(silence_is_a_timeout_that_costs_no_cpu, end_after),
		cmocka_unit_test_teardown(
			a_usb_port_that_is_unplugged_is_gone_at_once_and_works_again_after_plugging_in, end_after),
	};
	int failed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	system_time = clock_open_system(1);
	seat = clock_join(system_time, "test");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	clock_leave(seat);
	clock_close(system_time);
	return failed;
}
