#include "daq/acquire/bus_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static const struct bus_kind *const kinds[] = {
	[BUS_WORDS] = &bus_kind_words,
	[BUS_LINES] = &bus_kind_lines,
	[BUS_BYTES] = &bus_kind_bytes,
	[BUS_DOCUMENTS] = &bus_kind_documents,
	[BUS_MBUS] = &bus_kind_mbus,
};

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
	bus->kind = bus->config->listen_only ? &bus_kind_listen : kinds[bus->config->kind];
	if (bus->kind->open(bus, e) != 0) {
		bus_close(bus);
		return -1;
	}
	*out = bus;
	return 0;
}

int bus_check_expectations(const struct bench_device *config, const struct bus_identity *identity, struct error *e)
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

enum quality bus_judge_history(struct bus *bus, int channel, double value)
{
	const struct bench_channel *config = &bus->setup.bench->channel[channel];
	struct bus_channel *c = &bus->channel[channel];
	bool back = c->seen && config->kind == KIND_COUNTER && value < c->value;
	nanos now = bus_now(bus);

	if (!c->seen || value != c->value)
		c->changed = now;
	c->seen = true;
	c->value = value;
	if (back) {
		journal_event(bus->setup.journal, LOG_WARNING, config->name, "the counter went back to %.15g %s", value,
			config->unit);
		return QUALITY_ROLLBACK;
	}
	return config->stale_after && now - c->changed > config->stale_after ? QUALITY_STALE : QUALITY_GOOD;
}

bool bus_record_path(const struct bus *bus, char *out, size_t size)
{
	if (!bus->setup.record)
		return false;
	snprintf(out, size, "%s/%s.wire", bus->setup.record, bus->config->words.name);
	return true;
}

int bus_identify(struct bus *bus, int device, struct bus_identity *out, struct error *e)
{
	return bus->kind->identify(bus, device, out, e);
}

static void carry_out(struct bus *bus, struct bus_order *order)
{
	const struct bench_channel *channel = &bus->setup.bench->channel[order->channel];
	struct error e = ERROR_INIT;
	bool good = false;
	int result;

	result = bus->kind->write ? bus->kind->write(bus, order->channel, (order->value - channel->offset) / channel->gain, &good, &e)
				  : error_set(&e, ERROR_DEVICE, "%s: nothing can be set on it", bus->source);
	board_command(bus->setup.board, order->channel, order->value, good ? QUALITY_GOOD : QUALITY_SUSPECT, bus_now(bus));
	pthread_mutex_lock(&bus->lock);
	order->error = e;
	order->state = order->forgotten ? ORDER_FREE : result == 0 ? ORDER_DONE : ORDER_FAILED;
	if (order->state != ORDER_FREE)
		clock_wake(order->wake);
	pthread_mutex_unlock(&bus->lock);
}

/* The oldest waiting order, which is running from now on, or NULL. */
static struct bus_order *next_order(struct bus *bus)
{
	struct bus_order *oldest = NULL;

	pthread_mutex_lock(&bus->lock);
	for (int i = 0; i < BUS_COMMANDS; i++)
		if (bus->order[i].state == ORDER_WAITING && (!oldest || bus->order[i].ticket < oldest->ticket))
			oldest = &bus->order[i];
	if (oldest)
		oldest->state = ORDER_RUNNING;
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
		bus->kind->poll(bus, p, tick);
	}
}

/* Every how many ticks anything of this bus is due. */
static int64_t stride_of(const struct bus *bus)
{
	const struct plan *plan = bus->setup.plan;
	int64_t stride = 0;

	for (int p = 0; p < plan->polls; p++)
		if (plan->poll[p].bus == bus->setup.number)
			for (int64_t rest = plan->group[plan->poll[p].group].every; rest;) { /* Euclid */
				int64_t old = stride % rest;

				stride = rest;
				rest = old;
			}
	return stride ? stride : 1;
}

/* The next tick from `tick` on at which something is due. */
static int64_t due_from(int64_t tick, int64_t stride)
{
	return (tick + stride - 1) / stride * stride;
}

static void *bus_thread(void *argument)
{
	struct bus *bus = argument;
	int64_t stride = stride_of(bus), tick = due_from(board_next_tick(bus->setup.board, bus_now(bus) - 1), stride);
	nanos first = board_tick_time(bus->setup.board, tick);

	prctl(PR_SET_TIMERSLACK, 1UL);
	while (!atomic_load(&bus->stop)) {
		nanos due = board_tick_time(bus->setup.board, tick);
		int64_t next;

		carry_out_all(bus);
		if (bus_now(bus) < due) {
			if (bus->kind->wait ? bus->kind->wait(bus, due) : clock_wait(bus->seat, due))
				continue; /* an order, or the end */
			note_lateness(bus, bus_now(bus) - due);
		}
		run_tick(bus, tick);
		/* A tick that is due just now is not missed yet. */
		next = due_from(board_next_tick(bus->setup.board, bus_now(bus) - 1), stride);
		if (next <= tick)
			next = tick + stride;
		pthread_mutex_lock(&bus->lock);
		bus->health.missed_ticks += (next - tick) / stride - 1;
		bus->health.span = bus_now(bus) - first;
		pthread_mutex_unlock(&bus->lock);
		tick = next;
	}
	carry_out_all(bus);
	if (bus->kind->end)
		bus->kind->end(bus);
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
	bus->kind->use_seat(bus, seat);
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
		result = order->state == ORDER_DONE ? 1 : order->state == ORDER_FAILED ? -1 : 0;
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

void bus_command_forget(struct bus *bus, long ticket)
{
	pthread_mutex_lock(&bus->lock);
	for (int i = 0; i < BUS_COMMANDS; i++) {
		struct bus_order *order = &bus->order[i];

		if (order->state == ORDER_FREE || order->ticket != ticket)
			continue;
		if (order->state == ORDER_RUNNING)
			order->forgotten = true;
		else
			order->state = ORDER_FREE;
	}
	pthread_mutex_unlock(&bus->lock);
}

void bus_hurry(struct bus *bus)
{
	atomic_store(&bus->hurry, true);
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

bool bus_close(struct bus *bus)
{
	if (!bus)
		return true;
	if (bus->started && !bus->joined)
		return false;
	bus->kind->close(bus);
	pthread_mutex_destroy(&bus->lock);
	free(bus);
	return true;
}
