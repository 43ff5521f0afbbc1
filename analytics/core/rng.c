#include "analytics/core/rng.h"

#include <math.h>

struct rng rng_seeded(uint64_t seed)
{
	struct rng rng;

	for (int i = 0; i < 4; i++) {
		uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		rng.state[i] = z ^ (z >> 31);
	}
	return rng;
}

static uint64_t rotated(uint64_t x, int by)
{
	return (x << by) | (x >> (64 - by));
}

uint64_t rng_next(struct rng *rng)
{
	uint64_t *s = rng->state, out = rotated(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotated(s[3], 45);
	return out;
}

double rng_uniform(struct rng *rng)
{
	return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

uint32_t rng_below(struct rng *rng, uint32_t n)
{
	uint64_t product = (rng_next(rng) >> 32) * n;

	/* the first 2^32 mod n products of each residue would be one too many */
	if ((uint32_t)product < n) {
		uint32_t least = (uint32_t)(-n) % n;

		while ((uint32_t)product < least)
			product = (rng_next(rng) >> 32) * n;
	}
	return (uint32_t)(product >> 32);
}

double rng_normal(struct rng *rng)
{
	double a, b, square;

	do {
		a = 2 * rng_uniform(rng) - 1;
		b = 2 * rng_uniform(rng) - 1;
		square = a * a + b * b;
	} while (square >= 1 || square == 0);
	return a * sqrt(-2 * log(square) / square);
}
