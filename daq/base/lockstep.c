#include "daq/base/lockstep.h"

#include "daq/base/error.h"
#include "daq/base/lockstep_wire.h"
#include "daq/base/text.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENDED_MS = 2 }; /* what the lab says unasked follows the reply by as much as a machine needs to send two messages */

struct lockstep_seat {
	struct clock_seat seat;
	struct lockstep_seat *next;
	pthread_cond_t go;
	nanos until;
	bool waiting, woken;
	char endpoint[32]; /* of the transaction that the lab was told to expect */
	long expected;	   /* its number; 0: none */
};

struct lockstep_clock {
	struct clock clock;
	pthread_mutex_t lock; /* over everything below; also held while the lab is asked */
	struct lockstep_seat *seats;
	nanos time, utc_zero;
	struct lockstep_wire *wire; /* NULL: no lab */
	bool lost; /* the lab went away: time goes on with the wall clock, so that nobody hangs */
	nanos lost_at, lost_time;
};

static nanos wall(void)
{
	return clock_wall_ms() * NANOS_PER_MS;
}

/* One request, one answer; the lock is held. Returns false when the lab is gone. */
static bool ask(struct lockstep_clock *self, const char *request, char *answer, size_t size)
{
	if (self->lost || !self->wire)
		return false;
	if (lockstep_wire_ask(self->wire, request, answer, size))
		return true;
	self->lost = true;
	self->lost_at = wall();
	self->lost_time = self->time;
	for (struct lockstep_seat *s = self->seats; s; s = s->next)
		pthread_cond_signal(&s->go); /* nobody else will ever end their waits */
	return false;
}

static nanos lockstep_now_locked(struct lockstep_clock *self)
{
	if (self->lost)
		return self->lost_time + (wall() - self->lost_at);
	return self->time;
}

static nanos lockstep_now(struct clock *clock)
{
	struct lockstep_clock *self = (struct lockstep_clock *)clock;
	nanos now;

	pthread_mutex_lock(&self->lock);
	now = lockstep_now_locked(self);
	pthread_mutex_unlock(&self->lock);
	return now;
}

static nanos lockstep_utc(struct clock *clock, nanos at)
{
	return ((struct lockstep_clock *)clock)->utc_zero + at;
}

static struct clock_seat *lockstep_join(struct clock *clock, const char *who)
{
	struct lockstep_clock *self = (struct lockstep_clock *)clock;
	struct lockstep_seat *seat = calloc(1, sizeof(*seat));

	(void)who;
	if (!seat)
		return NULL;
	seat->seat.clock = clock;
	pthread_cond_init(&seat->go, NULL);
	pthread_mutex_lock(&self->lock);
	seat->next = self->seats;
	self->seats = seat;
	pthread_mutex_unlock(&self->lock);
	return &seat->seat;
}

/* If every seat waits, moves time to the earliest instant that one waits for; the lock is held. */
static void advance_if_idle(struct lockstep_clock *self)
{
	char request[64], answer[128];
	nanos earliest = NANOS_NEVER;

	for (struct lockstep_seat *s = self->seats; s; s = s->next) {
		if (!s->waiting || s->woken)
			return;
		if (s->until < earliest)
			earliest = s->until;
	}
	if (earliest == NANOS_NEVER)
		return; /* all wait for a wake from outside */
	if (earliest > self->time) {
		snprintf(request, sizeof(request), "advance %" PRId64 "\n", earliest);
		if (self->wire && !ask(self, request, answer, sizeof(answer)))
			return;
		self->time = earliest;
	}
	for (struct lockstep_seat *s = self->seats; s; s = s->next)
		if (s->until <= self->time) {
			s->waiting = false;
			pthread_cond_signal(&s->go);
		}
}

/* A transaction that was given up: what the lab says of it is nobody's business any more. The lock is held. */
static void forget_expected(struct lockstep_clock *self, struct lockstep_seat *seat)
{
	struct lockstep_ended ended;

	if (seat->expected)
		lockstep_wire_ended(self->wire, seat->expected, 0, &ended);
	seat->expected = 0;
}

