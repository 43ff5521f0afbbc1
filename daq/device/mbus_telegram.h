/*
 * mbus_telegram.h - what a meter says in an RSP_UD frame of M-Bus: who it is, and its records (EN 13757-3, variable data
 * structure; CI 72h, low byte first, and 76h, high byte first). Encrypted telegrams and the fixed structure (CI 73h) are
 * refused by name.
 */
#ifndef HEATBENCH_DEVICE_MBUS_TELEGRAM_H
#define HEATBENCH_DEVICE_MBUS_TELEGRAM_H

#include "daq/device/mbus_frame.h"
#include "daq/device/mbus_unit.h"

enum mbus_function { MBUS_INSTANTANEOUS, MBUS_MAXIMUM, MBUS_MINIMUM, MBUS_DURING_ERROR };
enum mbus_content {
	MBUS_NOTHING, /* no data, or idle filler */
	MBUS_NUMBER,
	MBUS_TIME,    /* value: seconds since 1970 in the meter's own time; text: the same in words */
	MBUS_TEXT,
	MBUS_BYTES,   /* the maker's own, or a size that has no type: text: hex */
};

struct mbus_header {
	char id[9];	       /* eight digits as printed on the meter; a nibble that is no digit as a letter */
	char manufacturer[4];  /* three letters (FLAG association) */
	int version, medium, access, status, signature;
	uint8_t raw[8];	       /* id, manufacturer, version, medium, low byte first: what secondary addresses select by */
};

/* Bits of the status (EN 13757-3, 6.2): the two lowest are one number. */
enum { MBUS_STATUS_APPLICATION = 3, MBUS_STATUS_POWER_LOW = 4, MBUS_STATUS_PERMANENT = 8, MBUS_STATUS_TEMPORARY = 16 };

struct mbus_record {
	int at, size; /* of it in the frame it came in */
	enum mbus_function function;
	int64_t storage;
	int tariff, subunit;
	struct mbus_meaning meaning;
	enum mbus_content content;
	bool valid;   /* false: the meter says that it has no value; `why` */
	double value; /* in meaning.unit; NaN where there is none */
	double raw;   /* NUMBER: before it was scaled */
	char text[512], why[80];
};

/* One telegram, or several that belong together. All zero to begin with. */
struct mbus_telegram {
	struct mbus_header header;
	int frames;
	bool more; /* the last one says that more follow */
	int records, room;
	struct mbus_record *record;
};

/* Decodes `frame` and adds its records to those of `t`; with frames == 0 it is the first. On failure `t` holds the records
 * before the one that is off. Errors: ERROR_DATA with the byte of the frame and what was expected there; a second frame of
 * another meter; ERROR_DEVICE: the meter reports an error instead (CI 70h). */
int mbus_telegram_add(struct mbus_telegram *t, const struct mbus_frame *frame, struct error *e);

/* A valid number times 10^decades, in one rounding where its unit allows: 543 x 10^-3 m3/h are 543 l/h and not nearly so. */
double mbus_record_scaled(const struct mbus_record *r, int decades);

void mbus_telegram_clear(struct mbus_telegram *t); /* keeps its memory for the next */
void mbus_telegram_free(struct mbus_telegram *t);

/* Whether it is the same meter. */
bool mbus_header_same(const struct mbus_header *a, const struct mbus_header *b);

const char *mbus_function_name(enum mbus_function function); /* "instantaneous", "maximum" ... */
const char *mbus_medium_name(int medium);		     /* "electricity" ...; one without a name: "other" */

/* "temporary error, power low", "" for a status of 0; returns `out`. */
const char *mbus_status_words(int status, char *out, size_t size);

/* Whether the status says that values may be wrong: an application, permanent or temporary error. */
bool mbus_status_bad(int status);

/* The secondary address in 16 hex characters, as selected and as written in bench files. */
void mbus_header_address(const struct mbus_header *header, char out[17]);

#endif
