#include "daq/acquire/safe.h"

#include "daq/base/error.h"
#include "daq/base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 100 };

static void speak(void (*say)(void *self, const char *text), void *self, const char *text)
{
	if (say)
		say(self, text);
}

struct walk {
	const struct bench *bench;
	struct words *words[BENCH_BUSES];
	struct lines *lines[BENCH_BUSES];
	struct clock_seat *seat;
	bool done[BENCH_SAFE];
	bool waits[SAFE_GROUPS]; /* in this round: a step of it failed */
	struct error why[BENCH_SAFE];
	void (*say)(void *self, const char *text);
	void *self;
};

int safe_group(const struct bench *bench, int number)
{
	const struct bench_channel *c = &bench->channel[bench->safe[number].channel];

	return c->dut >= 0 ? c->dut : BENCH_DUTS + c->device;
}

/* One output line; the board is opened if it is not yet, and its lines then start safe (bench_resolve_lines). */
static int write_line(struct walk *w, const struct bench_device *device, double value, struct error *e)
{
	struct lines **lines = &w->lines[device->bus];
	enum line_status status;

	if (!*lines && lines_open(lines, &w->bench->bus[device->bus].lines, w->seat, e) != 0)
		return -1;
	if (device->on_line.kind == LINE_DEVICE_PWM)
		status = lines_set_duty(*lines, device->on_line.line, value / 1000);
	else
		status = lines_set(*lines, device->on_line.line, value >= 0.5);
	if (status == LINE_OK)
		return 0;
	error_set(e, ERROR_DEVICE, "%s: %s", device->name, lines_detail(*lines));
	if (status == LINE_GONE) {
		lines_close(*lines);
		*lines = NULL;
	}
	return -1;
}

/* One write through a port that is opened if it is not yet. */
static int write_step(struct walk *w, int number)
{
	const struct bench_safe *safe = &w->bench->safe[number];
	const struct bench_channel *channel = &w->bench->channel[safe->channel];
	const struct bench_device *device = &w->bench->device[channel->device];
	const struct register_row *row;
	struct words **words = &w->words[device->bus];
	struct error *e = &w->why[number];
	struct words_reply r;
	uint16_t raw[4];

	error_clear(e);
	if (w->bench->bus[device->bus].kind == BUS_BYTES || w->bench->bus[device->bus].kind == BUS_MBUS)
		return 0; /* scales and meters drive nothing */
	if (w->bench->bus[device->bus].kind == BUS_LINES)
		return write_line(w, device, (safe->value - channel->offset) / channel->gain, e);
	row = &device->map->row[channel->reg];
	if (register_encode(row, (safe->value - channel->offset) / channel->gain, raw, e) != 0)
		return -1;
	if (!*words && words_open(words, &w->bench->bus[device->bus].words, w->seat, e) != 0)
		return -1;
	words_write(*words, device->unit, row->address, register_words(row->type), raw, &r);
	if (r.status == WIRE_OK)
		return 0;
	words_drain(*words, 50 * NANOS_PER_MS, NULL);
	if (r.status == WIRE_GONE) {
		words_close(*words);
		*words = NULL;
	}
	return error_set(e, ERROR_DEVICE, "%s: %s %s", device->name, wire_status_name(r.status), r.detail);
}

static void say_step(struct walk *w, int number)
{
	const struct bench_safe *safe = &w->bench->safe[number];
	const struct bench_channel *channel = &w->bench->channel[safe->channel];
	char text[700], unit[24];

	snprintf(text, sizeof(text), "%s = %g%s%s%s", channel->name, safe->value, unit_label(channel->unit, unit),
		w->done[number] ? "" : " NOT CONFIRMED: ", w->done[number] ? "" : w->why[number].text);
	speak(w->say, w->self, text);
}

/* Goes once through what is not done yet. Where a step failed, the later steps of that group wait for it (no
 * relay opens over a running pump) and the other devices have their turn: one that is dead costs a time-out a
 * round. Only the `last` round tries everything. Returns how many are left. */
static int walk_round(struct walk *w, bool first, bool last)
{
	int left = 0;

	memset(w->waits, 0, sizeof(w->waits));
	for (int s = 0; s < w->bench->safes; s++) {
		int group = safe_group(w->bench, s);

		if (!w->done[s] && (last || !w->waits[group])) {
			w->done[s] = write_step(w, s) == 0;
			if (w->done[s] || last)
				say_step(w, s);
			if (w->done[s] || first)
				clock_wait(w->seat, clock_now(w->seat->clock) + w->bench->safe[s].pause);
		}
		w->waits[group] |= !w->done[s];
		left += !w->done[s];
	}
	return left;
}

int safe_walk(const struct bench *bench, int deadline_ms, void (*say)(void *self, const char *text), void *self)
{
	struct walk *w = calloc(1, sizeof(*w));
	struct clock *clock = clock_open_system(1);
	int64_t give_up = clock_wall_ms() + deadline_ms;
	int left = bench->safes;
	bool last = false;

	if (w && clock)
		w->seat = clock_join(clock, "safe");
	if (!w || !w->seat) {
		speak(say, self, "no memory to reach the safe state");
		goto out;
	}
	w->bench = bench;
	w->say = say;
	w->self = self;
	left = walk_round(w, true, false);
	while (left && !last) {
		clock_wait(w->seat, clock_now(clock) + RETRY_MS * NANOS_PER_MS);
		last = clock_wall_ms() > give_up;
		left = walk_round(w, false, last);
	}
	for (int b = 0; b < bench->buses; b++)
		words_close(w->words[b]);
	clock_leave(w->seat);
out:
	clock_close(clock);
	free(w);
	return left;
}

void safe_uncovered(const struct bench *bench, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int c = 0; c < bench->channels; c++) {
		bool covered = false;

		for (int s = 0; s < bench->safes; s++)
			covered |= bench->safe[s].channel == c;
		if (bench->channel[c].output && !covered && used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", bench->channel[c].name);
	}
}
