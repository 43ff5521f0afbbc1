/*
 * log.h - one log of a run: lines with bench time and level, to a file and, from a level on, to stderr.
 *
 * Libraries may write to it; they never print. Thread-safe; a log that cannot be written is dropped, counted
 * and reported once at close, because the acquisition must go on.
 */
#ifndef HEATBENCH_BASE_LOG_H
#define HEATBENCH_BASE_LOG_H

#include "daq/base/clock.h"

struct log;

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* `path` may be NULL (no file); lines of `echo_from` and above also go to stderr. */
int log_open(struct log **out, const char *path, enum log_level echo_from, struct clock *clock, struct error *e);

/* Gives an open log its file, once the run's folder exists. */
int log_to_file(struct log *log, const char *path, struct error *e);
void log_close(struct log *log); /* NULL is fine */
void log_write(struct log *log, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4))); /* log may be NULL */

#endif
