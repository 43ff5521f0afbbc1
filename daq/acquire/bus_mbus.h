/*
 * bus_mbus.h - the insides of a bus of M-Bus meters, shared by bus_mbus.c (who is asked when) and bus_mbus_values.c (what a
 * reading gives).
 */
#ifndef HEATBENCH_ACQUIRE_BUS_MBUS_H
#define HEATBENCH_ACQUIRE_BUS_MBUS_H

#include "daq/acquire/bus_private.h"
#include "daq/base/quality.h"
#include "daq/device/mbus_key.h"
#include "daq/device/mbus_master.h"

struct mbus_meter {
	struct mbus_slave slave;
	struct mbus_header known; /* at the start */
	struct mbus_key *key;	  /* of each row of the map */
	struct mbus_reading reading;
	enum quality quality;	  /* of the reading */
	int64_t tick;		  /* that it is of */
	int status;		  /* of the meter, as the journal was last told */
	bool told_absent;	  /* the journal names what its telegrams lack, once */
	uint64_t kept;		  /* digest of the telegram kept last */
};

struct bus_mbus {
	struct bytes *wire; /* NULL: gone */
	struct mbus_master master;
	struct mbus_meter *meter[BENCH_DEVICES]; /* NULL: of another bus */
};

/* "primary address 5", "secondary address 12345678"; returns `out`. */
const char *mbus_meter_address(const struct bench_device *config, char *out, size_t size);

/* The telegrams of a reading as a block, as the bench file says. */
void mbus_meter_keep(struct bus *bus, const struct plan_poll *poll, struct mbus_meter *meter, int64_t tick);

/* Values and qualities of the poll's channels. */
void mbus_meter_values(struct bus *bus, const struct plan_poll *poll, struct mbus_meter *meter, double *values,
	uint8_t *qualities);

#endif
