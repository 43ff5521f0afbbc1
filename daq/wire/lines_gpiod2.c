/*
 * lines_gpiod2.c - libgpiod 2.x (Debian 13), the second character device interface: a queue as long as we ask
 * for, and events that are numbered, so that every lost one is known.
 */
#include "daq/wire/lines_gpiod.h"

#include "daq/base/error.h"

#include <dirent.h>
#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE_EVENTS = 1024, READ_MOST = 64 };

struct lines_gpiod {
	unsigned offset;
	struct gpiod_chip *chip;
	struct gpiod_line_request *request;
	struct gpiod_edge_event_buffer *buffer;
};

/* Whether the chip at `path` has this name or label. */
static bool is_called(const char *path, const char *name)
{
	struct gpiod_chip *chip = gpiod_chip_open(path);
	struct gpiod_chip_info *info = chip ? gpiod_chip_get_info(chip) : NULL;
	bool yes = info && (strcmp(gpiod_chip_info_get_name(info), name) == 0 ||
				   strcmp(gpiod_chip_info_get_label(info), name) == 0);

	gpiod_chip_info_free(info);
	if (chip)
		gpiod_chip_close(chip);
	return yes;
}

/* libgpiod 2 opens paths only; 1.6 also found names and labels. */
static bool find_chip(const char *name, char *path, size_t size)
{
	struct dirent *entry;
	bool found = false;
	DIR *dev;

	if (name[0] == '/') {
		snprintf(path, size, "%s", name);
		return gpiod_is_gpiochip_device(path);
	}
	dev = opendir("/dev");
	while (dev && !found && (entry = readdir(dev))) {
		if (strncmp(entry->d_name, "gpiochip", 8) != 0)
			continue;
		snprintf(path, size, "/dev/%.64s", entry->d_name);
		found = strcmp(entry->d_name, name) == 0 || is_called(path, name);
	}
	if (dev)
		closedir(dev);
	return found;
}

static int open_chip(struct lines_gpiod *self, const struct line_config *c, struct error *e)
{
	struct gpiod_chip_info *info;
	char path[96];
	size_t lines;

	if (!find_chip(c->chip, path, sizeof(path)))
		return error_set(e, ERROR_DEVICE, "%s: there is no GPIO chip %s", c->name, c->chip);
	self->chip = gpiod_chip_open(path);
	if (!self->chip)
		return error_set_errno(e, ERROR_DEVICE, "%s: cannot open GPIO chip %s", c->name, c->chip);
	info = gpiod_chip_get_info(self->chip);
	if (!info)
		return error_set_errno(e, ERROR_DEVICE, "%s: cannot ask GPIO chip %s", c->name, c->chip);
	lines = gpiod_chip_info_get_num_lines(info);
	gpiod_chip_info_free(info);
	if (c->offset < 0 || (size_t)c->offset >= lines)
		return error_set(e, ERROR_DEVICE, "%s: %s has lines 0 to %zu, and no line %d", c->name,
			c->chip, lines - 1, c->offset);
	self->offset = (unsigned)c->offset;
	return 0;
}

static int refuse_line(const struct lines_gpiod *self, const struct line_config *c, struct error *e)
{
	int number = errno;
	struct gpiod_line_info *info;
	const char *who;

	if (number != EBUSY)
		return error_set_errno(
			e, ERROR_DEVICE, "%s: cannot use line %d of %s", c->name, c->offset, c->chip);
	info = gpiod_chip_get_line_info(self->chip, self->offset);
	who = info ? gpiod_line_info_get_consumer(info) : NULL;
	error_set(e, ERROR_BUSY, "%s: line %d of %s is in use by %s%s%s", c->name, c->offset, c->chip,
		who ? "\"" : "a driver that gives no name", who ? who : "", who ? "\"" : "");
	gpiod_line_info_free(info);
	return -1;
}

