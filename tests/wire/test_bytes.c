/* Bytes over pseudo-terminals and TCP against a peer that the test holds itself. */
#include "tests/wire/bytes_peer.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>

static struct clock *clock_;
static struct clock_seat *seat;

static enum wire_status line_of(struct bytes *b, struct bytes_line *kept, char *line, size_t room, int ms)
{
	struct bytes_stamps stamps = {0, 0, 0};
	enum wire_status status = bytes_read_line(b, kept, '\n', line, room, ms * MS, &stamps);

	assert_true(stamps.last > 0);
	return status;
}

static void bytes_go_both_ways(bool tcp)
{
	char all[256], back[256], heard[256];
	struct bytes_stamps stamps = {0, 0, 0};
	struct peer p;
	struct bytes *b;
	size_t n, have = 0;

	for (int i = 0; i < 256; i++)
		all[i] = (char)i; /* no byte means anything to the wire: not XON, not ^C, not CR */
	peer_start(&p, tcp);
	b = peer_open(&p, seat);
	assert_string_equal(bytes_note(b), "");
	assert_int_equal(bytes_write(b, all, sizeof(all), &stamps), WIRE_OK);
	assert_true(stamps.before > 0 && stamps.after >= stamps.before);
	assert_int_equal(peer_hear(&p, heard, sizeof(heard)), 256);
	assert_memory_equal(heard, all, 256);
	assert_int_equal(write(p.fd, all, sizeof(all)), 256);
	while (have < 256) {
		assert_int_equal(bytes_read(b, back + have, sizeof(back) - have, &n, 500 * MS, &stamps), WIRE_OK);
		have += n;
	}
	assert_memory_equal(back, all, 256);
	assert_true(stamps.before <= stamps.after && stamps.after <= stamps.last);
	bytes_close(b);
	peer_stop(&p);
}

static void bytes_go_both_ways_over_a_pseudo_terminal(void **state)
{
	(void)state;
	bytes_go_both_ways(false);
}

static void bytes_go_both_ways_over_tcp(void **state)
{
	(void)state;
	bytes_go_both_ways(true);
}

static void a_request_takes_its_time_on_the_wire(void **state)
{
	struct bytes_config c = {.kind = BYTES_SERIAL, .baud = 9600, .parity = 'N', .data_bits = 8, .stop_bits = 1};
	struct bytes_stamps stamps = {0, 0, 0};
	struct peer p;
	struct bytes *b;

	(void)state;
	assert_near((double)bytes_character_time(&c), 1e9 * 10 / 9600, 1);
	c = (struct bytes_config){.kind = BYTES_SERIAL, .baud = 1200, .parity = 'O', .data_bits = 7, .stop_bits = 1};
	assert_near((double)bytes_character_time(&c), 1e9 * 10 / 1200, 1);
	c.kind = BYTES_TCP;
	assert_int_equal(bytes_character_time(&c), 0);
	peer_start(&p, false);
	b = peer_open(&p, seat);
	bytes_write(b, "SI\r\n", 4, &stamps);
	assert_near((double)(stamps.after - stamps.before), 4e9 * 10 / 9600, 4);
	bytes_close(b);
	peer_stop(&p);
}

static void lines_are_cut_out_of_whatever_pieces_they_come_in(void **state)
{
	struct bytes_line kept = {.have = 0};
	char line[64];
	struct peer p;
	struct bytes *b;

	(void)state;
	for (int tcp = 0; tcp < 2; tcp++) {
		peer_start(&p, tcp);
		b = peer_open(&p, seat);
		peer_say(&p, "S S     100.00 g\r\nS D     12");
		assert_int_equal(line_of(b, &kept, line, sizeof(line), 300), WIRE_OK);
		assert_string_equal(line, "S S     100.00 g");
		peer_say_later(&p, 50, "9.07 g\r\n\r\nI4 A \"1\"\n", false);
		assert_int_equal(line_of(b, &kept, line, sizeof(line), 1000), WIRE_OK);
		assert_string_equal(line, "S D     129.07 g");
		assert_int_equal(line_of(b, &kept, line, sizeof(line), 300), WIRE_OK);
		assert_string_equal(line, "");
		assert_int_equal(line_of(b, &kept, line, sizeof(line), 300), WIRE_OK);
		assert_string_equal(line, "I4 A \"1\"");
		assert_int_equal(kept.have, 0);
		bytes_close(b);
		peer_stop(&p);
	}
}

