/*
 * recording.h - the file behind a recorded wire: text, one line for each thing that happened, a header with a
 * version. What the lines of a kind say is told by its recorder (words_record.h, lines_record.h).
 *
 *	heatbench-wire 1 words
 *	# a comment: for whoever reads or writes a recording by hand
 *	open ...			the wire was opened; times after it count from here
 *	...				what happened
 *	end 1234			closed in order, after so many lines
 *
 * Each line reaches the file before the next begins: a recording that was cut (a kill, a full disk) lacks its end
 * and has at most one half line, which is passed over.
 */
#ifndef HEATBENCH_WIRE_RECORDING_H
#define HEATBENCH_WIRE_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct recording;

enum { RECORDING_VERSION = 1 };

/* Begins a recording, or goes on with one of the same kind: a wire that was away is opened again. `opening` is
 * what stands behind "open". Errors: ERROR_IO; ERROR_DATA (another kind, or no recording at all). */
int recording_create(struct recording **out, const char *path, const char *kind, const char *opening,
	struct error *e);

/* Not more than so many bytes on disk (0: no bound): the older half goes to <path>.old and then away. */
void recording_bound(struct recording *recording, int64_t bytes);

/* One line, without its end. A disk that refuses ends the recording and nothing else: who is recorded goes on. */
void recording_add(struct recording *recording, const char *line);

/* Why nothing is recorded any more, or NULL. */
const char *recording_trouble(const struct recording *recording);
void recording_close(struct recording *recording); /* NULL is fine */

/* A recording in memory. */
struct recording_line {
	int number; /* in the file, from 1 */
	char *text; /* terminated */
};
struct recording_text {
	char *data;
	int lines; /* without header, comments, blank lines and a half line */
	struct recording_line *line;
	bool cut;   /* the last line was a half one */
	bool ended; /* the last line is "end" */
};

/* Errors: ERROR_IO, ERROR_DATA (no recording, another kind or version, cut in its header). */
int recording_read(struct recording_text *out, const char *path, const char *kind, struct error *e);
void recording_text_free(struct recording_text *text);

/* A text between quotes, with \" \\ \n and \xHH; and back, returning what follows the closing quote or NULL. */
void recording_quote(char *out, int size, const char *text);
const char *recording_unquote(const char *from, char *out, int size);

#endif
