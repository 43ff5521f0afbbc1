#include "daq/device/scale_exchange.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PROBATION_LEAST (10 * NANOS_PER_S)
#define GARBAGE_QUIET (100 * NANOS_PER_MS)
#define STABLE_TIMEOUT (30 * NANOS_PER_S)
#define LATE_USUAL NANOS_PER_S
/* A line that babbles must not teach the exchange to wait for ever. */
#define LATE_MOST (10 * NANOS_PER_S)

/* One request and what came of it. */
struct answer {
	enum wire_status status;
	struct bytes_stamps stamps;
	struct scale_reply reply;
	char line[64];
	bool quiet; /* the wire was, before the request */
};

static nanos now_of(const struct scale_exchange *x)
{
	return clock_now(bytes_seat(x->wire)->clock);
}

/* Something went wrong at `since`: the wire must be quiet before it is used again, and (`prove`) be proved afterwards. */
static void owe_recovery(struct scale_exchange *x, nanos quiet, nanos since, bool prove)
{
	x->recovery.owed = true;
	x->recovery.prove = x->recovery.prove || prove;
	x->recovery.quiet = quiet;
	x->recovery.since = since;
}

/* Throws away what comes until it is quiet, in slices, to know when the last of it came; 0: nothing came. */
static nanos listen_out(struct scale_exchange *x, nanos quiet)
{
	nanos slice = quiet / 50 > NANOS_PER_MS ? quiet / 50 : NANOS_PER_MS, latest = 0;
	nanos until = now_of(x) + quiet, give_up = until + 3 * quiet;

	x->kept.have = 0;
	while (now_of(x) < until && now_of(x) < give_up) {
		if (bytes_drain(x->wire, slice) == 0)
			continue;
		latest = now_of(x) - slice / 2;
		until = latest + quiet;
	}
	return latest;
}

void scale_exchange_recover(struct scale_exchange *x)
{
	nanos latest, length;

	if (!x->recovery.owed)
		return;
	x->recovery.owed = false;
	latest = listen_out(x, x->recovery.quiet);
	if (latest) {
		nanos learnt = (latest - x->recovery.since) * 3 / 2;

		if (learnt > LATE_MOST)
			learnt = LATE_MOST;
		if (learnt > x->late_max)
			x->late_max = learnt;
	}
	if (!latest && !x->recovery.prove)
		return;
	x->recovery.prove = false;
	length = 5 * x->late_max > PROBATION_LEAST ? 5 * x->late_max : PROBATION_LEAST;
	x->probation_until = now_of(x) + length;
}

/* Waits out the pause that the scale needs; what is owed is done, and what nobody asked for is thrown away. False: there
 * was something of either. */
static bool make_quiet(struct scale_exchange *x)
{
	bool owed = x->recovery.owed, more;
	nanos pause;

	scale_exchange_recover(x);
	pause = x->free_at - now_of(x);
	more = bytes_drain(x->wire, pause > 0 ? pause : 0) > 0 || x->kept.have > 0;
	if (more) {
		owe_recovery(x, x->late_max, now_of(x), true);
		scale_exchange_recover(x);
	}
	return !owed && !more;
}

/* What the outcome of a request asks for before the next one. */
static void judge(struct scale_exchange *x, enum scale_ask ask, nanos timeout, const struct answer *a)
{
	if (a->status == WIRE_TIMEOUT && ask == SCALE_WEIGH_STABLE && x->config.driver->cancel)
		bytes_write(x->wire, x->config.driver->cancel, strlen(x->config.driver->cancel), NULL);
	if (a->status == WIRE_TIMEOUT)
		owe_recovery(x, x->late_max, a->stamps.before + timeout, true);
	else if (a->status == WIRE_CHECKSUM)
		owe_recovery(x, GARBAGE_QUIET, now_of(x), true);
	else if (a->status == WIRE_OK && a->reply.state == SCALE_GARBLED)
		owe_recovery(x, GARBAGE_QUIET, now_of(x), true);
	else if (a->status == WIRE_OK && a->reply.state == SCALE_OTHER_ANSWER)
		owe_recovery(x, x->late_max, now_of(x), true);
}

static void ask_scale(struct scale_exchange *x, enum scale_ask ask, struct answer *a)
{
	const struct scale_driver *driver = x->config.driver;
	const char *request = driver->ask[ask];
	nanos timeout = ask == SCALE_WEIGH_STABLE ? x->config.stable_timeout : x->config.wire.response_timeout;

	memset(a, 0, sizeof(*a));
	scale_reply_set(&a->reply, SCALE_NO_ANSWER, "no answer");
	a->quiet = make_quiet(x);
	a->status = bytes_write(x->wire, request, strlen(request), &a->stamps);
	x->free_at = now_of(x) + driver->pause;
	if (a->status == WIRE_OK && !driver->silent[ask])
		a->status = bytes_read_line(x->wire, &x->kept, '\n', a->line, sizeof(a->line), timeout, &a->stamps);
	if (a->status == WIRE_OK && driver->silent[ask])
		scale_reply_set(&a->reply, SCALE_DONE, NULL);
	else if (a->status == WIRE_OK)
		scale_parse(driver, ask, a->line, x->config.unit, &a->reply);
	else if (a->status == WIRE_CHECKSUM)
		scale_reply_set(&a->reply, SCALE_GARBLED, "the line was cut short, or is too long");
	else if (a->status == WIRE_GONE)
		scale_reply_set(&a->reply, SCALE_NO_ANSWER, "the port is gone");
	judge(x, ask, timeout, a);
}

