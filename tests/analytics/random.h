/*
 * random.h - seeded numbers for tests: the same sequence on every machine (xorshift64*, Vigna 2016).
 */
#ifndef HEATBENCH_TESTS_RANDOM_H
#define HEATBENCH_TESTS_RANDOM_H

#include <math.h>
#include <stdint.h>

static inline double random_uniform(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (double)((*state * UINT64_C(2685821657736338717)) >> 11) * 0x1p-53;
}

static inline double random_normal(uint64_t *state)
{
	double a = random_uniform(state), b = random_uniform(state);

	return sqrt(-2 * log(1 - a)) * cos(2 * 3.14159265358979323846 * b);
}

#endif
