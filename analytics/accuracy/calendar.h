/*
 * calendar.h - local days, weeks and hours: days of 23 and 25 hours are what they are.
 */
#ifndef HEATBENCH_ACCURACY_CALENDAR_H
#define HEATBENCH_ACCURACY_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

struct error;

enum { CALENDAR_HOURS = 26 };

struct calendar_day {
	double start, end;   /* s since 1970 */
	char name[16];	     /* 2024-03-31 */
	int week;	     /* index of its week (Monday to Sunday), from 0 */
	unsigned char hour[CALENDAR_HOURS]; /* local name of the k-th hour since midnight */
};

struct calendar {
	char zone[48];
	int days, weeks;
	struct calendar_day *day; /* without holes: also days on which nothing was recorded */
	char (*week)[16];	  /* 2024-W13, ISO 8601 */
};

/* The days that hold `from` and `to` and all between. Zone names as in the tz database; "" and NULL mean UTC. Errors: ERROR_CONFIG for a
 * zone that this machine does not know; ERROR_SYSTEM. Sets and restores TZ: not for programs with several threads. */
int calendar_make(struct calendar *out, const char *zone, double from, double to, struct error *e);
/* Whether this machine knows the zone. */
bool calendar_knows(const char *zone);
void calendar_free(struct calendar *c);

/* Index of the day that holds t, or -1. */
int calendar_find(const struct calendar *c, double t);

/* Local hour, 0 to 23, of an instant inside day `day`: an hour that comes twice has one name. */
int calendar_hour(const struct calendar *c, int day, double t);

#endif
