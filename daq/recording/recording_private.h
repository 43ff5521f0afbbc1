/*
 * recording_private.h - one row of a recording read with care (recording_row.c), for those who read whole files.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_PRIVATE_H
#define HEATBENCH_RECORDING_RECORDING_PRIVATE_H

#include "daq/recording/recording_rows.h"
#include "daq/store/csv.h"

/* Where a file keeps what the map asks for. */
struct recording_layout {
	int time, dut;
	int column[RECORDING_COLUMNS]; /* -1: the file does not have it */
	int slot[RECORDING_COLUMNS];   /* place in a row, -1 likewise */
	double seconds;		       /* of one unit of time */
	double per_second;	       /* units of time, where that is a whole number; else 0 */
	int slots;
	bool wide;		       /* every row is of all devices */
};

/* Errors: ERROR_DATA (a required column is missing, nobody says which device it is), ERROR_CONFIG. */
int recording_layout_read(struct recording_layout *out, const struct csv *csv, const struct recording_file *file,
	const struct recording_map *map, struct error *e);

/* Room for one row more. */
int recording_rows_reserve(struct recording_rows *r, struct error *e);

/* Index of the device that a file calls `said`; -1: one too many. */
int recording_dut(const struct recording_map *map, struct recording_duts *duts, const char *path, const char *said, struct error *e);

/* The csv's present row, taken or left out with a note. */
int recording_row_take(struct recording_rows *r, const struct csv *csv, const struct recording_file *file,
	const struct recording_map *map, const struct recording_layout *at, struct recording_duts *duts, struct error *e);

/* Seconds since 1970 of a time as it stands in the file. */
double recording_seconds(const struct recording_layout *at, double units);

#endif
