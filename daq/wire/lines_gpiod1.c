/*
 * lines_gpiod1.c - libgpiod 1.6 (Debian 12), the first character device interface.
 *
 * The kernel's queue of a line holds 16 events and drops the newest without a word when it is full. Stamps
 * are CLOCK_MONOTONIC since Linux 5.7; before that they were CLOCK_REALTIME, and such a kernel is refused at
 * the first look (lines_kernel.c), not here.
 */
#include "daq/wire/lines_gpiod.h"

#include "daq/base/error.h"

#include <errno.h>
#include <gpiod.h>
#include <stdlib.h>

enum { READ_MOST = 16 }; /* as many as the kernel's queue holds */

struct lines_gpiod {
	struct gpiod_chip *chip;
	struct gpiod_line *line;
};

static int refuse_chip(const struct line_config *c, struct error *e)
{
	if (errno == ENOENT || errno == ENOTTY || errno == ENODEV || errno == EINVAL)
		return error_set(e, ERROR_DEVICE, "%s: there is no GPIO chip %s", c->name, c->chip);
	return error_set_errno(e, ERROR_DEVICE, "%s: cannot open GPIO chip %s", c->name, c->chip);
}

static int refuse_line(const struct lines_gpiod *self, const struct line_config *c, struct error *e)
{
	if (errno == EBUSY) {
		/* looked up again: who holds it may have changed since the line was first looked at */
		const char *who = gpiod_line_update(self->line) == 0 ? gpiod_line_consumer(self->line) : NULL;

		return error_set(e, ERROR_BUSY, "%s: line %d of %s is in use by %s%s%s", c->name, c->offset,
			c->chip, who ? "\"" : "a driver that gives no name", who ? who : "", who ? "\"" : "");
	}
	return error_set_errno(e, ERROR_DEVICE, "%s: cannot use line %d of %s", c->name, c->offset, c->chip);
}

static int request(struct lines_gpiod *self, const struct line_config *c, const char *consumer)
{
	static const int bias[] = {
		[LINE_PULL_NONE] = 0, /* as the board has it */
		[LINE_PULL_UP] = GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP,
		[LINE_PULL_DOWN] = GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN,
	};
	struct gpiod_line_request_config r = {
		.consumer = consumer,
		.request_type = c->kind == LINE_OUTPUT ? GPIOD_LINE_REQUEST_DIRECTION_OUTPUT
						       : GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES,
		.flags = bias[c->pull] | (c->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0),
	};

	return gpiod_line_request(self->line, &r, c->initial);
}

int lines_gpiod_open(
	struct lines_gpiod **out, const struct line_config *config, const char *consumer, struct error *e)
{
	struct lines_gpiod *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for line %s", config->name);
	self->chip = gpiod_chip_open_lookup(config->chip);
	if (!self->chip) {
		refuse_chip(config, e);
		goto fail;
	}
	if (config->offset < 0 || (unsigned)config->offset >= gpiod_chip_num_lines(self->chip)) {
		error_set(e, ERROR_DEVICE, "%s: %s has lines 0 to %u, and no line %d", config->name,
			config->chip, gpiod_chip_num_lines(self->chip) - 1, config->offset);
		goto fail;
	}
	self->line = gpiod_chip_get_line(self->chip, (unsigned)config->offset);
	if (!self->line || request(self, config, consumer) != 0) {
		refuse_line(self, config, e);
		goto fail;
	}
	*out = self;
	return 0;
fail:
	lines_gpiod_close(self);
	return -1;
}

void lines_gpiod_close(struct lines_gpiod *self)
{
	if (!self)
		return;
	if (self->chip)
		gpiod_chip_close(self->chip); /* releases its line */
	free(self);
}

int lines_gpiod_set(struct lines_gpiod *self, bool level)
{
	return gpiod_line_set_value(self->line, level);
}

int lines_gpiod_get(struct lines_gpiod *self, bool *level)
{
	int value = gpiod_line_get_value(self->line);

	if (value < 0)
		return -1;
	*level = value;
	return 0;
}

int lines_gpiod_fd(const struct lines_gpiod *self)
{
	return gpiod_line_event_get_fd(self->line);
}

int lines_gpiod_read(struct lines_gpiod *self, struct lines_gpiod_edge *out, int room)
{
	struct gpiod_line_event events[READ_MOST];
	int n = gpiod_line_event_read_multiple(
		self->line, events, room < READ_MOST ? (unsigned)room : READ_MOST);

	for (int i = 0; i < n; i++)
		out[i] = (struct lines_gpiod_edge){
			.at = (int64_t)events[i].ts.tv_sec * 1000000000 + events[i].ts.tv_nsec,
			.rising = events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE,
		};
	return n;
}

int lines_gpiod_queue(void)
{
	return READ_MOST;
}

const char *lines_gpiod_version(void)
{
	return gpiod_version_string();
}
