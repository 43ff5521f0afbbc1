#include "daq/wire/words_replay.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/wire/words_replay_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay_end {
	struct words words;
	struct clock_seat *seat;
	struct replay_line *line;
	int lines, at, answered;
	bool tolerant;
	struct words_replay_state state;
};

static void let_pass(struct clock_seat *seat, nanos until)
{
	bool woken = false;

	while (clock_now(seat->clock) < until)
		woken |= clock_wait(seat, until);
	if (woken)
		clock_wake(seat); /* not for this wait: kept for the next */
}

static void deviate(struct replay_end *self, const struct replay_line *came)
{
	char expected[64], now[64];

	if (self->state.trouble[0])
		return;
	replay_line_describe(came, now, sizeof(now));
	if (self->at < self->lines && !self->tolerant) {
		replay_line_describe(&self->line[self->at], expected, sizeof(expected));
		snprintf(self->state.trouble, sizeof(self->state.trouble), "line %d: expected %s, came %s",
			self->line[self->at].number, expected, now);
	} else if (self->tolerant) {
		snprintf(self->state.trouble, sizeof(self->state.trouble), "never recorded: %s", now);
	} else {
		snprintf(self->state.trouble, sizeof(self->state.trouble), "after the recording's end came %s", now);
	}
}

static void pass_openings(struct replay_end *self)
{
	while (self->at < self->lines && self->line[self->at].kind == 'o')
		self->at++;
}

/* The line that answers, or NULL. A tolerant search begins where the last one ended and goes round once. */
static const struct replay_line *find(struct replay_end *self, const struct replay_line *request)
{
	pass_openings(self);
	if (self->state.trouble[0])
		return NULL;
	if (!self->tolerant) {
		if (self->at < self->lines && replay_line_same(&self->line[self->at], request)) {
			self->answered++;
			return &self->line[self->at++];
		}
		deviate(self, request);
		return NULL;
	}
	for (int i = 0; i < self->lines; i++) {
		int at = (self->at + i) % self->lines;

		if (replay_line_same(&self->line[at], request)) {
			self->at = at + 1;
			self->answered++;
			return &self->line[at];
		}
	}
	deviate(self, request);
	return NULL;
}

static void answer(struct replay_end *self, const struct replay_line *request, struct words_reply *r)
{
	nanos now = clock_now(self->seat->clock);
	const struct replay_line *line = find(self, request);

	r->before = r->after = r->last = now;
	if (!line) {
		r->status = WIRE_GONE;
		text_copy(r->detail, sizeof(r->detail), self->state.trouble);
		return;
	}
	r->before = now + line->before;
	r->after = now + line->after;
	r->last = now + line->last;
	r->status = line->status;
	r->exception = line->exception;
	text_copy(r->detail, sizeof(r->detail), line->detail ? line->detail : "");
	if (line->kind == 'r' && line->status == WIRE_OK) {
		r->count = line->count;
		memcpy(r->words, line->words, (size_t)line->count * sizeof(*r->words));
	}
	let_pass(self->seat, r->last);
}

static void replay_read(struct words *w, int unit, int function, int address, int count, struct words_reply *r)
{
	const struct replay_line request = {.kind = 'r', .unit = unit, .function = function, .address = address,
		.count = count};

	answer((struct replay_end *)w, &request, r);
}

static void replay_write(struct words *w, int unit, int address, int count, const uint16_t *words,
	struct words_reply *r)
{
	struct replay_line request = {.kind = 'w', .unit = unit, .address = address, .count = count};
	uint16_t copy[125];

	memcpy(copy, words, (size_t)count * sizeof(*words));
	request.words = copy;
	answer((struct replay_end *)w, &request, r);
}

static int replay_drain(struct words *w, nanos quiet, nanos *latest)
{
	struct replay_end *self = (struct replay_end *)w;
	const struct replay_line request = {.kind = 'd', .quiet = quiet}, *line = NULL;
	nanos now = clock_now(self->seat->clock);

	pass_openings(self);
	if (!self->tolerant || (self->at < self->lines && self->line[self->at].kind == 'd'))
		line = self->tolerant ? &self->line[self->at++] : find(self, &request);
	if (!line) {
		let_pass(self->seat, now + quiet);
		return 0;
	}
	let_pass(self->seat, now + line->last);
	if (line->count > 0 && latest)
		*latest = now + line->before;
	return line->count;
}

static bool replay_pending(struct words *w)
{
	struct replay_end *self = (struct replay_end *)w;

	pass_openings(self);
	if (self->state.trouble[0] || self->at == self->lines || self->line[self->at].kind != 'p')
		return false;
	self->at++;
	self->answered++;
	return true;
}

static void replay_use_seat(struct words *w, struct clock_seat *seat)
{
	((struct replay_end *)w)->seat = seat;
}

static void replay_close(struct words *w)
{
	struct replay_end *self = (struct replay_end *)w;

	replay_lines_free(self->line, self->lines);
	free(self);
}

static const struct words_ops replay_ops = {
	.read = replay_read,
	.write = replay_write,
	.drain = replay_drain,
	.pending = replay_pending,
	.use_seat = replay_use_seat,
	.close = replay_close,
};

int words_replay_open(struct words **out, const char *path, struct clock_seat *seat, struct error *e)
{
	struct replay_end *self = calloc(1, sizeof(*self));
	struct recording_text text;

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory to replay %s", path);
	if (recording_read(&text, path, "words", e) != 0) {
		free(self);
		return -1;
	}
	self->words.ops = &replay_ops;
	self->seat = seat;
	self->state.cut = text.cut;
	self->state.ended = text.ended;
	if (replay_lines_read(&self->line, &self->lines, &text, path, e) != 0) {
		recording_text_free(&text);
		free(self);
		return -1;
	}
	for (int i = 0; i < self->lines; i++)
		self->state.lines += self->line[i].kind != 'o';
	recording_text_free(&text);
	*out = &self->words;
	return 0;
}

void words_replay_tolerant(struct words *replay)
{
	((struct replay_end *)replay)->tolerant = true;
}

bool words_replay_from(struct words *replay, int opening)
{
	struct replay_end *self = (struct replay_end *)replay;

	for (int i = 0; i < self->lines; i++)
		if (self->line[i].kind == 'o' && opening-- == 0) {
			self->at = i;
			return true;
		}
	return false;
}

void words_replay_state(struct words *replay, struct words_replay_state *out)
{
	struct replay_end *self = (struct replay_end *)replay;

	*out = self->state;
	out->line = self->answered;
}