static void fill_settings(struct gpiod_line_settings *s, const struct line_config *c)
{
	gpiod_line_settings_set_active_low(s, c->active_low);
	if (c->pull != LINE_PULL_NONE)
		gpiod_line_settings_set_bias(
			s, c->pull == LINE_PULL_UP ? GPIOD_LINE_BIAS_PULL_UP : GPIOD_LINE_BIAS_PULL_DOWN);
	if (c->kind == LINE_OUTPUT) {
		gpiod_line_settings_set_direction(s, GPIOD_LINE_DIRECTION_OUTPUT);
		gpiod_line_settings_set_output_value(
			s, c->initial ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
	} else {
		gpiod_line_settings_set_direction(s, GPIOD_LINE_DIRECTION_INPUT);
		gpiod_line_settings_set_edge_detection(s, GPIOD_LINE_EDGE_BOTH);
		gpiod_line_settings_set_event_clock(s, GPIOD_LINE_CLOCK_MONOTONIC);
	}
}

static int request(
	struct lines_gpiod *self, const struct line_config *c, const char *consumer, struct error *e)
{
	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	struct gpiod_line_config *lines = gpiod_line_config_new();
	struct gpiod_request_config *config = gpiod_request_config_new();
	int result = -1;

	if (!settings || !lines || !config) {
		error_set(e, ERROR_SYSTEM, "no memory for line %s", c->name);
		goto out;
	}
	fill_settings(settings, c);
	gpiod_request_config_set_consumer(config, consumer);
	gpiod_request_config_set_event_buffer_size(config, QUEUE_EVENTS);
	if (gpiod_line_config_add_line_settings(lines, &self->offset, 1, settings) == 0)
		self->request = gpiod_chip_request_lines(self->chip, config, lines);
	result = self->request ? 0 : refuse_line(self, c, e);
out:
	gpiod_request_config_free(config);
	gpiod_line_config_free(lines);
	gpiod_line_settings_free(settings);
	return result;
}

int lines_gpiod_open(
	struct lines_gpiod **out, const struct line_config *config, const char *consumer, struct error *e)
{
	struct lines_gpiod *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for line %s", config->name);
	if (open_chip(self, config, e) != 0 || request(self, config, consumer, e) != 0)
		goto fail;
	self->buffer = gpiod_edge_event_buffer_new(READ_MOST);
	if (!self->buffer) {
		error_set(e, ERROR_SYSTEM, "no memory for line %s", config->name);
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
	gpiod_edge_event_buffer_free(self->buffer);
	if (self->request)
		gpiod_line_request_release(self->request);
	if (self->chip)
		gpiod_chip_close(self->chip);
	free(self);
}

int lines_gpiod_set(struct lines_gpiod *self, bool level)
{
	return gpiod_line_request_set_value(
		self->request, self->offset, level ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
}

int lines_gpiod_get(struct lines_gpiod *self, bool *level)
{
	enum gpiod_line_value value = gpiod_line_request_get_value(self->request, self->offset);

	if (value == GPIOD_LINE_VALUE_ERROR)
		return -1;
	*level = value == GPIOD_LINE_VALUE_ACTIVE;
	return 0;
}

int lines_gpiod_fd(const struct lines_gpiod *self)
{
	return gpiod_line_request_get_fd(self->request);
}

int lines_gpiod_read(struct lines_gpiod *self, struct lines_gpiod_edge *out, int room)
{
	int n = gpiod_line_request_read_edge_events(
		self->request, self->buffer, room < READ_MOST ? (size_t)room : READ_MOST);

	for (int i = 0; i < n; i++) {
		struct gpiod_edge_event *event =
			gpiod_edge_event_buffer_get_event(self->buffer, (unsigned long)i);

		out[i] = (struct lines_gpiod_edge){
			.at = (int64_t)gpiod_edge_event_get_timestamp_ns(event),
			.number = gpiod_edge_event_get_line_seqno(event),
			.rising = gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE,
		};
	}
	return n;
}

int lines_gpiod_queue(void)
{
	return 0; /* events are numbered */
}

const char *lines_gpiod_version(void)
{
	return gpiod_api_version();
}
