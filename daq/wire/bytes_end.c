#include "daq/wire/bytes_ends.h"

#include "daq/base/error.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

/* In lock-step the lab answers at once or not at all; this only bounds how long it may be kept from the CPU. */
#define LOCKSTEP_PATIENCE (600 * NANOS_PER_MS)
/* A lab that runs faster than time is not faster than the CPU. */
#define FAST_PATIENCE (200 * NANOS_PER_MS)

static nanos real_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (nanos)now.tv_sec * NANOS_PER_S + now.tv_nsec;
}

static struct clock *clock_of(struct bytes_end *end)
{
	return end->seat->clock;
}

void bytes_pass(struct clock_seat *seat, nanos until)
{
	bool woken = false;

	while (clock_now(seat->clock) < until)
		woken |= clock_wait(seat, until);
	if (woken)
		clock_wake(seat);
}

/* How long to wait in real time for what may take `timeout` of bench time. */
static nanos patience_of(const struct clock *clock, nanos timeout)
{
	nanos real;

	if (clock->lockstep)
		return LOCKSTEP_PATIENCE;
	real = (nanos)((double)timeout / clock->speed);
	return clock->speed > 1 && real < FAST_PATIENCE ? FAST_PATIENCE : real;
}

/* Waits until the descriptor is ready. 1: there is something (or the end of it); 0: time is up; -1: gone. */
static int await(struct bytes_end *end, short events, nanos patience)
{
	struct pollfd p = {.fd = end->fd, .events = events};
	struct timespec rest = {patience / NANOS_PER_S, patience % NANOS_PER_S};
	int n = ppoll(&p, 1, &rest, NULL);

	if (n < 0)
		return errno == EINTR ? 0 : -1;
	/* What came before a hang-up is still to be read. */
	if (n > 0 && !(p.revents & events))
		return -1;
	return n;
}

static enum wire_status end_write(struct bytes *b, const void *data, size_t size, struct bytes_stamps *stamps)
{
	struct bytes_end *end = (struct bytes_end *)b;
	nanos until = real_time() + patience_of(clock_of(end), end->config.response_timeout);
	size_t sent = 0;

	stamps->before = clock_now(clock_of(end));
	while (sent < size) {
		long n = end->put(end, (const char *)data + sent, size - sent);
		nanos rest = until - real_time();

		if (n < 0)
			return WIRE_GONE;
		sent += (size_t)n;
		if (n == 0 && rest <= 0)
			return WIRE_TIMEOUT;
		if (n == 0 && await(end, POLLOUT, rest) < 0)
			return WIRE_GONE;
	}
	stamps->after = stamps->last = stamps->before + (nanos)size * bytes_character_time(&end->config);
	return WIRE_OK;
}

/* What has come, waiting `patience` of real time. */
static enum wire_status get_some(struct bytes_end *end, void *data, size_t room, size_t *size, nanos patience)
{
	nanos until = real_time() + patience;
	long n = 0;

	/* A signal, or a descriptor that was ready for nothing, costs another round. */
	do {
		int ready = await(end, POLLIN, patience);

		if (ready < 0)
			return WIRE_GONE;
		n = ready > 0 ? end->get(end, data, room) : 0;
		patience = until - real_time();
	} while (n == 0 && patience > 0);
	if (n <= 0)
		return n == 0 ? WIRE_TIMEOUT : WIRE_GONE;
	for (long i = 0; i < n; i++)
		((unsigned char *)data)[i] &= end->mask;
	*size = (size_t)n;
	return WIRE_OK;
}

static enum wire_status end_read(struct bytes *b, void *data, size_t room, size_t *size, nanos timeout,
	struct bytes_stamps *stamps)
{
	struct bytes_end *end = (struct bytes_end *)b;
	nanos until = clock_now(clock_of(end)) + timeout;
	enum wire_status status = get_some(end, data, room, size, patience_of(clock_of(end), timeout));

	if (clock_of(end)->lockstep) {
		/* The lab holds back what is later than the time-out it was told: it may come with the time. */
		if (status == WIRE_TIMEOUT) {
			bytes_pass(end->seat, until);
			status = get_some(end, data, room, size, 0);
		}
		if (status == WIRE_OK)
			clock_charge(end->seat, end->config.name, 0);
	}
	stamps->last = clock_now(clock_of(end));
	return status;
}

/* Throws away what waits; returns how many bytes. */
static int discard(struct bytes_end *end)
{
	char waste[512];
	size_t n;
	int total = 0;

	while (get_some(end, waste, sizeof(waste), &n, 0) == WIRE_OK && total < 1 << 20)
		total += (int)n;
	return total;
}

static int end_drain(struct bytes *b, nanos quiet)
{
	struct bytes_end *end = (struct bytes_end *)b;
	nanos slice = quiet / 50 > NANOS_PER_MS ? quiet / 50 : NANOS_PER_MS;
	nanos until = clock_now(clock_of(end)) + quiet, give_up = until + 9 * quiet;
	int total;

	if (end->unsend)
		end->unsend(end);
	total = discard(end);
	while (clock_now(clock_of(end)) < until && until < give_up) {
		nanos next = clock_now(clock_of(end)) + slice;
		int n;

		bytes_pass(end->seat, next < until ? next : until);
		n = discard(end);
		if (n)
			until = clock_now(clock_of(end)) + quiet;
		total += n;
	}
	return total;
}

static const char *end_note(struct bytes *b)
{
	return ((struct bytes_end *)b)->note;
}

static struct clock_seat *end_seat(struct bytes *b)
{
	return ((struct bytes_end *)b)->seat;
}

static void end_use_seat(struct bytes *b, struct clock_seat *seat)
{
	((struct bytes_end *)b)->seat = seat;
}

static void end_close(struct bytes *b)
{
	struct bytes_end *end = (struct bytes_end *)b;

	end->shut(end);
	free(end);
}

static const struct bytes_ops end_ops = {
	.write = end_write,
	.read = end_read,
	.drain = end_drain,
	.note = end_note,
	.seat = end_seat,
	.use_seat = end_use_seat,
	.close = end_close,
};

struct bytes_end *bytes_end_new(const struct bytes_config *config, struct clock_seat *seat, struct error *e)
{
	struct bytes_end *end = calloc(1, sizeof(*end));

	if (!end) {
		error_set(e, ERROR_SYSTEM, "no memory for bus %s", config->name);
		return NULL;
	}
	end->bytes.ops = &end_ops;
	end->config = *config;
	end->seat = seat;
	end->fd = -1;
	end->mask = 0xff;
	return end;
}

void bytes_end_free(struct bytes_end *end)
{
	free(end);
}
