/*
 * bus_mbus.c - a bus of M-Bus meters, on a serial line or behind a gateway. How a meter is asked and how the bus stays in step is
 * mbus_master.h's business; here a reading becomes values.
 *
 * Every telegram says which meter it is from, so a meter that was away proves itself with its first answer, and one that was
 * exchanged is seen at once: its values are suspect.
 */
#include "daq/acquire/bus_private.h"

#include "daq/acquire/bus_mbus.h"
#include "daq/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SILENT_IS_OUT = 2 };

static const struct bench_device *config_of(const struct bus *bus, int device)
{
	return &bus->setup.bench->device[device];
}

static bool is_mine(const struct bus *bus, int device)
{
	return config_of(bus, device)->bus == bus->setup.number;
}

static struct mbus_meter *new_meter(const struct bench_device *config, struct error *e)
{
	const struct register_map *map = config->map;
	struct mbus_meter *meter = calloc(1, sizeof(*meter));

	if (meter)
		meter->key = calloc((size_t)map->rows + 1, sizeof(meter->key[0]));
	if (!meter || !meter->key) {
		free(meter);
		error_set(e, ERROR_SYSTEM, "no memory for meter '%s'", config->name);
		return NULL;
	}
	meter->tick = -1;
	meter->slave.address.primary = config->unit;
	meter->slave.reset = config->on_mbus.reset;
	meter->slave.late_max = config->late_max;
	for (int i = 0; i < map->rows; i++)
		if (mbus_key_parse(map->row[i].key, &meter->key[i], e) != 0)
			goto fail;
	if (config->on_mbus.secondary[0] && mbus_address_parse(config->on_mbus.secondary, &meter->slave.address, e) != 0)
		goto fail;
	return meter;
fail:
	free(meter->key);
	free(meter);
	return NULL;
}

static int open_wire(struct bus *bus, struct error *e)
{
	struct bytes *wire = NULL;

	if (bytes_open(&wire, &bus->config->bytes, bus->seat, e) != 0)
		return -1;
	bus->mbus->wire = wire;
	return 0;
}

static int mbus_kind_open(struct bus *bus, struct error *e)
{
	const struct bytes_config *bytes = &bus->config->bytes;
	const struct mbus_master_config config = {.baud = bytes->baud, .response_timeout = bytes->response_timeout,
		.gateway = bytes->kind == BYTES_TCP, .retries = bus->config->retries};

	bus->mbus = calloc(1, sizeof(*bus->mbus));
	if (!bus->mbus)
		return error_set(e, ERROR_SYSTEM, "no memory for %s", bus->source);
	for (int d = 0; d < bus->setup.bench->devices; d++) {
		if (!is_mine(bus, d))
			continue;
		bus->mbus->meter[d] = new_meter(config_of(bus, d), e);
		if (!bus->mbus->meter[d])
			return -1;
	}
	bus->mbus->wire = bus->setup.wire;
	if (!bus->mbus->wire && open_wire(bus, e) != 0)
		return -1;
	mbus_master_init(&bus->mbus->master, &config, bus->mbus->wire);
	return 0;
}

static void mbus_kind_use_seat(struct bus *bus, struct clock_seat *seat)
{
	if (bus->mbus->wire)
		bytes_use_seat(bus->mbus->wire, seat);
}

static void book(struct bus *bus, const struct mbus_reading *r)
{
	pthread_mutex_lock(&bus->lock);
	bus->health.transactions++;
	bus->health.busy += r->last - r->before;
	bus->health.timeouts += r->status == WIRE_TIMEOUT;
	bus->health.checksums += r->checksums;
	bus->health.exceptions += r->status == WIRE_EXCEPTION;
	bus->health.wrong += r->wrong;
	pthread_mutex_unlock(&bus->lock);
}

/* Leaving the wire quiet is no hanging, and is done before the time of a reading counts. */
static void recover(struct bus *bus)
{
	nanos start = bus_now(bus);
	bool late = mbus_master_recover(&bus->mbus->master);

	pthread_mutex_lock(&bus->lock);
	bus->health.busy += bus_now(bus) - start;
	bus->health.late += late;
	pthread_mutex_unlock(&bus->lock);
	if (late)
		journal_event(bus->setup.journal, LOG_WARNING, bus->source, "an answer came after its time-out and was thrown away");
}

