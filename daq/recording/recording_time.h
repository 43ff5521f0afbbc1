/*
 * recording_time.h - instants in words: ISO 8601 as exports write it.
 */
#ifndef HEATBENCH_RECORDING_RECORDING_TIME_H
#define HEATBENCH_RECORDING_RECORDING_TIME_H

#include <stdbool.h>

/* "2024-01-31T12:00:05.25Z", "2024-01-31 12:00:05+01:00", "2024-01-31T12:00" -> seconds since 1970. Without a zone it is UTC
 * where `utc` says so; else it could be any, and is false, as is everything that is no such instant. */
bool recording_time_parse(double *out, const char *text, bool utc);

#endif
