/*
 * The late reply and the replugged port, at real time on real protocols: 20 registers read one by one through the bus
 * layer with a time-out of 100 ms, from a device made of raw bytes whose first reply is late.
 */
#include "tests/acquire/rig.h"
#include "tests/wire/responder.h"

#include <signal.h>

enum { REGISTERS = 20, TIMEOUT_MS = 100 };

static atomic_int check_value = RIG_CHECK;

static uint16_t word(int unit, int address)
{
	return address == RIG_CHECK_AT ? (uint16_t)atomic_load(&check_value) : responder_word(unit, address);
}

/* A bench of `registers` single registers on the responder's wire, at real time. False: the machine itself was so late
 * that the device could not be identified. */
static bool open_rig(struct rig *rig, struct responder *r, int registers, nanos tick, int timeout_ms)
{
	struct bus_setup setup = {.bench = NULL};

	rig_describe(rig, 1, registers, tick, timeout_ms * MS);
	rig->bench->bus[0].words = responder_config(r, timeout_ms);
	rig->bench->bus[0].retry_after = 200 * MS;
	rig->clock = clock_open_system(1);
	rig_make(rig);
	setup = (struct bus_setup){.bench = rig->bench, .plan = &rig->plan, .seat = rig->seat, .board = rig->board,
		.journal = &rig->journal};
	assert_int_equal(bus_open(&rig->bus, &setup, NULL, NULL), 0);
	if (bus_identify(rig->bus, 0, &rig->identity, NULL) != 0)
		return false;
	board_start(rig->board, clock_now(rig->clock) + 20 * MS, 0);
	rig->journal.board = rig->board;
	assert_int_equal(bus_start(rig->bus, NULL), 0);
	return true;
}

/* Waits until the scan of `tick` is closed. */
static void await_tick(struct rig *rig, int64_t tick)
{
	struct board_value latest[BENCH_CHANNELS];

	while (board_snapshot(rig->board, latest) < tick) {
		clock_wait(rig->seat, clock_now(rig->clock) + 5 * MS);
		board_close_overdue(rig->board, clock_now(rig->clock));
	}
}

/* One scan of the 20 registers. Returns how many are good and correct; -1: besides the late reply the machine itself
 * was too late for a time-out of 100 ms, which says nothing. No wrong value may be good in any case. */
static int one_scan(bool tcp, int ms)
{
	const struct misbehaviour table[] = {{LATE, 2, 1, ms}}; /* 0 and 1 are identity and check register */
	int good = 0, wrong = 0;
	struct bus_health health = {.timeouts = 0};
	struct responder r;
	struct rig_scan s;
	struct rig rig;

	responder_start(&r, tcp, table, 1, word);
	if (open_rig(&rig, &r, REGISTERS, 60 * S, TIMEOUT_MS)) {
		await_tick(&rig, 0);
		rig_stop(&rig);
		bus_health(rig.bus, &health);
		assert_true(rig_next(&rig, &s, NULL, 0));
		for (int i = 0; i < REGISTERS; i++) {
			bool right = s.value[i] == responder_word(1, rig.map.row[i].address);

			good += right && s.quality[i] == QUALITY_GOOD;
			wrong += !right && s.quality[i] == QUALITY_GOOD;
		}
		print_message("# first reply %d ms late over %s: %d of %d good and correct, %d not good, %d wrong and good\n", ms,
			tcp ? "TCP" : "RTU", good, REGISTERS, REGISTERS - good - wrong, wrong);
	}
	rig_free(&rig);
	responder_stop(&r);
	assert_int_equal(wrong, 0);
	return good < 17 && health.timeouts != 1 ? -1 : good;
}

static void late_reply(bool tcp, int ms)
{
	int good = -1;

	for (int attempt = 0; attempt < 5 && good < 0; attempt++)
		good = one_scan(tcp, ms);
	assert_in_range(good, 17, REGISTERS);
}

static void a_reply_150_250_or_350_ms_late_over_rtu_makes_no_wrong_value_good(void **state)
{
	(void)state;
	late_reply(false, 150);
	late_reply(false, 250);
	late_reply(false, 350);
}

static void a_reply_150_250_or_350_ms_late_over_tcp_makes_no_wrong_value_good(void **state)
{
	(void)state;
	late_reply(true, 150);
	late_reply(true, 250);
	late_reply(true, 350);
}

