/*
 * mbus_unit.h - what a value information field (VIF and its extensions) of M-Bus means: quantity, unit, power of ten.
 *
 * The tables of EN 13757-3 (6.4: primary VIFs; its extension tables FBh and FDh; the VIFEs that follow a VIF) as far as meters
 * of heat, water and electricity use them. What is not in them is decoded as a bare number without a quantity.
 */
#ifndef HEATBENCH_DEVICE_MBUS_UNIT_H
#define HEATBENCH_DEVICE_MBUS_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum { MBUS_VIFES = 10 };

/* What the number stands for besides a scaled integer. */
enum mbus_number {
	MBUS_SIGNED,
	MBUS_UNSIGNED, /* bits, identities */
	MBUS_DATE,     /* types F, G, I by size */
};

struct mbus_meaning {
	const char *quantity; /* "energy", "flow_temperature" ...; NULL: none known */
	char unit[16];	      /* as daq/base/units.h has it; "1": a pure number; "": none known */
	int exponent;	      /* value = raw * 10^exponent * factor + shift */
	double factor, shift;
	enum mbus_number number;
	int vifes;	      /* of those that neither name the quantity nor scale it */
	uint8_t vife[MBUS_VIFES]; /* without their extension bits */
	char remark[96];      /* them in words: "per pulse of input 0", "maker's 01" */
	char trouble[48];     /* "": none; else the error that the meter reports instead of a value */
};

/* Decodes the VIB at `bytes`; returns its length, or -1: ERROR_DATA, `at` being the first byte's place in the frame. A
 * plain-text VIF's characters come last first, in mode 2 (`high_first`) in their order; they stand behind the VIF and before
 * its VIFEs, as meters send it. */
int mbus_meaning_read(const uint8_t *bytes, size_t have, bool high_first, int at, struct mbus_meaning *out, struct error *e);

/* Whether a quantity of that name exists, its name as it is kept (NULL: no) and its unit. */
const char *mbus_quantity_find(const char *name, const char **unit);

/* All names, NULL-terminated; `room` of at least 128. */
void mbus_quantity_names(const char *names[128]);

#endif
