#include "daq/acquire/safe.h"

#include "daq/base/error.h"
#include "daq/base/units.h"

#include <stdio.h>
#include <string.h>

enum { RETRY_MS = 100 };

static void speak(void (*say)(void *self, const char *text), void *self, const char *text)
{
	if (say)
		say(self, text);
}

/* One write through a port that is opened if it is not yet; the port is kept in `words`. */
static int write_step(const struct bench *bench, const struct bench_safe *safe, struct words **words,
	struct clock_seat *seat, struct error *e)
{
	const struct bench_channel *channel = &bench->channel[safe->channel];
	const struct bench_device *device = &bench->device[channel->device];
	const struct register_row *row = &device->map->row[channel->reg];
	struct words_reply r;
	uint16_t raw[4];

	if (register_encode(row, (safe->value - channel->offset) / channel->gain, raw, e) != 0)
		return -1;
	if (!words[device->bus] && words_open(&words[device->bus], &bench->bus[device->bus].words, seat, e) != 0)
		return -1;
	words_write(words[device->bus], device->unit, row->address, register_words(row->type), raw, &r);
	if (r.status == WIRE_OK)
		return 0;
	words_drain(words[device->bus], 50 * NANOS_PER_MS, NULL);
	if (r.status == WIRE_GONE) {
		words_close(words[device->bus]);
		words[device->bus] = NULL;
	}
	return error_set(e, ERROR_DEVICE, "%s: %s %s", device->name, wire_status_name(r.status), r.detail);
}

static int walk_step(const struct bench *bench, int number, struct words **words, struct clock_seat *seat,
	int64_t give_up, void (*say)(void *self, const char *text), void *self)
{
	const struct bench_safe *safe = &bench->safe[number];
	const struct bench_channel *channel = &bench->channel[safe->channel];
	struct error e = ERROR_INIT;
	char text[700], unit[24];

	unit_label(channel->unit, unit);
	for (;;) {
		error_clear(&e);
		if (write_step(bench, safe, words, seat, &e) == 0) {
			snprintf(text, sizeof(text), "%s = %g%s", channel->name, safe->value, unit);
			speak(say, self, text);
			return 0;
		}
		if (clock_wall_ms() > give_up)
			break;
		clock_wait(seat, clock_now(seat->clock) + RETRY_MS * NANOS_PER_MS);
	}
	snprintf(text, sizeof(text), "%s = %g%s NOT CONFIRMED: %s", channel->name, safe->value, unit, e.text);
	speak(say, self, text);
	return 1;
}

int safe_walk(const struct bench *bench, int deadline_ms, void (*say)(void *self, const char *text), void *self)
{
	struct words *words[BENCH_BUSES] = {NULL};
	struct clock *clock = clock_open_system(1);
	struct clock_seat *seat = clock ? clock_join(clock, "safe") : NULL;
	int64_t give_up = clock_wall_ms() + deadline_ms;
	int failed = 0;

	if (!seat) {
		speak(say, self, "no memory to reach the safe state");
		failed = bench->safes;
		goto out;
	}
	for (int s = 0; s < bench->safes; s++) {
		failed += walk_step(bench, s, words, seat, give_up, say, self);
		clock_wait(seat, clock_now(clock) + bench->safe[s].pause);
	}
	for (int b = 0; b < bench->buses; b++)
		words_close(words[b]);
out:
	clock_leave(seat);
	clock_close(clock);
	return failed;
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
