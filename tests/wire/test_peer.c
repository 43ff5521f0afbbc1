/* The real end against a Modbus device that nobody here wrote: pymodbus, over TCP and over a pseudo-terminal. */
#include "tests/check.h"

#include "daq/wire/words.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct peer {
	pid_t pid;
	int hold;	/* its stdin: it ends when this is closed */
	char where[80]; /* port or terminal; "skip: ..." */
	struct clock *clock;
	struct clock_seat *seat;
	struct words *words;
};

/* The distribution's own Python, where its pymodbus is. */
static void become_server(const char *mode, int in, int out)
{
	dup2(in, 0);
	dup2(out, 1);
	execl("/usr/bin/python3", "python3", "tests/wire/peer_server.py", mode, (char *)NULL);
	_exit(127);
}

static void peer_start(struct peer *p, const char *mode)
{
	int in[2], out[2];
	FILE *f;

	memset(p, 0, sizeof(*p));
	assert_int_equal(pipe(in) | pipe(out), 0);
	p->pid = fork();
	if (p->pid == 0) {
		close(in[1]);
		become_server(mode, in[0], out[1]);
	}
	close(in[0]);
	close(out[1]);
	p->hold = in[1];
	f = fdopen(out[0], "r");
	if (!fgets(p->where, sizeof(p->where), f))
		snprintf(p->where, sizeof(p->where), "skip: no line from it");
	p->where[strcspn(p->where, "\n")] = '\0';
	fclose(f);
}

static void peer_stop(struct peer *p)
{
	words_close(p->words);
	clock_leave(p->seat);
	clock_close(p->clock);
	close(p->hold);
	waitpid(p->pid, NULL, 0);
}

static void peer_open(struct peer *p, const char *mode)
{
	struct words_config c = {.name = "peer", .host = "127.0.0.1", .baud = 115200, .parity = 'N', .data_bits = 8,
		.stop_bits = 1, .response_timeout = 5 * NANOS_PER_S};
	struct error e = ERROR_INIT;

	peer_start(p, mode);
	if (strncmp(p->where, "skip", 4) == 0) {
		print_message("pymodbus: %s\n", p->where);
		peer_stop(p);
		skip();
	}
	c.kind = strcmp(mode, "tcp") == 0 ? WORDS_TCP : WORDS_RTU;
	c.tcp_port = atoi(p->where);
	strcpy(c.port, p->where);
	p->clock = clock_open_system(1);
	p->seat = clock_join(p->clock, "test");
	must(words_open(&p->words, &c, p->seat, &e));
}

static void compare_registers(struct words *words)
{
	struct words_reply r;

	for (int address = 0; address < 380; address += 37)
		for (int count = 1; count <= 125 && address + count <= 400; count += 31) {
			words_read(words, 1, 3, address, count, &r);
			if (r.status != WIRE_OK)
				fail_msg("%d words at %d: %s, %s", count, address, wire_status_name(r.status), r.detail);
			for (int i = 0; i < count; i++)
				assert_int_equal(r.words[i], 3 * (address + i) + 7);
			words_read(words, 1, 4, address, count, &r);
			assert_int_equal(r.status, WIRE_OK);
			for (int i = 0; i < count; i++)
				assert_int_equal(r.words[i], 65535 - address - i);
		}
}

static void write_and_read_back(struct words *words)
{
	static const uint16_t many[] = {1, 0xffff, 0x8000, 4096, 258};
	struct words_reply r;

	words_write(words, 1, 15, 1, (const uint16_t[]){4096}, &r);
	assert_int_equal(r.status, WIRE_OK);
	words_write(words, 1, 20, 5, many, &r);
	assert_int_equal(r.status, WIRE_OK);
	words_read(words, 1, 3, 14, 12, &r);
	assert_int_equal(r.status, WIRE_OK);
	assert_int_equal(r.words[0], 3 * 14 + 7);
	assert_int_equal(r.words[1], 4096);
	assert_int_equal(r.words[2], 3 * 16 + 7);
	assert_memory_equal(r.words + 6, many, sizeof(many));
	assert_int_equal(r.words[11], 3 * 25 + 7);
}

static void be_refused(struct words *words)
{
	struct words_reply r;

	words_read(words, 1, 3, 5000, 2, &r); /* illegal data address */
	assert_int_equal(r.status, WIRE_EXCEPTION);
	assert_int_equal(r.exception, 2);
	words_write(words, 1, 5000, 1, (const uint16_t[]){1}, &r);
	assert_int_equal(r.status, WIRE_EXCEPTION);
	words_read(words, 1, 3, 0, 1, &r);
	assert_int_equal(r.status, WIRE_OK);
}

static void pymodbus_and_this_end_agree_over_tcp(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p, "tcp");
	compare_registers(p.words);
	write_and_read_back(p.words);
	be_refused(p.words);
	peer_stop(&p);
}

static void pymodbus_and_this_end_agree_over_a_pseudo_terminal(void **state)
{
	struct peer p;

	(void)state;
	peer_open(&p, "rtu");
	compare_registers(p.words);
	write_and_read_back(p.words);
	be_refused(p.words);
	peer_stop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pymodbus_and_this_end_agree_over_tcp),
		cmocka_unit_test(pymodbus_and_this_end_agree_over_a_pseudo_terminal),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("pymodbus", tests, NULL, NULL);
}
