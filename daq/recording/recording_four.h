/*
 * recording_four.h - what recording_ends.h and recording_number.h do, four short numbers of a column at once and without a branch
 * for each end, where the processor can (x86-64 with AVX2, BMI and POPCNT): the same steps, so the same values to the last bit.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_FOUR_H
#define HEATBENCH_RECORDING_RECORDING_FOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether this processor can. */
bool recording_four_possible(void);

/* Numbers times `scale` plus `offset`, each `slots` behind the other, of cells in `text` that end at at[0], at[stride] ... and begin
 * behind at[-1], at[stride - 1] ...; of each, eight bytes can be read. Stops before the first four of which one is not at most eight
 * bytes of digits with or without a point and a minus. Returns how many were read: a multiple of four, 0 where the processor
 * cannot. */
int recording_four_read(const char *text, const uint32_t *at, int stride, int rows, double *out, int slots, double scale,
	double offset);

/* Where cells end from *base on, counted from `text`, at least `wanted` places if the text (`size`) has as many: into at[], which has
 * room for ENDS_BLOCK more than wanted. Whole blocks only: *base is where they ended. Returns how many, 0 where the processor cannot. */
int recording_four_find(const char *text, size_t size, char separator, int wanted, uint32_t *at, uint32_t *base);

#endif
