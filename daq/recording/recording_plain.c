#include "daq/recording/recording_plain.h"

#include "daq/base/quality.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Eight decimal digits, one in each byte, the first in the lowest: pairs, then fours, then all. */
static inline uint64_t plain_eight(uint64_t d)
{
	const uint64_t bytes = 0x000000ff000000ff, pairs = 0x000f424000000064, fours = 0x0000271000000001;

	d = d * 10 + (d >> 8);
	return ((d & bytes) * pairs + ((d >> 16) & bytes) * fours) >> 32;
}

/* A number of at most seven digits and what ends it, from eight bytes at once, without a branch for each of them: the lengths of
 * cells cannot be foretold. NULL for any other. Bytes in the order of a little-endian machine. */
static inline const char *plain_short(const char *p, bool negative, double *out)
{
	static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
	const uint64_t high = 0x8080808080808080;
	uint64_t w, x, other, below;
	unsigned first, last, digits;

	memcpy(&w, p, sizeof(w));
	if (w & high)
		return NULL;
	x = w ^ 0x3030303030303030;
	other = (x + 0x7676767676767676) & high; /* marks the bytes that are no digit */
	if (!other)
		return NULL;
	first = last = digits = (unsigned)__builtin_ctzll(other) / 8;
	below = (UINT64_C(1) << (8 * first)) - 1;
	if (p[first] == '.') {
		other &= other - 1;
		if (!other)
			return NULL;
		last = (unsigned)__builtin_ctzll(other) / 8;
		digits = last - 1;
		x = (x & below) | ((x >> 8) & ~below);
	}
	if (digits == 0)
		return NULL;
	*out = (double)plain_eight(x << (64 - 8 * digits)) / tens[last > first ? last - first - 1 : 0];
	if (negative)
		*out = -*out;
	return p + last;
}

/* Up to 15 digits with or without a point: the quotient of two doubles that are exact is rounded once, as strtod() does. */
static inline __attribute__((always_inline)) const char *plain_number(const char *p, const char *end, double *out)
{
	static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	bool negative = *p == '-';
	const char *first = p += negative, *point;
	uint64_t m = 0;
	unsigned digit;

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (end - p >= 8) {
		const char *quick = plain_short(p, negative, out);
		uint64_t x;

		if (quick)
			return quick;
		memcpy(&x, p, sizeof(x));
		x ^= 0x3030303030303030;
		if (!((x | (x + 0x7676767676767676)) & 0x8080808080808080)) { /* eight digits, and more to come */
			m = plain_eight(x);
			p += 8;
		}
	}
#endif
	for (; p < end && (digit = (unsigned char)*p - (unsigned)'0') < 10; p++)
		m = 10 * m + digit;
	if (p < end && *p == '.') {
		point = p++;
		for (; p < end && (digit = (unsigned char)*p - (unsigned)'0') < 10; p++)
			m = 10 * m + digit;
		if (p - first > 16 || p - first < 2)
			return NULL;
		*out = (double)m / tens[p - point - 1];
	} else {
		if (p - first > 15 || p == first)
			return NULL;
		*out = (double)m;
	}
	if (negative)
		*out = -*out;
	return p;
}

static const char *plain_switch(const char *p, const char *end, double *out)
{
	if (end - p > 4 && (memcmp(p, "TRUE", 4) == 0 || memcmp(p, "True", 4) == 0 || memcmp(p, "true", 4) == 0)) {
		*out = 1;
		return p + 4;
	}
	if (end - p > 5 && (memcmp(p, "FALSE", 5) == 0 || memcmp(p, "False", 5) == 0 || memcmp(p, "false", 5) == 0)) {
		*out = 0;
		return p + 5;
	}
	return NULL;
}

static const char *plain_skip(const char *p, const char *end, char separator)
{
	while (p < end && *p != separator && *p != '\n' && *p != '"')
		p++;
	return p;
}

bool recording_plain_row(const struct recording_plain *x, const char **at, const char *end, double *time, double *value,
	uint8_t *quality)
{
	const char *p = *at;
	char separator = x->separator;

	if (x->columns == 0)
		return false;
	for (int i = 0; i < x->columns; i++) {
		int slot = x->column[i].slot;
		double v;

		if (p == end)
			return false;
		if (slot == PLAIN_SKIP) {
			p = plain_skip(p, end, separator);
		} else if (slot == PLAIN_TIME) {
			p = plain_number(p, end, time);
		} else if (*p == separator || *p == '\n' || *p == '\r') {
			value[slot] = NAN;
			quality[slot] = QUALITY_GAP;
		} else {
			p = x->column[i].is_switch && *p > '9' ? plain_switch(p, end, &v) : plain_number(p, end, &v);
			value[slot] = p ? v * x->column[i].scale + x->column[i].offset : NAN;
			quality[slot] = QUALITY_GOOD;
		}
		if (!p || p == end)
			return false;
		if (i + 1 == x->columns)
			break;
		if (*p++ != separator)
			return false;
	}
	p += *p == '\r';
	if (p == end || *p != '\n')
		return false;
	*at = p + 1;
	return true;
}