/* A link to the terminal, which can be made to lead to another one: an adapter that is replugged. */
static void replug(const char *link, const char *path)
{
	char fresh[64];

	snprintf(fresh, sizeof(fresh), "%s.new", link);
	unlink(fresh);
	assert_int_equal(symlink(path, fresh), 0);
	assert_int_equal(rename(fresh, link), 0);
}

/* Lets time pass, tick by tick, until a scan of this quality comes; counts what came before it. False: none of 200. */
static bool await_quality(struct rig *rig, enum quality wanted, int seen[QUALITY_COUNT], char *events, size_t size)
{
	struct board_value latest[BENCH_CHANNELS];
	struct rig_scan s;

	for (int i = 0; i < 200; i++) {
		while (rig_next(rig, &s, events, size)) {
			if (s.quality[0] == wanted && (wanted == QUALITY_GAP || wanted == QUALITY_TIMEOUT || !isnan(s.value[0])))
				return true;
			seen[s.quality[0]]++;
		}
		await_tick(rig, board_snapshot(rig->board, latest) + 1);
	}
	return false;
}

/* What the qualities were before and after the port was away; `serial` answers behind the new one. */
static void replugged(int serial, enum quality expected, char *events, size_t size)
{
	char link[64];
	struct responder r[2];
	struct rig rig;
	int seen[QUALITY_COUNT] = {0};

	snprintf(link, sizeof(link), "/tmp/heatbench-replug-%d", (int)getpid());
	responder_start(&r[0], false, NULL, 0, word);
	replug(link, r[0].path);
	snprintf(r[0].path, sizeof(r[0].path), "%s", link);
	assert_true(open_rig(&rig, &r[0], 1, 200 * MS, 1000));
	for (int i = 0; i < 3; i++)
		assert_true(await_quality(&rig, QUALITY_GOOD, seen, events, size));
	unlink(link); /* first: the number of its terminal is soon that of somebody else's */
	responder_stop(&r[0]); /* pulled */
	assert_true(await_quality(&rig, QUALITY_GAP, seen, events, size));
	atomic_store(&check_value, serial);
	memset(seen, 0, sizeof(seen));
	responder_start(&r[1], false, NULL, 0, word);
	replug(link, r[1].path);
	for (int i = 0; i < 5; i++)
		assert_true(await_quality(&rig, expected, seen, events, size));
	if (expected != QUALITY_GOOD)
		assert_int_equal(seen[QUALITY_GOOD], 0);
	rig_stop(&rig);
	assert_non_null(strstr(events, "the port is gone"));
	assert_non_null(strstr(events, "the port is back"));
	rig_free(&rig);
	responder_stop(&r[1]);
	atomic_store(&check_value, RIG_CHECK);
	unlink(link);
}

static void a_device_is_good_again_after_its_port_was_pulled_and_plugged(void **state)
{
	char events[4000] = "";

	(void)state;
	replugged(RIG_CHECK, QUALITY_GOOD, events, sizeof(events));
	assert_null(strstr(events, "another device"));
}

static void a_stranger_behind_a_port_that_came_back_is_suspect(void **state)
{
	char events[4000] = "";

	(void)state;
	replugged(RIG_CHECK + 1, QUALITY_SUSPECT, events, sizeof(events));
	assert_non_null(strstr(events, "another device answers in its place"));
}

static void a_connection_that_breaks_is_opened_again(void **state)
{
	static const struct misbehaviour table[] = {{HANG_UP, 8, 1, 0}};
	char events[4000] = "";
	struct responder r;
	struct rig_scan s;
	struct rig rig;
	int good = 0;

	(void)state;
	responder_start(&r, true, table, 1, word);
	assert_true(open_rig(&rig, &r, 1, 100 * MS, 1000));
	await_tick(&rig, 20);
	rig_stop(&rig);
	while (rig_next(&rig, &s, events, sizeof(events)))
		good += s.quality[0] == QUALITY_GOOD;
	assert_in_range(good, 10, 20);
	assert_non_null(strstr(events, "the port is back"));
	rig_free(&rig);
	responder_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_150_250_or_350_ms_late_over_rtu_makes_no_wrong_value_good),
		cmocka_unit_test(a_reply_150_250_or_350_ms_late_over_tcp_makes_no_wrong_value_good),
		cmocka_unit_test(a_device_is_good_again_after_its_port_was_pulled_and_plugged),
		cmocka_unit_test(a_stranger_behind_a_port_that_came_back_is_suspect),
		cmocka_unit_test(a_connection_that_breaks_is_opened_again),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("late replies", tests, NULL, NULL);
}
