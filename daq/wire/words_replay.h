/*
 * words_replay.h - an end that answers from a recording (words_record.h), with the recorded timing on the given clock.
 *
 * Strict unless said otherwise: the requests and drains that come must be those of the recording, in its order. One
 * that is not is answered with WIRE_GONE and a detail that says what was expected, in which line, and what came;
 * so is everything after it. A regression cannot go on with made-up values.
 *
 * Each answer takes as long as it took when it was recorded, counted from its request: who asks at the same times
 * gets the same stamps.
 */
#ifndef HEATBENCH_WIRE_WORDS_REPLAY_H
#define HEATBENCH_WIRE_WORDS_REPLAY_H

#include "daq/wire/words.h"

/* Reads the whole recording. One that was cut in the middle of a line is taken up to the line before. Errors: ERROR_IO,
 * ERROR_DATA with path and line. */
int words_replay_open(struct words **out, const char *path, struct clock_seat *seat, struct error *e);

/* From now on a request is answered by the next line that has the same request, wherever it stands; after the last
 * from the first on again. What was never asked is an error still. Drains and pending bytes come where the recording
 * has them next, else there are none. */
void words_replay_tolerant(struct words *replay);

/* Goes to the n-th "open" of the recording, counted from 0: for a wire that was away and is opened again. False: it
 * has not as many. */
bool words_replay_from(struct words *replay, int opening);

struct words_replay_state {
	int lines, line; /* of the recording, without its frame; answered so far */
	bool cut, ended; /* the recording was cut in a line; was closed in order */
	char trouble[160]; /* why it no longer answers; "" */
};
void words_replay_state(struct words *replay, struct words_replay_state *out);

#endif
