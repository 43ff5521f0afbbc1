#include "daq/device/mbus_value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static uint64_t low_first(const uint8_t *bytes, int size)
{
	uint64_t raw = 0;

	for (int i = size - 1; i >= 0; i--)
		raw = raw << 8 | bytes[i];
	return raw;
}

bool mbus_signed(const uint8_t *bytes, int size, double *out)
{
	uint64_t raw = low_first(bytes, size), sign = (uint64_t)1 << (8 * size - 1);

	if (raw == sign)
		return false;
	*out = raw & sign ? -(double)((~raw + 1) & (sign | (sign - 1))) : (double)raw;
	return true;
}

bool mbus_unsigned(const uint8_t *bytes, int size, double *out)
{
	*out = (double)low_first(bytes, size);
	return true;
}

bool mbus_bcd(const uint8_t *bytes, int size, double *out)
{
	bool minus = bytes[size - 1] >> 4 == 0xF;
	double value = 0;

	for (int i = size - 1; i >= 0; i--) {
		int high = bytes[i] >> 4, low = bytes[i] & 0xF;

		if (i == size - 1 && minus)
			high = 0;
		if (high > 9 || low > 9)
			return false;
		value = value * 100 + high * 10 + low;
	}
	*out = minus ? -value : value;
	return true;
}

bool mbus_real(const uint8_t *bytes, double *out)
{
	uint32_t raw = (uint32_t)low_first(bytes, 4);
	float value;

	memcpy(&value, &raw, sizeof(value));
	*out = (double)value;
	return isfinite(value);
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 in the Gregorian calendar, counted with March as a year's first month, so that the leap day is its
 * last: 153 days in each five months from there. */
static long days_since_1970(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;

	return 365L * y + y / 4 - y / 100 + y / 400 + (153L * m + 2) / 5 + day - 1 - 719468;
}

/* Day and year as types F, G and I share them: YYYDDDDD YYYYMMMM. */
static bool read_day(const uint8_t *bytes, int century, int *year, int *month, int *day)
{
	int y = bytes[0] >> 5 | (bytes[1] & 0xF0) >> 1;

	*day = bytes[0] & 0x1F;
	*month = bytes[1] & 0x0F;
	*year = century > 0 ? 1900 + 100 * century + y : y > 80 ? 1900 + y : 2000 + y;
	return y <= 99 && *month >= 1 && *month <= 12 && *day >= 1 && *day <= days_of(*year, *month);
}

static bool read_clock(int hour, int minute, int second, char text[24], size_t at)
{
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	snprintf(text + at, 24 - at, second < 0 ? "T%02d:%02d" : "T%02d:%02d:%02d", hour, minute, second);
	return true;
}

bool mbus_date(const uint8_t *bytes, int size, double *seconds, char text[24])
{
	const uint8_t *at_day = size == 2 ? bytes : size == 4 ? bytes + 2 : bytes + 3;
	int year, month, day, hour = 0, minute = 0, second = -1;
	char words[24];

	if (size != 2 && size != 4 && size != 6)
		return false;
	if (size == 4) {
		minute = bytes[0] & 0x3F;
		hour = bytes[1] & 0x1F;
		if (bytes[0] & 0x80)
			return false;
	} else if (size == 6) {
		second = bytes[0] & 0x3F;
		minute = bytes[1] & 0x3F;
		hour = bytes[2] & 0x1F;
		if (bytes[1] & 0x80)
			return false;
	}
	if (!read_day(at_day, size == 4 ? bytes[1] >> 5 & 3 : 0, &year, &month, &day))
		return false;
	snprintf(words, sizeof(words), "%04d-%02d-%02d", year, month, day);
	if (size > 2 && !read_clock(hour, minute, second, words, 10))
		return false;
	*seconds = (double)days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + (second > 0 ? second : 0);
	memcpy(text, words, sizeof(words));
	return true;
}
