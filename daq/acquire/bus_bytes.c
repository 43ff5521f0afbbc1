/*
 * bus_bytes.c - a bus of bytes: one scale on a serial line or behind a serial server. What is said and how it stays in step
 * is scale_exchange.h's business.
 */
#include "daq/acquire/bus_private.h"

#include "daq/acquire/record.h"
#include "daq/base/text.h"
#include "daq/device/scale_exchange.h"
#include "daq/device/scale_points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct bus_bytes {
	struct bytes *wire; /* NULL: gone */
	struct scale_exchange exchange;
	enum scale_state said; /* what the journal was last told of */
};

static int device_of(struct bus *bus)
{
	for (int d = 0; d < bus->setup.bench->devices; d++)
		if (bus->setup.bench->device[d].bus == bus->setup.number)
			return d;
	return -1;
}

static int bytes_kind_open(struct bus *bus, struct error *e)
{
	int d = device_of(bus);
	struct scale_exchange_config config = {.wire = bus->config->bytes};

	bus->bytes = calloc(1, sizeof(*bus->bytes));
	if (!bus->bytes)
		return error_set(e, ERROR_SYSTEM, "no memory for %s", bus->source);
	if (bytes_open(&bus->bytes->wire, &bus->config->bytes, bus->seat, e) != 0) {
		bus->bytes->wire = NULL;
		return -1;
	}
	if (d < 0)
		return 0;
	config.driver = scale_driver_find(bus->setup.bench->device[d].on_bytes.protocol);
	config.late_max = bus->setup.bench->device[d].late_max;
	text_copy(config.name, sizeof(config.name), bus->setup.bench->device[d].name);
	text_copy(config.unit, sizeof(config.unit), bus->setup.bench->device[d].on_bytes.unit);
	scale_exchange_init(&bus->bytes->exchange, &config, bus->bytes->wire);
	return 0;
}

static void bytes_kind_use_seat(struct bus *bus, struct clock_seat *seat)
{
	if (bus->bytes->wire)
		bytes_use_seat(bus->bytes->wire, seat);
}

static int bytes_kind_identify(struct bus *bus, int device, struct bus_identity *out, struct error *e)
{
	struct bus_identity identity = {.count = 2};
	char serial[SCALE_TEXT], model[SCALE_TEXT];

	if (scale_exchange_identify(&bus->bytes->exchange, serial, model, e) != 0)
		return -1;
	text_copy(identity.what[0], sizeof(identity.what[0]), "serial");
	text_copy(identity.value[0], sizeof(identity.value[0]), serial);
	text_copy(identity.what[1], sizeof(identity.what[1]), "model");
	text_copy(identity.value[1], sizeof(identity.value[1]), model);
	if (bus_check_expectations(&bus->setup.bench->device[device], &identity, e) != 0)
		return -1;
	bus->device[device].identity = *out = identity;
	return 0;
}

static bool have_wire(struct bus *bus)
{
	struct error e = ERROR_INIT;

	if (bus->bytes->wire)
		return true;
	if (bus_now(bus) < bus->reopen_at)
		return false;
	if (bytes_open(&bus->bytes->wire, &bus->config->bytes, bus->seat, &e) != 0) {
		bus->bytes->wire = NULL;
		bus->reopen_at = bus_now(bus) + bus->config->retry_after;
		return false;
	}
	journal_event(bus->setup.journal, LOG_INFO, bus->source, "the port is back");
	scale_exchange_use(&bus->bytes->exchange, bus->bytes->wire);
	return true;
}

static void wire_is_gone(struct bus *bus, int device, const char *why)
{
	journal_event(bus->setup.journal, LOG_ERROR, bus->source, "the port is gone (%s); trying again every %.0f s", why,
		(double)bus->config->retry_after / 1e9);
	bytes_close(bus->bytes->wire);
	bus->bytes->wire = NULL;
	bus->reopen_at = bus_now(bus) + bus->config->retry_after;
	bus_device_was_away(bus, device);
}

/* Overload, a fault, silence: said once when it begins. */
static void say_state(struct bus *bus, int device, const struct scale_reading *r)
{
	bool ordinary = r->state == SCALE_STABLE || r->state == SCALE_DYNAMIC;

	if (r->state == bus->bytes->said || (ordinary && bus->bytes->said <= SCALE_DYNAMIC))
		return;
	bus->bytes->said = r->state;
	journal_event(bus->setup.journal, ordinary ? LOG_INFO : LOG_WARNING, bus->setup.bench->device[device].name, "%s%s%s",
		ordinary ? "weighs again" : scale_state_name(r->state), r->detail[0] ? ": " : "", r->detail);
}

