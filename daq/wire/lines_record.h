/*
 * lines_record.h - an end that writes down what happens at another end of a board of lines.
 *
 * Lines of a recording of lines (recording.h says what is common), times in nanoseconds of bench time since
 *"open":
 *
 *	open board=rig relay:output drive:pwm pulses:edges
 *	s LINE LEVEL @T ok			lines_set; or: gone|refused "what was said of it"
 *	u LINE DUTY @T ok			lines_set_duty, likewise
 *	g LINE EDGES LOST LEVEL LAST @T ok	lines_get, likewise; LAST "-" where there was no edge yet
 *	t LINE @T N EDGE...			lines_take gave N edges: "+1234" rising, "-1234" falling (that
 *none were there is not written down)
 *
 * LINE counts from 0 in the order of the board.
 */
#ifndef HEATBENCH_WIRE_LINES_RECORD_H
#define HEATBENCH_WIRE_LINES_RECORD_H

#include "daq/wire/lines.h"

struct error;

/* Takes over `inner` and closes it when closed. A recording that is there already is continued. `config` is
 * what the inner end was opened with. On failure inner is not closed. Errors: ERROR_IO, ERROR_DATA (the file
 * is something else). */
int lines_record_open(struct lines **out, struct lines *inner, const char *path,
	const struct lines_config *config, struct clock_seat *seat, struct error *e);

/* As words_record_bound() and words_record_trouble(). */
void lines_record_bound(struct lines *recorder, int64_t bytes);
const char *lines_record_trouble(struct lines *recorder);

#endif
