/*
 * journal.h - what happened: each event goes to the run's database (through the ring), and to its log.
 */
#ifndef HEATBENCH_ACQUIRE_JOURNAL_H
#define HEATBENCH_ACQUIRE_JOURNAL_H

#include "daq/acquire/ring.h"
#include "daq/base/log.h"

struct board;

struct journal {
	struct ring *ring;
	struct clock *clock;
	struct log *log;	  /* may be NULL */
	const struct board *board; /* for the tick; may be NULL */
};

/* level: LOG_INFO, LOG_WARNING or LOG_ERROR; source: "bus odu", "odu2", "procedure" ... */
void journal_event(const struct journal *journal, enum log_level level, const char *source, const char *format,
	...) __attribute__((format(printf, 4, 5)));

/* The same of something that happened at `at`. */
void journal_event_at(const struct journal *journal, nanos at, enum log_level level, const char *source, const char *format,
	...) __attribute__((format(printf, 5, 6)));

#endif
