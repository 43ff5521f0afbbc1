#include "daq/acquire/bus_listen.h"

#include "daq/base/text.h"

#include <stdio.h>
#include <string.h>

static const struct bench_device *config_of(struct bus *bus, int device)
{
	return &bus->setup.bench->device[device];
}

static void port_is_gone(struct bus *bus)
{
	journal_event(bus->setup.journal, LOG_ERROR, bus->source, "the port is gone; trying again every %.0f s",
		(double)bus->config->retry_after / 1e9);
	listener_close(bus->listen->port);
	bus->listen->port = NULL;
	bus->reopen_at = bus_now(bus) + bus->config->retry_after;
	rtu_listen_restart(&bus->listen->parser);
}

static bool have_port(struct bus *bus)
{
	if (bus->listen->port)
		return true;
	if (bus_now(bus) < bus->reopen_at)
		return false;
	if (listener_open(&bus->listen->port, &bus->config->words, NULL) != 0) {
		bus->listen->port = NULL;
		bus->reopen_at = bus_now(bus) + bus->config->retry_after;
		return false;
	}
	journal_event(bus->setup.journal, LOG_INFO, bus->source, "the port is back");
	return true;
}

/* Whether a write tells what a word of the poll will read: where the map says that the register can be set. */
static bool can_be_set(const struct bus *bus, const struct plan_poll *poll, int word)
{
	const struct bench *bench = bus->setup.bench;

	for (int i = 0; i < poll->channels; i++) {
		const struct register_row *row = &bench->device[poll->device].map->row[bench->channel[poll->channel[i]].reg];

		if (row->writable && word >= poll->at[i] && word < poll->at[i] + register_words(row->type))
			return true;
	}
	return false;
}

static void fill_poll(struct bus *bus, int number, const struct rtu_heard *h)
{
	const struct plan_poll *poll = &bus->setup.plan->poll[number];
	struct heard *to = &bus->listen->heard[number];
	bool write = h->kind == HEARD_WRITE, any = false;

	if (write ? poll->read.function != 3 : poll->read.function != h->function)
		return;
	for (int w = 0; w < poll->read.count; w++) {
		int from = poll->read.address + w - h->address;

		if (from < 0 || from >= h->count || (write && !can_be_set(bus, poll, w)))
			continue;
		to->words[w] = h->words[from];
		to->at[w] = h->last;
		to->seen[w] = any = true;
	}
	if (!any)
		return;
	to->fresh = true;
	to->before = h->before;
	to->after = h->after;
	to->last = h->last;
}

bool listen_identity_complete(struct bus *bus, int device)
{
	for (int i = 0; i < config_of(bus, device)->map->identities; i++)
		if (!bus->listen->identity[device][i].seen)
			return false;
	return true;
}

void listen_tell_identity(struct bus *bus, int device, struct bus_identity *out)
{
	const struct register_map *map = config_of(bus, device)->map;
	double value;

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < map->identities; i++) {
		if (!bus->listen->identity[device][i].seen ||
			!register_decode(&map->row[map->identity[i]], bus->listen->identity[device][i].words, &value))
			continue;
		text_copy(out->what[out->count], sizeof(out->what[0]), map->identity_name[i]);
		snprintf(out->value[out->count], sizeof(out->value[0]), "%.15g", value);
		out->count++;
	}
}

/* Another unit in its place says so by itself, whenever its identity goes by. */
static void compare_identity(struct bus *bus, int device)
{
	struct bus_device *state = &bus->device[device];
	struct bus_identity now;
	bool other = false;

	listen_tell_identity(bus, device, &now);
	for (int i = 0; i < now.count; i++)
		for (int k = 0; k < state->identity.count; k++)
			other |= strcmp(now.what[i], state->identity.what[k]) == 0 &&
				 strcmp(now.value[i], state->identity.value[k]) != 0;
	if (other && !state->stranger)
		journal_event(bus->setup.journal, LOG_ERROR, config_of(bus, device)->name,
			"another device answers in its place: its values are suspect");
	state->stranger = other;
}

static void fill_identity(struct bus *bus, int device, const struct rtu_heard *h)
{
	const struct register_map *map = config_of(bus, device)->map;
	bool any = false;

	for (int i = 0; i < map->identities && h->kind == HEARD_READ; i++) {
		const struct register_row *row = &map->row[map->identity[i]];
		int at = row->address - h->address;

		if (row->function != h->function || at < 0 || at + register_words(row->type) > h->count)
			continue;
		memcpy(bus->listen->identity[device][i].words, h->words + at, (size_t)register_words(row->type) * 2);
		bus->listen->identity[device][i].seen = any = true;
	}
	if (any)
		compare_identity(bus, device);
}

static void take(struct bus *bus, const struct rtu_heard *h)
{
	const struct bench *bench = bus->setup.bench;
	const struct plan *plan = bus->setup.plan;

	for (int d = 0; d < bench->devices; d++) {
		if (bench->device[d].bus != bus->setup.number || bench->device[d].unit != h->unit)
			continue;
		bus->listen->heard_at[d] = h->last;
		bus->listen->ever[d] = true;
		if (bus->device[d].out)
			journal_event(bus->setup.journal, LOG_INFO, bench->device[d].name, "is heard again");
		bus->device[d].out = false;
		if (h->kind == HEARD_EXCEPTION)
			continue;
		fill_identity(bus, d, h);
		for (int p = 0; p < plan->polls; p++)
			if (plan->poll[p].device == d)
				fill_poll(bus, p, h);
	}
	if (h->kind == HEARD_WRITE && !bus->listen->told_write) {
		bus->listen->told_write = true;
		journal_event(bus->setup.journal, LOG_INFO, bus->source, "its master writes: %d word%s at %d of unit %d, the first of them",
			h->count, h->count == 1 ? "" : "s", h->address, h->unit);
	}
}

static void book(struct bus *bus)
{
	const struct rtu_listen_counts *c = &bus->listen->parser.counts;

	pthread_mutex_lock(&bus->lock);
	bus->health.transactions = c->requests;
	bus->health.timeouts = c->unanswered;
	bus->health.exceptions = c->exceptions;
	bus->health.wrong = c->misfits;
	pthread_mutex_unlock(&bus->lock);
}

void listen_hear(struct bus *bus, int ms)
{
	struct bus_listen *l = bus->listen;
	struct rtu_heard heard;
	uint8_t bytes[512];
	int n;

	if (bus->seat->clock->lockstep && bus_now(bus) == l->silent_at)
		return; /* where time stands still nothing comes any more */
	while (have_port(bus)) {
		nanos now;

		n = listener_read(l->port, bytes, sizeof(bytes), ms);
		now = bus_now(bus);
		if (n < 0) {
			port_is_gone(bus);
			break;
		}
		for (size_t fed = 0; fed < (size_t)n;) {
			fed += rtu_listen_feed(&l->parser, bytes + fed, (size_t)n - fed, now);
			while (rtu_listen_next(&l->parser, now, &heard))
				take(bus, &heard);
		}
		if (n == 0) {
			l->silent_at = now;
			break;
		}
		ms = 0;
	}
	while (rtu_listen_next(&l->parser, bus_now(bus), &heard)) /* a frame that stalled */
		take(bus, &heard);
	book(bus);
}
