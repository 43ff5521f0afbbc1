#include "daq/recording/recording_plain.h"

#include "daq/base/quality.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* Up to 15 digits with or without a point: the quotient of two doubles that are exact is rounded once, as strtod() does. */
static const char *plain_number(const char *p, const char *end, double *out)
{
	static const double tens[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	bool negative = *p == '-';
	const char *first = p += negative, *point;
	uint64_t m = 0;
	unsigned digit;

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