static void read_meter(struct bus *bus, struct mbus_meter *meter)
{
	recover(bus);
	atomic_store(&bus->busy_since, clock_wall_ms());
	mbus_master_read(&bus->mbus->master, &meter->slave, &meter->reading);
	atomic_store(&bus->busy_since, 0);
	book(bus, &meter->reading);
}

static void set_identity(struct bus_identity *out, const struct mbus_header *h)
{
	const char *const what[] = {"serial", "manufacturer", "version", "medium"};

	*out = (struct bus_identity){.count = 4};
	for (int i = 0; i < 4; i++)
		text_copy(out->what[i], sizeof(out->what[i]), what[i]);
	text_copy(out->value[0], sizeof(out->value[0]), h->id);
	text_copy(out->value[1], sizeof(out->value[1]), h->manufacturer);
	snprintf(out->value[2], sizeof(out->value[2]), "%d", h->version);
	snprintf(out->value[3], sizeof(out->value[3]), "%d", h->medium);
}

static int mbus_kind_identify(struct bus *bus, int device, struct bus_identity *out, struct error *e)
{
	const struct bench_device *config = config_of(bus, device);
	struct mbus_meter *meter = bus->mbus->meter[device];
	const struct mbus_reading *r = &meter->reading;
	struct bus_identity identity;
	char address[40];

	read_meter(bus, meter);
	if (r->status != WIRE_OK)
		return error_set(e, ERROR_DEVICE, "%s: device '%s' (map %s, %s on bus %s) does not say who it is: %s, %s%s%s",
			config->source, config->name, config->map->name, mbus_meter_address(config, address, sizeof(address)),
			bus->config->words.name, wire_status_name(r->status), r->detail,
			config->map->baud_hint[0] ? "; factory setting " : "", config->map->baud_hint);
	set_identity(&identity, &r->telegram.header);
	if (bus_check_expectations(config, &identity, e) != 0)
		return -1;
	meter->known = r->telegram.header;
	bus->device[device].identity = *out = identity;
	return 0;
}

static bool have_wire(struct bus *bus)
{
	struct error e = ERROR_INIT;

	if (bus->mbus->wire)
		return true;
	if (bus_now(bus) < bus->reopen_at)
		return false;
	if (open_wire(bus, &e) != 0) {
		bus->reopen_at = bus_now(bus) + bus->config->retry_after;
		return false;
	}
	journal_event(bus->setup.journal, LOG_INFO, bus->source, "the port is back");
	mbus_master_use(&bus->mbus->master, bus->mbus->wire);
	for (int d = 0; d < bus->setup.bench->devices; d++)
		bus->device[d].silent = is_mine(bus, d) ? 0 : bus->device[d].silent;
	return true;
}

static void wire_is_gone(struct bus *bus)
{
	journal_event(bus->setup.journal, LOG_ERROR, bus->source, "the port is gone; trying again every %.0f s",
		(double)bus->config->retry_after / 1e9);
	bytes_close(bus->mbus->wire);
	bus->mbus->wire = NULL;
	bus->reopen_at = bus_now(bus) + bus->config->retry_after;
	for (int d = 0; d < bus->setup.bench->devices; d++)
		if (is_mine(bus, d))
			mbus_slave_forget(&bus->mbus->meter[d]->slave);
}

/* A meter that is silent twice in a row is left alone for a while, so that the others on the bus wait for it once. */
static void count_silence(struct bus *bus, int device)
{
	struct bus_device *d = &bus->device[device];

	if (++d->silent < SILENT_IS_OUT)
		return;
	d->retry_at = bus_now(bus) + bus->config->retry_after;
	if (d->out)
		return;
	d->out = true;
	journal_event(bus->setup.journal, LOG_WARNING, config_of(bus, device)->name, "does not answer; asked again every %.0f s",
		(double)bus->config->retry_after / 1e9);
}

