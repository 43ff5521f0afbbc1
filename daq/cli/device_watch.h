/*
 * device_watch.h - registers read again and again.
 */
#ifndef HEATBENCH_CLI_DEVICE_WATCH_H
#define HEATBENCH_CLI_DEVICE_WATCH_H

#include "daq/cli/device_readings.h"

enum { DEVICE_ROWS = 256 };

struct device_options;

struct device_watch {
	struct device_line line;
	struct register_map *map;
	int unit, count, rows[DEVICE_ROWS];
	struct device_reading readings[DEVICE_ROWS];
};

/* Prints a line for each round until Ctrl-C or --for; of a single register also how it moves. Returns an exit
 * status, or -1 with an error. */
int device_watch(struct device_watch *watch, const struct device_options *options, struct error *e);

#endif
