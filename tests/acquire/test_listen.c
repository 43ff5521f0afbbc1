/* Listening to a bus whose master is somebody else: mbpoll and pymodbus ask, a pymodbus server answers, and we only hear. */
#include "tests/acquire/rig.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct bus_of_others {
	struct rig rig;
	struct register_row row[8];
	pid_t pid;
	int hold; /* its stdin */
	FILE *out;
	char port[128];
};

/* false: skipped */
static bool start_peer(struct bus_of_others *b, const char *master, const char *glitch)
{
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	b->pid = fork();
	if (b->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl("/usr/bin/python3", "python3", "tests/acquire/tee_server.py", master, glitch, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	b->hold = in[1];
	b->out = fdopen(out[0], "r");
	if (!fgets(b->port, sizeof(b->port), b->out))
		fail_msg("no line from tests/acquire/tee_server.py");
	b->port[strcspn(b->port, "\n")] = '\0';
	if (strncmp(b->port, "skip", 4) != 0)
		return true;
	print_message("%s\n", b->port);
	return false;
}

/* Ends it, and has it say whether anything was ever sent from our side. */
static void end_peer(struct bus_of_others *b)
{
	char said[32] = "";

	close(b->hold);
	if (!fgets(said, sizeof(said), b->out))
		strcpy(said, "?");
	fclose(b->out);
	waitpid(b->pid, NULL, 0);
	if (strncmp(b->port, "skip", 4) != 0)
		assert_string_equal(said, "silent\n");
}

enum { FIRST, LAST, LONG, SET, NEVER, FIRMWARE, ROWS };

static void describe(struct bus_of_others *b)
{
	static const struct register_row rows[] = {[FIRST] = {.name = "first", .address = 2099}, [LAST] = {.name = "last", .address = 2108},
		[LONG] = {.name = "long", .address = 2100, .type = REGISTER_U32},
		[SET] = {.name = "set", .address = 2015, .writable = true}, [NEVER] = {.name = "never", .address = 2150},
		[FIRMWARE] = {.name = "firmware", .address = 2105}};
	struct rig *rig = &b->rig;

	rig->clock = clock_open_system(1);
	rig->bench = calloc(1, sizeof(*rig->bench));
	for (int i = 0; i < ROWS; i++) {
		b->row[i] = rows[i];
		b->row[i].function = 3;
		b->row[i].scale = 1;
		b->row[i].min = b->row[i].max = NAN;
		strcpy(b->row[i].unit, "1");
	}
	rig->map = (struct register_map){.name = "odu", .max_words = 40, .max_gap = 3, .rows = ROWS, .row = b->row, .check = -1,
		.identities = 1, .identity = {FIRMWARE}, .identity_name = {"firmware"}};
	rig->bench->tick = S / 5;
	rig->bench->buses = 1;
	rig->bench->bus[0].listen_only = true;
	rig->bench->bus[0].retry_after = S;
	rig->bench->bus[0].words = (struct words_config){.name = "odu1", .baud = 19200, .parity = 'E', .data_bits = 8, .stop_bits = 1};
	strcpy(rig->bench->bus[0].words.port, b->port);
	for (int d = 0; d < 2; d++) {
		struct bench_device *device = &rig->bench->device[rig->bench->devices++];

		snprintf(device->name, sizeof(device->name), "odu%d", d + 1);
		strcpy(device->source, "rig.lua:1");
		device->unit = d + 1;
		device->map = &rig->map;
		for (int i = 0; i < FIRMWARE; i++) {
			rig_channel(rig, d, i, false);
			rig->bench->channel[rig->bench->channels - 1].stale_after = i == SET ? 0 : 2 * S;
		}
	}
}

static uint16_t word_of(int unit, int address)
{
	return (uint16_t)(unit == 1 ? 3 * address + 7 : 5 * address + 11);
}

static void open_bus(struct bus_of_others *b)
{
	struct bus_setup setup = {.bench = b->rig.bench, .plan = &b->rig.plan, .seat = b->rig.seat, .board = b->rig.board,
		.journal = &b->rig.journal, .keep_raw = true};
	struct error e = ERROR_INIT;

	must(bus_open(&b->rig.bus, &setup, NULL, &e));
	for (int d = 0; d < 2; d++) {
		must(bus_identify(b->rig.bus, d, &b->rig.identity, &e));
		assert_int_equal(atoi(b->rig.identity.value[0]), word_of(d + 1, 2105));
	}
}

static void free_bus(struct bus_of_others *b)
{
	bus_close(b->rig.bus);
	board_close(b->rig.board);
	ring_close(b->rig.ring);
	clock_leave(b->rig.seat);
	clock_close(b->rig.clock);
	free(b->rig.bench);
}

/* Every value that is told is what the server has; how many good ones there were of each row of unit 1. */
static void check_scans(struct bus_of_others *b, int good[FIRMWARE], char *said, size_t size)
{
	struct rig_scan s;

	memset(good, 0, FIRMWARE * sizeof(good[0]));
	while (rig_next(&b->rig, &s, said, size)) {
		for (int i = 0; i < s.n; i++) {
			int unit = i / FIRMWARE + 1, row = i % FIRMWARE;

			good[row] += unit == 1 && s.quality[i] == QUALITY_GOOD;
			if (row == FIRST && !isnan(s.value[i]))
				assert_int_equal((int)s.value[i], word_of(unit, 2099));
			if (row == LAST && !isnan(s.value[i]))
				assert_int_equal((int)s.value[i], word_of(unit, 2108));
			if (row == LONG && !isnan(s.value[i]))
				assert_true(s.value[i] == word_of(unit, 2100) * 65536.0 + word_of(unit, 2101));
			if (row == SET && !isnan(s.value[i]))
				assert_true(unit == 1 && s.value[i] >= 400 && s.value[i] < 1400);
			if (row == NEVER)
				assert_true(isnan(s.value[i]) && s.quality[i] == QUALITY_GAP);
		}
	}
}

static void listen_beside(const char *master, const char *glitch)
{
	struct bus_of_others b = {.pid = 0};
	char said[2000] = "";
	struct bus_health health;
	int good[FIRMWARE];

	if (!start_peer(&b, master, glitch)) {
		end_peer(&b);
		skip();
	}
	describe(&b);
	rig_make(&b.rig);
	open_bus(&b);
	rig_start(&b.rig);
	rig_run(&b.rig, 3 * S);
	bus_health(b.rig.bus, &health);
	rig_stop(&b.rig);
	check_scans(&b, good, said, sizeof(said));
	print_message("%s: %lld questions, %lld unanswered; %d, %d, %d, %d good values\n", master, (long long)health.transactions,
		(long long)health.timeouts, good[FIRST], good[LAST], good[LONG], good[SET]);
	assert_true(good[FIRST] > 8 && good[LAST] > 8 && good[LONG] > 8);
	assert_true(health.timeouts >= 1); /* unit 9 */
	assert_int_equal(health.wrong, 0);
	if (strcmp(master, "pymodbus") == 0) {
		assert_true(good[SET] > 3);
		assert_non_null(strstr(said, "its master writes: 1 word at 2015 of unit 1"));
	}
	assert_non_null(strstr(said, "bus odu1: heard "));
	end_peer(&b);
	free_bus(&b);
}

static void mbpoll_asks_and_we_hear(void **state)
{
	(void)state;
	if (access("/usr/bin/mbpoll", X_OK) != 0)
		skip();
	listen_beside("mbpoll", NULL);
}

static void pymodbus_asks_and_writes_and_we_hear(void **state)
{
	(void)state;
	listen_beside("pymodbus", NULL);
}

static void a_line_that_turns_round_with_a_glitch_is_heard_as_well(void **state)
{
	(void)state;
	listen_beside("pymodbus", "glitch");
}

/* The master goes away: what was heard gets stale, the port's end is told, and nothing is invented. */
static void what_is_not_heard_any_more_is_stale(void **state)
{
	struct bus_of_others b = {.pid = 0};
	char said[2000] = "";
	struct rig_scan s;
	int stale = 0;

	(void)state;
	if (!start_peer(&b, "pymodbus", NULL)) {
		end_peer(&b);
		skip();
	}
	describe(&b);
	for (int c = 0; c < b.rig.bench->channels; c++)
		b.rig.bench->channel[c].stale_after = 0; /* three times its rate group */
	rig_make(&b.rig);
	open_bus(&b);
	rig_start(&b.rig);
	rig_run(&b.rig, S);
	end_peer(&b);
	rig_run(&b.rig, 2 * S);
	rig_stop(&b.rig);
	while (rig_next(&b.rig, &s, said, sizeof(said)))
		stale += s.quality[FIRST] == QUALITY_STALE;
	assert_true(stale >= 5);
	assert_non_null(strstr(said, "bus odu1: the port is gone"));
	free_bus(&b);
}

/* One question to unit 1 for 2099 to 2108 and its answer, the first word being `first`. */
static void speak(int ours, int first)
{
	uint8_t f[64] = {1, 3, 2099 >> 8, 2099 & 0xff, 0, 10};
	size_t n = 6;

	for (int part = 0; part < 2; part++) {
		unsigned crc = 0xffff;

		for (size_t i = 0; i < n; i++)
			for (int b = -1; b < 8; b++)
				crc = b < 0 ? crc ^ f[i] : (crc & 1) ? (crc >> 1) ^ 0xa001 : crc >> 1;
		f[n] = (uint8_t)(crc & 0xff);
		f[n + 1] = (uint8_t)(crc >> 8);
		assert_int_equal(write(ours, f, n + 2), n + 2);
		f[2] = 20;
		for (int i = 0; i < 10; i++) {
			f[3 + 2 * i] = (uint8_t)((i ? word_of(1, 2099 + i) : first) >> 8);
			f[4 + 2 * i] = (uint8_t)(i ? word_of(1, 2099 + i) : first);
		}
		n = 23;
	}
}

/* In lock-step what was said up to a tick is heard at it, the same every time. */
static void in_lock_step_each_tick_hears_what_was_said_before_it(void **state)
{
	struct bus_of_others b = {.pid = 0};
	struct bus_setup setup;
	struct error e = ERROR_INIT;
	struct rig_scan s;
	int ours = posix_openpt(O_RDWR | O_NOCTTY), scans = 0, stale = 0;
	struct termios t;

	(void)state;
	assert_true(ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0);
	assert_int_equal(ptsname_r(ours, b.port, sizeof(b.port)), 0);
	assert_int_equal(tcgetattr(ours, &t), 0);
	describe(&b);
	clock_close(b.rig.clock);
	b.rig.clock = NULL;
	rig_make(&b.rig);
	setup = (struct bus_setup){.bench = b.rig.bench, .plan = &b.rig.plan, .seat = b.rig.seat, .board = b.rig.board,
		.journal = &b.rig.journal};
	must(bus_open(&b.rig.bus, &setup, NULL, &e));
	rig_start(&b.rig);
	rig_run(&b.rig, S / 10); /* ticks are at 0.2 s, 0.4 s ...: this speaks between them, while time stands still */
	for (int tick = 0; tick < 20; tick++) {
		speak(ours, 5000 + tick);
		rig_run(&b.rig, S / 5);
	}
	rig_run(&b.rig, 5 * S);
	rig_stop(&b.rig);
	while (rig_next(&b.rig, &s, NULL, 0)) {
		scans++;
		assert_true(isnan(s.value[FIRMWARE + FIRST])); /* unit 2 was never heard */
		if ((int)s.value[FIRST] != (s.tick < 20 ? 5000 + (int)s.tick : 5019))
			fail_msg("tick %lld: %g", (long long)s.tick, s.value[FIRST]);
		if (s.tick < 20)
			assert_int_equal(s.quality[FIRST], QUALITY_GOOD);
		stale += s.quality[FIRST] == QUALITY_STALE;
	}
	assert_in_range(scans, 44, 46);
	assert_true(stale >= 12); /* 2 s after it was heard last */
	free_bus(&b);
	close(ours);
}

static void a_line_where_nobody_speaks_does_not_start(void **state)
{
	struct bus_of_others b = {.pid = 0};
	struct bus_setup setup = {.number = 0};
	struct error e = ERROR_INIT;
	int ours = posix_openpt(O_RDWR | O_NOCTTY);
	struct termios t;

	(void)state;
	assert_true(ours >= 0 && grantpt(ours) == 0 && unlockpt(ours) == 0);
	assert_int_equal(ptsname_r(ours, b.port, sizeof(b.port)), 0);
	assert_int_equal(tcgetattr(ours, &t), 0);
	describe(&b);
	clock_close(b.rig.clock);
	b.rig.clock = NULL; /* in lock-step time: 15 s at once */
	rig_make(&b.rig);
	setup = (struct bus_setup){.bench = b.rig.bench, .plan = &b.rig.plan, .seat = b.rig.seat, .board = b.rig.board,
		.journal = &b.rig.journal};
	must(bus_open(&b.rig.bus, &setup, NULL, &e));
	refused(bus_identify(b.rig.bus, 0, &b.rig.identity, &e), ERROR_DEVICE,
		"rig.lua:1: nothing was heard of device 'odu1' (unit 1 on bus odu1) in 15 s");
	free_bus(&b);
	close(ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mbpoll_asks_and_we_hear),
		cmocka_unit_test(pymodbus_asks_and_writes_and_we_hear),
		cmocka_unit_test(a_line_that_turns_round_with_a_glitch_is_heard_as_well),
		cmocka_unit_test(what_is_not_heard_any_more_is_stale),
		cmocka_unit_test(in_lock_step_each_tick_hears_what_was_said_before_it),
		cmocka_unit_test(a_line_where_nobody_speaks_does_not_start),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
