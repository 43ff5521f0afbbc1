#include "daq/base/log.h"

#include "daq/base/error.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct log {
	FILE *file; /* NULL: none */
	enum log_level echo_from;
	struct clock *clock;
	pthread_mutex_t lock;
	unsigned long lost;
};

static const char *const level_names[] = {"debug", "info", "warning", "error"};

int log_open(struct log **out, const char *path, enum log_level echo_from, struct clock *clock, struct error *e)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		return error_set(e, ERROR_SYSTEM, "no memory for the log");
	log->echo_from = echo_from;
	log->clock = clock;
	pthread_mutex_init(&log->lock, NULL);
	if (path && log_to_file(log, path, e) != 0) {
		log_close(log);
		return -1;
	}
	*out = log;
	return 0;
}

int log_to_file(struct log *log, const char *path, struct error *e)
{
	FILE *file = fopen(path, "ae");

	if (!file)
		return error_set_errno(e, ERROR_IO, "cannot write the log %s", path);
	setvbuf(file, NULL, _IOLBF, 0);
	pthread_mutex_lock(&log->lock);
	if (log->file && fclose(log->file) != 0)
		log->lost++;
	log->file = file;
	pthread_mutex_unlock(&log->lock);
	return 0;
}

void log_close(struct log *log)
{
	if (!log)
		return;
	if (log->file && fclose(log->file) != 0)
		log->lost++;
	if (log->lost)
		fprintf(stderr, "warning: %lu lines of the log could not be written\n", log->lost);
	pthread_mutex_destroy(&log->lock);
	free(log);
}

void log_write(struct log *log, enum log_level level, const char *format, ...)
{
	char line[700], stamp[40] = "";
	va_list args;

	if (!log)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (log->clock) {
		nanos utc = clock_utc(log->clock, clock_now(log->clock));
		time_t s = (time_t)(utc / NANOS_PER_S);
		struct tm tm;
		size_t used = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", gmtime_r(&s, &tm));

		snprintf(stamp + used, sizeof(stamp) - used, ".%03dZ", (int)(utc % NANOS_PER_S / NANOS_PER_MS));
	}
	pthread_mutex_lock(&log->lock);
	if (log->file && fprintf(log->file, "%s %-7s %s\n", stamp, level_names[level], line) < 0)
		log->lost++;
	if (level >= log->echo_from)
		fprintf(stderr, "%s: %s\n", level_names[level], line);
	pthread_mutex_unlock(&log->lock);
}
