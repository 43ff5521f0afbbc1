/*
 * bench_file.h - bench files, register maps and recording maps: Lua that only builds data.
 *
 * Constructors: bench, modbus_rtu, modbus_tcp, device, channel, dut, limit, safe, certificate; include("x.lua")
 * for shared parts (read-only, digested with the run). Every table is checked against its settings table: an
 * unknown key is an error with the constructor's line, the key path and the nearest known name; a missing
 * required one, a wrong type, a value outside its limits, nan, and a quantity without unit likewise.
 */
#ifndef HEATBENCH_SCRIPT_BENCH_FILE_H
#define HEATBENCH_SCRIPT_BENCH_FILE_H

#include "daq/acquire/bench.h"

/* Reads a bench file. Maps are looked for in $HEATBENCH_MAPS, in maps/ beside the bench file, then among
 * those that came with the program. The caller frees with bench_free(). Errors: ERROR_CONFIG, ERROR_IO. */
int bench_file_read(struct bench **out, const char *path, struct error *e);

/* Limits alone, from a file that holds only limit{...} constructors (for `evaluate --limits`); they replace
 * bench->limit. `bench` needs its duts. */
int bench_file_limits(struct bench *bench, const char *path, struct error *e);

/* One register map by name or path; the caller frees with register_map_free(). */
int map_file_read(struct register_map **out, const char *name, struct error *e);

/* Names of all maps that can be found, sorted, NULL-terminated; free each and the array. */
int map_file_list(char ***out, struct error *e);

/* Where a recording's columns go: recording{ time={column=..., unit="s"}, ... } */
struct recording_column {
	char column[64];   /* header in the file */
	char channel[48];  /* what it becomes: "duty", "feedback", "flow" ... (a role) */
	char unit[16], quantity[48], kind[12];
	double scale, offset;
	bool required;
	double resolution; /* NaN: not known */
};
struct recording_map {
	char title[96], source[256];
	char time_column[64], time_unit[16]; /* since 1970 */
	char dut_column[64];		     /* "" : the option dut= names it */
	char set_point[48];		     /* channel whose changes begin a step */
	char dut_kind[32], dut_profile[32];
	int columns;
	struct recording_column column[32];
	struct { char from[64], to[32]; } dut_name[16];
	int dut_names;
};
int recording_map_read(struct recording_map *out, const char *path, struct error *e);

/* The directory of data files that came with the program: $HEATBENCH_DATA, else found from the executable. */
const char *data_directory(void);

#endif