/* Whoever answers is the meter that was there at the start, or another one. */
static enum quality check_identity(struct bus *bus, int device)
{
	struct mbus_meter *meter = bus->mbus->meter[device];
	struct bus_device *d = &bus->device[device];
	bool same = mbus_header_same(&meter->known, &meter->reading.telegram.header);
	char known[17], came[17];

	d->silent = 0;
	if (d->out)
		journal_event(bus->setup.journal, LOG_INFO, config_of(bus, device)->name, "answers again");
	d->out = false;
	if (same != d->stranger)
		return same ? QUALITY_GOOD : QUALITY_SUSPECT;
	d->stranger = !same;
	mbus_header_address(&meter->known, known);
	mbus_header_address(&meter->reading.telegram.header, came);
	if (same)
		journal_event(bus->setup.journal, LOG_INFO, config_of(bus, device)->name, "meter %s is back", known);
	else
		journal_event(bus->setup.journal, LOG_ERROR, config_of(bus, device)->name,
			"another meter answers in its place (%s, not %s): its values are suspect", came, known);
	return same ? QUALITY_GOOD : QUALITY_SUSPECT;
}

static enum quality judge(struct bus *bus, int device)
{
	const struct mbus_reading *r = &bus->mbus->meter[device]->reading;

	switch (r->status) {
	case WIRE_OK:
		return check_identity(bus, device) == QUALITY_GOOD && !r->unproved ? QUALITY_GOOD : QUALITY_SUSPECT;
	case WIRE_TIMEOUT:
		count_silence(bus, device);
		return QUALITY_TIMEOUT;
	case WIRE_GONE:
		wire_is_gone(bus);
		return QUALITY_TIMEOUT;
	case WIRE_EXCEPTION:
		return QUALITY_EXCEPTION;
	case WIRE_CHECKSUM:
	case WIRE_MISMATCH:
		break;
	}
	return QUALITY_CHECKSUM;
}

static void mbus_kind_poll(struct bus *bus, int number, int64_t tick)
{
	const struct plan_poll *poll = &bus->setup.plan->poll[number];
	const struct bus_device *d = &bus->device[poll->device];
	struct mbus_meter *meter = bus->mbus->meter[poll->device];
	double values[PLAN_POLL_CHANNELS];
	uint8_t qualities[PLAN_POLL_CHANNELS];

	if (meter->tick != tick) { /* a second rate group takes its values from the same telegram */
		meter->tick = tick;
		meter->quality = QUALITY_GAP;
		if ((d->silent < SILENT_IS_OUT || bus_now(bus) >= d->retry_at) && have_wire(bus)) {
			read_meter(bus, meter);
			meter->quality = judge(bus, poll->device);
			mbus_meter_keep(bus, poll, meter, tick);
		}
	}
	mbus_meter_values(bus, poll, meter, values, qualities);
	board_publish(bus->setup.board, poll, tick, meter->quality == QUALITY_GAP ? bus_now(bus) : meter->reading.at, values,
		qualities);
	if (bus->mbus->wire)
		recover(bus);
}

static void mbus_kind_close(struct bus *bus)
{
	if (!bus->mbus)
		return;
	for (int d = 0; d < BENCH_DEVICES; d++) {
		struct mbus_meter *meter = bus->mbus->meter[d];

		if (!meter)
			continue;
		mbus_telegram_free(&meter->reading.telegram);
		free(meter->key);
		free(meter);
	}
	bytes_close(bus->mbus->wire);
	free(bus->mbus);
}

/* Nothing of a meter can be set: its map has no such rows, and the bench file no such channel. */
static int mbus_kind_write(struct bus *bus, int channel, double value, bool *good, struct error *e)
{
	(void)value;
	*good = false;
	return error_set(e, ERROR_CONFIG, "%s: channel '%s' is of an M-Bus meter, which takes no values",
		bus->setup.bench->channel[channel].source, bus->setup.bench->channel[channel].name);
}

const struct bus_kind bus_kind_mbus = {
	.open = mbus_kind_open,
	.use_seat = mbus_kind_use_seat,
	.identify = mbus_kind_identify,
	.poll = mbus_kind_poll,
	.write = mbus_kind_write,
	.close = mbus_kind_close,
};
