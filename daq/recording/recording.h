/*
 * recording.h - recorded tests (CSV) become a run, as if they had been acquired here.
 *
 * One run of origin "imported", one segment per file, one rate group `scan`: channel `time` (role "time": the
 * recorded instant in seconds since 1970, exact), then <dut>_<channel> (role <channel>) for each device and each
 * column of the map, then <channel> of the bench for each shared column. A device's columns are NULL, without a flag,
 * in rows of another one. A step is a stretch of one device at one set point; where the set point changes at most rows
 * (excitation), all of one device's stretch. With shared columns a step is the bench's, called "<set point> run <file>".
 * Where the map's columns say whose they are, every row is of all devices, files are taken in the order of their times, and a
 * column that a file does not have, or only empty, is as if it were not there.
 * The files and the map are kept in the run as evidence.
 *
 * An empty cell is NULL with quality "gap"; a cell that is no finite number is NULL with quality "exception"
 * and an event that names file, row and column. A row without usable time, or whose time goes back, is left
 * out, with an event. The last value of a file that ends without a line end is "suspect": it may be cut.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_H
#define HEATBENCH_RECORDING_RECORDING_H

#include "daq/script/recording_map.h"
#include "daq/store/run.h"

/* Fewer samples whose set point keeps changing are no excitation. */
enum { EXCITATION_LEAST = 20 };

struct recording_file {
	char path[512];
	char valve[24]; /* position during the whole file: "open", "throttled"; "" not known */
	char dut[32];	/* the one device of the file; "": the map names it, or its column does, row by row */
	struct {
		char from[32], to[32];
	} name[RECORDING_DUT_NAMES]; /* what this file's devices are called besides: hp1 of the second CiC is hp3 */
	int names;
};

/* What a device of the map is called in this file. */
const char *recording_file_dut(const struct recording_file *file, const char *dut);

struct recording_import {
	const struct recording_file *file;
	int files;
	const struct recording_map *map;
	const char *map_path; /* kept as evidence; NULL or "": none */
	const struct run_limit *limit; /* stored with the run */
	int limits;
	const struct run_setting *setting; /* what its evaluation must know: likewise */
	int settings;
};

/* Makes the run below `results` and ends it ("complete"). `about` says who and how; its origin, start (utc,
 * where it is 0) and tick (period, where it is 0: the median distance of rows) are filled here. Nothing is
 * made when a file cannot be used: empty, header only, a required column missing, no usable row.
 * Errors: ERROR_DATA with file and row, ERROR_IO. */
int recording_import(const struct recording_import *import, const struct run_about *about, const char *results,
	char *run_path, size_t size, struct error *e);

#endif
