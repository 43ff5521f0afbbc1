#include "daq/store/scan_times.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

bool scan_times_since(const struct scan_times *times, int64_t tick, bool recorded, double instant, nanos *since)
{
	const struct run_segment *g = times->segment;
	double at;
	int k = 0;

	if (times->segments == 0)
		return false;
	if (recorded) {
		at = instant - (double)g[0].utc / 1e9;
		*since = fabs(at) < 9e9 ? (nanos)llround(at * 1e9) : 0;
		return fabs(at) < 9e9;
	}
	while (k + 1 < times->segments && g[k + 1].first_tick <= tick)
		k++;
	*since = g[k].utc - g[0].utc + (tick - g[k].first_tick) * times->period;
	return true;
}

void scan_times_text(const struct scan_times *times, bool known, nanos since, char utc[48], char elapsed[32])
{
	char stamp[32];
	nanos at, rest;
	time_t seconds;
	struct tm tm;

	utc[0] = elapsed[0] = '\0';
	if (!known)
		return;
	at = times->segment[0].utc + since;
	rest = at % NANOS_PER_S;
	seconds = (time_t)(at / NANOS_PER_S);
	if (rest < 0) {
		rest += NANOS_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(utc, 48, "%s.%09dZ", stamp, (int)rest);
	snprintf(elapsed, 32, "%s%lld.%09d", since < 0 ? "-" : "", llabs(since) / 1000000000, (int)(llabs(since) % 1000000000));
}
