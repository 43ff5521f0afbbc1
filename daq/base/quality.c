#include "daq/base/quality.h"

#include <string.h>

static const char *const quality_names[QUALITY_COUNT] = {
	[QUALITY_GOOD] = "good",	 [QUALITY_STALE] = "stale",	    [QUALITY_SUSPECT] = "suspect",
	[QUALITY_TIMEOUT] = "timeout",	 [QUALITY_CHECKSUM] = "checksum",   [QUALITY_EXCEPTION] = "exception",
	[QUALITY_RANGE] = "range",	 [QUALITY_ROLLBACK] = "rollback",   [QUALITY_GAP] = "gap",
};

static const char *const origin_names[ORIGIN_COUNT] = {
	[ORIGIN_MEASURED] = "measured",
	[ORIGIN_SIMULATED] = "simulated",
	[ORIGIN_IMPORTED] = "imported",
	[ORIGIN_TYPED] = "typed",
};

const char *quality_name(enum quality q)
{
	return (unsigned)q < QUALITY_COUNT ? quality_names[q] : "?";
}

const char *origin_name(enum origin o)
{
	return (unsigned)o < ORIGIN_COUNT ? origin_names[o] : "?";
}

int quality_parse(const char *name)
{
	for (int i = 0; i < QUALITY_COUNT; i++)
		if (strcmp(name, quality_names[i]) == 0)
			return i;
	return -1;
}

int origin_parse(const char *name)
{
	for (int i = 0; i < ORIGIN_COUNT; i++)
		if (strcmp(name, origin_names[i]) == 0)
			return i;
	return -1;
}
