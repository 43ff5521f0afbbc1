/*
 * words.h - wires that carry 16-bit words: Modbus RTU and TCP, through libmodbus.
 *
 * One handle owns one port (flock and TIOCEXCL): a port that somebody else holds is refused before it is
 * touched. A handle belongs to one thread. Nothing here retries, schedules or decodes.
 *
 * The trap behind this interface: an RTU reply carries no address, so a reply that comes after its time-out
 * is taken for the answer to the next request, and every later value is silently wrong. libmodbus's flush and
 * recovery modes do not cure it. Whoever gets WIRE_TIMEOUT must leave the wire quiet for late_max
 * (words_drain) and prove that it is in step again before it trusts a value (daq/acquire/bus.c does).
 */
#ifndef HEATBENCH_WIRE_WORDS_H
#define HEATBENCH_WIRE_WORDS_H

#include "daq/base/clock.h"

#include <stddef.h>
#include <stdint.h>

enum words_kind { WORDS_RTU, WORDS_TCP };

struct words_config {
	enum words_kind kind;
	char name[32];	/* of the bus; in a virtual lab also of its endpoint */
	char port[128]; /* RTU: device path; symbolic links are fine */
	int baud;
	char parity; /* N, E, O */
	int data_bits, stop_bits;
	char host[128]; /* TCP */
	int tcp_port;
	nanos response_timeout; /* bench time */
};

enum wire_status {
	WIRE_OK = 0,
	WIRE_TIMEOUT,	/* nothing came in time */
	WIRE_CHECKSUM,	/* came, but its check failed, or it was cut short */
	WIRE_MISMATCH,	/* well-formed, but not an answer to this request (unit, function, length) */
	WIRE_EXCEPTION, /* the device refused; `exception` says how */
	WIRE_GONE,	/* the port or the connection is gone; close and open again */
};

struct words_reply {
	enum wire_status status;
	int exception;		   /* Modbus exception code with WIRE_EXCEPTION */
	nanos before, after, last; /* bench time: before the request, its last byte out, last reply byte */
	int count;
	uint16_t words[125]; /* `count` of them, with WIRE_OK */
	char detail[96];     /* with any other status: what came and what was expected */
};

struct words;

/* What an end must do: the real one (words_modbus.c) and the faulty one (words_faulty.c). */
struct words_ops {
	void (*read)(struct words *w, int unit, int function, int address, int count, struct words_reply *r);
	void (*write)(struct words *w, int unit, int address, int count, const uint16_t *words,
		struct words_reply *r);
	int (*drain)(struct words *w, nanos quiet, nanos *latest);
	bool (*pending)(struct words *w);
	void (*use_seat)(struct words *w, struct clock_seat *seat);
	void (*close)(struct words *w);
};

struct words {
	const struct words_ops *ops;
};

/* Opens the real end. `seat` is the calling thread's. Errors: ERROR_BUSY (port in use, by whom if known),
 * ERROR_DEVICE (no such port, not a terminal, connection refused), each with the path or host. */
int words_open(struct words **out, const struct words_config *config, struct clock_seat *seat, struct error *e);
void words_close(struct words *w); /* NULL is fine */

/* Hands the wire to another thread, which waits on this seat from now on. */
void words_use_seat(struct words *w, struct clock_seat *seat);

/* function: 3 (holding) or 4 (input); count 1..125. */
void words_read(struct words *w, int unit, int function, int address, int count, struct words_reply *reply);

/* Writes holding registers: function 6 for one word, 16 for more. reply->count is 0. */
void words_write(struct words *w, int unit, int address, int count, const uint16_t *words,
	struct words_reply *reply);

/* Leaves the wire quiet until nothing has come for `quiet`; returns how many bytes were thrown away, and in
 * `latest` (may be NULL) the bench time of the last of them. */
int words_drain(struct words *w, nanos quiet, nanos *latest);

/* Whether bytes wait that nobody asked for: the sign of a late reply. */
bool words_pending(struct words *w);

/* Time on the wire of a request and of its reply, in nanoseconds, by baud rate and frame format (RTU: 8
 * characters out, 5 + 2N back, 3.5 characters of silence each side; TCP: 0). For stamps and bus loads. */
nanos words_request_time(const struct words_config *config, int function, int count);
nanos words_reply_time(const struct words_config *config, int function, int count);
nanos words_character_time(const struct words_config *config);

/* Why the calling user may not open the port, in words ("user lab is not in group dialout"), or false. */
bool words_lacks_permission(const struct words_config *config, char *why, size_t size);

const char *wire_status_name(enum wire_status status);

#endif
