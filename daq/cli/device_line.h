/*
 * device_line.h - a line that is read with care: no late answer is taken for the next one.
 *
 * After a time-out, or an answer that fits no question, the line is left quiet for `late`. Until some seconds later
 * each answer on a serial line must then be followed by a right answer to a read of another length: an old answer
 * that stood in for it would leave its own behind, and that has the wrong length. What cannot be proved is read again.
 * (A device answers one question after the other; a gateway that changes their order would escape this.)
 */
#ifndef HEATBENCH_CLI_DEVICE_LINE_H
#define HEATBENCH_CLI_DEVICE_LINE_H

#include "daq/wire/words.h"

struct error;

struct device_line {
	struct words *words;
	struct words_config config;
	struct clock *clock;
	struct clock_seat *seat;
	nanos late;	   /* longest that an answer is waited out after its time-out; grows with what comes */
	nanos doubt_until; /* until then answers must be proved */
	int timeouts;	   /* in all */
	int strays;	   /* answers that came late, or to nobody */
};

/* Errors: as words_open(). The caller closes, also after a failure. */
int device_line_open(struct device_line *line, const struct words_config *config, nanos late, struct error *e);
void device_line_close(struct device_line *line);

/* One read, repeated where it timed out or could not be proved. The reply is WIRE_OK or WIRE_EXCEPTION only if it
 * is in step. */
void device_line_read(struct device_line *line, int unit, int function, int address, int count,
	struct words_reply *reply);

/* Asks once whether a unit is there: any well-formed answer of it counts, an exception too. Where something came
 * after the time-out (or garbled), the status says so: WIRE_MISMATCH, WIRE_CHECKSUM. */
void device_line_knock(struct device_line *line, int unit, struct words_reply *reply);

nanos device_line_now(const struct device_line *line);

/* Waits until an instant, or until Ctrl-C. */
void device_line_wait(struct device_line *line, nanos until);

#endif
