#include "daq/acquire/journal.h"

#include "daq/acquire/board.h"
#include "daq/acquire/record.h"
#include "daq/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 5, 0))) static void put(const struct journal *journal, nanos at, enum log_level level,
	const char *source, const char *format, va_list args)
{
	static const char *const levels[] = {"debug", "info", "warning", "error"};
	struct record_event event;

	memset(&event, 0, sizeof(event));
	vsnprintf(event.text, sizeof(event.text), format, args);
	text_copy(event.level, sizeof(event.level), levels[level]);
	text_copy(event.source, sizeof(event.source), source);
	event.at = at;
	event.tick = journal->board ? board_next_tick(journal->board, event.at) - 1 : -1;
	if (journal->ring)
		ring_push(journal->ring, RECORD_EVENT, &event, sizeof(event), NULL, 0, true);
	log_write(journal->log, level, "%s: %s", source, event.text);
}

void journal_event(const struct journal *journal, enum log_level level, const char *source, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(journal, clock_now(journal->clock), level, source, format, args);
	va_end(args);
}

void journal_event_at(const struct journal *journal, nanos at, enum log_level level, const char *source, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(journal, at, level, source, format, args);
	va_end(args);
}
