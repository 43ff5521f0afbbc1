/*
 * clock.h - the bench's time, passed in wherever somebody waits.
 *
 * Bench time counts nanoseconds on a monotonic scale. Tick n is `start + n * period`; wall-clock time is
 * a mapping (clock_utc) that is stored, never used to order. Three clocks exist behind this interface:
 * the system's (clock_open_system), the system's run faster (the same with speed > 1), and the lock-step
 * clock (lockstep.h), whose owner is the virtual lab: it advances only when every seat waits.
 *
 * A thread that waits for bench time takes a seat. While it does not wait, a lock-step clock stands still,
 * so a seated thread must never block on another seated thread other than through clock_wait/clock_wake.
 */
#ifndef HEATBENCH_BASE_CLOCK_H
#define HEATBENCH_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct error;

typedef int64_t nanos;

#define NANOS_PER_S INT64_C(1000000000)
#define NANOS_PER_MS INT64_C(1000000)
#define NANOS_NEVER INT64_MAX

struct clock;
struct clock_seat;

/* What a clock must do; clocks other than the system's fill one in. All but `now` may block. */
struct clock_ops {
	nanos (*now)(struct clock *clock);
	nanos (*utc)(struct clock *clock, nanos at);
	struct clock_seat *(*join)(struct clock *clock, const char *who);
	void (*leave)(struct clock_seat *seat);
	bool (*wait)(struct clock_seat *seat, nanos until);
	void (*wake)(struct clock_seat *seat);
	void (*expect)(struct clock_seat *seat, const char *endpoint, nanos rest); /* may be NULL */
	nanos (*charge)(struct clock_seat *seat, const char *endpoint, nanos rest);
	void (*close)(struct clock *clock);
};

/* Each implementation begins with these two. */
struct clock {
	const struct clock_ops *ops;
	bool lockstep; /* true: time stands still while a seat is busy, so nothing is ever late */
	double speed;  /* bench seconds in a real one; of no meaning in lock-step */
};

struct clock_seat {
	struct clock *clock;
};

/* The system's monotonic clock run `speed` times as fast (1 = real time; speed must be > 0).
 * Never fails but for memory: NULL. The caller closes it after every seat has left. */
struct clock *clock_open_system(double speed);
void clock_close(struct clock *clock); /* NULL is fine */

nanos clock_now(struct clock *clock);

/* UTC in nanoseconds since 1970 that belongs to bench time `at`. */
nanos clock_utc(struct clock *clock, nanos at);

/* Seat of the calling thread; `who` is for messages. NULL when memory is out. */
struct clock_seat *clock_join(struct clock *clock, const char *who);
void clock_leave(struct clock_seat *seat); /* NULL is fine */

/* Waits until bench time `until` (NANOS_NEVER: for ever). Returns true if it was woken first. */
bool clock_wait(struct clock_seat *seat, nanos until);

/* Ends the present or the next wait of `seat`, from any thread. Wakes are not counted. */
void clock_wake(struct clock_seat *seat);

/* Before a transaction of which clock_charge() will be asked with the same words: saves a virtual lab a question. Without effect on
 * any other clock, and where the transaction does not take place. */
void clock_expect(struct clock_seat *seat, const char *endpoint, nanos rest);

/* A transaction on the named endpoint of a virtual lab has just ended: lets the lab's modelled duration pass, and `rest`
 * after it (the silence between two frames), and returns the bench time of its last byte. On a system clock: now, at once. */
nanos clock_charge(struct clock_seat *seat, const char *endpoint, nanos rest);

/* Real milliseconds on CLOCK_MONOTONIC, for wall-time guards (never for data). */
int64_t clock_wall_ms(void);

#endif
