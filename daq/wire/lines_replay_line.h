/*
 * lines_replay_line.h - one line of a recording of lines in memory; inside lines_replay only.
 */
#ifndef HEATBENCH_WIRE_LINES_REPLAY_LINE_H
#define HEATBENCH_WIRE_LINES_REPLAY_LINE_H

#include "daq/wire/lines.h"
#include "daq/wire/recording.h"

struct lines_replay_line {
	char kind;  /* s, u, g, t */
	int number; /* in the file */
	int line;
	bool level;
	double duty;
	nanos at; /* times are those of the recording */
	struct line_state state;
	enum line_status status;
	char *detail;
	int edges;
	struct edge *edge;
};

/* All lines of a recording; "open" and "end" are left out. Errors: ERROR_DATA with path and line. */
int lines_replay_read(struct lines_replay_line **out, int *count, const struct recording_text *text,
	const char *path, struct error *e);
void lines_replay_free(struct lines_replay_line *line, int count);

/* Whether both are the same call. */
bool lines_replay_same(const struct lines_replay_line *a, const struct lines_replay_line *b);

/* "s 1 0", as it stands in the file. */
void lines_replay_describe(const struct lines_replay_line *line, char *out, size_t size);

#endif
