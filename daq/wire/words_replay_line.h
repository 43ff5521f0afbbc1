/*
 * words_replay_line.h - one line of a recording of words in memory; inside words_replay only.
 */
#ifndef HEATBENCH_WIRE_WORDS_REPLAY_LINE_H
#define HEATBENCH_WIRE_WORDS_REPLAY_LINE_H

#include "daq/wire/recording.h"
#include "daq/wire/words.h"

struct replay_line {
	char kind; /* r, w, d, p; o for "open" */
	int number; /* in the file */
	int unit, function, address;
	int count;	 /* words asked for; of a drain the bytes */
	nanos quiet;	 /* of a drain */
	uint16_t *words; /* of the reply to r, of the request of w; NULL: none */
	enum wire_status status;
	int exception;
	nanos before, after, last; /* since the request; of a drain: when the latest byte came, -, when it ended */
	char *detail;
};

/* All lines of a recording. Errors: ERROR_DATA with path and line. */
int replay_lines_read(struct replay_line **out, int *count, const struct recording_text *text, const char *path,
	struct error *e);
void replay_lines_free(struct replay_line *line, int count);

/* Whether both ask for the same. */
bool replay_line_same(const struct replay_line *a, const struct replay_line *b);

/* "r 1 3 2099 40", as it stands in the file. */
void replay_line_describe(const struct replay_line *line, char *out, size_t size);

#endif
