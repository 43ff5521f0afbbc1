/*
 * rng.h - seeded random numbers for resampling: xoshiro256** 1.0 (Blackman, Vigna: ACM Trans. Math. Softw. 47 (2021) 36),
 * its state filled from the seed by splitmix64 (Steele, Lea, Flood: OOPSLA 2014).
 *
 * The same seed gives the same whole numbers and uniform numbers on every machine, to the bit; a normal number may differ
 * in its last digit where the C library's logarithm does.
 */
#ifndef HEATBENCH_CORE_RNG_H
#define HEATBENCH_CORE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state[4];
};

struct rng rng_seeded(uint64_t seed); /* any seed, 0 as well */

uint64_t rng_next(struct rng *rng);
double rng_uniform(struct rng *rng); /* 0 <= u < 1, multiples of 2^-53 */

/* One of 0 ... n-1, n > 0, each exactly as likely as the others (Lemire: ACM Trans. Model. Comput. Simul. 29 (2019) 3). */
uint32_t rng_below(struct rng *rng, uint32_t n);

/* Mean 0, standard deviation 1: the polar method (Marsaglia, Bray: SIAM Rev. 6 (1964) 260). */
double rng_normal(struct rng *rng);

#endif
