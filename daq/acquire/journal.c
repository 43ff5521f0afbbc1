#include "daq/acquire/journal.h"

#include "daq/acquire/board.h"
#include "daq/acquire/record.h"
#include "daq/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void journal_event(const struct journal *journal, enum log_level level, const char *source, const char *format, ...)
{
	static const char *const levels[] = {"debug", "info", "warning", "error"};
	struct record_event event;
	va_list args;

	memset(&event, 0, sizeof(event));
	va_start(args, format);
	vsnprintf(event.text, sizeof(event.text), format, args);
	va_end(args);
	text_copy(event.level, sizeof(event.level), levels[level]);
	text_copy(event.source, sizeof(event.source), source);
	event.at = clock_now(journal->clock);
	event.tick = journal->board ? board_next_tick(journal->board, event.at) - 1 : -1;
	if (journal->ring)
		ring_push(journal->ring, RECORD_EVENT, &event, sizeof(event), NULL, 0, true);
	log_write(journal->log, level, "%s: %s", source, event.text);
}
