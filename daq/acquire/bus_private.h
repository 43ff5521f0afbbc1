/*
 * bus_private.h - the bus's insides, shared by bus.c (thread, orders), bus_words.c and bus_read.c (registers) and
 * bus_lines.c (GPIO, PWM), bus_bytes.c (scales), bus_documents.c (feeds, Redis), bus_mbus.c (M-Bus) and bus_listen.c (another
 * master's bus).
 */
#ifndef HEATBENCH_ACQUIRE_BUS_PRIVATE_H
#define HEATBENCH_ACQUIRE_BUS_PRIVATE_H

#include "daq/acquire/bus.h"
#include "daq/base/error.h"

#include <pthread.h>
#include <stdatomic.h>

enum { BUS_COMMANDS = 64 };

struct bus_device {
	nanos late_max;
	int silent;	    /* time-outs in a row */
	nanos retry_at;	    /* silent twice: not asked before */
	bool out;	    /* said so in the journal */
	bool stranger;	    /* another device answers in its place: nothing of it is good */
	bool unproven;	    /* it was away: nothing of it is good until it has said who it is */
	bool checked;	    /* `check` holds what the check register gave at start */
	double check;
	int misfits; /* how often in a row it said something else */
	struct bus_identity identity;
};

/* What a channel read last, to see it go back or stand still. */
struct bus_channel {
	bool seen;
	double value;
	nanos changed; /* when it last did */
};

struct bus_order {
	long ticket;
	int channel;
	double value;
	struct clock_seat *wake;
	enum { ORDER_FREE, ORDER_WAITING, ORDER_RUNNING, ORDER_DONE, ORDER_FAILED } state;
	bool forgotten; /* nobody will ask what became of it */
	struct error error;
};

struct bus;
struct bus_lines;
struct bus_bytes;
struct bus_documents;
struct bus_listen;
struct bus_mbus;

/* What a bus of one kind does; one row for each enum bench_bus_kind. */
struct bus_kind {
	int (*open)(struct bus *bus, struct error *e);
	void (*use_seat)(struct bus *bus, struct clock_seat *seat);
	int (*identify)(struct bus *bus, int device, struct bus_identity *out, struct error *e);
	/* Until `until` or until woken (true), doing what the bus does between its polls; absent: clock_wait. */
	bool (*wait)(struct bus *bus, nanos until);
	void (*poll)(struct bus *bus, int number, int64_t tick); /* of the plan; publishes */
	/* In the row's unit; absent where nothing can be set. */
	int (*write)(struct bus *bus, int channel, double value, bool *good, struct error *e);
	void (*end)(struct bus *bus); /* in the thread, after its last poll; may be absent */
	void (*close)(struct bus *bus);
};

extern const struct bus_kind bus_kind_words, bus_kind_lines, bus_kind_bytes, bus_kind_documents, bus_kind_mbus, bus_kind_listen;

struct bus {
	const struct bus_kind *kind;
	struct bus_setup setup;
	const struct bench_bus *config;
	char source[48]; /* "bus odu" */
	struct words *words;	 /* NULL: the port is gone */
	struct bus_lines *lines; /* of a bus of lines */
	struct bus_bytes *bytes; /* of a bus of bytes */
	struct bus_documents *documents; /* of a bus of documents */
	struct bus_listen *listen; /* of a bus that is listened to */
	struct bus_mbus *mbus;	 /* of an M-Bus */
	struct clock_seat *seat; /* that of who opened it until the thread starts, then its own */
	nanos probation_until, reopen_at;
	struct { bool owed; int device; nanos quiet, since; } recovery; /* before the next request goes out */
	struct bus_device device[BENCH_DEVICES];
	uint16_t kept[PLAN_POLLS][125]; /* last raw words, for "on change" */
	bool kept_once[PLAN_POLLS];
	struct bus_channel channel[BENCH_CHANNELS];

	pthread_t thread;
	bool started, joined;
	atomic_bool stop, ended, hurry;
	atomic_llong busy_since; /* real ms; 0: not in a call */

	pthread_mutex_t lock; /* over what follows */
	struct bus_order order[BUS_COMMANDS];
	long tickets;
	struct bus_health health;
};

static inline nanos bus_now(const struct bus *bus)
{
	return clock_now(bus->seat->clock);
}

/* One read with everything that keeps the bus in step. Returns the quality of what came. What went wrong is
 * recovered from before the next request, or at once by bus_recover, so that the caller can publish first. */
enum quality bus_read(struct bus *bus, int device, int function, int address, int count,
	struct words_reply *reply);

/* Leaves the bus quiet, if what came last asks for it. */
void bus_recover(struct bus *bus);

/* One write, tried up to three times. */
int bus_write(struct bus *bus, int channel, int address, int count, const uint16_t *words, struct error *e);

/* The set points of a device that was away are not known any more, nor whether it is the same device. */
void bus_device_was_away(struct bus *bus, int device);

/* A counter that went back and a reading that stands still are what they are, but no good value: what a value that is
 * good by itself is in the light of those before it. */
enum quality bus_judge_history(struct bus *bus, int channel, double value);

/* Whether the identity is the one that the bench file demands. */
int bus_check_expectations(const struct bench_device *config, const struct bus_identity *identity, struct error *e);

/* Path of the bus's wire recording; false: none is made. */
bool bus_record_path(const struct bus *bus, char *out, size_t size);

/* Opens the port again when it is gone and it is time. Returns whether there is a port. */
bool bus_have_port(struct bus *bus);

/* Reads the identity into `out`; used at start and after a device was away. */
int bus_read_identity(struct bus *bus, int device, struct bus_identity *out, enum quality *quality,
	struct error *e);

/* Asks a device that was away who it is. QUALITY_GOOD: it is the same one (or was never away); SUSPECT: another
 * one, or nothing proves it; anything else: it did not say. */
enum quality bus_prove(struct bus *bus, int device);

#endif
