/*
 * The end through libserialport, on a pseudo-terminal that looks like a real port to the library: the calls by which it
 * would notice are answered here, in its place. What a pseudo-terminal cannot be made to do (7 data bits, parity, speed)
 * shows how settings that are not taken are refused.
 */
#include "tests/wire/bytes_peer.h"

#include "daq/wire/bytes_ends.h"
#include "daq/wire/port.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int __lxstat(int version, const char *path, struct stat *st);

static bool is_terminal(const char *path)
{
	return strncmp(path, "/sys/class/tty/pts", 18) == 0;
}

/* /sys/class/tty/pts/N: a link, as of every terminal with a driver. By the name that the library calls: headers may give ours
 * another one (large files). */
int shown_lstat(const char *path, struct stat *st) __asm__("lstat");
int shown_lstat(const char *path, struct stat *st)
{
	if (is_terminal(path)) {
		memset(st, 0, sizeof(*st));
		st->st_mode = S_IFLNK | 0777;
		return 0;
	}
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int __lxstat(int version, const char *path, struct stat *st)
{
	(void)version;
	return shown_lstat(path, st);
}

ssize_t readlink(const char *restrict path, char *restrict to, size_t size)
{
	static const char target[] = "../../devices/platform/serial/tty/pts";

	if (!is_terminal(path))
		return syscall(SYS_readlinkat, AT_FDCWD, path, to, size);
	if (size > sizeof(target) - 1)
		size = sizeof(target) - 1;
	memcpy(to, target, size);
	return (ssize_t)size;
}

/* Modem lines: a pseudo-terminal has none. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	void *argument;

	va_start(list, request);
	argument = va_arg(list, void *);
	va_end(list);
	if (request == TIOCMGET || request == TIOCMSET || request == TIOCMBIS || request == TIOCMBIC) {
		if (request == TIOCMGET)
			*(int *)argument = TIOCM_CTS | TIOCM_DSR;
		return 0;
	}
	return (int)syscall(SYS_ioctl, fd, request, argument);
}

static struct clock *clock_;
static struct clock_seat *seat;

static int open_serial(struct peer *p, struct bytes **out, struct error *e)
{
	char real[256];
	int fd = port_lock(p->config.port, real, sizeof(real), e);

	error_clear(e);
	return fd < 0 ? -1 : bytes_serial_open(out, fd, real, &p->config, seat, e);
}

static struct bytes *must_open(struct peer *p)
{
	struct bytes *b = NULL;
	struct error e = ERROR_INIT;

	if (open_serial(p, &b, &e) != 0)
		fail_msg("%s", e.text);
	return b;
}

static void bytes_go_both_ways_through_the_library(void **state)
{
	char all[256], back[256], heard[256];
	size_t n, have = 0;
	struct peer p;
	struct bytes *b;

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	peer_start(&p, false);
	b = must_open(&p);
	assert_string_equal(bytes_note(b), "");
	assert_int_equal(bytes_write(b, all, sizeof(all), NULL), WIRE_OK);
	assert_int_equal(peer_hear(&p, heard, sizeof(heard)), 256);
	assert_memory_equal(heard, all, 256);
	assert_int_equal(write(p.fd, all, sizeof(all)), 256);
	while (have < 256) {
		assert_int_equal(bytes_read(b, back + have, sizeof(back) - have, &n, 500 * MS, NULL), WIRE_OK);
		have += n;
	}
	assert_memory_equal(back, all, 256);
	assert_int_equal(bytes_read(b, back, 1, &n, 30 * MS, NULL), WIRE_TIMEOUT);
	bytes_close(b);
	peer_stop(&p);
}

static void an_unplugged_port_is_gone_without_eating_the_processor(void **state)
{
	struct bytes_line kept = {.have = 0};
	struct timespec cpu;
	char line[64];
	struct peer p;
	struct bytes *b;
	int64_t start = clock_wall_ms();

	(void)state;
	peer_start(&p, false);
	b = must_open(&p);
	peer_say_later(&p, 300, "", true);
	assert_int_equal(bytes_read_line(b, &kept, '\n', line, sizeof(line), 20 * NANOS_PER_S, NULL), WIRE_GONE);
	assert_true(clock_wall_ms() - start < 10000);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	assert_true(cpu.tv_sec == 0 && cpu.tv_nsec < 200000000);
	peer_said(&p);
	assert_int_equal(bytes_write(b, "SI\r\n", 4, NULL), WIRE_GONE);
	bytes_close(b);
	peer_stop(&p);
}

static void the_lock_moves_to_the_librarys_descriptor(void **state)
{
	struct bytes *second = NULL, *b;
	struct error e = ERROR_INIT;
	struct peer p;

	(void)state;
	peer_start(&p, false);
	b = must_open(&p);
	refused(open_serial(&p, &second, &e) == -1 ? bytes_open(&second, &p.config, seat, &e) : 0, ERROR_BUSY, "in use");
	assert_null(second);
	bytes_close(b);
	assert_int_equal(ioctl(p.slave, TIOCNXCL), 0); /* a real port forgets that with its last close */
	b = must_open(&p);
	bytes_close(b);
	peer_stop(&p);
}

static void settings_that_are_not_taken_are_refused(void **state)
{
	struct bytes *b = NULL;
	struct error e = ERROR_INIT;
	struct peer p;

	(void)state;
	peer_start(&p, false);
	p.config.data_bits = 7;
	p.config.parity = 'O';
	assert_int_equal(open_serial(&p, &b, &e), -1);
	assert_int_equal(e.code, ERROR_DEVICE);
	assert_non_null(strstr(e.text, "7O1"));
	assert_non_null(strstr(e.text, p.config.port));
	assert_null(b);
	peer_stop(&p);
}

static int open_all(void **state)
{
	(void)state;
	clock_ = clock_open_system(1);
	seat = clock_join(clock_, "test");
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	clock_leave(seat);
	clock_close(clock_);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_both_ways_through_the_library),
		cmocka_unit_test(an_unplugged_port_is_gone_without_eating_the_processor),
		cmocka_unit_test(the_lock_moves_to_the_librarys_descriptor),
		cmocka_unit_test(settings_that_are_not_taken_are_refused),
	};

	return cmocka_run_group_tests_name("bytes, serial", tests, open_all, close_all);
}
