#include "daq/acquire/bus_private.h"

#include "daq/acquire/record.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static nanos now_of(struct bus *bus)
{
	return clock_now(bus->seat->clock);
}

bool bus_have_port(struct bus *bus)
{
	struct error e = ERROR_INIT;

	if (bus->words)
		return true;
	if (now_of(bus) < bus->reopen_at)
		return false;
	if (words_open(&bus->words, &bus->config->words, bus->seat, &e) != 0) {
		bus->words = NULL;
		bus->reopen_at = now_of(bus) + bus->config->retry_after;
		return false;
	}
	journal_event(bus->setup.journal, LOG_INFO, bus->source, "the port is back");
	for (int d = 0; d < bus->setup.bench->devices; d++)
		bus->device[d].silent = 0;
	return true;
}

int bus_open(struct bus **out, const struct bus_setup *setup, struct words *words, struct error *e)
{
	struct bus *bus = calloc(1, sizeof(*bus));

	if (!bus)
		return error_set(e, ERROR_SYSTEM, "no memory for a bus");
	bus->setup = *setup;
	bus->config = &setup->bench->bus[setup->number];
	snprintf(bus->source, sizeof(bus->source), "bus %s", bus->config->words.name);
	pthread_mutex_init(&bus->lock, NULL);
	for (int d = 0; d < setup->bench->devices; d++)
		bus->device[d].late_max = setup->bench->device[d].late_max;
	bus->seat = setup->seat;
	bus->words = words;
	if (!words && words_open(&bus->words, &bus->config->words, bus->seat, e) != 0) {
		bus->words = NULL;
		bus_close(bus);
		return -1;
	}
	*out = bus;
	return 0;
}

static int check_expectations(const struct bench_device *config, const struct bus_identity *identity,
	struct error *e)
{
	for (int x = 0; x < config->expects; x++)
		for (int i = 0; i < identity->count; i++)
			if (strcmp(identity->what[i], config->expect[x].what) == 0 &&
				strcmp(identity->value[i], config->expect[x].value) != 0)
				return error_set(e, ERROR_DEVICE,
					"%s: device '%s' is not the one expected: its %s is %s, the bench file says %s",
					config->source, config->name, identity->what[i], identity->value[i],
					config->expect[x].value);
	return 0;
}

int bus_identify(struct bus *bus, int device, struct bus_identity *out, struct error *e)
{
	const struct bench_device *config = &bus->setup.bench->device[device];
	const struct register_map *map = config->map;
	struct bus_device *d = &bus->device[device];
	enum quality quality;
	struct words_reply r;

	if (bus_read_identity(bus, device, &d->identity, &quality, e) != 0 || check_expectations(config, &d->identity, e) != 0)
		return -1;
	if (map->check >= 0) {
		const struct register_row *row = &map->row[map->check];

		if (bus_read(bus, device, row->function, row->address, register_words(row->type), &r) != QUALITY_GOOD ||
			!register_decode(row, r.words, &d->check))
			return error_set(e, ERROR_DEVICE, "%s: device '%s' (unit %d on bus %s) does not give its check register %s: %s",
				config->source, config->name, config->unit, bus->config->words.name, row->name,
				wire_status_name(r.status));
		d->checked = true;
	}
	*out = d->identity;
	return 0;
}

/* Keeps the raw words of a transaction, as the bench file says. */
static void keep_block(struct bus *bus, const struct plan_poll *poll, int number, int64_t tick,
	const struct words_reply *r, enum quality quality)
{
	enum keep_raw keep = bus->setup.bench->device[poll->device].keep_raw;
	const struct words_config *words = &bus->config->words;
	struct record_block head = {.device = poll->device, .block = poll->block, .status = quality,
		.words = r->count, .tick = tick, .before = r->before, .after = r->after, .last = r->last};
	nanos turnaround = r->last - words_reply_time(words, poll->read.function, poll->read.count) - r->after;
	bool changed = !bus->kept_once[number] || quality != QUALITY_GOOD ||
		       memcmp(bus->kept[number], r->words, (size_t)r->count * 2) != 0;

	if (keep == KEEP_AUTO)
		keep = bus->setup.keep_raw ? KEEP_ALWAYS : KEEP_ON_CHANGE;
	if (keep == KEEP_NEVER || (keep == KEEP_ON_CHANGE && !changed))
		return;
	if (quality == QUALITY_GOOD) {
		memcpy(bus->kept[number], r->words, (size_t)r->count * 2);
		bus->kept_once[number] = true;
	}
	head.half_width = turnaround > 0 ? turnaround / 2 : 0;
	ring_push(bus->setup.journal->ring, RECORD_BLOCK, &head, sizeof(head), r->words, (size_t)r->count * 2, false);
}

