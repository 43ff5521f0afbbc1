/*
 * mbus_key.h - how a row of an `mbus_map` names a record of a telegram.
 *
 *	QUANTITY [storage=N] [tariff=N] [subunit=N] [function=maximum|minimum] [vife=HEX] [nth=N]
 *
 * QUANTITY is a name of mbus_unit.h ("energy", "flow_temperature") or a field of the header: "status", "access", "id". What is
 * left out is 0, instantaneous, without VIFEs (but those that only scale), and the first of several that are alike.
 */
#ifndef HEATBENCH_DEVICE_MBUS_KEY_H
#define HEATBENCH_DEVICE_MBUS_KEY_H

#include "daq/device/mbus_telegram.h"

enum mbus_field { MBUS_FIELD_RECORD, MBUS_FIELD_STATUS, MBUS_FIELD_ACCESS, MBUS_FIELD_ID };

struct mbus_key {
	enum mbus_field field;
	const char *quantity, *unit; /* unit: what its values come in, or what they convert from */
	int64_t storage;
	int tariff, subunit, nth;
	enum mbus_function function;
	int vifes;
	uint8_t vife[MBUS_VIFES]; /* without extension bits */
};

enum mbus_outcome {
	MBUS_KEY_VALUE,
	MBUS_KEY_ABSENT,  /* the telegram has no such record */
	MBUS_KEY_INVALID, /* it has one, which the meter marks as no value, or sends as of an error */
};

/* Errors: ERROR_CONFIG, with what is wrong and the nearest name. */
int mbus_key_parse(const char *text, struct mbus_key *out, struct error *e);

/* Whether it is a key whose values can be given in `unit`. Errors: ERROR_CONFIG. */
int mbus_key_check(const char *text, const char *unit, struct error *e);

/* What the key finds in the telegram of a whole frame. Errors: ERROR_DATA: no telegram, or it has no such value. */
int mbus_key_show(const char *text, const char *unit, const uint8_t *bytes, size_t size, double *out, struct error *e);

/* The value in `unit`; NaN unless MBUS_KEY_VALUE. A record of that unit's kind in another unit is converted; one that cannot
 * be is invalid. */
enum mbus_outcome mbus_key_value(const struct mbus_key *key, const struct mbus_telegram *t, const char *unit, double *out);

#endif
