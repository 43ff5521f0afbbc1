/*
 * bus_listen.h - inside buses that are listened to: bus_listen_hear.c takes what goes by, bus_listen.c makes values of it.
 */
#ifndef HEATBENCH_ACQUIRE_BUS_LISTEN_H
#define HEATBENCH_ACQUIRE_BUS_LISTEN_H

#include "daq/acquire/bus_private.h"

#include "daq/device/rtu_listen.h"
#include "daq/wire/listener.h"

enum { LISTEN_IDENTITIES = 8 };

/* The words of a poll, each with the instant of the answer it came in. */
struct heard {
	bool seen[125], fresh;
	uint16_t words[125];
	nanos at[125];
	nanos before, after, last; /* of the latest answer */
};

struct bus_listen {
	struct listener *port; /* NULL: gone */
	struct rtu_listen parser;
	struct heard heard[PLAN_POLLS];
	nanos heard_at[BENCH_DEVICES];
	nanos silent_at; /* when all that had come was taken, the latest time */
	bool ever[BENCH_DEVICES], told_write;
	struct {
		bool seen;
		uint16_t words[4];
	} identity[BENCH_DEVICES][LISTEN_IDENTITIES];
};

/* Takes what has come, waiting up to `ms` real milliseconds for the first of it; opens the port again when it is time. */
void listen_hear(struct bus *bus, int ms);

/* Whether all of a device's identity was heard; what was heard of it, as bus_read_identity tells it. */
bool listen_identity_complete(struct bus *bus, int device);
void listen_tell_identity(struct bus *bus, int device, struct bus_identity *out);

#endif
