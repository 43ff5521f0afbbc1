/*
 * device_readings.h - registers of a map, read once: value, raw words, and what is to be said about them.
 */
#ifndef HEATBENCH_CLI_DEVICE_READINGS_H
#define HEATBENCH_CLI_DEVICE_READINGS_H

#include "daq/cli/device_line.h"
#include "daq/device/register_map.h"

#include <jansson.h>

struct device_reading {
	enum wire_status status;
	int exception;
	bool valid;	 /* value holds; false with WIRE_OK: the device marks it invalid */
	double value;	 /* in the row's unit; NaN where not valid */
	uint16_t raw[4]; /* with WIRE_OK */
	nanos at;
};

/* The map of --map with the word order of --word-order; free with register_map_free(). */
int device_map_read(const char *name, int word_order, struct register_map **out, struct error *e);

/* Reads rows (indexes into the map) in as few transactions as the map allows; where the device refuses one that
 * serves several rows, each row by itself. readings[i] belongs to rows[i]. Errors: the port is gone. */
int device_readings_take(struct device_line *line, int unit, const struct register_map *map, const int *rows,
	int count, struct device_reading *readings, struct error *e);

/* What is to be said about a reading: "" where nothing is. */
void device_reading_note(const struct register_row *row, const struct device_reading *reading, char *out, size_t size);

/* "0x4366 0x3334" */
void device_reading_raw(const struct register_row *row, const struct device_reading *reading, char *out, size_t size);

/* "230.2" with as many digits as the type has; "-" where not valid */
void device_reading_value(const struct register_row *row, const struct device_reading *reading, char *out, size_t size);

json_t *device_reading_json(const struct register_row *row, const struct device_reading *reading);

/* Judges by the rows that expect something: which word order fits better than the map's. Returns false where the
 * map's is as good. */
bool device_readings_other_order(const struct register_map *map, const int *rows, int count,
	const struct device_reading *readings, enum word_order *better);

#endif
