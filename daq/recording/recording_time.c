#include "daq/recording/recording_time.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* `digits` digits at *p, which moves behind them; -1 where there are not as many. */
static int take(const char **p, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++, ++*p) {
		if (!isdigit((unsigned char)**p))
			return -1;
		value = 10 * value + (**p - '0');
	}
	return value;
}

static bool skip(const char **p, const char *any)
{
	if (!**p || !strchr(any, **p))
		return false;
	++*p;
	return true;
}

/* Days since 1970 of a date in the Gregorian calendar: years that begin in March have their odd day at the end. */
static int64_t days(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* "Z", "+01:00", "+0100", "+01"; nothing where `utc`. Seconds east of Greenwich. */
static bool take_zone(const char **p, bool utc, double *east)
{
	int hours, minutes = 0;
	bool west = **p == '-';

	*east = 0;
	if (!**p)
		return utc;
	if (skip(p, "Zz"))
		return true;
	if (!skip(p, "+-") || (hours = take(p, 2)) < 0)
		return false;
	skip(p, ":");
	if (**p && (minutes = take(p, 2)) < 0)
		return false;
	*east = (west ? -60.0 : 60.0) * (60 * hours + minutes);
	return hours <= 14 && minutes < 60;
}

bool recording_time_parse(double *out, const char *text, bool utc)
{
	static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const char *p = text;
	int year, month, day, hour, minute, second = 0;
	double fraction = 0, place = 1, east;
	bool leap;

	if ((year = take(&p, 4)) < 0 || !skip(&p, "-") || (month = take(&p, 2)) < 1 || month > 12 || !skip(&p, "-") ||
		(day = take(&p, 2)) < 1 || day > lengths[month - 1] || !skip(&p, "T ") || (hour = take(&p, 2)) < 0 || hour > 23 ||
		!skip(&p, ":") || (minute = take(&p, 2)) < 0 || minute > 59)
		return false;
	leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	if (month == 2 && day == 29 && !leap)
		return false;
	if (skip(&p, ":") && ((second = take(&p, 2)) < 0 || second > 60))
		return false;
	if (skip(&p, "."))
		for (; isdigit((unsigned char)*p); p++)
			fraction += (*p - '0') * (place /= 10);
	if (!take_zone(&p, utc, &east) || *p)
		return false;
	*out = (double)(days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) - east + fraction;
	return true;
}
