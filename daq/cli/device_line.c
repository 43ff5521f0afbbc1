#include "daq/cli/device_line.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/cli/device.h"

#include <string.h>

enum { ATTEMPTS = 6, TIMEOUTS = 2 }; /* a device that is not there: two time-outs are enough */

int device_line_open(struct device_line *line, const struct words_config *config, nanos late, struct error *e)
{
	memset(line, 0, sizeof(*line));
	line->config = *config;
	line->late = late;
	line->clock = clock_open_system(1);
	line->seat = line->clock ? clock_join(line->clock, "device") : NULL;
	if (!line->seat)
		return error_set(e, ERROR_SYSTEM, "no memory for a clock");
	return words_open(&line->words, config, line->seat, e);
}

void device_line_close(struct device_line *line)
{
	words_close(line->words);
	line->words = NULL;
	clock_leave(line->seat);
	line->seat = NULL;
	if (line->clock)
		clock_close(line->clock);
	line->clock = NULL;
}

nanos device_line_now(const struct device_line *line)
{
	return clock_now(line->clock);
}

void device_line_wait(struct device_line *line, nanos until)
{
	while (!device_stopped && device_line_now(line) < until) {
		nanos next = device_line_now(line) + 50 * NANOS_PER_MS;

		clock_wait(line->seat, next < until ? next : until);
	}
}

/* Leaves the line quiet and doubts what comes next. Returns whether something came. */
static bool make_quiet(struct device_line *line, nanos quiet)
{
	nanos since = device_line_now(line), latest = since, doubt;
	bool came = words_drain(line->words, quiet, &latest) > 0;

	if (came) {
		line->strays++;
		if ((latest - since) * 3 / 2 > line->late)
			line->late = (latest - since) * 3 / 2;
	}
	doubt = 5 * line->late > 10 * NANOS_PER_S ? 5 * line->late : 10 * NANOS_PER_S;
	line->doubt_until = device_line_now(line) + doubt;
	return came;
}

/* A read of another length, right behind the answer that is to be proved. TCP answers carry their question's number. */
static bool in_step(struct device_line *line, int unit, int function, int address, int count)
{
	struct words_reply r;
	int other = count == 1 ? 2 : 1;

	if (line->config.kind == WORDS_TCP || device_line_now(line) >= line->doubt_until)
		return true;
	if (words_pending(line->words))
		return false;
	words_read(line->words, unit, function, address + other > 65536 ? address - 1 : address, other, &r);
	return (r.status == WIRE_OK || r.status == WIRE_EXCEPTION) && !words_pending(line->words);
}

void device_line_read(struct device_line *line, int unit, int function, int address, int count,
	struct words_reply *r)
{
	int timeouts = 0;

	for (int attempt = 0; attempt < ATTEMPTS && timeouts < TIMEOUTS && !device_stopped; attempt++) {
		if (words_pending(line->words))
			make_quiet(line, line->late);
		words_read(line->words, unit, function, address, count, r);
		if (r->status == WIRE_GONE)
			return;
		if (r->status == WIRE_OK || r->status == WIRE_EXCEPTION) {
			if (in_step(line, unit, function, address, count))
				return;
			if (line->late < 5 * NANOS_PER_S) /* they come later than was waited */
				line->late *= 2;
			r->status = WIRE_MISMATCH;
			text_copy(r->detail, sizeof(r->detail), "answers come late: none could be proved to be this question's");
		}
		timeouts += r->status == WIRE_TIMEOUT;
		line->timeouts += r->status == WIRE_TIMEOUT;
		make_quiet(line, line->late);
	}
}

void device_line_knock(struct device_line *line, int unit, struct words_reply *r)
{
	words_read(line->words, unit, 3, 0, 1, r);
	if (r->status == WIRE_OK || r->status == WIRE_EXCEPTION || r->status == WIRE_GONE)
		return;
	if (r->status == WIRE_TIMEOUT) {
		line->timeouts++;
		/* The next question goes to another unit, whose number the answer must carry: half a time-out is enough. */
		if (!make_quiet(line, line->config.response_timeout / 2))
			return;
		r->status = WIRE_MISMATCH;
		text_copy(r->detail, sizeof(r->detail), "something came after the time-out");
	} else {
		make_quiet(line, line->late);
	}
}
