#include "analytics/accuracy/calendar.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { DAYS_MOST = 36525 };

/* The C library takes any word for UTC: only names that its files know are zones. */
bool calendar_knows(const char *zone)
{
	static const char *const folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"};
	char path[160];
	struct stat there;

	if (strcmp(zone, "UTC") == 0)
		return true;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders) && isalpha((unsigned char)zone[0]) && !strstr(zone, ".."); i++) {
		snprintf(path, sizeof(path), "%s/%s", folders[i], zone);
		if (stat(path, &there) == 0 && S_ISREG(there.st_mode))
			return true;
	}
	return false;
}

static char *set_zone(const char *zone)
{
	const char *old = getenv("TZ");
	char *kept = old ? strdup(old) : NULL;

	setenv("TZ", zone, 1);
	tzset();
	return kept;
}

static void restore_zone(char *old)
{
	if (old)
		setenv("TZ", old, 1);
	else
		unsetenv("TZ");
	tzset();
	free(old);
}

static double day_start(struct tm day)
{
	day.tm_hour = day.tm_min = day.tm_sec = 0;
	day.tm_isdst = -1;
	return (double)mktime(&day);
}

static void add_day(struct calendar *c, struct tm date)
{
	struct calendar_day *d = &c->day[c->days];
	struct tm next = date;
	char week[16];

	next.tm_mday++;
	d->start = day_start(date);
	d->end = day_start(next);
	for (int k = 0; k < CALENDAR_HOURS; k++) {
		time_t at = (time_t)d->start + k * 3600 + 1800;
		struct tm there;

		d->hour[k] = (unsigned char)localtime_r(&at, &there)->tm_hour;
	}
	date.tm_hour = 12;
	date.tm_isdst = -1;
	mktime(&date);
	strftime(d->name, sizeof(d->name), "%Y-%m-%d", &date);
	strftime(week, sizeof(week), "%G-W%V", &date);
	if (c->weeks == 0 || strcmp(c->week[c->weeks - 1], week) != 0)
		text_copy(c->week[c->weeks++], sizeof(*c->week), week);
	d->week = c->weeks - 1;
	c->days++;
}

int calendar_make(struct calendar *out, const char *zone, double from, double to, struct error *e)
{
	struct calendar c = {.days = 0};
	time_t first = (time_t)floor(from);
	size_t room = (size_t)(floor((to - from) / 82800) + 3);
	struct tm date;
	char *old;

	text_copy(c.zone, sizeof(c.zone), zone && *zone ? zone : "UTC");
	if (!calendar_knows(c.zone))
		return error_set(e, ERROR_CONFIG, "time zone \"%s\" is not known here: expected a name of the tz database such as Europe/Amsterdam "
			"(package tzdata), or UTC", c.zone);
	if (!(to >= from) || !(room <= DAYS_MOST))
		return error_set(e, ERROR_DATA, "rows from %.0f to %.0f s since 1970 are no span of days (at most %d)", from, to, DAYS_MOST);
	c.day = calloc(room, sizeof(*c.day));
	c.week = calloc(room, sizeof(*c.week));
	if (!c.day || !c.week) {
		calendar_free(&c);
		return error_set(e, ERROR_SYSTEM, "no memory for %zu days", room);
	}
	old = set_zone(c.zone);
	localtime_r(&first, &date);
	do {
		add_day(&c, date);
		date.tm_mday++;
	} while (c.day[c.days - 1].end <= to && (size_t)c.days < room);
	restore_zone(old);
	*out = c;
	return 0;
}

void calendar_free(struct calendar *c)
{
	free(c->day);
	free(c->week);
	*c = (struct calendar){.days = 0};
}

int calendar_find(const struct calendar *c, double t)
{
	int low = 0, high = c->days;

	if (c->days == 0 || !(t >= c->day[0].start) || !(t < c->day[c->days - 1].end))
		return -1;
	while (high - low > 1) {
		int middle = (low + high) / 2;

		if (c->day[middle].start <= t)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int calendar_hour(const struct calendar *c, int day, double t)
{
	int k = (int)floor((t - c->day[day].start) / 3600);

	return c->day[day].hour[k < 0 ? 0 : k >= CALENDAR_HOURS ? CALENDAR_HOURS - 1 : k];
}
