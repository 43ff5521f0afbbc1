/*
 * bench_file.h - bench files: Lua that only builds data.
 *
 * Constructors: bench, modbus_rtu, modbus_tcp, device, channel, dut, limit, safe, certificate; include("x.lua")
 * for shared parts (read-only, digested with the run). Every table is checked against its settings table: an
 * unknown key is an error with the constructor's line, the key path and the nearest known name; a missing
 * required one, a wrong type, a value outside its limits, nan, and a quantity without unit likewise.
 */
#ifndef HEATBENCH_SCRIPT_BENCH_FILE_H
#define HEATBENCH_SCRIPT_BENCH_FILE_H

#include "daq/acquire/bench.h"
#include "daq/script/map_file.h"
#include "daq/script/recording_map.h"

/* Reads a bench file. Maps are looked for in $HEATBENCH_MAPS, in maps/ beside the bench file, then among
 * those that came with the program. The caller frees with bench_free(). Errors: ERROR_CONFIG, ERROR_IO,
 * ERROR_LIMIT (the file computes for ever). */
int bench_file_read(struct bench **out, const char *path, struct error *e);

/* Limits alone, from a file that holds only limit{...} constructors (for `evaluate --limits`); they replace
 * bench->limit. `bench` needs its duts and channels. */
int bench_file_limits(struct bench *bench, const char *path, struct error *e);

/* The keys of all constructors, as Markdown: docs/bench-file.md carries them. */
void bench_file_help(FILE *to);

#endif
