/*
 * words_record.h - an end that writes down what happens at another words end.
 *
 * Lines of a recording of words (recording.h says what is common), times in nanoseconds:
 *
 *	open bus=odu kind=rtu baud=19200 frame=8E1 timeout=300000000
 *	r UNIT FUNCTION ADDRESS COUNT @T +B +A +L ok WORD...
 *	r UNIT FUNCTION ADDRESS COUNT @T +B +A +L exception CODE "what was said of it"
 *	r UNIT FUNCTION ADDRESS COUNT @T +B +A +L time-out|checksum|mismatch|gone "what was said of it"
 *	w UNIT ADDRESS COUNT WORD... @T +B +A +L ok		(else as above)
 *	d QUIET @T +E BYTES LATEST		words_drain took until +E and threw away so many; the last of them
 *						came at +LATEST, "-" where none came
 *	p @T					words_pending said that bytes wait (that none do is not written down)
 *
 * @T is bench time since the latest "open"; +B, +A and +L are before, after and last of the reply, since @T. Words
 * are four hexadecimal digits each, all else is decimal.
 */
#ifndef HEATBENCH_WIRE_WORDS_RECORD_H
#define HEATBENCH_WIRE_WORDS_RECORD_H

#include "daq/wire/words.h"

/* Takes over `inner` and closes it when closed. A recording that is there already is continued. `config` is what
 * the inner end was opened with. On failure inner is not closed. Errors: ERROR_IO, ERROR_DATA (the file is something
 * else). */
int words_record_open(struct words **out, struct words *inner, const char *path, const struct words_config *config,
	struct clock_seat *seat, struct error *e);

/* Keeps not more than so many bytes on disk, the newest: the half before goes to <path>.old. 0: no bound. */
void words_record_bound(struct words *recorder, int64_t bytes);

/* Why nothing is recorded any more (a full disk; the wire itself goes on), or NULL. */
const char *words_record_trouble(struct words *recorder);

#endif