/* A filled-up weight of another width has lost or gained a character. */
static void check_width(struct scale_exchange *x, struct answer *a)
{
	int before = x->width;

	if (!a->reply.padded)
		return;
	x->width = a->reply.width;
	if (before == 0 || before == a->reply.width)
		return;
	scale_reply_set(&a->reply, SCALE_GARBLED, "the weight has another width than before");
	owe_recovery(x, GARBAGE_QUIET, now_of(x), true);
}

/* Whether the scale answers a question whose answer is known, and nothing else stood before that: then what was read before
 * was the answer to its own request. */
static bool prove(struct scale_exchange *x)
{
	struct answer a;

	if (!x->proof[0])
		return false;
	ask_scale(x, SCALE_SERIAL, &a);
	return a.quiet && a.status == WIRE_OK && a.reply.state == SCALE_DONE && strcmp(a.reply.text, x->proof) == 0;
}

/* Last byte - time of the reply on the wire - half of what lies between it and the request. */
static void set_instant(const struct scale_exchange *x, const struct answer *a, struct scale_reading *r)
{
	nanos reply_time = (nanos)(strlen(a->line) + 2) * bytes_character_time(&x->config.wire);
	nanos turnaround = a->stamps.last - reply_time - a->stamps.after;

	if (turnaround < 0)
		turnaround = 0;
	r->before = a->stamps.before;
	r->after = a->stamps.after;
	r->last = a->stamps.last;
	r->half_width = turnaround / 2;
	r->at = a->stamps.after + turnaround / 2;
}

void scale_exchange_read(struct scale_exchange *x, enum scale_ask ask, struct scale_reading *reading)
{
	struct answer a;
	bool unproved = false;

	if (ask != SCALE_WEIGH_STABLE || !x->config.driver->ask[ask])
		ask = SCALE_WEIGH;
	memset(reading, 0, sizeof(*reading));
	ask_scale(x, ask, &a);
	check_width(x, &a);
	if (scale_state_quality(a.reply.state) == QUALITY_GOOD && now_of(x) < x->probation_until)
		unproved = !prove(x);
	reading->status = a.status;
	reading->state = a.reply.state;
	reading->weight = a.reply.weight;
	reading->resolution = a.reply.resolution;
	reading->quality = unproved ? QUALITY_SUSPECT : scale_state_quality(a.reply.state);
	set_instant(x, &a, reading);
	text_copy(reading->line, sizeof(reading->line), a.line);
	text_copy(reading->detail, sizeof(reading->detail),
		unproved ? "not known to be the answer to this request" : a.reply.text);
}

/* Asks once more what was not answered well: the first line after a scale was switched on may be its greeting. */
static int ask_twice(struct scale_exchange *x, enum scale_ask ask, struct answer *a)
{
	for (int i = 0; i < 2; i++) {
		ask_scale(x, ask, a);
		if (a->status == WIRE_GONE || (a->status == WIRE_OK && a->reply.state == SCALE_DONE))
			break;
	}
	return a->status == WIRE_OK && a->reply.state == SCALE_DONE ? 0 : -1;
}

static int refuse(const struct scale_exchange *x, const char *what, const struct answer *a, struct error *e)
{
	if (a->line[0])
		return error_set(e, ERROR_DEVICE, "scale %s (%s): %s: \"%s\": %s%s", x->config.name,
			x->config.driver->title, what, a->line, a->reply.text,
			a->quiet ? "" : "; does it send weights by itself?");
	return error_set(e, ERROR_DEVICE, "scale %s (%s): %s: %s; is it on, and is its interface set to this protocol?",
		x->config.name, x->config.driver->title, what, a->reply.text);
}

int scale_exchange_identify(struct scale_exchange *x, char serial[SCALE_TEXT], char model[SCALE_TEXT], struct error *e)
{
	char number[SCALE_TEXT];
	struct answer a;

	if (ask_twice(x, SCALE_SERIAL, &a) != 0)
		return refuse(x, "no serial number", &a, e);
	text_copy(number, sizeof(number), a.reply.text);
	if (ask_twice(x, SCALE_MODEL, &a) != 0 && a.status == WIRE_GONE)
		return refuse(x, "no model", &a, e);
	text_copy(model, SCALE_TEXT, a.reply.state == SCALE_DONE ? a.reply.text : "");
	text_copy(serial, SCALE_TEXT, number);
	text_copy(x->proof, sizeof(x->proof), number);
	return 0;
}

int scale_exchange_command(struct scale_exchange *x, enum scale_ask ask, struct error *e)
{
	struct answer a;

	if (!x->config.driver->ask[ask])
		return error_set(e, ERROR_DEVICE, "scale %s (%s): it has no such command", x->config.name,
			x->config.driver->title);
	ask_scale(x, ask, &a);
	if (a.status != WIRE_OK || a.reply.state != SCALE_DONE)
		return refuse(x, ask == SCALE_TARE ? "not tared" : "not set to zero", &a, e);
	return 0;
}

void scale_exchange_use(struct scale_exchange *x, struct bytes *wire)
{
	x->wire = wire;
	x->kept.have = 0;
	x->width = 0;
	x->free_at = 0;
	owe_recovery(x, GARBAGE_QUIET, now_of(x), true);
}

void scale_exchange_init(struct scale_exchange *x, const struct scale_exchange_config *config, struct bytes *wire)
{
	memset(x, 0, sizeof(*x));
	x->config = *config;
	if (x->config.stable_timeout == 0)
		x->config.stable_timeout = STABLE_TIMEOUT;
	x->late_max = config->late_max ? config->late_max : LATE_USUAL;
	scale_exchange_use(x, wire);
	/* Nothing was asked yet: only what comes by itself puts a new exchange out of step. */
	x->recovery.prove = false;
}
