/*
 * lines_gpiod.h - one line of a GPIO chip: what lines_kernel.c wants from libgpiod, whichever its version.
 *
 * lines_gpiod1.c (libgpiod 1.6) or lines_gpiod2.c (2.x) is behind it; the build takes the one that fits.
 * Levels are logical. A line is requested for itself, so that each has its own queue in the kernel and one
 * that is refused is named.
 */
#ifndef HEATBENCH_WIRE_LINES_GPIOD_H
#define HEATBENCH_WIRE_LINES_GPIOD_H

#include "daq/wire/lines.h"

struct lines_gpiod;

struct lines_gpiod_edge {
	int64_t at;	      /* ns on CLOCK_MONOTONIC, when the interrupt came */
	unsigned long number; /* of the line, counted from 1; 0: this version does not count */
	bool rising;	      /* logical */
};

/* config->kind is LINE_OUTPUT or LINE_EDGES. Errors: ERROR_BUSY with the consumer, ERROR_DEVICE. */
int lines_gpiod_open(
	struct lines_gpiod **out, const struct line_config *config, const char *consumer, struct error *e);
void lines_gpiod_close(struct lines_gpiod *line); /* NULL is fine */

/* 0, or -1 with errno. */
int lines_gpiod_set(struct lines_gpiod *line, bool level);
int lines_gpiod_get(struct lines_gpiod *line, bool *level);

/* Readable when edges wait. */
int lines_gpiod_fd(const struct lines_gpiod *line);

/* Takes up to `room` waiting edges, at least one; waits if there are none. -1 with errno. */
int lines_gpiod_read(struct lines_gpiod *line, struct lines_gpiod_edge *out, int room);

/* Events that the kernel keeps of a line and then drops without a word; 0: none is dropped unnoticed. */
int lines_gpiod_queue(void);

/* Version of the library behind it. */
const char *lines_gpiod_version(void);

#endif
