/*
 * recording_importing.h - an import under way: what its parts share.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_IMPORTING_H
#define HEATBENCH_RECORDING_RECORDING_IMPORTING_H

#include "daq/recording/recording_rows.h"

struct importing {
	const struct recording_import *import;
	const struct recording_map *map;
	struct recording_duts duts;
	struct recording_rows *rows; /* [files] */
	int set_point;		     /* column of the map, -1: none */
	const struct recording_file **from; /* [files], of `rows` */
	bool wide;			    /* every row is of all devices */
	int *to; /* [(devices, or files of a wide map) * columns]: channel, -1: none */
	int channels, shared; /* shared: columns that are the bench's, whose channels come last */
	struct run *run;
	struct run_about about;
	char digest[65];
	int64_t steps;
	int file; /* that is being written */
	double *value; /* one row of the run */
	uint8_t *quality;
};

/* Gives every column of every device its channel, and room for a row of all (recording_channels.c). Errors: ERROR_SYSTEM. */
int importing_channels(struct importing *m, struct error *e);
int importing_define_channels(struct importing *m, struct error *e);

/* Two files that give one channel values for most of the same time are of two devices. Errors: ERROR_DATA. */
int importing_refuse_overlap(const struct importing *m, struct error *e);

/* The steps of one file, whose rows begin at `tick` (recording_steps.c). */
int importing_put_steps(struct importing *m, const struct recording_rows *r, const char *valve, int64_t tick, struct error *e);

#endif