static void lockstep_leave(struct clock_seat *s)
{
	struct lockstep_seat *seat = (struct lockstep_seat *)s;
	struct lockstep_clock *self = (struct lockstep_clock *)s->clock;
	struct lockstep_seat **link = &self->seats;

	pthread_mutex_lock(&self->lock);
	forget_expected(self, seat);
	while (*link != seat)
		link = &(*link)->next;
	*link = seat->next;
	advance_if_idle(self);
	pthread_mutex_unlock(&self->lock);
	pthread_cond_destroy(&seat->go);
	free(seat);
}

/* Without a lab the seat sleeps on the wall clock, in short steps: an emergency, not a mode. */
static bool wait_lost(struct lockstep_clock *self, struct lockstep_seat *seat)
{
	while (!seat->woken && lockstep_now_locked(self) < seat->until) {
		pthread_mutex_unlock(&self->lock);
		usleep(5000);
		pthread_mutex_lock(&self->lock);
	}
	return seat->woken;
}

static bool lockstep_wait(struct clock_seat *s, nanos until)
{
	struct lockstep_seat *seat = (struct lockstep_seat *)s;
	struct lockstep_clock *self = (struct lockstep_clock *)s->clock;
	bool woken;

	pthread_mutex_lock(&self->lock);
	seat->until = until;
	seat->waiting = true;
	if (!seat->woken)
		advance_if_idle(self);
	while (seat->waiting && !seat->woken && !self->lost)
		pthread_cond_wait(&seat->go, &self->lock);
	woken = self->lost ? wait_lost(self, seat) : seat->woken;
	seat->waiting = false;
	seat->woken = false;
	pthread_mutex_unlock(&self->lock);
	return woken;
}

static void lockstep_wake(struct clock_seat *s)
{
	struct lockstep_seat *seat = (struct lockstep_seat *)s;
	struct lockstep_clock *self = (struct lockstep_clock *)s->clock;

	pthread_mutex_lock(&self->lock);
	seat->woken = true;
	pthread_cond_signal(&seat->go);
	pthread_mutex_unlock(&self->lock);
}

/* The earliest instant that another seat waits for; 0 where one is busy, so that time must stand still. */
static nanos others_wait_until(const struct lockstep_clock *self, const struct lockstep_seat *seat)
{
	nanos earliest = NANOS_NEVER;

	for (const struct lockstep_seat *s = self->seats; s; s = s->next) {
		if (s == seat)
			continue;
		if (!s->waiting || s->woken)
			return 0;
		if (s->until < earliest)
			earliest = s->until;
	}
	return earliest;
}

static void lockstep_expect(struct clock_seat *s, const char *endpoint, nanos rest)
{
	struct lockstep_seat *seat = (struct lockstep_seat *)s;
	struct lockstep_clock *self = (struct lockstep_clock *)s->clock;

	pthread_mutex_lock(&self->lock);
	forget_expected(self, seat);
	if (self->wire && !self->lost && text_copy(seat->endpoint, sizeof(seat->endpoint), endpoint))
		seat->expected = lockstep_wire_expect(self->wire, endpoint, rest, seat->woken ? 0 : others_wait_until(self, seat));
	pthread_mutex_unlock(&self->lock);
}

/* When a transaction ended and what time it is now, as the lab was told to say; the lock is held. False: it has to be asked. */
static bool charge_expected(struct lockstep_clock *self, struct lockstep_seat *seat, const char *endpoint, nanos *end, nanos *now)
{
	struct lockstep_ended ended;
	long number = seat->expected;

	seat->expected = 0;
	if (number == 0 || !lockstep_wire_ended(self->wire, number, ENDED_MS, &ended) || strcmp(endpoint, seat->endpoint) != 0 ||
		!ended.answered)
		return false;
	*end = ended.end;
	*now = ended.now;
	return true;
}

/* The same by one question, where nobody else has anything to do before. */
static bool charge_asked(struct lockstep_clock *self, struct lockstep_seat *seat, const char *endpoint, nanos rest, nanos *end,
	nanos *now)
{
	char request[128], answer[128];

	snprintf(request, sizeof(request), "finish %s %" PRId64 " %" PRId64 "\n", endpoint, rest,
		seat->woken ? 0 : others_wait_until(self, seat));
	return ask(self, request, answer, sizeof(answer)) && sscanf(answer, "end %" SCNd64 " %" SCNd64, end, now) == 2;
}

