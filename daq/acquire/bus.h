/*
 * bus.h - one bus, one thread: reads what is due at each tick, carries out commands, keeps the bus in step.
 *
 * The rules that keep a wrong value from ever being good (the trap is told in daq/wire/words.h):
 *  - After a time-out, and after anything that was not an answer, the bus stays quiet for the device's late_max
 *    and throws away what comes; if something came, late_max grows to 1.5 x the lateness seen.
 *  - Then it is on probation (the longer of 10 s and 5 x late_max): every reading must be followed by a read of
 *    the device's check register that gives the value it gave at start. A reply that was taken for the wrong
 *    request leaves the true one behind, and the check then does not fit. Readings without that proof are suspect.
 *  - Bytes that nobody asked for start the same.
 *  - A device that was away (silent twice in a row, or its port gone) says who it is before anything of it is good
 *    again, and its set points are suspect until they are set again.
 * A device that was silent twice in a row is asked again only every retry_after: it costs its bus mates one
 * time-out and one drain in that time. Other buses never notice.
 */
#ifndef HEATBENCH_ACQUIRE_BUS_H
#define HEATBENCH_ACQUIRE_BUS_H

#include "daq/acquire/board.h"
#include "daq/acquire/journal.h"

struct bus;

struct bus_setup {
	const struct bench *bench;
	const struct plan *plan;
	int number; /* of the bus in the bench */
	struct clock_seat *seat; /* of the caller: used until the thread starts */
	struct board *board;
	struct journal *journal;
	bool keep_raw;
	struct documents *documents; /* of a bus of documents: taken over instead of the real end (tests) */
	struct bytes *wire; /* of an M-Bus, instead of its port: the bus takes it over (tests); NULL: the port */
	const char *record; /* folder for <bus>.wire: every transaction is written down; NULL: none */
};

enum { BUS_LATENESS = 24 };

struct bus_health {
	int64_t transactions, timeouts, checksums, exceptions, wrong, late, missed_ticks;
	nanos busy, span; /* time on the wire, time since the first tick */
	int64_t lateness[BUS_LATENESS]; /* wake-ups late by < 2^i us; the last holds the rest */
};

/* Identity of one device as it answered: names and texts in the order of the map's identities. */
struct bus_identity {
	int count;
	char what[8][32], value[8][64];
};

/* Opens the port; no thread yet. `words` may be NULL: then the real end is opened; else the bus takes it over
 * (tests). Errors: as words_open. */
int bus_open(struct bus **out, const struct bus_setup *setup, struct words *words, struct error *e);

/* Reads and checks the identity of one device of this bus, and its check register; in the calling thread,
 * before bus_start. Errors: ERROR_DEVICE: silent, or not the device that the bench file expects. */
int bus_identify(struct bus *bus, int device, struct bus_identity *out, struct error *e);

/* Starts the thread; the board has been started. */
int bus_start(struct bus *bus, struct error *e);

/* Asks the bus to write an output; returns a ticket. The reply is fetched with bus_command_done once
 * `wake` was woken. Up to three attempts are made. */
long bus_command(struct bus *bus, int channel, double value, struct clock_seat *wake);
/* 1: acknowledged; 0: not yet; -1: failed (why in e). */
int bus_command_done(struct bus *bus, long ticket, struct error *e);

/* Whoever gave the order does not wait for it any more: it is not begun, or its outcome is nobody's. */
void bus_command_forget(struct bus *bus, long ticket);

/* From now on writes are tried once, and quiet times are short: the safe state comes first. */
void bus_hurry(struct bus *bus);

void bus_health(struct bus *bus, struct bus_health *out);

/* Real milliseconds for which the thread has been inside one call to the wire; 0: it is not. */
int64_t bus_stuck_ms(struct bus *bus);

/* Ends the thread after its present transaction; bench time goes on meanwhile (the caller waits on its own
 * seat). Returns false if the thread has not ended after `ms` real time: it hangs in the wire. */
bool bus_stop(struct bus *bus, struct clock_seat *seat, int ms);

/* After bus_stop. False: its thread hangs in the wire, and everything that it may still touch must stay. NULL is
 * fine (true). */
bool bus_close(struct bus *bus);

#endif
