/*
 * recording_parts.h - a long log in parts that several threads read at once, each up to its first row that is not usual.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_PARTS_H
#define HEATBENCH_RECORDING_RECORDING_PARTS_H

#include "daq/recording/recording_plain.h"
#include "daq/recording/recording_rows.h"

struct recording_part {
	const char *from, *to; /* whole lines */
	int lines, first;      /* first: place of its rows, if every line before it were one */
	int line;	       /* of the file, at `from` */
	int taken;	       /* usual rows that were read */
	const char *stopped;   /* behind the last of them */
};

struct recording_parts {
	struct recording_part *part;
	int parts;
};

/* Makes room in `rows` (empty so far) for all lines of [from, to), and reads the usual rows of each part to where they would be if
 * every line were one row. `line`: of the file, at `from`. 0 parts where the text is too short to be worth it. Errors: ERROR_SYSTEM. */
int recording_parts_read(struct recording_parts *out, struct recording_rows *rows, const struct recording_plain *plain,
	const char *from, const char *to, int line, int dut, struct error *e);
void recording_parts_free(struct recording_parts *parts);

/* Moves a part's rows to the end of those that are there, and counts them. */
void recording_part_take(struct recording_rows *rows, const struct recording_part *part);

#endif
