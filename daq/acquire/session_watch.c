#include "daq/acquire/session_private.h"

#include "daq/acquire/interlock.h"
#include "daq/acquire/record.h"
#include "daq/base/error.h"

#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#define CLERK_LEAST (10 * NANOS_PER_MS)
#define PAIR_EVERY (60 * NANOS_PER_S)

/* A hung bus: STUCK_MS in one call without a pulse's right, then the guard's patience; together less than 5 s. A bus whose
 * answers may honestly take longer than that hangs so much later. */
enum { PULSE_MS = 200, STUCK_MS = 1500, CALL_MS = 700 };

/* How long one call to this bus may take: its time-out and a long answer at a low baud rate. */
static int64_t honest_ms(const struct bench_bus *bus)
{
	int64_t ms = bus->words.response_timeout / NANOS_PER_MS + CALL_MS;

	return ms > STUCK_MS ? ms : STUCK_MS;
}

void session_pair_clocks(struct session *session)
{
	struct clock *clock = session->setup.clock;
	struct record_clock pair = {.monotonic = clock_now(clock)};
	struct timex kernel = {0};

	pair.utc = clock_utc(clock, pair.monotonic);
	if (!clock->lockstep && adjtimex(&kernel) != -1)
		pair.bound = (nanos)kernel.maxerror * 1000;
	ring_push(session->ring, RECORD_CLOCK, &pair, sizeof(pair), NULL, 0, true);
}

/* An interlock that trips is told once: the run ends. */
static bool watch_interlocks(struct session *session, struct interlocks *locks, nanos now)
{
	struct board_value values[BENCH_CHANNELS];
	char why[320];

	board_snapshot(session->board, values);
	if (interlocks_look(locks, session->bench, values, now, why, sizeof(why)) < 0)
		return true;
	journal_event(&session->journal, LOG_ERROR, "interlock", "%s", why + strlen("interlock: "));
	session_fail(session, why);
	return false;
}

static void *clerk_thread(void *argument)
{
	struct session *session = argument;
	nanos period = session->bench->tick > CLERK_LEAST ? session->bench->tick : CLERK_LEAST;
	nanos start = board_tick_time(session->board, board_next_tick(session->board, 0));
	nanos next_pair = start + PAIR_EVERY;
	struct interlocks locks;
	bool watching = session->bench->interlocks > 0;

	interlocks_begin(&locks, start);

	for (int64_t n = 1; !atomic_load(&session->clerk_stop); n++) {
		nanos now = clock_now(session->setup.clock);

		if (now >= start + n * period)
			n = (now - start) / period + 1;
		if (clock_wait(session->clerk_seat, start + n * period))
			continue;
		now = clock_now(session->setup.clock);
		board_close_overdue(session->board, now);
		watching = watching && watch_interlocks(session, &locks, now);
		if (now >= next_pair) {
			session_pair_clocks(session);
			next_pair += PAIR_EVERY;
		}
	}
	atomic_store(&session->clerk_ended, true);
	clock_leave(session->clerk_seat);
	return NULL;
}

/* A pulse goes out only while no bus hangs in the wire. In lock-step a call lasts as long as time stands still,
 * which it does while an operator thinks about an answer. */
static bool all_buses_move(struct session *session)
{
	if (session->setup.clock->lockstep)
		return true;
	for (int b = 0; b < session->bench->buses; b++)
		if (session->bus[b] && bus_stuck_ms(session->bus[b]) > honest_ms(&session->bench->bus[b]))
			return false;
	return true;
}

static void *pulse_thread(void *argument)
{
	struct session *session = argument;

	while (!atomic_load(&session->pulse_stop)) {
		if (all_buses_move(session))
			guard_pulse(session->setup.guard);
		if (writer_failed(session->writer, NULL))
			session_stop(session); /* the calls say why */
		usleep(PULSE_MS * 1000);
	}
	return NULL;
}

int session_watch_start(struct session *session, struct error *e)
{
	int result;

	session->clerk_seat = clock_join(session->setup.clock, "clerk");
	if (!session->clerk_seat)
		return error_set(e, ERROR_SYSTEM, "no memory for the clerk");
	result = pthread_create(&session->clerk, NULL, clerk_thread, session);
	if (result != 0) {
		clock_leave(session->clerk_seat);
		return error_set(e, ERROR_SYSTEM, "no thread for the clerk: %s", strerror(result));
	}
	session->clerk_runs = true;
	result = pthread_create(&session->pulse, NULL, pulse_thread, session);
	if (result != 0)
		return error_set(e, ERROR_SYSTEM, "no thread for the pulse: %s", strerror(result));
	session->pulse_runs = true;
	return 0;
}

void session_watch_stop(struct session *session)
{
	if (session->clerk_runs) {
		atomic_store(&session->clerk_stop, true);
		/* Bench time must go on for the clerk to see it. */
		while (!atomic_load(&session->clerk_ended)) {
			nanos step = session->bench->tick / 4 + 1;

			clock_wait(session->seat, clock_now(session->setup.clock) + step);
		}
		pthread_join(session->clerk, NULL);
		session->clerk_runs = false;
	}
	atomic_store(&session->pulse_stop, true);
	if (session->pulse_runs)
		pthread_join(session->pulse, NULL);
	session->pulse_runs = false;
}
