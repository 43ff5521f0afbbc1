#include "daq/wire/documents_ends.h"

#include "daq/base/error.h"
#include "daq/base/lockstep.h"
#include "daq/base/text.h"
#include "daq/wire/host.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* In lock-step a lab answers at once; this only bounds how long a real server may be kept from the CPU. */
#define LOCKSTEP_PATIENCE (5 * NANOS_PER_S)
/* A lab that runs faster than time is not faster than the CPU. */
#define FAST_PATIENCE (200 * NANOS_PER_MS)

int documents_open(struct documents **out, const struct documents_config *config, struct clock_seat *seat, struct error *e)
{
	return config->kind == DOCUMENTS_HTTP ? documents_http_open(out, config, seat, e)
					      : documents_redis_open(out, config, seat, e);
}

void documents_close(struct documents *d)
{
	if (d)
		d->ops->close(d);
}

void documents_use_seat(struct documents *d, struct clock_seat *seat)
{
	d->ops->use_seat(d, seat);
}

void documents_fetch(struct documents *d, const char *const *keys, int count, struct documents_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	d->ops->fetch(d, keys, count, reply);
}

void documents_forget(struct documents *d)
{
	if (d->ops->forget)
		d->ops->forget(d);
}

const char *documents_address(const struct documents_config *config, char *out, size_t size)
{
	if (config->kind == DOCUMENTS_HTTP)
		snprintf(out, size, "%s", config->url);
	else
		snprintf(out, size, "redis://%s:%d/%d", config->host, config->tcp_port, config->database);
	return out;
}

/* "http://cic1:8080/x" -> "cic1", "http://[::1]/" -> "::1" */
static void host_of(const struct documents_config *config, char *out, size_t size)
{
	const char *from = strstr(config->url, "://");
	size_t length;

	if (config->kind == DOCUMENTS_REDIS || !from) {
		text_copy(out, size, config->kind == DOCUMENTS_REDIS ? config->host : config->url);
		return;
	}
	from += 3;
	length = from[0] == '[' ? strcspn(++from, "]") : strcspn(from, ":/?#");
	snprintf(out, size, "%.*s", (int)length, from);
}

bool documents_host_unknown(const struct documents_config *config, int ms, char *why, size_t size)
{
	char host[256], address[HOST_ADDRESSES][64];
	struct error e = ERROR_INIT;

	host_of(config, host, sizeof(host));
	if (host_resolve(host, ms, address, &e) > 0)
		return false;
	text_copy(why, size, e.text);
	return true;
}

static nanos patience_of(const struct documents_end *end)
{
	const struct clock *clock = end->seat->clock;
	nanos real;

	if (clock->lockstep)
		return LOCKSTEP_PATIENCE;
	real = (nanos)((double)end->config.response_timeout / clock->speed);
	return clock->speed > 1 && real < FAST_PATIENCE ? FAST_PATIENCE : real;
}

void documents_begin(struct documents_end *end, struct documents_reply *r)
{
	end->give_up = clock_wall_ms() + patience_of(end) / NANOS_PER_MS;
	end->begun = r->before = r->after = r->last = clock_now(end->seat->clock);
}

int documents_left(const struct documents_end *end)
{
	int64_t left = end->give_up - clock_wall_ms();

	return left > 0 ? (int)left : 0;
}

bool documents_silent(struct documents_end *end)
{
	return end->seat->clock->lockstep && lockstep_answered(end->seat->clock, end->config.name) == LOCKSTEP_SILENT;
}

void documents_settle(struct documents_end *end, struct documents_reply *r, nanos sent)
{
	struct clock *clock = end->seat->clock;
	nanos until = end->begun + end->config.response_timeout;
	bool woken = false;

	if (clock->lockstep) {
		while (r->status == WIRE_TIMEOUT && clock_now(clock) < until)
			woken |= clock_wait(end->seat, until);
		if (woken)
			clock_wake(end->seat); /* not for this wait: kept for the next */
		if (r->status != WIRE_TIMEOUT && r->status != WIRE_GONE)
			clock_charge(end->seat, end->config.name, 0);
	} else {
		r->before += (nanos)((double)sent * clock->speed);
	}
	r->last = clock_now(clock);
	if (r->before > r->last)
		r->before = r->last;
	r->after = r->before;
}

void documents_fail(struct documents_reply *r, enum wire_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->detail, sizeof(r->detail), format, args);
	va_end(args);
	r->status = status;
	r->body = NULL;
	r->size = 0;
	r->unchanged = false;
}
