#include "daq/recording/recording_four.h"

#include "daq/recording/recording_ends.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WITH_AVX2 __attribute__((target("avx2,bmi,popcnt")))

bool recording_four_possible(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt");
}

/* The digits of each lane side by side at its end, zeros before them, and what they are to be divided by: the digits before the
 * point move up to those behind it. */
static WITH_AVX2 inline __m256i four_without_point(__m256i x, __m256i point, __m256d *divisor)
{
	static const double tens[] = {1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1, 1}; /* by the bytes before the point; the last: none */
	const __m256i none = _mm256_cmpeq_epi64(point, _mm256_setzero_si256());
	__m256i lowest = _mm256_and_si256(point, _mm256_sub_epi64(_mm256_setzero_si256(), point));
	__m256i below = _mm256_sub_epi64(lowest, _mm256_set1_epi64x(1));
	__m256i upto = _mm256_or_si256(_mm256_slli_epi64(below, 8), _mm256_set1_epi64x(0xff));
	__m256i moved = _mm256_or_si256(_mm256_slli_epi64(_mm256_and_si256(x, below), 8), _mm256_andnot_si256(upto, x));
	__m256i before = _mm256_sad_epu8(_mm256_and_si256(below, _mm256_set1_epi8(1)), _mm256_setzero_si256());

	*divisor = _mm256_i64gather_pd(tens, before, 8);
	return _mm256_blendv_epi8(moved, x, none);
}

/* Eight digits of each lane, the first in the lowest byte: pairs, then fours, then all. Whole numbers below 2^52 become doubles as
 * the lowest bits of 2^52. */
static WITH_AVX2 inline __m256d four_values(__m256i x)
{
	const __m256i magic = _mm256_castpd_si256(_mm256_set1_pd(0x1p52));
	__m256i pairs = _mm256_maddubs_epi16(x, _mm256_set1_epi16(0x010a));
	__m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00010064));
	__m256i all = _mm256_add_epi64(_mm256_mul_epu32(fours, _mm256_set1_epi64x(10000)), _mm256_srli_epi64(fours, 32));

	return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(all, magic)), _mm256_set1_pd(0x1p52));
}

/* The first `n` bytes of each lane at its end, zeros before them. */
static WITH_AVX2 inline __m256i four_to_the_end(__m256i w, __m256i n)
{
	return _mm256_sllv_epi64(w, _mm256_sub_epi64(_mm256_set1_epi64x(64), _mm256_slli_epi64(n, 3)));
}

/* False where one of the four is not simple. A minus is taken for the digit 0, and remembered. */
static WITH_AVX2 inline bool four_numbers(const char *text, __m128i from, __m128i to, __m256d *out)
{
	const __m256i one = _mm256_set1_epi64x(1), nine = _mm256_set1_epi8(9), first = _mm256_set1_epi64x(0xff);
	__m256i w = _mm256_i32gather_epi64((const long long *)(const void *)text, from, 1);
	__m256i n = _mm256_cvtepi32_epi64(_mm_sub_epi32(to, from)), minus, point, digits, bad, x;
	__m256d divisor;

	w = _mm256_xor_si256(w, _mm256_set1_epi8('0'));
	minus = _mm256_cmpeq_epi64(_mm256_and_si256(w, first), _mm256_set1_epi64x('-' ^ '0'));
	w = _mm256_andnot_si256(_mm256_and_si256(minus, first), w);
	x = four_to_the_end(w, n);
	point = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('.' ^ '0'));
	digits = _mm256_add_epi64(_mm256_add_epi64(n, minus), _mm256_sub_epi64(_mm256_set1_epi64x(-1),
		_mm256_cmpeq_epi64(point, _mm256_setzero_si256())));
	x = four_without_point(x, point, &divisor);
	bad = _mm256_or_si256(_mm256_cmpgt_epi64(one, digits), _mm256_cmpgt_epi64(n, _mm256_set1_epi64x(8)));
	bad = _mm256_or_si256(bad, _mm256_subs_epu8(x, nine));
	if (!_mm256_testz_si256(bad, bad))
		return false;
	*out = _mm256_xor_pd(_mm256_div_pd(four_values(x), divisor), _mm256_castsi256_pd(_mm256_slli_epi64(minus, 63)));
	return true;
}

