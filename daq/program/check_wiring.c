#include "daq/program/check_wiring.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/program/check.h"
#include "daq/store/schema.h"
#include "daq/wire/port.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOAD_LIMIT 0.70
#define SLOWEST 60 /* s: who would be read more seldom than that is not the one to slow down alone */
#define LOOK_UP_MS 3000

/* What keeps this user, here, from using the bus at all. */
static bool out_of_reach(const struct bench_bus *bus, char *why, size_t size)
{
	switch (bus->kind) {
	case BUS_LINES:
		return lines_lacks_permission(&bus->lines, why, size);
	case BUS_BYTES:
	case BUS_MBUS:
		return bus->bytes.kind == BYTES_SERIAL && port_lacks_permission(bus->bytes.port, why, size);
	case BUS_DOCUMENTS:
		return documents_host_unknown(&bus->documents, LOOK_UP_MS, why, size);
	case BUS_WORDS:
		break;
	}
	return words_lacks_permission(&bus->words, why, size);
}

/* A rate that no port has is found out when the port is opened, in the virtual lab too. */
static void check_rate(const struct words_config *w, json_t *problems)
{
	int nearest = port_rates[0];

	if (w->kind != WORDS_RTU || port_rate_code(w->baud))
		return;
	for (int i = 1; port_rates[i]; i++)
		if (abs(port_rates[i] - w->baud) < abs(nearest - w->baud))
			nearest = port_rates[i];
	check_say(problems, "bus %s: %d baud is no rate of a port (did you mean %d?)", w->name, w->baud, nearest);
}

static const char *address_of(const struct bench_bus *bus, char *out, size_t size)
{
	const struct words_config *w = &bus->words;

	if (bus->kind == BUS_LINES)
		snprintf(out, size, "%d lines of the kernel", bus->lines.lines);
	else if ((bus->kind == BUS_BYTES || bus->kind == BUS_MBUS) && bus->bytes.kind == BYTES_SERIAL)
		snprintf(out, size, "%s, %d %d%c%d", bus->bytes.port, bus->bytes.baud, bus->bytes.data_bits,
			bus->bytes.parity, bus->bytes.stop_bits);
	else if (bus->kind == BUS_BYTES || bus->kind == BUS_MBUS)
		snprintf(out, size, "%s:%d", bus->bytes.host, bus->bytes.tcp_port);
	else if (bus->kind == BUS_DOCUMENTS)
		documents_address(&bus->documents, out, size);
	else if (w->kind == WORDS_RTU)
		snprintf(out, size, "%s, %d %d%c%d", w->port, w->baud, w->data_bits, w->parity, w->stop_bits);
	else
		snprintf(out, size, "%s:%d", w->host, w->tcp_port);
	return out;
}

/* What to write into the bench file so that a bus has time: slow the heaviest device down, or, where that is not enough, all of them. */
static void refuse_load(const struct bench *bench, const struct plan *plan, int b, double load, json_t *problems)
{
	const char *name = bench->bus[b].words.name;
	double share, others, tick = (double)bench->tick, every = INFINITY;
	int heaviest = plan_heaviest_device(plan, bench, b, &share);

	others = load * (1 - share);
	if (others < LOAD_LIMIT) {
		every = (double)plan_round_time(plan, bench, b, heaviest) / (LOAD_LIMIT - others);
		every = ceil(every / tick) * tick / 1e9;
	}
	if (every > SLOWEST) {
		every = (double)plan_round_time(plan, bench, b, -1) / LOAD_LIMIT;
		check_say(problems, "bus %s would be busy %.0f %% of the time, more than %.0f %%: give all its channels every = \"%g s\" or "
			"more, lengthen the tick, or raise the baud rate",
			name, load * 100, LOAD_LIMIT * 100, ceil(every / tick) * tick / 1e9);
		return;
	}
	check_say(problems, "bus %s would be busy %.0f %% of the time, more than %.0f %%: give the channels of '%s' (%.0f %% of it) "
		"every = \"%g s\" or more, lengthen the tick, or raise the baud rate",
		name, load * 100, LOAD_LIMIT * 100, bench->device[heaviest].name, share * 100, every);
}