static nanos lockstep_charge(struct clock_seat *s, const char *endpoint, nanos rest)
{
	struct lockstep_seat *seat = (struct lockstep_seat *)s;
	struct lockstep_clock *self = (struct lockstep_clock *)s->clock;
	nanos end = 0, now = 0;
	bool known, woken = false;

	pthread_mutex_lock(&self->lock);
	known = charge_expected(self, seat, endpoint, &end, &now) || charge_asked(self, seat, endpoint, rest, &end, &now);
	if (known && now > self->time)
		self->time = now;
	if (!known)
		end = lockstep_now_locked(self);
	pthread_mutex_unlock(&self->lock);
	while (clock_now(s->clock) < end + rest)
		woken |= clock_wait(s, end + rest);
	if (woken)
		clock_wake(s); /* not for this wait: kept for the next */
	return end;
}

static void lockstep_close(struct clock *clock)
{
	struct lockstep_clock *self = (struct lockstep_clock *)clock;

	lockstep_wire_close(self->wire);
	pthread_mutex_destroy(&self->lock);
	free(self);
}

static const struct clock_ops lockstep_ops = {
	.now = lockstep_now,
	.utc = lockstep_utc,
	.join = lockstep_join,
	.leave = lockstep_leave,
	.wait = lockstep_wait,
	.wake = lockstep_wake,
	.expect = lockstep_expect,
	.charge = lockstep_charge,
	.close = lockstep_close,
};

int lockstep_open(struct clock **out, const char *socket_path, struct error *e)
{
	struct lockstep_clock *self = NULL;
	struct lockstep_wire *wire;
	char answer[128];
	nanos now, utc;

	if (lockstep_wire_open(&wire, socket_path, e) != 0)
		return -1;
	if (!lockstep_wire_ask(wire, "hello\n", answer, sizeof(answer)) ||
		sscanf(answer, "ok %" SCNd64 " %" SCNd64, &now, &utc) != 2) {
		error_set(e, ERROR_DEVICE, "virtual lab: no welcome on %s", socket_path);
		goto fail;
	}
	self = calloc(1, sizeof(*self));
	if (!self) {
		error_set(e, ERROR_SYSTEM, "virtual lab: no memory for its clock");
		goto fail;
	}
	pthread_mutex_init(&self->lock, NULL);
	self->clock.ops = &lockstep_ops;
	self->clock.lockstep = true;
	self->wire = wire;
	self->time = now;
	self->utc_zero = utc - now;
	*out = &self->clock;
	return 0;
fail:
	lockstep_wire_close(wire);
	return -1;
}

int lockstep_open_alone(struct clock **out, nanos utc, struct error *e)
{
	struct lockstep_clock *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for a clock");
	pthread_mutex_init(&self->lock, NULL);
	self->clock.ops = &lockstep_ops;
	self->clock.lockstep = true;
	self->utc_zero = utc;
	*out = &self->clock;
	return 0;
}

enum lockstep_answer lockstep_answered(struct clock *clock, const char *endpoint)
{
	struct lockstep_clock *self = (struct lockstep_clock *)clock;
	char request[128], answer[128];
	int n = 0;
	bool known;

	if (clock->ops != &lockstep_ops || !self->wire)
		return LOCKSTEP_UNKNOWN;
	snprintf(request, sizeof(request), "answered %s\n", endpoint);
	pthread_mutex_lock(&self->lock);
	known = ask(self, request, answer, sizeof(answer)) && sscanf(answer, "answered %d", &n) == 1;
	pthread_mutex_unlock(&self->lock);
	return !known ? LOCKSTEP_UNKNOWN : n < 0 ? LOCKSTEP_UNHEARD : n == 0 ? LOCKSTEP_SILENT : LOCKSTEP_SENT;
}

int lockstep_timeout(struct clock *clock, const char *endpoint, nanos timeout, struct error *e)
{
	struct lockstep_clock *self = (struct lockstep_clock *)clock;
	char request[128], answer[128];
	bool good;

	if (clock->ops != &lockstep_ops || !self->wire)
		return 0;
	snprintf(request, sizeof(request), "timeout %s %" PRId64 "\n", endpoint, timeout);
	pthread_mutex_lock(&self->lock);
	good = ask(self, request, answer, sizeof(answer)) && strcmp(answer, "ok") == 0;
	pthread_mutex_unlock(&self->lock);
	if (!good)
		return error_set(e, ERROR_DEVICE, "virtual lab: it has no endpoint '%s'", endpoint);
	return 0;
}
