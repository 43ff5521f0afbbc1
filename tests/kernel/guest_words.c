/*
 * guest_words.c - Modbus RTU on serial ports of a real kernel: two crossed 16550s, and a USB port that is
 * unplugged. Runs in the guest that tests/kernel/run boots.
 */
#include "tests/kernel/guest_port.h"

#include "daq/wire/words.h"

static struct clock *system_time;
static struct clock_seat *seat;

static uint16_t crc_of(const uint8_t *bytes, int count)
{
	uint16_t crc = 0xffff;

	for (int i = 0; i < count; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
	}
	return crc;
}

/* Unit 1, holding registers that hold their own address. Ends when the port does. */
static void respond(const char *port, speed_t speed, bool even)
{
	int fd = port_raw(port, speed, even ? CS8 | PARENB : CS8);
	uint8_t q[256], a[256];
	int n = 0;

	for (;;) {
		ssize_t got = read(fd, q + n, sizeof(q) - (size_t)n);
		int count;

		if (got <= 0)
			_exit(0);
		n += (int)got;
		if (n < 8)
			continue;
		count = q[4] << 8 | q[5];
		a[0] = q[0];
		a[1] = q[1];
		a[2] = (uint8_t)(2 * count);
		for (int i = 0; i < count; i++) {
			int address = (q[2] << 8 | q[3]) + i;

			a[3 + 2 * i] = (uint8_t)(address >> 8);
			a[4 + 2 * i] = (uint8_t)address;
		}
		a[3 + 2 * count] = (uint8_t)crc_of(a, 3 + 2 * count);
		a[4 + 2 * count] = (uint8_t)(crc_of(a, 3 + 2 * count) >> 8);
		if (write(fd, a, (size_t)(5 + 2 * count)) < 0)
			_exit(0);
		n = 0;
	}
}

static pid_t responder(const char *port, speed_t speed, bool even)
{
	pid_t child = fork();

	if (child == 0)
		respond(port, speed, even);
	guest_sleep_ms(200);
	return child;
}

static struct words_config port(const char *path, char parity)
{
	struct words_config c = {.kind = WORDS_RTU,
		.name = "bus",
		.baud = 19200,
		.parity = parity,
		.data_bits = 8,
		.stop_bits = 1,
		.response_timeout = 500 * NANOS_PER_MS};

	snprintf(c.port, sizeof(c.port), "%s", path);
	return c;
}

static void check_read(struct words *w, int count)
{
	struct words_reply r;

	words_read(w, 1, 3, 2099, count, &r);
	if (r.status != WIRE_OK)
		fail_msg("%s: %s", wire_status_name(r.status), r.detail);
	assert_int_equal(r.count, count);
	for (int i = 0; i < count; i++)
		assert_int_equal(r.words[i], 2099 + i);
	assert_true(r.before <= r.after && r.after <= r.last);
}

static void words_are_read_at_19200_8e1_on_a_16550(void **state)
{
	struct words_config c = port("/dev/ttyS1", 'E');
	struct error e = ERROR_INIT;
	pid_t child = responder("/dev/ttyS2", B19200, true);
	struct words *w = NULL;
	struct termios t;
	int fd;

	(void)state;
	must(words_open(&w, &c, seat, &e));
	for (int count = 1; count <= 40; count += 13)
		check_read(w, count);
	fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_NONBLOCK); /* root may, in spite of TIOCEXCL */
	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &t), 0);
	assert_int_equal(t.c_cflag & (PARENB | PARODD | CSTOPB | CSIZE), PARENB | CS8);
	assert_int_equal(cfgetospeed(&t), B19200);
	close(fd);
	words_close(w);
	port_dismiss(child);
}

static void silence_is_a_timeout(void **state)
{
	struct words_config c = port("/dev/ttyS1", 'E');
	struct error e = ERROR_INIT;
	struct words *w = NULL;
	struct words_reply r;

	(void)state;
	must(words_open(&w, &c, seat, &e));
	words_read(w, 1, 3, 0, 1, &r);
	assert_int_equal(r.status, WIRE_TIMEOUT);
	words_close(w);
}

static void a_port_in_use_names_its_owner(void **state)
{
	struct words_config c = port("/dev/ttyS1", 'E');
	struct error e = ERROR_INIT;
	struct words *w = NULL, *other = NULL;
	char owner[32];

	(void)state;
	must(words_open(&w, &c, seat, &e));
	snprintf(owner, sizeof(owner), "process %ld", (long)getpid());
	refused(words_open(&other, &c, seat, &e), ERROR_BUSY, owner);
	words_close(w);
}

static void a_usb_port_that_is_unplugged_is_gone_and_comes_back(void **state)
{
	struct words_config c = port("/dev/ttyACM0", 'N');
	struct error e = ERROR_INIT;
	struct words *w = NULL;
	struct words_reply r;
	pid_t child;
	nanos from;

	(void)state;
	port_plug(true);
	child = responder("/dev/ttyGS0", B19200, false);
	must(words_open(&w, &c, seat, &e));
	check_read(w, 10);
	port_dismiss(child); /* holds the gadget, which would not go */
	port_plug(false);
	from = guest_now();
	words_read(w, 1, 3, 2099, 10, &r);
	assert_int_equal(r.status, WIRE_GONE);
	assert_true(guest_now() - from < 300 * NANOS_PER_MS); /* and not after a time-out */
	words_close(w);
	refused(words_open(&w, &c, seat, &e), ERROR_DEVICE, "no such port: /dev/ttyACM0");
	port_plug(true);
	child = responder("/dev/ttyGS0", B19200, false);
	must(words_open(&w, &c, seat, &e));
	check_read(w, 10);
	words_close(w);
	port_dismiss(child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read_at_19200_8e1_on_a_16550),
		cmocka_unit_test(silence_is_a_timeout),
		cmocka_unit_test(a_port_in_use_names_its_owner),
		cmocka_unit_test(a_usb_port_that_is_unplugged_is_gone_and_comes_back),
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
