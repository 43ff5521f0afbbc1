/*
 * device_guess.h - which map a unit speaks, by what it says in their identity, check and expected registers.
 */
#ifndef HEATBENCH_CLI_DEVICE_GUESS_H
#define HEATBENCH_CLI_DEVICE_GUESS_H

#include "daq/cli/device_line.h"
#include "daq/device/register_map.h"

enum { GUESS_MAPS = 128 };

struct device_guess {
	char map[32], title[96];
	int constants; /* identity and check registers that answered, and not with zero */
	int expected;  /* readings that are where the map expects them */
	bool swapped;  /* ... with the other word order */
	char why[200];
};

struct device_guesser {
	int maps;
	struct register_map *map[GUESS_MAPS];
};

/* All maps that can be found; a wrong one is left out. Errors: only of the search. */
int device_guesser_open(struct device_guesser *g, struct error *e);
void device_guesser_close(struct device_guesser *g);

/* What fits, the best first; returns how many (at most `room`). Only reads. */
int device_guess(struct device_guesser *g, struct device_line *line, int unit, struct device_guess *out, int room);

/* "likely" where constants and expectations agree, or many expectations; else "possibly". */
const char *device_guess_sureness(const struct device_guess *guess);

#endif
