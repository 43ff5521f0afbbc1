/*
 * mbus_rig.h - a bench of M-Bus meters in memory, in lock-step time.
 */
#ifndef HEATBENCH_TESTS_ACQUIRE_MBUS_RIG_H
#define HEATBENCH_TESTS_ACQUIRE_MBUS_RIG_H

#include "tests/acquire/rig.h"
#undef MS

#include "tests/device/mbus_meters.h"

enum { ENERGY, SUPPLY, POWER, STATUS, ROWS };

static inline void describe_row(struct register_map *map, int i, const char *name, const char *key, const char *unit,
	enum register_kind kind)
{
	struct register_row *row = &map->row[i];

	strcpy(row->name, name);
	strcpy(row->key, key);
	strcpy(row->unit, unit);
	row->address = i;
	row->scale = 1;
	row->kind = kind;
}

static inline void add_channel(struct rig *rig, int device, int reg, int every)
{
	struct bench_channel *c = &rig->bench->channel[rig->bench->channels];

	rig_channel(rig, device, reg, false);
	c->every = every;
	c->kind = rig->map.row[reg].kind;
	strcpy(c->unit, rig->map.row[reg].unit);
}

/* `devices` meters at 5, 6 ..., read every `every` seconds. */
static inline void describe(struct rig *rig, int devices, int every)
{
	struct bench_bus *bus;

	memset(rig, 0, sizeof(*rig));
	rig->bench = calloc(1, sizeof(*rig->bench));
	rig->bench->tick = S;
	rig->bench->buses = 1;
	rig->bench->devices = devices;
	bus = &rig->bench->bus[0];
	bus->kind = BUS_MBUS;
	strcpy(bus->words.name, "mbus");
	bus->bytes = (struct bytes_config){.kind = BYTES_SERIAL, .name = "mbus", .baud = 2400, .parity = 'E', .data_bits = 8,
		.stop_bits = 1};
	bus->retry_after = 10 * S;
	bus->retries = 1;
	rig->map = (struct register_map){.kind = MAP_MBUS, .name = "heat", .rows = ROWS, .check = -1, .max_words = 64, .max_gap = 64,
		.row = calloc(ROWS, sizeof(struct register_row))};
	describe_row(&rig->map, ENERGY, "energy", "energy", "MWh", KIND_COUNTER);
	describe_row(&rig->map, SUPPLY, "supply", "flow_temperature", "degC", KIND_GAUGE);
	describe_row(&rig->map, POWER, "power", "power", "W", KIND_GAUGE);
	describe_row(&rig->map, STATUS, "status", "status", "1", KIND_STATE);
	for (int d = 0; d < devices; d++) {
		struct bench_device *device = &rig->bench->device[d];

		snprintf(device->name, sizeof(device->name), "hm%d", d);
		device->unit = 5 + d;
		device->map = &rig->map;
		device->late_max = S;
		device->on_mbus.reset = -1;
		add_channel(rig, d, ENERGY, every);
		add_channel(rig, d, SUPPLY, every);
		add_channel(rig, d, STATUS, every);
	}
}

static inline int open_bus(struct rig *rig, struct meters *meters, const struct bytes_fault *faults, int count, struct error *e)
{
	struct bus_setup setup = {.bench = rig->bench, .plan = &rig->plan, .seat = rig->seat, .board = rig->board,
		.journal = &rig->journal, .keep_raw = true};

	setup.wire = meters_wire(meters, faults, count, 60 * NANOS_PER_MS, rig->seat);
	if (bus_open(&rig->bus, &setup, NULL, e) != 0)
		return -1;
	for (int d = 0; d < rig->bench->devices; d++)
		if (bus_identify(rig->bus, d, &rig->identity, e) != 0)
			return -1;
	return 0;
}

static inline void begin(struct rig *rig, struct meters *meters, const struct bytes_fault *faults, int count)
{
	struct error e = ERROR_INIT;

	rig_make(rig);
	must(open_bus(rig, meters, faults, count, &e));
	rig_start(rig);
}

/* Qualities of channel `c` in the order of its scans, and the events in between. */
static inline int collect(struct rig *rig, int c, uint8_t *quality, double *value, char *events, size_t size)
{
	struct rig_scan s;
	int n = 0;

	rig_stop(rig);
	while (rig_next(rig, &s, events, size))
		if (c < s.n && s.group == rig->plan.group_of[c]) {
			quality[n] = s.quality[rig->plan.column_of[c]];
			value[n++] = s.value[rig->plan.column_of[c]];
		}
	return n;
}

#endif
