/*
 * scale_exchange.h - one reading of a scale over a bytes wire: request, line, meaning, instant, and how far to trust it.
 *
 * Nothing in a scale's answer says which request it answers, so an answer that comes after its time-out would be taken for
 * the next one. Therefore:
 *  - The wire is empty before each request: what waits there was not asked for, and puts the exchange out of step.
 *  - After a time-out, a garbled line or bytes that nobody asked for, the wire is left quiet for `late_max` and what comes is
 *    thrown away; if something came, `late_max` grows to 1.5 times its lateness (10 s at most).
 *  - Then, for 10 s or five times late_max, a reading is only good if the question for the serial number, asked right
 *    behind it, is answered by the number that scale_exchange_identify got: had a late weight been taken for the
 *    answer, the true one would come instead. Without that proof a reading is suspect.
 *  - A weight that is filled up with blanks keeps its width: another one has lost or gained a character. The first of the
 *    new width is garbled, those after it are taken.
 *
 * An exchange belongs to the thread whose seat the wire has. It neither opens nor closes the wire.
 */
#ifndef HEATBENCH_DEVICE_SCALE_EXCHANGE_H
#define HEATBENCH_DEVICE_SCALE_EXCHANGE_H

#include "daq/device/scale.h"
#include "daq/wire/bytes.h"

enum { SCALE_TEXT = sizeof(((struct scale_reply *)0)->text) };

struct scale_exchange_config {
	const struct scale_driver *driver;
	char name[32];		  /* for messages */
	struct bytes_config wire; /* for times on the wire; response_timeout is what an answer may take */
	nanos stable_timeout;	  /* for a stable weight; 0: 30 s */
	nanos late_max;		  /* 0: 1 s */
	char unit[8];		  /* that is displayed, for dialects that leave it out while the weight moves; "": unknown */
};

struct scale_reading {
	double weight, resolution; /* kg; NaN unless stable or dynamic */
	enum scale_state state;
	enum quality quality;
	enum wire_status status; /* WIRE_GONE: open the wire again, then scale_exchange_use */
	nanos at, half_width;	 /* instant of the weight: the middle between request and answer, and how far off at most */
	nanos before, after, last;
	char line[64];	 /* as it came; "" if none did */
	char detail[96]; /* why it is not good */
};

struct scale_exchange {
	struct scale_exchange_config config;
	struct bytes *wire;
	nanos late_max; /* learnt */

	/* private */
	struct bytes_line kept;
	nanos free_at, probation_until;
	struct {
		bool owed, prove;
		nanos quiet, since;
	} recovery;
	int width;
	char proof[SCALE_TEXT]; /* serial number; "" as long as it is not known */
};

void scale_exchange_init(struct scale_exchange *x, const struct scale_exchange_config *config, struct bytes *wire);

/* Goes on with a wire that was opened again. What it says must be proved first. */
void scale_exchange_use(struct scale_exchange *x, struct bytes *wire);

/* Serial number and model as the scale says them; `model` is "" if it does not say. The serial number is remembered as the
 * proof of later readings. Errors: ERROR_DEVICE, with what came. */
int scale_exchange_identify(struct scale_exchange *x, char serial[SCALE_TEXT], char model[SCALE_TEXT], struct error *e);

/* `ask`: SCALE_WEIGH, or SCALE_WEIGH_STABLE, which waits for a stable weight; drivers without such a request answer
 * SCALE_WEIGH. */
void scale_exchange_read(struct scale_exchange *x, enum scale_ask ask, struct scale_reading *reading);

/* Leaves the wire quiet, if that is owed: late_max, four times that on a line that does not fall silent. Every other call
 * does it by itself; who must not seem to hang meanwhile does it first. */
void scale_exchange_recover(struct scale_exchange *x);

/* SCALE_TARE or SCALE_ZERO. Where the dialect has no answer, success means that it was sent. Errors: ERROR_DEVICE. */
int scale_exchange_command(struct scale_exchange *x, enum scale_ask ask, struct error *e);

#endif
