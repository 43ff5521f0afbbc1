/*
 * lines_virtual.c - the virtual lab's end: a client of its line socket (Unix stream, one text line a request,
 * one a reply; the words are described at the top of fixtures/lab/endpoint_lines.c).
 *
 * Levels on the socket are electrical; active_low is applied here, as the kernel does it on a real line.
 */
#include "daq/wire/lines_ends.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/wire/lines_ring.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { REQUEST = 256, REPLY = 8192, TAKE_MOST = 256, PATIENCE_S = 10 };

struct virtual_end {
	struct lines lines;
	struct lines_config config;
	struct clock *clock;
	int fd;	      /* -1: gone */
	nanos offset; /* bench time less lab time; 0 in lock-step */
	bool level[LINES_MOST];
	struct lines_ring *ring[LINES_MOST];
	char reply[REPLY];
	int length; /* of what has been received */
	char why[192];
};

static enum line_status gone(struct virtual_end *self)
{
	if (self->fd >= 0)
		close(self->fd);
	self->fd = -1;
	snprintf(self->why, sizeof(self->why), "board %s: the line socket is gone", self->config.name);
	return LINE_GONE;
}

static bool receive_line(struct virtual_end *self)
{
	char *end;

	self->length = 0;
	while (self->length < REPLY - 1) {
		ssize_t n = recv(self->fd, self->reply + self->length, (size_t)(REPLY - 1 - self->length), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		self->length += (int)n;
		self->reply[self->length] = '\0';
		end = strchr(self->reply, '\n');
		if (end) {
			*end = '\0';
			return true;
		}
	}
	return false;
}

/* One exchange. LINE_OK: self->reply holds what came; LINE_REFUSED: self->why holds the lab's reason. */
__attribute__((format(printf, 2, 3))) static enum line_status ask(
	struct virtual_end *self, const char *format, ...)
{
	char request[REQUEST];
	va_list list;
	int length;

	if (self->fd < 0)
		return gone(self);
	va_start(list, format);
	length = vsnprintf(request, sizeof(request), format, list);
	va_end(list);
	if (length >= REQUEST) {
		snprintf(self->why, sizeof(self->why), "board %s: a request is too long", self->config.name);
		return LINE_REFUSED;
	}
	if (send(self->fd, request, (size_t)length, MSG_NOSIGNAL) != length || !receive_line(self))
		return gone(self);
	if (strncmp(self->reply, "error ", 6) == 0) {
		snprintf(self->why, sizeof(self->why), "%.180s", self->reply + 6);
		return LINE_REFUSED;
	}
	return LINE_OK;
}

static const struct line_config *line_of(struct virtual_end *self, int index, enum line_kind kind)
{
	static const char *const names[] = {"an output", "an input", "a PWM"};

	if (index >= 0 && index < self->config.lines && self->config.line[index].kind == kind)
		return &self->config.line[index];
	snprintf(self->why, sizeof(self->why), "line %d is not %s", index, names[kind]);
	return NULL;
}

static enum line_status virtual_set(struct lines *l, int index, bool level)
{
	struct virtual_end *self = (struct virtual_end *)l;
	const struct line_config *line = line_of(self, index, LINE_OUTPUT);
	enum line_status status;

	if (!line)
		return LINE_REFUSED;
	status = ask(self, "set %s %d\n", line->name, level != line->active_low);
	if (status == LINE_OK)
		self->level[index] = level;
	return status;
}

static enum line_status virtual_set_duty(struct lines *l, int index, double duty)
{
	struct virtual_end *self = (struct virtual_end *)l;
	const struct line_config *line = line_of(self, index, LINE_PWM);

	if (!line)
		return LINE_REFUSED;
	if (!(duty >= 0 && duty <= 1)) {
		snprintf(self->why, sizeof(self->why), "%s: a duty of %g: expected 0 to 1", line->name, duty);
		return LINE_REFUSED;
	}
	return ask(
		self, "pwm %s %.9g %.9g\n", line->name, line->frequency, line->active_low ? 1 - duty : duty);
}

/* Fetches what fits into the ring. */
static enum line_status fetch(struct virtual_end *self, int index)
{
	const struct line_config *line = &self->config.line[index];
	struct lines_ring *ring = self->ring[index];
	int count = TAKE_MOST;

	while (count == TAKE_MOST && ring->count + TAKE_MOST <= LINES_RING_EDGES) {
		enum line_status status = ask(self, "take %s %d\n", line->name, TAKE_MOST);
		int64_t now, at;
		int level, missed, used, rising;
		const char *rest;

		if (status != LINE_OK)
			return status;
		if (sscanf(self->reply, "edges %" SCNd64 " %d %d %d%n", &now, &level, &missed, &count,
			    &used) != 4)
			return gone(self);
		rest = self->reply + used;
		lines_ring_lost(ring, (uint64_t)missed);
		for (int i = 0; i < count; i++) {
			struct edge edge;

			if (sscanf(rest, " %" SCNd64 ":%d%n", &at, &rising, &used) != 2)
				return gone(self);
			rest += used;
			edge = (struct edge){
				.at = at + self->offset, .rising = (rising != 0) != line->active_low};
			lines_ring_put(ring, &edge);
		}
	}
	return LINE_OK;
}

static enum line_status virtual_get(struct lines *l, int index, struct line_state *state)
{
	struct virtual_end *self = (struct virtual_end *)l;
	enum line_status status;

	if (index < 0 || index >= self->config.lines) {
		snprintf(self->why, sizeof(self->why), "there is no line %d", index);
		return LINE_REFUSED;
	}
	state->level = self->level[index];
	if (!self->ring[index])
		return self->fd < 0 ? gone(self) : LINE_OK;
	status = fetch(self, index);
	*state = self->ring[index]->state;
	return status;
}

static int virtual_take(struct lines *l, int index, struct edge *out, int room)
{
	struct virtual_end *self = (struct virtual_end *)l;
	int n = 0, more;

	if (!line_of(self, index, LINE_EDGES))
		return 0;
	do {
		fetch(self, index);
		more = lines_ring_take(self->ring[index], out + n, room - n);
		n += more;
	} while (more > 0 && n < room);
	return n;
}

static const char *virtual_detail(struct lines *l)
{
	return ((struct virtual_end *)l)->why;
}

static void virtual_use_seat(struct lines *l, struct clock_seat *seat)
{
	(void)l; /* nothing here waits for bench time */
	(void)seat;
}

static void virtual_close(struct lines *l)
{
	struct virtual_end *self = (struct virtual_end *)l;

	if (self->fd >= 0)
		close(self->fd);
	for (int i = 0; i < LINES_MOST; i++)
		free(self->ring[i]);
	free(self);
}

static const struct lines_ops virtual_ops = {
	.set = virtual_set,
	.set_duty = virtual_set_duty,
	.get = virtual_get,
	.take = virtual_take,
	.detail = virtual_detail,
	.use_seat = virtual_use_seat,
	.close = virtual_close,
};

static int connect_to(struct virtual_end *self, struct error *e)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = PATIENCE_S};
	const char *path = self->config.socket;
	int64_t lab;

	if (!text_copy(a.sun_path, sizeof(a.sun_path), path))
		return error_set(e, ERROR_CONFIG, "board %s: the path %s is too long for a socket",
			self->config.name, path);
	self->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (self->fd < 0 || connect(self->fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		return error_set_errno(e, ERROR_DEVICE, "board %s: cannot reach the line socket %s",
			self->config.name, path);
	setsockopt(self->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (ask(self, "hello heatbench %ld\n", (long)getpid()) != LINE_OK ||
		sscanf(self->reply, "ok %" SCNd64, &lab) != 1)
		return error_set(e, ERROR_DEVICE, "board %s: %s does not speak as a line socket does",
			self->config.name, path);
	self->offset = self->clock->lockstep ? 0 : clock_now(self->clock) - lab;
	return 0;
}

static int claim(struct virtual_end *self, int index, struct error *e)
{
	static const char *const kinds[] = {
		[LINE_OUTPUT] = "output", [LINE_EDGES] = "edges", [LINE_PWM] = "pwm"};
	const struct line_config *line = &self->config.line[index];
	enum line_status status = ask(self, "claim %s %s\n", line->name, kinds[line->kind]);
	int level = 0;

	if (status == LINE_REFUSED && strstr(self->why, "in use"))
		return error_set(e, ERROR_BUSY, "%s: %s", line->name, self->why);
	if (status != LINE_OK || sscanf(self->reply, "ok %d", &level) != 1)
		return error_set(e, ERROR_DEVICE, "%s: %s", line->name, self->why);
	if (line->kind == LINE_OUTPUT)
		status = virtual_set(&self->lines, index, line->initial);
	else if (line->kind == LINE_PWM)
		status = virtual_set_duty(&self->lines, index, line->duty);
	if (status != LINE_OK)
		return error_set(e, ERROR_DEVICE, "%s: %s", line->name, self->why);
	if (line->kind != LINE_EDGES)
		return 0;
	self->ring[index] = calloc(1, sizeof(*self->ring[index]));
	if (!self->ring[index])
		return error_set(e, ERROR_SYSTEM, "no memory for line %s", line->name);
	lines_ring_begin(self->ring[index], (level != 0) != line->active_low);
	return 0;
}

int lines_virtual_open(
	struct lines **out, const struct lines_config *config, struct clock_seat *seat, struct error *e)
{
	struct virtual_end *self = calloc(1, sizeof(*self));

	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for board %s", config->name);
	self->lines.ops = &virtual_ops;
	self->config = *config;
	self->clock = seat->clock;
	self->fd = -1;
	if (connect_to(self, e) != 0)
		goto fail;
	for (int i = 0; i < config->lines; i++)
		if (claim(self, i, e) != 0)
			goto fail;
	*out = &self->lines;
	return 0;
fail:
	virtual_close(&self->lines);
	return -1;
}
