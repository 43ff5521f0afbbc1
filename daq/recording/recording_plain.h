/*
 * recording_plain.h - the usual rows of a log, quickly: numbers, switches and empty cells between separators, as many as the header
 * has. Whatever is not usual is left to whoever reads with care (recording_rows.c).
 *
 * Some rows at once, and of these one column after the other: what cells of one column have in common (a point, a length)
 * is what a processor foretells best.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_PLAIN_H
#define HEATBENCH_RECORDING_RECORDING_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

enum { PLAIN_SKIP = -1, PLAIN_TIME = -2, PLAIN_ROWS = 64 };

struct recording_layout;

struct recording_plain {
	const struct recording_layout *at; /* whose times they are */
	char separator;
	int columns; /* of the file; 0: no row is usual */
	int slots;   /* values in a row */
	struct {
		int slot; /* place in the row, or PLAIN_SKIP, PLAIN_TIME */
		bool is_switch;
		double scale, offset;
	} *column; /* [columns] */
};

/* Usual rows from *at, which moves behind them: up to `most` and up to PLAIN_ROWS, and less where an unusual one or the end of the
 * text follows. Their times in seconds since 1970 (time[most]), values and qualities ([most * slots]: good, or a gap for an empty
 * cell); places of rows that were not taken may have been written. Returns how many. */
int recording_plain_rows(const struct recording_plain *x, const char **at, const char *end, int most, double *time, double *value,
	uint8_t *quality);

#endif
