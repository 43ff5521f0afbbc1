#include "daq/base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct system_clock {
	struct clock clock;
	nanos zero;	/* CLOCK_MONOTONIC at opening */
	nanos utc_zero; /* UTC at opening, used only when the clock runs faster than time */
};

struct system_seat {
	struct clock_seat seat;
	pthread_mutex_t lock;
	pthread_cond_t woken_cond;
	bool woken;
};

static nanos read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (nanos)ts.tv_sec * NANOS_PER_S + ts.tv_nsec;
}

static nanos system_now(struct clock *clock)
{
	struct system_clock *self = (struct system_clock *)clock;
	nanos mono = read_clock(CLOCK_MONOTONIC);

	if (self->clock.speed == 1.0)
		return mono;
	return self->zero + (nanos)((double)(mono - self->zero) * self->clock.speed);
}

static nanos system_utc(struct clock *clock, nanos at)
{
	struct system_clock *self = (struct system_clock *)clock;

	if (self->clock.speed == 1.0)
		return read_clock(CLOCK_REALTIME) + (at - read_clock(CLOCK_MONOTONIC));
	return self->utc_zero + (at - self->zero);
}

static struct clock_seat *system_join(struct clock *clock, const char *who)
{
	struct system_seat *seat = calloc(1, sizeof(*seat));
	pthread_condattr_t attr;

	(void)who;
	if (!seat)
		return NULL;
	seat->seat.clock = clock;
	pthread_mutex_init(&seat->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&seat->woken_cond, &attr);
	pthread_condattr_destroy(&attr);
	return &seat->seat;
}

static void system_leave(struct clock_seat *s)
{
	struct system_seat *seat = (struct system_seat *)s;

	pthread_cond_destroy(&seat->woken_cond);
	pthread_mutex_destroy(&seat->lock);
	free(seat);
}

static bool system_wait(struct clock_seat *s, nanos until)
{
	struct system_seat *seat = (struct system_seat *)s;
	struct system_clock *self = (struct system_clock *)s->clock;
	struct timespec ts;
	bool woken;

	if (until != NANOS_NEVER) {
		nanos real = until;

		if (self->clock.speed != 1.0)
			real = self->zero + (nanos)((double)(until - self->zero) / self->clock.speed) + 1;
		if (real < 0)
			real = 0; /* past as well, but pthread_cond_timedwait takes no negative times */
		ts.tv_sec = real / NANOS_PER_S;
		ts.tv_nsec = real % NANOS_PER_S;
	}
	pthread_mutex_lock(&seat->lock);
	while (!seat->woken) {
		if (until == NANOS_NEVER)
			pthread_cond_wait(&seat->woken_cond, &seat->lock);
		else if (pthread_cond_timedwait(&seat->woken_cond, &seat->lock, &ts) == ETIMEDOUT)
			break;
	}
	woken = seat->woken;
	seat->woken = false;
	pthread_mutex_unlock(&seat->lock);
	return woken;
}

static void system_wake(struct clock_seat *s)
{
	struct system_seat *seat = (struct system_seat *)s;

	pthread_mutex_lock(&seat->lock);
	seat->woken = true;
	pthread_cond_signal(&seat->woken_cond);
	pthread_mutex_unlock(&seat->lock);
}

static nanos system_charge(struct clock_seat *s, const char *endpoint, nanos rest)
{
	(void)endpoint;
	(void)rest;
	return system_now(s->clock);
}

static void system_close(struct clock *clock)
{
	free(clock);
}

static const struct clock_ops system_ops = {
	.now = system_now,
	.utc = system_utc,
	.join = system_join,
	.leave = system_leave,
	.wait = system_wait,
	.wake = system_wake,
	.charge = system_charge,
	.close = system_close,
};

struct clock *clock_open_system(double speed)
{
	struct system_clock *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->clock.ops = &system_ops;
	self->clock.speed = speed;
	self->zero = read_clock(CLOCK_MONOTONIC);
	self->utc_zero = read_clock(CLOCK_REALTIME);
	return &self->clock;
}

void clock_close(struct clock *clock)
{
	if (clock)
		clock->ops->close(clock);
}

nanos clock_now(struct clock *clock)
{
	return clock->ops->now(clock);
}

nanos clock_utc(struct clock *clock, nanos at)
{
	return clock->ops->utc(clock, at);
}

struct clock_seat *clock_join(struct clock *clock, const char *who)
{
	return clock->ops->join(clock, who);
}

void clock_leave(struct clock_seat *seat)
{
	if (seat)
		seat->clock->ops->leave(seat);
}

bool clock_wait(struct clock_seat *seat, nanos until)
{
	return seat->clock->ops->wait(seat, until);
}

void clock_wake(struct clock_seat *seat)
{
	seat->clock->ops->wake(seat);
}

void clock_expect(struct clock_seat *seat, const char *endpoint, nanos rest)
{
	if (seat->clock->ops->expect)
		seat->clock->ops->expect(seat, endpoint, rest);
}

nanos clock_charge(struct clock_seat *seat, const char *endpoint, nanos rest)
{
	return seat->clock->ops->charge(seat, endpoint, rest);
}

int64_t clock_wall_ms(void)
{
	return read_clock(CLOCK_MONOTONIC) / NANOS_PER_MS;
}
