/*
 * lines_replay.h - a board of lines that answers from a recording (lines_record.h).
 *
 * Time counts from the opening of the replay as it did from that of the recording: edges carry the same
 * stamps, and are there to be taken once their time has come. Strict: what is set and asked must be what was
 * recorded, in its order (a lines_take that finds nothing may come at any time). The first call that is not
 * gives LINE_GONE, and lines_detail() says what was expected, in which line, and what came; so does
 * everything after it.
 */
#ifndef HEATBENCH_WIRE_LINES_REPLAY_H
#define HEATBENCH_WIRE_LINES_REPLAY_H

#include "daq/wire/lines.h"

struct error;

/* Reads the whole recording. One that was cut in the middle of a line is taken up to the line before. Errors:
 * ERROR_IO, ERROR_DATA with path and line. */
int lines_replay_open(struct lines **out, const char *path, struct clock_seat *seat, struct error *e);

/* From now on each line of the board is by itself: a call is answered by the next recorded one that is the
 * same, after the last from the first on again; edges come when their time has come. What was never recorded
 * is an error still. */
void lines_replay_tolerant(struct lines *replay);

struct lines_replay_state {
	int lines, line;   /* of the recording, without its frame; answered so far */
	bool cut, ended;   /* the recording was cut in a line; was closed in order */
	char trouble[160]; /* why it no longer answers; "" */
};
void lines_replay_state(struct lines *replay, struct lines_replay_state *out);

#endif