WITH_AVX2 static int four_read(const char *text, const uint32_t *at, int stride, int rows, double *out, int slots, double scale,
	double offset)
{
	const __m256d scales = _mm256_set1_pd(scale), offsets = _mm256_set1_pd(offset);
	int done = 0;

	for (; done + 4 <= rows; done += 4, at += 4 * stride, out += 4 * slots) {
		const int32_t *a = (const int32_t *)at;
		__m128i before = _mm_setr_epi32(a[-1], a[stride - 1], a[2 * stride - 1], a[3 * stride - 1]);
		__m128i to = _mm_setr_epi32(a[0], a[stride], a[2 * stride], a[3 * stride]);
		double four[4];
		__m256d v;

		if (!four_numbers(text, _mm_add_epi32(before, _mm_set1_epi32(1)), to, &v))
			break;
		_mm256_storeu_pd(four, _mm256_add_pd(_mm256_mul_pd(v, scales), offsets));
		for (int i = 0; i < 4; i++)
			out[i * slots] = four[i];
	}
	return done;
}

WITH_AVX2 static uint64_t four_ends(const char *p, char separator)
{
	const __m256i s = _mm256_set1_epi8(separator), n = _mm256_set1_epi8('\n'), q = _mm256_set1_epi8('"');
	uint64_t ends = 0;

	for (int i = 0; i < 2; i++) {
		__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + (ptrdiff_t)32 * i));
		__m256i marks = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(b, s), _mm256_cmpeq_epi8(b, n)), _mm256_cmpeq_epi8(b, q));

		ends |= (uint64_t)(unsigned)_mm256_movemask_epi8(marks) << (32 * i);
	}
	return ends;
}

/* As many places as a block mostly has are written each time, whether they are there or not: how many are cannot be foretold. */
WITH_AVX2 static int four_find(const char *text, size_t size, char separator, int wanted, uint32_t *at, uint32_t *base)
{
	int found = 0;

	for (; found < wanted && *base + ENDS_BLOCK <= size; *base += ENDS_BLOCK) {
		uint64_t marks = four_ends(text + *base, separator);
		int count = (int)_mm_popcnt_u64(marks);

		for (int i = 0; i < 12; i++, marks = _blsr_u64(marks))
			at[found + i] = *base + (uint32_t)_tzcnt_u64(marks);
		for (int i = 12; i < count; i++, marks = _blsr_u64(marks))
			at[found + i] = *base + (uint32_t)_tzcnt_u64(marks);
		found += count;
	}
	return found;
}

int recording_four_find(const char *text, size_t size, char separator, int wanted, uint32_t *at, uint32_t *base)
{
	return recording_four_possible() ? four_find(text, size, separator, wanted, at, base) : 0;
}

int recording_four_read(const char *text, const uint32_t *at, int stride, int rows, double *out, int slots, double scale,
	double offset)
{
	return recording_four_possible() ? four_read(text, at, stride, rows, out, slots, scale, offset) : 0;
}

#else

bool recording_four_possible(void)
{
	return false;
}

int recording_four_find(const char *text, size_t size, char separator, int wanted, uint32_t *at, uint32_t *base)
{
	(void)text, (void)size, (void)separator, (void)wanted, (void)at, (void)base;
	return 0;
}

int recording_four_read(const char *text, const uint32_t *at, int stride, int rows, double *out, int slots, double scale,
	double offset)
{
	(void)text, (void)at, (void)stride, (void)rows, (void)out, (void)slots, (void)scale, (void)offset;
	return 0;
}

#endif
