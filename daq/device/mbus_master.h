/*
 * mbus_master.h - the master of an M-Bus over a bytes wire (EN 13757-2): one reading of a meter, complete and proved.
 *
 * A reading is: the meter is initialised (SND_NKE) or selected by its secondary address, asked (REQ_UD2) with a frame count
 * bit that toggles with each answer, and asked on as long as it says that more records follow. What makes an answer the
 * answer: its checksum, its A field (primary addresses) or its identity (secondary addresses; and then each telegram of a
 * reading must be of the same meter). What does not fit is passed over while the time for an answer lasts.
 *
 * Staying in step:
 *  - The wire is empty before each request: what waits there was not asked for, and the wire is left quiet for `late_max`.
 *  - After a reading that failed the wire is left quiet for the meter's `late_max` (after a wrong checksum for 100 ms) and what
 *    comes is thrown away; if something came, `late_max` grows to 1.5 times its lateness (10 s at most). The meter is then
 *    initialised anew.
 *  - Then, and after a request that had to be repeated, for 10 s or five times `late_max`: an answer may still be under way that
 *    is as well-formed as the one to come. So each reading is followed by an initialisation (or selection), which must be
 *    acknowledged with nothing before it: had an old answer been taken, the true one would come there. A reading without that
 *    proof is `unproved`.
 *  - An answer that was repeated within a reading is of the time of the first request: with the same frame count bit a meter
 *    sends again what it sent. The reading's half width covers both.
 *
 * A master belongs to the thread whose seat the wire has. It neither opens nor closes the wire.
 */
#ifndef HEATBENCH_DEVICE_MBUS_MASTER_H
#define HEATBENCH_DEVICE_MBUS_MASTER_H

#include "daq/device/mbus_telegram.h"
#include "daq/wire/bytes.h"

enum { MBUS_TELEGRAMS = 16 /* of one reading, at most */, MBUS_RETRIES_MAX = 2 /* EN 13757-2, 5.5.2 */ };

struct mbus_address {
	int primary;	   /* 0 to 250; MBUS_SELECTED: by what follows */
	uint8_t select[8]; /* id, manufacturer, version, medium, low byte first; Fh and FFh stand for any */
};

/* "12345678" or "123456782D2C3504": eight digits as printed on the meter, then manufacturer (two bytes as they come on the
 * wire), version, medium in hex, each of which may be F for any. Errors: ERROR_CONFIG. */
int mbus_address_parse(const char *text, struct mbus_address *out, struct error *e);

struct mbus_master_config {
	int baud;		/* of the meters, also behind a gateway */
	nanos response_timeout; /* for the first byte of an answer; 0: what the standard allows and 150 ms */
	bool gateway;		/* packets of TCP may lie far apart */
	int retries;		/* of each request, 0 to MBUS_RETRIES_MAX */
};

struct mbus_master {
	struct mbus_master_config config;
	struct bytes *wire;
	struct mbus_reader reader;
	struct { bool owed; nanos quiet, since; struct mbus_slave *slave; } recovery;
};

/* A meter as its master knows it. */
struct mbus_slave {
	struct mbus_address address;
	int reset;	/* subcode of the application reset that precedes its first reading; -1: none */
	nanos late_max; /* learnt */

	/* private */
	nanos probation_until;
	bool ready;	/* initialised, and `fcb` is what comes next */
	bool fcb, many; /* many: it has more than one telegram, and is initialised before each reading */
	int silent;	/* readings in a row without any answer: it is not asked again within a reading */
};

struct mbus_reading {
	enum wire_status status; /* WIRE_GONE: open the wire again, then mbus_master_use */
	bool unproved;		 /* with WIRE_OK: not known to be the answer to this request; `detail` says so */
	struct mbus_telegram telegram; /* with WIRE_OK; the caller frees it in the end */
	nanos at, half_width;	 /* instant of the values: the middle between request and answer, and how far off at most */
	nanos before, after, last;
	size_t size;		 /* of raw */
	uint8_t raw[MBUS_TELEGRAMS * MBUS_FRAME_MAX]; /* the frames as they came */
	int wrong, checksums;	 /* what was passed over or led to a retry: answers that were none, broken frames */
	char detail[160];	 /* why there is none */
};

void mbus_master_init(struct mbus_master *m, const struct mbus_master_config *config, struct bytes *wire);

/* Goes on with a wire that was opened again; the slaves are initialised anew by mbus_slave_forget. */
void mbus_master_use(struct mbus_master *m, struct bytes *wire);
void mbus_slave_forget(struct mbus_slave *slave);

/* One reading into `r`, which is all zero before the first and is used again after. */
void mbus_master_read(struct mbus_master *m, struct mbus_slave *slave, struct mbus_reading *r);

/* Leaves the wire quiet, if that is owed. mbus_master_read does it by itself; who must not seem to hang meanwhile does it
 * first. Returns whether something came. */
bool mbus_master_recover(struct mbus_master *m);

/* How long an answer's first byte may take: 330 bit times and 50 ms (EN 13757-2, 5.6), and 150 ms for adapters; over a gateway
 * another 500 ms. */
nanos mbus_response_time(int baud, bool gateway);

/* On the wire: a request of five bytes, the turnaround, an answer of `bytes`, at 11 bits a character. For the load of a bus. */
nanos mbus_reading_time(int baud, int bytes);

#endif
