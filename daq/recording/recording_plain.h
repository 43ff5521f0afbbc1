/*
 * recording_plain.h - the usual rows of a log, quickly: numbers, switches and empty cells between separators, as many as the header
 * has. Whatever is not usual is left to whoever reads with care (recording_rows.c).
 */
#ifndef HEATBENCH_RECORDING_RECORDING_PLAIN_H
#define HEATBENCH_RECORDING_RECORDING_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

enum { PLAIN_SKIP = -1, PLAIN_TIME = -2 };

struct recording_plain {
	char separator;
	int columns; /* of the file; 0: no row is usual */
	struct {
		int slot; /* place in the row, or PLAIN_SKIP, PLAIN_TIME */
		bool is_switch;
		double scale, offset;
	} *column; /* [columns] */
};

/* One row at *at, which moves behind it: its time as it stands there, its values and qualities (good, or a gap for an empty
 * cell). False, with *at where it was, for any row that is not usual, and at the end of the text. */
bool recording_plain_row(const struct recording_plain *x, const char **at, const char *end, double *time, double *value,
	uint8_t *quality);

#endif