static void a_cut_line_is_no_line(void **state)
{
	struct bytes_line kept = {.have = 0};
	char line[64] = "untouched";
	struct peer p;
	struct bytes *b;

	(void)state;
	peer_start(&p, false);
	b = peer_open(&p, seat);
	peer_say(&p, "S S     10");
	assert_int_equal(line_of(b, &kept, line, sizeof(line), 60), WIRE_CHECKSUM);
	assert_int_equal(kept.have, 0);
	assert_string_equal(line, "untouched");
	assert_int_equal(line_of(b, &kept, line, sizeof(line), 60), WIRE_TIMEOUT);
	peer_say(&p, "S S     100.00 g\r\n"); /* and the next one is whole */
	assert_int_equal(line_of(b, &kept, line, sizeof(line), 300), WIRE_OK);
	assert_string_equal(line, "S S     100.00 g");
	bytes_close(b);
	peer_stop(&p);
}

static void a_line_that_does_not_fit_is_no_line(void **state)
{
	struct bytes_line kept = {.have = 0};
	char line[17] = "untouched", babble[600];
	struct peer p;
	struct bytes *b;

	(void)state;
	peer_start(&p, true);
	b = peer_open(&p, seat);
	peer_say(&p, "S S    1000.000 g\r\n"); /* 17 characters and the NUL */
	assert_int_equal(line_of(b, &kept, line, sizeof(line), 300), WIRE_CHECKSUM);
	peer_say(&p, "S S     100.00 g\r\n"); /* 16 */
	assert_int_equal(line_of(b, &kept, line, sizeof(line), 300), WIRE_OK);
	assert_string_equal(line, "S S     100.00 g");
	memset(babble, 'x', sizeof(babble));
	assert_int_equal(write(p.fd, babble, sizeof(babble)), sizeof(babble));
	assert_int_equal(line_of(b, &kept, line, sizeof(line), 300), WIRE_CHECKSUM);
	assert_int_equal(kept.have, 0);
	bytes_drain(b, 20 * MS);
	assert_int_equal(write(p.fd, "S S\0 1 g\n", 9), 9); /* a NUL would hide what follows it */
	assert_int_equal(line_of(b, &kept, line, sizeof(line), 300), WIRE_CHECKSUM);
	bytes_close(b);
	peer_stop(&p);
}

static void silence_is_a_timeout_after_its_time(void **state)
{
	struct peer p;
	struct bytes *b;
	char byte;
	size_t n;

	(void)state;
	for (int tcp = 0; tcp < 2; tcp++) {
		int64_t start;

		peer_start(&p, tcp);
		b = peer_open(&p, seat);
		start = clock_wall_ms();
		assert_int_equal(bytes_read(b, &byte, 1, &n, 80 * MS, NULL), WIRE_TIMEOUT);
		assert_true(clock_wall_ms() - start >= 79);
		assert_int_equal(n, 0);
		bytes_close(b);
		peer_stop(&p);
	}
}

static void an_unplugged_port_is_gone_at_once(void **state)
{
	struct bytes_line kept = {.have = 0};
	char line[64];
	struct peer p;
	struct bytes *b;

	(void)state;
	for (int tcp = 0; tcp < 2; tcp++) {
		int64_t start = clock_wall_ms();

		peer_start(&p, tcp);
		b = peer_open(&p, seat);
		peer_say(&p, "S S     100.00 g\r\nS S");
		assert_int_equal(line_of(b, &kept, line, sizeof(line), 20000), WIRE_OK);
		assert_string_equal(line, "S S     100.00 g");
		peer_say_later(&p, 50, "", true); /* what it cuts off is no line */
		assert_int_equal(line_of(b, &kept, line, sizeof(line), 20000), WIRE_GONE);
		assert_int_equal(kept.have, 0);
		peer_said(&p);
		assert_int_equal(line_of(b, &kept, line, sizeof(line), 20000), WIRE_GONE);
		bytes_write(b, "SI\r\n", 4, NULL); /* TCP: the first write after it is answered by a reset */
		usleep(20000);
		assert_int_equal(bytes_write(b, "SI\r\n", 4, NULL), WIRE_GONE);
		assert_int_equal(bytes_drain(b, 10 * MS), 0);
		assert_true(clock_wall_ms() - start < 10000);
		bytes_close(b);
		peer_stop(&p);
	}
}