/* Decodes what a poll read into channel values. */
static void decode_poll(struct bus *bus, const struct plan_poll *poll, const struct words_reply *r,
	enum quality quality, double *values, uint8_t *qualities)
{
	const struct bench *bench = bus->setup.bench;
	const struct register_map *map = bench->device[poll->device].map;

	for (int i = 0; i < poll->channels; i++) {
		const struct bench_channel *channel = &bench->channel[poll->channel[i]];
		double raw = NAN;

		qualities[i] = (uint8_t)quality;
		values[i] = NAN;
		if (r->count == 0)
			continue;
		if (!register_decode(&map->row[channel->reg], r->words + poll->at[i], &raw)) {
			qualities[i] = QUALITY_EXCEPTION;
			continue;
		}
		values[i] = raw * channel->gain + channel->offset;
		if (quality == QUALITY_GOOD && (values[i] < channel->min || values[i] > channel->max))
			qualities[i] = QUALITY_RANGE;
	}
}

static void run_poll(struct bus *bus, int number, int64_t tick)
{
	const struct plan_poll *poll = &bus->setup.plan->poll[number];
	double values[PLAN_POLL_CHANNELS];
	uint8_t qualities[PLAN_POLL_CHANNELS];
	struct words_reply r;
	enum quality quality = QUALITY_GAP;

	memset(&r, 0, offsetof(struct words_reply, words));
	if (bus_have_port(bus))
		quality = bus_prove(bus, poll->device);
	r.before = r.after = r.last = now_of(bus);
	if (bus->words && (quality == QUALITY_GOOD || quality == QUALITY_SUSPECT))
		quality = bus_read(bus, poll->device, poll->read.function, poll->read.address, poll->read.count, &r);
	decode_poll(bus, poll, &r, quality, values, qualities);
	if (quality != QUALITY_GAP)
		keep_block(bus, poll, number, tick, &r, quality);
	board_publish(bus->setup.board, poll, tick, r.last, values, qualities);
	bus_recover(bus);
}

static void carry_out(struct bus *bus, struct bus_order *order)
{
	const struct bench *bench = bus->setup.bench;
	const struct bench_channel *channel = &bench->channel[order->channel];
	const struct register_row *row = &bench->device[channel->device].map->row[channel->reg];
	uint16_t words[4];
	struct error e = ERROR_INIT;
	bool good;
	int result;

	result = register_encode(row, (order->value - channel->offset) / channel->gain, words, &e);
	if (result == 0)
		result = bus_write(bus, channel->device, row->address, register_words(row->type), words, &e);
	good = result == 0 && bus_prove(bus, channel->device) == QUALITY_GOOD;
	board_command(bus->setup.board, order->channel, order->value, good ? QUALITY_GOOD : QUALITY_SUSPECT, now_of(bus));
	pthread_mutex_lock(&bus->lock);
	order->error = e;
	order->state = result == 0 ? ORDER_DONE : ORDER_FAILED;
	clock_wake(order->wake);
	pthread_mutex_unlock(&bus->lock);
}

/* The oldest waiting order, or NULL. */
static struct bus_order *next_order(struct bus *bus)
{
	struct bus_order *oldest = NULL;

	pthread_mutex_lock(&bus->lock);
	for (int i = 0; i < BUS_COMMANDS; i++)
		if (bus->order[i].state == ORDER_WAITING && (!oldest || bus->order[i].ticket < oldest->ticket))
			oldest = &bus->order[i];
	pthread_mutex_unlock(&bus->lock);
	return oldest;
}

static void carry_out_all(struct bus *bus)
{
	struct bus_order *order;

	while ((order = next_order(bus)))
		carry_out(bus, order);
}

static void note_lateness(struct bus *bus, nanos late)
{
	int bin = 0;

	while (bin < BUS_LATENESS - 1 && late >= (NANOS_PER_S / 1000000) << bin)
		bin++;
	pthread_mutex_lock(&bus->lock);
	bus->health.lateness[bin]++;
	pthread_mutex_unlock(&bus->lock);
}

static void run_tick(struct bus *bus, int64_t tick)
{
	const struct plan *plan = bus->setup.plan;

	for (int p = 0; p < plan->polls && !atomic_load(&bus->stop); p++) {
		if (plan->poll[p].bus != bus->setup.number || tick % plan->group[plan->poll[p].group].every != 0)
			continue;
		carry_out_all(bus);
		run_poll(bus, p, tick);
	}
}

