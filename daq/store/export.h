/*
 * export.h - a run out of its database into CSV and JSON, and back, without loss (docs/run-folder.md).
 *
 *	DIR/definitions.json	what there is one row of: run, segments, devices, channels, limits ...; digests
 *	DIR/scan.csv ...	one for each rate group: tick, UTC, elapsed seconds, then a column for each channel
 *	DIR/flag.csv ...	one for each other table; a column in parentheses is for the reader and not in the table
 *	DIR/files/		the other files of the evidence as they were
 */
#ifndef HEATBENCH_STORE_EXPORT_H
#define HEATBENCH_STORE_EXPORT_H

#include <stddef.h>
#include <stdint.h>

struct error;

/* Told of every few thousand rows, where there is somebody to tell. */
struct run_progress {
	void (*told)(void *self, const char *table, int64_t row, int64_t rows); /* may be NULL */
	void *self;
};

/* `to` must not exist, or be an empty folder; it is there as a whole or not at all. `group` not NULL: of the
 * rate groups only this one, which makes an export that cannot be imported (unless the run has no other).
 * A run that is being written is exported as it was committed at one instant. Errors: ERROR_IO, ERROR_DATA. */
int run_export(const char *path, const char *to, const char *group, const struct run_progress *progress,
	struct error *e);

/* Restores a run below `results`; its folder in `out`. Its rows digest equals that of the original, or it is
 * refused (ERROR_DATA) and nothing is left. It gets a file import.json that says where it came from. */
int run_import(const char *from, const char *results, char *out, size_t size, const struct run_progress *progress,
	struct error *e);

#endif
