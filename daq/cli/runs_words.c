#include "daq/cli/runs_words.h"

#include "daq/store/reader.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

void words_utc(nanos utc, char *out, size_t size)
{
	time_t seconds = (time_t)(utc / NANOS_PER_S);
	struct tm tm;

	out[0] = '\0';
	if (utc == 0)
		return;
	gmtime_r(&seconds, &tm);
	strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void words_span(nanos span, char *out, size_t size)
{
	long long s = (long long)(span / NANOS_PER_S);

	if (s < 60)
		snprintf(out, size, "%.1f s", (double)span / 1e9);
	else if (s < 3600)
		snprintf(out, size, "%lld min %02lld s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(out, size, "%lld h %02lld min", s / 3600, s / 60 % 60);
	else
		snprintf(out, size, "%lld d %02lld h", s / 86400, s / 3600 % 24);
}

void words_number(double v, char *out, size_t size)
{
	if (isnan(v))
		out[0] = '\0';
	else
		snprintf(out, size, "%g", v);
}

nanos words_duration(const struct run_summary *summary)
{
	if (summary->ended_utc)
		return summary->ended_utc - summary->about.utc;
	if (summary->last_tick < 0)
		return 0;
	return (summary->last_tick - summary->first_tick) * summary->about.period;
}