static void draining_takes_what_comes_until_it_is_quiet(void **state)
{
	struct peer p;
	struct bytes *b;
	char byte;
	size_t n;

	(void)state;
	peer_start(&p, false);
	b = peer_open(&p, seat);
	peer_say(&p, "12345");
	while (bytes_drain(b, 0) == 0) /* the kernel may take a moment to hand it over */
		;
	peer_say_later(&p, 60, "S S     100.00 g\r\n", false);
	assert_int_equal(bytes_drain(b, 200 * MS), 18);
	assert_int_equal(bytes_read(b, &byte, 1, &n, 0, NULL), WIRE_TIMEOUT);
	bytes_close(b);
	peer_stop(&p);
}

static void a_pseudo_terminal_says_which_settings_it_cannot_have(void **state)
{
	struct bytes_line kept = {.have = 0};
	char line[64];
	struct peer p;
	struct bytes *b;

	(void)state;
	peer_start(&p, false);
	p.config.data_bits = 7;
	p.config.parity = 'O';
	p.config.handshake = true;
	b = peer_open(&p, seat);
	assert_non_null(strstr(bytes_note(b), "7 data bits"));
	assert_non_null(strstr(bytes_note(b), "parity"));
	assert_non_null(strstr(bytes_note(b), "handshake"));
	/* "+ 1 g" as 7O1: the parity bit comes as the eighth */
	peer_say(&p, "\xab\x20\x31\x20\x67\x0d\x8a");
	assert_int_equal(line_of(b, &kept, line, sizeof(line), 300), WIRE_OK);
	assert_string_equal(line, "+ 1 g");
	bytes_close(b);
	peer_stop(&p);
}

static void a_port_in_use_is_refused_and_its_owner_named(void **state)
{
	struct bytes *second = NULL, *b;
	struct error e = ERROR_INIT;
	char owner[32];
	struct peer p;

	(void)state;
	peer_start(&p, false);
	b = peer_open(&p, seat);
	snprintf(owner, sizeof(owner), "process %d", (int)getpid());
	refused(bytes_open(&second, &p.config, seat, &e), ERROR_BUSY, owner);
	assert_null(second);
	bytes_close(b);
	b = peer_open(&p, seat); /* and is free again afterwards */
	bytes_close(b);
	bytes_close(NULL);
	peer_stop(&p);
}

static void what_is_no_port_is_refused_with_its_name(void **state)
{
	struct bytes_config c = {.kind = BYTES_SERIAL, .name = "scale", .port = "/dev/heatbench-none", .baud = 9600,
		.parity = 'N', .data_bits = 8, .stop_bits = 1, .response_timeout = NANOS_PER_S};
	struct bytes *b = NULL;
	struct error e = ERROR_INIT;
	struct peer p;

	(void)state;
	refused(bytes_open(&b, &c, seat, &e), ERROR_DEVICE, "/dev/heatbench-none");
	strcpy(c.port, "/dev/null");
	refused(bytes_open(&b, &c, seat, &e), ERROR_DEVICE, "/dev/null");
	peer_start(&p, true);
	peer_stop(&p); /* a port where nobody listens any more */
	refused(bytes_open(&b, &p.config, seat, &e), ERROR_DEVICE, "127.0.0.1");
	strcpy(p.config.host, "no such host");
	refused(bytes_open(&b, &p.config, seat, &e), ERROR_DEVICE, "no such host");
	assert_null(b);
}

