/*
 * bytes_ends.h - what the real ends of bytes.h share: time, stamps and unplugging, over a descriptor that does not block.
 */
#ifndef HEATBENCH_WIRE_BYTES_ENDS_H
#define HEATBENCH_WIRE_BYTES_ENDS_H

#include "daq/wire/bytes.h"

struct sp_port;

struct bytes_end {
	struct bytes bytes;
	struct bytes_config config;
	struct clock_seat *seat;
	int fd; /* does not block */
	char note[200];
	unsigned char mask; /* of what comes: 0x7f where 7 data bits are asked and the port has 8 */

	/* Moves what goes at once: how many bytes, 0 for none, -1 when the port is gone. */
	long (*get)(struct bytes_end *end, void *data, size_t room);
	long (*put)(struct bytes_end *end, const void *data, size_t size);
	void (*unsend)(struct bytes_end *end); /* forgets what a handshake kept from being sent; may be NULL */
	void (*shut)(struct bytes_end *end);   /* releases what it opened; fd included */
	struct sp_port *port;		       /* bytes_serial.c */
};

/* A new end without a descriptor (fd -1). Errors: ERROR_SYSTEM. */
struct bytes_end *bytes_end_new(const struct bytes_config *config, struct clock_seat *seat, struct error *e);
void bytes_end_free(struct bytes_end *end); /* without shut */

/* `fd` holds the lock of port_lock; both take it over, and close it when they fail. */
int bytes_serial_open(struct bytes **out, int fd, const char *real, const struct bytes_config *config,
	struct clock_seat *seat, struct error *e);
int bytes_pty_open(struct bytes **out, int fd, const struct bytes_config *config, struct clock_seat *seat,
	struct error *e);
int bytes_tcp_open(struct bytes **out, const struct bytes_config *config, struct clock_seat *seat, struct error *e);

/* Lets bench time pass up to `until`; a wake that comes meanwhile is kept for the next wait. */
void bytes_pass(struct clock_seat *seat, nanos until);

#endif
