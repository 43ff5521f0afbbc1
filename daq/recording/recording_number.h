/*
 * recording_number.h - the number of a cell whose ends are known, without a branch or a step for each digit.
 *
 * Up to 15 digits, with or without a point and a minus: the digits are an exact double, so is the power of ten, and their quotient is
 * rounded once, as strtod() rounds (W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990, section 4). Everything
 * else is left to strtod().
 */
#ifndef HEATBENCH_RECORDING_RECORDING_NUMBER_H
#define HEATBENCH_RECORDING_RECORDING_NUMBER_H

#include "daq/recording/recording_ends.h"

#include <math.h>
#include <stdbool.h>

/* Eight decimal digits, one in each byte, the first in the lowest: pairs, then fours, then all. */
static inline int64_t number_eight(uint64_t d)
{
	const uint64_t bytes = 0x000000ff000000ff, pairs = 0x000f424000000064, fours = 0x0000271000000001;

	d = d * 10 + (d >> 8);
	return (int64_t)(((d & bytes) * pairs + ((d >> 16) & bytes) * fours) >> 32);
}

/* Whether every byte is 0 to 9. */
static inline bool number_is_digits(uint64_t d)
{
	return !((d | (d + 0x7676767676767676)) & 0x8080808080808080);
}

/* Up to eight bytes of a number as digits, zeros before them, without the point: the digits before it move up to those behind it. */
struct number_part {
	uint64_t digits;
	bool point;
	unsigned behind; /* the point; all where there is none */
};

/* `n`: 1 to 8; eight can be read. */
static inline struct number_part number_part(const char *p, unsigned n)
{
	uint64_t x = (ends_load(p) ^ 0x3030303030303030) << (64 - 8 * n), point = ends_equal(x, '.' ^ '0'), below;
	unsigned at;

	if (!point)
		return (struct number_part){x, false, n};
	at = (unsigned)__builtin_ctzll(point) - 7; /* in bits */
	below = (UINT64_C(1) << at) - 1;
	return (struct number_part){(x & below) << 8 | (x & ~(below << 8 | 0xff)), true, 7 - at / 8};
}

/* At most eight bytes, the point included. */
static inline double number_short(const char *p, unsigned n)
{
	static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
	struct number_part x = number_part(p, n);

	if (!number_is_digits(x.digits) || (x.point && n == 1))
		return NAN;
	return x.point ? (double)number_eight(x.digits) / tens[x.behind] : (double)number_eight(x.digits);
}

/* 9 to 16 bytes: eight and the rest. */
static inline double number_long(const char *p, unsigned n)
{
	static const int64_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000,
		1000000000000, 10000000000000, 100000000000000, 1000000000000000};
	struct number_part x = number_part(p, 8), y = number_part(p + 8, n - 8);
	unsigned behind = x.point ? x.behind + n - 8 : y.behind;
	int64_t m;

	if (!number_is_digits(x.digits) || !number_is_digits(y.digits) || (x.point && y.point) || n - (x.point | y.point) > 15)
		return NAN;
	m = number_eight(x.digits) * tens[n - 8 - y.point] + number_eight(y.digits);
	return (x.point | y.point) ? (double)m / (double)tens[behind] : (double)m;
}

/* The number in [from, to); eight bytes at `to` and before it can be read as well. NaN for what is none, or is not that simple. */
static inline double number_read(const char *from, const char *to)
{
	bool negative = *from == '-';
	unsigned n = (unsigned)(to - from) - negative;
	double v;

	if (n - 1 > 15)
		return NAN;
	v = n <= 8 ? number_short(from + negative, n) : number_long(from + negative, n);
	return negative ? -v : v;
}

#endif