static void a_link_to_a_port_is_followed(void **state)
{
	char link[] = "/tmp/heatbench-bytes-XXXXXX", heard[4];
	struct bytes *b;
	struct peer p;

	(void)state;
	assert_non_null(mkdtemp(link));
	peer_start(&p, false);
	assert_int_equal(rmdir(link), 0);
	assert_int_equal(symlink(p.config.port, link), 0);
	strcpy(p.config.port, link);
	b = peer_open(&p, seat);
	bytes_write(b, "SI\r\n", 4, NULL);
	assert_int_equal(peer_hear(&p, heard, 4), 4);
	bytes_close(b);
	unlink(link);
	peer_stop(&p);
}

static void a_connection_that_nobody_accepts_ends_after_its_deadline(void **state)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd[8], fds = 0;
	struct bytes *b = NULL;
	struct error e = ERROR_INIT;
	struct peer p;
	int64_t start;

	(void)state;
	/* A full backlog drops what comes, as a host that is switched off does. */
	peer_start(&p, true);
	assert_int_equal(listen(p.listener, 0), 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)p.config.tcp_port);
	for (; fds < 8; fds++) {
		fd[fds] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fd[fds], (struct sockaddr *)&a, sizeof(a));
	}
	start = clock_wall_ms();
	refused(bytes_open(&b, &p.config, seat, &e), ERROR_DEVICE, "timed out");
	assert_true(clock_wall_ms() - start >= 2900);
	assert_true(clock_wall_ms() - start < 10000);
	while (fds > 0)
		close(fd[--fds]);
	peer_stop(&p);
}

static void a_peer_that_takes_nothing_does_not_hold_the_writer_for_ever(void **state)
{
	static char much[1 << 25];
	struct bytes *b;
	struct peer p;

	(void)state;
	for (int tcp = 0; tcp < 2; tcp++) {
		peer_start(&p, tcp);
		b = peer_open(&p, seat);
		memset(much, 'x', sizeof(much));
		assert_int_equal(bytes_write(b, much, sizeof(much), NULL), WIRE_TIMEOUT);
		bytes_close(b);
		peer_stop(&p);
	}
}

static void a_clock_that_runs_faster_does_not_hurry_the_machine(void **state)
{
	struct clock *fast = clock_open_system(100);
	struct clock_seat *own = clock_join(fast, "test");
	struct bytes_line kept = {.have = 0};
	char line[64];
	struct peer p;
	struct bytes *b;

	(void)state;
	peer_start(&p, true);
	b = peer_open(&p, own);
	peer_say(&p, "S S     1");
	peer_say_later(&p, 60, "00.00 g\r\n", false); /* 6 s of bench time later */
	assert_int_equal(bytes_read_line(b, &kept, '\n', line, sizeof(line), NANOS_PER_S, NULL), WIRE_OK);
	assert_string_equal(line, "S S     100.00 g");
	bytes_close(b);
	peer_stop(&p);
	clock_leave(own);
	clock_close(fast);
}

static int open_all(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_DFL); /* a wire must not need it ignored */
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
		cmocka_unit_test(bytes_go_both_ways_over_a_pseudo_terminal),
		cmocka_unit_test(bytes_go_both_ways_over_tcp),
		cmocka_unit_test(a_request_takes_its_time_on_the_wire),
		cmocka_unit_test(lines_are_cut_out_of_whatever_pieces_they_come_in),
		cmocka_unit_test(a_cut_line_is_no_line),
		cmocka_unit_test(a_line_that_does_not_fit_is_no_line),
		cmocka_unit_test(silence_is_a_timeout_after_its_time),
		cmocka_unit_test(an_unplugged_port_is_gone_at_once),
		cmocka_unit_test(draining_takes_what_comes_until_it_is_quiet),
		cmocka_unit_test(a_pseudo_terminal_says_which_settings_it_cannot_have),
		cmocka_unit_test(a_port_in_use_is_refused_and_its_owner_named),
		cmocka_unit_test(what_is_no_port_is_refused_with_its_name),
		cmocka_unit_test(a_link_to_a_port_is_followed),
		cmocka_unit_test(a_connection_that_nobody_accepts_ends_after_its_deadline),
		cmocka_unit_test(a_peer_that_takes_nothing_does_not_hold_the_writer_for_ever),
		cmocka_unit_test(a_clock_that_runs_faster_does_not_hurry_the_machine),
	};

	return cmocka_run_group_tests_name("bytes", tests, open_all, close_all);
}