/* What a bus is asked to carry. */
static void check_bus(const struct bench *bench, const struct plan *plan, int b, bool simulated, json_t *report)
{
	const struct bench_bus *bus = &bench->bus[b];
	const struct words_config *w = &bus->words;
	double load = plan_bus_load(plan, bench, b);
	json_t *problems = json_object_get(report, "problems"), *warnings = json_object_get(report, "warnings");
	int reads = 0;
	char why[300], address[320];

	for (int p = 0; p < plan->polls; p++)
		reads += plan->poll[p].bus == b;
	json_array_append_new(json_object_get(report, "buses"), json_pack("{s:s, s:s, s:i, s:f, s:f}", "name", w->name,
		"address", address_of(bus, address, sizeof(address)), "reads", reads, "load", load, "limit", LOAD_LIMIT));
	if (load > LOAD_LIMIT)
		refuse_load(bench, plan, b, load, problems);
	if (bus->listen_only)
		check_say(warnings, "bus %s has another master (listen_only): it is listened to, nothing is sent on it, and what its "
			"master does not ask for has no value", w->name);
	if (bus->kind == BUS_WORDS)
		check_rate(w, problems);
	if (!simulated && out_of_reach(bus, why, sizeof(why)))
		check_say(problems, "bus %s: %s", w->name, why);
	if (strncmp(w->port, "/dev/pts/", 9) == 0 && (w->parity != 'N' || w->data_bits != 8) && !simulated)
		check_say(warnings, "bus %s: a pseudo-terminal carries 8N1 whatever the bench file says", w->name);
}

/* What a warning is told of once, for all devices of a map that it is true of. */
static bool unproved(const struct bench *bench, int device)
{
	const struct bench_device *d = &bench->device[device];
	enum bench_bus_kind kind = bench->bus[d->bus].kind;

	return kind != BUS_LINES && kind != BUS_BYTES && !register_map_verified(d->map);
}

static bool unchecked(const struct bench *bench, int device)
{
	const struct bench_bus *bus = &bench->bus[bench->device[device].bus];

	return bench->device[device].map->check < 0 && bus->kind == BUS_WORDS && !bus->listen_only;
}

/* One sentence for each map: its devices are looked for where it comes first, and then passed over. */
static void warn_by_map(const struct bench *bench, bool (*of)(const struct bench *bench, int device), const char *says, json_t *warnings)
{
	bool told[BENCH_DEVICES] = {false};

	for (int d = 0; d < bench->devices; d++) {
		struct text names = TEXT_INIT;
		int count = 0;

		for (int i = d; i < bench->devices; i++) {
			if (told[i] || bench->device[i].map != bench->device[d].map || !of(bench, i))
				continue;
			told[i] = true;
			text_add(&names, "%s '%s'", count++ ? "," : "", bench->device[i].name);
		}
		if (count && !names.failed)
			check_say(warnings, "map %s of device%s%.400s %s", bench->device[d].map->name, count > 1 ? "s" : "", names.data, says);
		text_free(&names);
	}
}

static json_t *blocks_of(const struct plan *plan, int device)
{
	json_t *blocks = json_array();

	for (int p = 0; p < plan->polls; p++)
		if (plan->poll[p].device == device)
			json_array_append_new(blocks, json_pack("{s:i, s:i, s:i, s:i}", "function", plan->poll[p].read.function, "address",
				plan->poll[p].read.address, "count", plan->poll[p].read.count, "every", plan->group[plan->poll[p].group].every));
	return blocks;
}

static void check_devices(const struct bench *bench, const struct plan *plan, json_t *report)
{
	json_t *warnings = json_object_get(report, "warnings");

	for (int d = 0; d < bench->devices; d++) {
		const struct bench_device *device = &bench->device[d];

		json_array_append_new(json_object_get(report, "devices"),
			json_pack("{s:s, s:b, s:s, s:i, s:s, s:s, s:b, s:o}", "name", device->name, "on_lines",
				bench->bus[device->bus].kind != BUS_WORDS, "bus",
				bench->bus[device->bus].words.name, "unit", device->unit, "map", device->map->name, "manual",
				device->map->manual, "verified", register_map_verified(device->map), "blocks", blocks_of(plan, d)));
	}
	warn_by_map(bench, unproved, "is unverified: no frame or example from outside shows that it is right", warnings);
	warn_by_map(bench, unchecked, "has no check register: after a time-out its values stay suspect for a while", warnings);
}

/* Each channel becomes a column of the run's tables. */
static void check_names(const struct bench *bench, json_t *problems)
{
	for (int c = 0; c < bench->channels; c++) {
		struct error e = ERROR_INIT;

		if (schema_check_name_alone("channel", bench->channel[c].name, &e) != 0)
			check_say(problems, "%s: %s", bench->channel[c].source, e.text);
	}
}

void check_wiring(const struct bench *bench, const struct plan *plan, bool simulated, json_t *report)
{
	for (int b = 0; b < bench->buses; b++)
		check_bus(bench, plan, b, simulated, report);
	check_devices(bench, plan, report);
	check_names(bench, json_object_get(report, "problems"));
}