static void *bus_thread(void *argument)
{
	struct bus *bus = argument;
	int64_t tick = board_next_tick(bus->setup.board, now_of(bus) - 1);
	nanos first = board_tick_time(bus->setup.board, tick);

	prctl(PR_SET_TIMERSLACK, 1UL);
	while (!atomic_load(&bus->stop)) {
		nanos due = board_tick_time(bus->setup.board, tick);
		int64_t next;

		carry_out_all(bus);
		if (now_of(bus) < due) {
			if (clock_wait(bus->seat, due))
				continue; /* an order, or the end */
			note_lateness(bus, now_of(bus) - due);
		}
		run_tick(bus, tick);
		/* A tick that is due just now is not missed yet. */
		next = board_next_tick(bus->setup.board, now_of(bus) - 1);
		if (next <= tick)
			next = tick + 1;
		pthread_mutex_lock(&bus->lock);
		if (next > tick + 1)
			bus->health.missed_ticks += next - tick - 1;
		bus->health.span = now_of(bus) - first;
		pthread_mutex_unlock(&bus->lock);
		tick = next;
	}
	carry_out_all(bus);
	pthread_mutex_lock(&bus->lock);
	atomic_store(&bus->ended, true);
	clock_leave(bus->seat);
	bus->seat = NULL;
	pthread_mutex_unlock(&bus->lock);
	return NULL;
}

int bus_start(struct bus *bus, struct error *e)
{
	struct clock_seat *seat = clock_join(bus->seat->clock, bus->source);
	int result;

	if (!seat)
		return error_set(e, ERROR_SYSTEM, "no memory for %s", bus->source);
	bus->seat = seat;
	if (bus->words)
		words_use_seat(bus->words, seat);
	result = pthread_create(&bus->thread, NULL, bus_thread, bus);
	if (result != 0) {
		clock_leave(seat);
		return error_set(e, ERROR_SYSTEM, "no thread for %s: %s", bus->source, strerror(result));
	}
	bus->started = true;
	return 0;
}

long bus_command(struct bus *bus, int channel, double value, struct clock_seat *wake)
{
	long ticket = -1;

	pthread_mutex_lock(&bus->lock);
	for (int i = 0; i < BUS_COMMANDS && ticket < 0; i++) {
		struct bus_order *order = &bus->order[i];

		if (order->state != ORDER_FREE)
			continue;
		ticket = ++bus->tickets;
		*order = (struct bus_order){.ticket = ticket, .channel = channel, .value = value, .wake = wake,
			.state = ORDER_WAITING};
	}
	/* Inside the lock: the thread gives up its seat inside it too. */
	if (!atomic_load(&bus->ended))
		clock_wake(bus->seat);
	pthread_mutex_unlock(&bus->lock);
	return ticket;
}

int bus_command_done(struct bus *bus, long ticket, struct error *e)
{
	int result = -1;
	bool known = false;

	pthread_mutex_lock(&bus->lock);
	for (int i = 0; i < BUS_COMMANDS; i++) {
		struct bus_order *order = &bus->order[i];

		if (order->state == ORDER_FREE || order->ticket != ticket)
			continue;
		known = true;
		result = order->state == ORDER_WAITING ? 0 : order->state == ORDER_DONE ? 1 : -1;
		if (result < 0 && e)
			error_set(e, order->error.code, "%s", order->error.text);
		if (result != 0)
			order->state = ORDER_FREE;
	}
	pthread_mutex_unlock(&bus->lock);
	if (!known)
		return error_set(e, ERROR_DEVICE, "%s: too many commands wait", bus->source);
	return result;
}

void bus_health(struct bus *bus, struct bus_health *out)
{
	pthread_mutex_lock(&bus->lock);
	*out = bus->health;
	pthread_mutex_unlock(&bus->lock);
}

int64_t bus_stuck_ms(struct bus *bus)
{
	int64_t since = atomic_load(&bus->busy_since);

	return since ? clock_wall_ms() - since : 0;
}

bool bus_stop(struct bus *bus, struct clock_seat *seat, int ms)
{
	int64_t give_up = clock_wall_ms() + ms;

	if (!bus->started || bus->joined)
		return true;
	atomic_store(&bus->stop, true);
	pthread_mutex_lock(&bus->lock);
	if (!atomic_load(&bus->ended))
		clock_wake(bus->seat);
	pthread_mutex_unlock(&bus->lock);
	/* At least once: else it were a matter of luck how much bench time a lock-step run ends with. */
	do {
		if (clock_wall_ms() > give_up)
			return false;
		clock_wait(seat, clock_now(seat->clock) + 2 * NANOS_PER_MS);
	} while (!atomic_load(&bus->ended));
	pthread_join(bus->thread, NULL);
	bus->joined = true;
	return true;
}

void bus_close(struct bus *bus)
{
	if (!bus || (bus->started && !bus->joined))
		return;
	words_close(bus->words);
	pthread_mutex_destroy(&bus->lock);
	free(bus);
}