static void keep_line(struct bus *bus, const struct plan_poll *poll, int64_t tick, const struct scale_reading *r)
{
	struct record_block head = {.device = poll->device, .block = poll->block, .status = r->quality, .tick = tick,
		.before = r->before, .after = r->after, .last = r->last, .half_width = r->half_width};

	if (bus->setup.bench->device[poll->device].keep_raw != KEEP_NEVER)
		ring_push(bus->setup.journal->ring, RECORD_BLOCK, &head, sizeof(head), r->line, strlen(r->line), false);
}

static void book(struct bus *bus, const struct scale_reading *r)
{
	pthread_mutex_lock(&bus->lock);
	bus->health.transactions++;
	bus->health.busy += r->last - r->before;
	bus->health.timeouts += r->status == WIRE_TIMEOUT;
	bus->health.checksums += r->status == WIRE_CHECKSUM || r->state == SCALE_GARBLED;
	pthread_mutex_unlock(&bus->lock);
}

static void bytes_kind_poll(struct bus *bus, int number, int64_t tick)
{
	const struct plan_poll *poll = &bus->setup.plan->poll[number];
	struct scale_reading r = {.weight = NAN, .state = SCALE_NO_ANSWER, .quality = QUALITY_GAP};
	double values[PLAN_POLL_CHANNELS];
	uint8_t qualities[PLAN_POLL_CHANNELS];

	if (have_wire(bus)) {
		scale_exchange_recover(&bus->bytes->exchange); /* leaving the wire quiet is no hanging */
		atomic_store(&bus->busy_since, clock_wall_ms());
		scale_exchange_read(&bus->bytes->exchange, SCALE_WEIGH, &r);
		atomic_store(&bus->busy_since, 0);
		book(bus, &r);
		say_state(bus, poll->device, &r);
		keep_line(bus, poll, tick, &r);
	}
	for (int i = 0; i < poll->channels; i++) {
		const struct bench_channel *c = &bus->setup.bench->channel[poll->channel[i]];
		bool state = c->reg == SCALE_POINT_STATE;

		values[i] = state && r.state != SCALE_NO_ANSWER ? (double)r.state
			    : state				? NAN
								: bench_reading(bus->setup.bench, c, r.weight);
		qualities[i] = (uint8_t)(state && r.state <= SCALE_FAULT ? QUALITY_GOOD : r.quality);
		if (qualities[i] == QUALITY_GOOD && !(values[i] >= c->min && values[i] <= c->max))
			qualities[i] = QUALITY_RANGE;
		if (qualities[i] == QUALITY_GOOD)
			qualities[i] = (uint8_t)bus_judge_history(bus, poll->channel[i], values[i]);
	}
	board_publish(bus->setup.board, poll, tick, r.quality == QUALITY_GAP ? bus_now(bus) : r.at, values, qualities);
	if (r.status == WIRE_GONE)
		wire_is_gone(bus, poll->device, r.detail);
}

static int bytes_kind_write(struct bus *bus, int channel, double value, bool *good, struct error *e)
{
	const struct bench_channel *c = &bus->setup.bench->channel[channel];

	*good = true;
	if (value < 0.5)
		return 0; /* back to rest: nothing to say */
	if (!have_wire(bus))
		return error_set(e, ERROR_DEVICE, "%s: the port of bus %s is gone", bus->setup.bench->device[c->device].name,
			bus->config->words.name);
	return scale_exchange_command(&bus->bytes->exchange, c->reg == SCALE_POINT_TARE ? SCALE_TARE : SCALE_ZERO, e);
}

static void bytes_kind_close(struct bus *bus)
{
	if (!bus->bytes)
		return;
	bytes_close(bus->bytes->wire);
	free(bus->bytes);
}

const struct bus_kind bus_kind_bytes = {
	.open = bytes_kind_open,
	.use_seat = bytes_kind_use_seat,
	.identify = bytes_kind_identify,
	.poll = bytes_kind_poll,
	.write = bytes_kind_write,
	.close = bytes_kind_close,
};
