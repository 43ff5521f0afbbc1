/*
 * recording_ends.h - where cells end, 64 bytes at a time: bit i is set where byte i is a separator, a line end or a quote.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_ENDS_H
#define HEATBENCH_RECORDING_RECORDING_ENDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { ENDS_BLOCK = 64 };

/* Eight bytes as a number, the first in the lowest place on every machine. */
static inline uint64_t ends_load(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return w;
}

/* 0x80 in each byte of `w` that is `c`, and nothing elsewhere. */
static inline uint64_t ends_equal(uint64_t w, char c)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7f;
	uint64_t x = w ^ (0x0101010101010101 * (unsigned char)c);

	return ~(((x & low) + low) | x | low);
}

/* For any machine. */
static inline uint64_t ends_by_words(const char *p, char separator)
{
	uint64_t ends = 0;

	for (int i = 0; i < ENDS_BLOCK / 8; i++) {
		uint64_t w = ends_load(p + (ptrdiff_t)8 * i);
		uint64_t marks = ends_equal(w, separator) | ends_equal(w, '\n') | ends_equal(w, '"');

		/* the marks of eight bytes side by side: that of byte k moves from 8 k to 56 + k */
		ends |= ((marks >> 7) * 0x0102040810204080) >> 56 << (8 * i);
	}
	return ends;
}

#ifdef __SSE2__
static inline uint64_t ends_by_sixteen(const char *p, char separator)
{
	const __m128i s = _mm_set1_epi8(separator), n = _mm_set1_epi8('\n'), q = _mm_set1_epi8('"');
	uint64_t ends = 0;

	for (int i = 0; i < ENDS_BLOCK / 16; i++) {
		__m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + (ptrdiff_t)16 * i));
		__m128i marks = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(b, s), _mm_cmpeq_epi8(b, n)), _mm_cmpeq_epi8(b, q));

		ends |= (uint64_t)(unsigned)_mm_movemask_epi8(marks) << (16 * i);
	}
	return ends;
}
#endif

/* How many line ends there are, in less than 2^31 bytes. */
static inline int ends_count_lines(const char *p, const char *to)
{
	int lines = 0;

#ifdef __SSE2__
	const __m128i n = _mm_set1_epi8('\n'), zero = _mm_setzero_si128();
	__m128i sum = zero;

	for (; to - p >= ENDS_BLOCK; p += ENDS_BLOCK) {
		__m128i found = zero; /* minus one for each */

		for (int i = 0; i < ENDS_BLOCK; i += 16)
			found = _mm_add_epi8(found, _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + i)), n));
		sum = _mm_add_epi64(sum, _mm_sad_epu8(_mm_sub_epi8(zero, found), zero));
	}
	lines = _mm_cvtsi128_si32(sum) + _mm_cvtsi128_si32(_mm_unpackhi_epi64(sum, sum));
#endif
	for (; p < to; p++)
		lines += *p == '\n';
	return lines;
}

static inline uint64_t ends_of_block(const char *p, char separator)
{
#ifdef __SSE2__
	return ends_by_sixteen(p, separator);
#else
	return ends_by_words(p, separator);
#endif
}

#endif
