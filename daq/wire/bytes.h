/*
 * bytes.h - wires that carry bytes: serial instruments (scales), the same over TCP (serial servers, M-Bus gateways).
 *
 * Ends: real ports through libserialport (bytes_serial.c), pseudo-terminals through plain termios (bytes_pty.c:
 * libserialport refuses them), TCP (bytes_tcp.c), a faulty one for tests (bytes_faulty.c). One handle owns one port
 * (flock, as daq/wire/port.h) and belongs to one thread. Nothing here knows a protocol.
 *
 * What the package forces: after an unplug libserialport's blocking read returns 0 bytes without an error at full CPU
 * until its time-out: every empty read is followed by a look at the port. Settings are read back. A pseudo-terminal has 8
 * data bits and no parity whatever is asked: 7 data bits are cut off here, parity is dropped, and `bytes_note` says so.
 *
 * What a byte wire lacks: nothing in an answer says which request it belongs to. Whoever gets WIRE_TIMEOUT or
 * WIRE_CHECKSUM must drain the wire and prove that it is in step again (daq/device/scale_exchange.c does).
 */
#ifndef HEATBENCH_WIRE_BYTES_H
#define HEATBENCH_WIRE_BYTES_H

#include "daq/base/clock.h"
#include "daq/wire/words.h"

enum bytes_kind { BYTES_SERIAL, BYTES_TCP };

struct bytes_config {
	enum bytes_kind kind;
	char name[32];	/* of the bus; in a virtual lab also of its endpoint */
	char port[128];
	int baud;
	char parity; /* N, E, O */
	int data_bits, stop_bits;
	bool handshake; /* RTS/CTS */
	char host[128];
	int tcp_port;
	nanos response_timeout; /* bench time: for the first byte of an answer */
};

struct bytes;

/* One exchange's stamps, as of words_reply: bytes_write sets the first two, the reads that follow it with the same
 * struct the third (in a virtual lab after the modelled time has passed), and see to it that they are in order. */
struct bytes_stamps {
	nanos before, after, last;
};

struct bytes_ops {
	enum wire_status (*write)(struct bytes *b, const void *data, size_t size, struct bytes_stamps *stamps);
	enum wire_status (*read)(struct bytes *b, void *data, size_t room, size_t *size, nanos timeout,
		struct bytes_stamps *stamps);
	int (*drain)(struct bytes *b, nanos quiet);
	const char *(*note)(struct bytes *b);
	struct clock_seat *(*seat)(struct bytes *b);
	void (*use_seat)(struct bytes *b, struct clock_seat *seat);
	void (*close)(struct bytes *b);
};

struct bytes {
	const struct bytes_ops *ops;
};

/* Errors: as words_open; a port that does not take its settings is refused (ERROR_DEVICE). A connection is awaited for
 * 3 s of real time. */
int bytes_open(struct bytes **out, const struct bytes_config *config, struct clock_seat *seat, struct error *e);
void bytes_close(struct bytes *b); /* NULL is fine */
void bytes_use_seat(struct bytes *b, struct clock_seat *seat);
struct clock_seat *bytes_seat(struct bytes *b); /* whose waits are done on it now */

/* Writes all of it. WIRE_OK, WIRE_GONE, or WIRE_TIMEOUT when the other side takes nothing for response_timeout
 * (handshake). `stamps` (may be NULL): before, and when the last byte is on the wire. */
enum wire_status bytes_write(struct bytes *b, const void *data, size_t size, struct bytes_stamps *stamps);

/* What has come, at least one byte, waiting up to `timeout` of bench time. WIRE_OK, WIRE_TIMEOUT, WIRE_GONE. */
enum wire_status bytes_read(struct bytes *b, void *data, size_t room, size_t *size, nanos timeout,
	struct bytes_stamps *stamps);

/* A line ending with `end` (which is cut off, with a '\r' before it): answers of scales. Bytes behind it are kept for the
 * next call. `timeout` is for the whole line. WIRE_CHECKSUM: longer than `room`, with a NUL in it, or cut short by the
 * time-out after something came; what there was of it is forgotten. */
struct bytes_line {
	char data[512]; /* what is left of the previous read */
	size_t have;
};
enum wire_status bytes_read_line(struct bytes *b, struct bytes_line *kept, char end, char *line, size_t room,
	nanos timeout, struct bytes_stamps *stamps);

/* Throws away what comes until nothing has come for `quiet` (0: only what waits already), and what a handshake kept from
 * being sent; how many bytes came. Who keeps a bytes_line empties it besides (have = 0). */
int bytes_drain(struct bytes *b, nanos quiet);

/* What of the settings the port cannot do, "" for nothing. */
const char *bytes_note(struct bytes *b);

/* Time of one character on the wire; TCP: 0. */
nanos bytes_character_time(const struct bytes_config *config);

#endif
