/*
 * mbus_exchange.h - one request of an M-Bus master and what came of it; the insides of mbus_master.c.
 */
#ifndef HEATBENCH_DEVICE_MBUS_EXCHANGE_H
#define HEATBENCH_DEVICE_MBUS_EXCHANGE_H

#include "daq/device/mbus_master.h"

struct mbus_exchange {
	const char *what; /* for messages */
	const struct mbus_slave *slave;
	enum mbus_frame_kind wants; /* MBUS_ACK, or MBUS_LONG: a telegram, which is added to the reading */
	int size;
	uint8_t request[MBUS_FRAME_MAX];
};

/* Writes the request and reads until it is answered or time is up; sets status, stamps and, where it failed, detail. */
void mbus_exchange_run(struct mbus_master *m, const struct mbus_exchange *x, struct mbus_reading *r);

#endif
