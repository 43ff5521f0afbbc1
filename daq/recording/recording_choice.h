/*
 * recording_choice.h - which of the known column maps fits recordings, by their headers.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_CHOICE_H
#define HEATBENCH_RECORDING_RECORDING_CHOICE_H

#include "daq/recording/recording.h"

#include <stdbool.h>

/* Whether the file's header has every column that the map requires. False for a file that cannot be read: who
 * imports it will say why. */
bool recording_fits(const struct recording_file *file, const struct recording_map *map);

/* Index of the first map that fits all files; 0 where none does. */
int recording_choose(const struct recording_file *file, int files, const struct recording_map *map, int maps);

#endif
