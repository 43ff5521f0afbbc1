/*
 * lines_kernel.c - the kernel's end: GPIO through libgpiod, PWM through sysfs.
 *
 * Edges are read by a thread of its own, because the kernel's queue of a line is short (16 events with
 * libgpiod 1.6) and a bus thread may be waiting for a slow device meanwhile. Stamps are the kernel's; here
 * they are only moved to bench time. After `close` an output keeps its level where the driver of the chip
 * lets it, and a PWM goes on.
 */
#include "daq/wire/lines_ends.h"

#include "daq/base/error.h"
#include "daq/wire/lines_gpiod.h"
#include "daq/wire/lines_pwm.h"
#include "daq/wire/lines_ring.h"

#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { READ_EDGES = 64 };

struct kernel_line {
	enum line_kind kind;
	char name[32];
	struct lines_gpiod *gpio; /* LINE_OUTPUT, LINE_EDGES */
	struct lines_pwm *pwm;
	struct lines_ring *ring; /* LINE_EDGES */
	unsigned long number;	 /* of the latest edge; 0: none, or not counted */
	bool level;		 /* LINE_OUTPUT: as set */
	bool gone;
};

struct kernel_end {
	struct lines lines;
	struct clock *clock;
	int count;
	struct kernel_line line[LINES_MOST];
	pthread_mutex_t lock; /* over rings and `gone` */
	pthread_t thread;
	bool running;
	int stop; /* eventfd that ends the thread */
	nanos mono_zero, bench_zero;
	char why[192];
};

static nanos monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (nanos)t.tv_sec * NANOS_PER_S + t.tv_nsec;
}

/* At speed 1 bench time is CLOCK_MONOTONIC itself; a faster clock is a multiple of it. */
static nanos bench_time(const struct kernel_end *self, nanos mono)
{
	if (self->clock->speed == 1.0)
		return mono;
	return self->bench_zero + (nanos)((double)(mono - self->mono_zero) * self->clock->speed);
}

/* Takes what waits on one line; false when the line is gone. */
static bool read_line(struct kernel_end *self, struct kernel_line *line)
{
	struct lines_gpiod_edge edges[READ_EDGES];
	int n = lines_gpiod_read(line->gpio, edges, READ_EDGES);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	pthread_mutex_lock(&self->lock);
	for (int i = 0; i < n; i++) {
		struct edge edge = {.at = bench_time(self, edges[i].at), .rising = edges[i].rising};

		if (edges[i].number)
			lines_ring_lost(line->ring, edges[i].number - line->number - 1);
		line->number = edges[i].number;
		lines_ring_put(line->ring, &edge);
	}
	/* A queue found full may have run over, by any number, and what comes next may well fit behind it. */
	if (n > 0 && n == lines_gpiod_queue())
		lines_ring_lost(line->ring, 1);
	pthread_mutex_unlock(&self->lock);
	return true;
}

static void mark_gone(struct kernel_end *self, struct kernel_line *line)
{
	pthread_mutex_lock(&self->lock);
	line->gone = true;
	pthread_mutex_unlock(&self->lock);
}

static void *read_edges(void *data)
{
	struct kernel_end *self = data;
	struct sched_param urgent = {.sched_priority = 1};
	struct pollfd fds[1 + LINES_MOST];
	int of[1 + LINES_MOST], count = 1;

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent); /* where it is allowed */
	fds[0] = (struct pollfd){.fd = self->stop, .events = POLLIN};
	for (int i = 0; i < self->count; i++) {
		if (self->line[i].kind != LINE_EDGES)
			continue;
		of[count] = i;
		fds[count++] = (struct pollfd){.fd = lines_gpiod_fd(self->line[i].gpio), .events = POLLIN};
	}
	while (fds[0].revents == 0) {
		if (poll(fds, (nfds_t)count, -1) < 0)
			continue;
		for (int i = 1; i < count; i++) {
			struct kernel_line *line = &self->line[of[i]];

			if (fds[i].revents && (!(fds[i].revents & POLLIN) || !read_line(self, line))) {
				mark_gone(self, line);
				fds[i].fd = -1;
			}
		}
	}
	return NULL;
}

static enum line_status refuse(struct kernel_end *self, const struct kernel_line *line, const char *what)
{
	bool gone = errno == ENODEV || errno == ENXIO || errno == EIO;

	snprintf(self->why, sizeof(self->why), "%s: %s: %s", line->name, what, strerror(errno));
	return gone ? LINE_GONE : LINE_REFUSED;
}

/* The line, if it is of the kind that the caller takes it for. */
static struct kernel_line *line_of(struct kernel_end *self, int index, enum line_kind kind)
{
	static const char *const names[] = {"an output", "an input", "a PWM"};

	if (index >= 0 && index < self->count && self->line[index].kind == kind)
		return &self->line[index];
	snprintf(self->why, sizeof(self->why), "line %d is not %s", index, names[kind]);
	return NULL;
}

static enum line_status kernel_set(struct lines *l, int index, bool level)
{
	struct kernel_end *self = (struct kernel_end *)l;
	struct kernel_line *line = line_of(self, index, LINE_OUTPUT);

	if (!line)
		return LINE_REFUSED;
	if (lines_gpiod_set(line->gpio, level) != 0)
		return refuse(self, line, "cannot set the output");
	line->level = level;
	return LINE_OK;
}

static enum line_status kernel_set_duty(struct lines *l, int index, double duty)
{
	struct kernel_end *self = (struct kernel_end *)l;
	struct kernel_line *line = line_of(self, index, LINE_PWM);

	return line ? lines_pwm_set(line->pwm, duty, self->why, sizeof(self->why)) : LINE_REFUSED;
}

static enum line_status kernel_get(struct lines *l, int index, struct line_state *state)
{
	struct kernel_end *self = (struct kernel_end *)l;
	enum line_status status = LINE_OK;
	struct kernel_line *line;
	bool unplugged;

	if (index < 0 || index >= self->count) {
		snprintf(self->why, sizeof(self->why), "there is no line %d", index);
		return LINE_REFUSED;
	}
	line = &self->line[index];
	state->level = line->level;
	if (line->kind == LINE_OUTPUT && lines_gpiod_get(line->gpio, &state->level) != 0)
		return refuse(self, line, "cannot read the output");
	if (line->kind != LINE_EDGES)
		return LINE_OK;
	/* Who waits for edges is not woken when the chip goes (Linux 6.1), so it is asked. */
	unplugged = lines_gpiod_get(line->gpio, &state->level) != 0 && errno == ENODEV;
	pthread_mutex_lock(&self->lock);
	line->gone |= unplugged;
	*state = line->ring->state;
	if (line->gone) {
		status = LINE_GONE;
		snprintf(self->why, sizeof(self->why), "%s: the GPIO chip is gone", line->name);
	}
	pthread_mutex_unlock(&self->lock);
	return status;
}

static int kernel_take(struct lines *l, int index, struct edge *out, int room)
{
	struct kernel_end *self = (struct kernel_end *)l;
	struct kernel_line *line = line_of(self, index, LINE_EDGES);
	int n;

	if (!line)
		return 0;
	pthread_mutex_lock(&self->lock);
	n = lines_ring_take(line->ring, out, room);
	pthread_mutex_unlock(&self->lock);
	return n;
}

static const char *kernel_detail(struct lines *l)
{
	return ((struct kernel_end *)l)->why;
}

static void kernel_use_seat(struct lines *l, struct clock_seat *seat)
{
	(void)l; /* nothing here waits for bench time */
	(void)seat;
}

static void kernel_close(struct lines *l)
{
	struct kernel_end *self = (struct kernel_end *)l;
	uint64_t one = 1;

	if (self->running && write(self->stop, &one, sizeof(one)) == sizeof(one))
		pthread_join(self->thread, NULL);
	if (self->stop >= 0)
		close(self->stop);
	for (int i = 0; i < self->count; i++) {
		lines_gpiod_close(self->line[i].gpio);
		lines_pwm_close(self->line[i].pwm);
		free(self->line[i].ring);
	}
	pthread_mutex_destroy(&self->lock);
	free(self);
}

static const struct lines_ops kernel_ops = {
	.set = kernel_set,
	.set_duty = kernel_set_duty,
	.get = kernel_get,
	.take = kernel_take,
	.detail = kernel_detail,
	.use_seat = kernel_use_seat,
	.close = kernel_close,
};

/* libgpiod 1.6 gives CLOCK_REALTIME stamps on kernels before 5.7, and does not say so. */
static int check_kernel(struct error *e)
{
	struct utsname u;
	int major, minor;

	if (uname(&u) == 0 && sscanf(u.release, "%d.%d", &major, &minor) == 2 && major * 1000 + minor < 5007)
		return error_set(e, ERROR_SYSTEM,
			"Linux %s stamps edges with the wall clock: lines need 5.7 or later", u.release);
	return 0;
}

static int open_line(
	struct kernel_end *self, const struct line_config *c, const char *consumer, struct error *e)
{
	struct kernel_line *line = &self->line[self->count++]; /* closed with the others, whatever comes */
	bool level = false;

	line->kind = c->kind;
	snprintf(line->name, sizeof(line->name), "%s", c->name);
	if (c->kind == LINE_PWM)
		return lines_pwm_open(&line->pwm, LINES_PWM_ROOT, c, e);
	if (lines_gpiod_open(&line->gpio, c, consumer, e) != 0)
		return -1;
	line->level = c->initial;
	if (c->kind == LINE_OUTPUT)
		return 0;
	line->ring = calloc(1, sizeof(*line->ring));
	if (!line->ring)
		return error_set(e, ERROR_SYSTEM, "no memory for line %s", c->name);
	if (lines_gpiod_get(line->gpio, &level) == 0)
		line->ring->state.level = level; /* not certain: an edge may come between request and look */
	return 0;
}

static int start_thread(struct kernel_end *self, struct error *e)
{
	int edges = 0;

	for (int i = 0; i < self->count; i++)
		edges += self->line[i].kind == LINE_EDGES;
	if (edges == 0)
		return 0;
	self->stop = eventfd(0, EFD_CLOEXEC);
	if (self->stop < 0)
		return error_set_errno(e, ERROR_SYSTEM, "no event descriptor for the lines");
	errno = pthread_create(&self->thread, NULL, read_edges, self);
	if (errno != 0)
		return error_set_errno(e, ERROR_SYSTEM, "no thread for the lines");
	self->running = true;
	return 0;
}

int lines_kernel_open(
	struct lines **out, const struct lines_config *config, struct clock_seat *seat, struct error *e)
{
	struct kernel_end *self;
	char consumer[32];

	if (seat->clock->lockstep)
		return error_set(e, ERROR_CONFIG,
			"board %s: the kernel's lines do not stand still for a lock-step clock",
			config->name);
	if (check_kernel(e) != 0)
		return -1;
	self = calloc(1, sizeof(*self));
	if (!self)
		return error_set(e, ERROR_SYSTEM, "no memory for board %s", config->name);
	self->lines.ops = &kernel_ops;
	self->clock = seat->clock;
	self->stop = -1;
	self->mono_zero = monotonic();
	self->bench_zero = clock_now(self->clock);
	pthread_mutex_init(&self->lock, NULL);
	snprintf(consumer, sizeof(consumer), "heatbench %ld", (long)getpid());
	for (int i = 0; i < config->lines; i++)
		if (open_line(self, &config->line[i], consumer, e) != 0)
			goto fail;
	if (start_thread(self, e) != 0)
		goto fail;
	*out = &self->lines;
	return 0;
fail:
	kernel_close(&self->lines);
	return -1;
}

/* A label is known only to who may open the chips: the first that the user may not, else any. */
static void path_of_label(char *path, size_t size)
{
	glob_t chips = {.gl_pathc = 0};

	snprintf(path, size, "/dev/gpiochip0");
	if (glob("/dev/gpiochip*", 0, NULL, &chips) == 0) {
		snprintf(path, size, "%s", chips.gl_pathv[0]);
		for (size_t i = chips.gl_pathc; i-- > 0;)
			if (access(chips.gl_pathv[i], R_OK | W_OK) != 0)
				snprintf(path, size, "%s", chips.gl_pathv[i]);
	}
	globfree(&chips);
}

/* Files that somebody has to be allowed to write. */
static void path_of(const struct line_config *c, char *path, size_t size)
{
	if (c->kind != LINE_PWM && c->chip[0] != '/' && strncmp(c->chip, "gpiochip", 8) != 0) {
		path_of_label(path, size);
		return;
	}
	if (c->kind != LINE_PWM) {
		snprintf(path, size, "%s%s", c->chip[0] == '/' ? "" : "/dev/", c->chip);
		return;
	}
	snprintf(path, size, "%s/%s/pwm%d/duty_cycle", LINES_PWM_ROOT, c->chip, c->offset);
	if (access(path, F_OK) != 0)
		snprintf(path, size, "%s/%s/export", LINES_PWM_ROOT, c->chip);
}

bool lines_kernel_lacks_permission(const struct lines_config *config, char *why, size_t size)
{
	struct passwd *user = getpwuid(geteuid());
	const char *name = user ? user->pw_name : "?";
	char path[256];

	for (int i = 0; i < config->lines; i++) {
		const struct line_config *c = &config->line[i];

		path_of(c, path, sizeof(path));
		if (access(path, F_OK) != 0) {
			snprintf(why, size, "%s: there is no %s chip %s", c->name, c->kind == LINE_PWM ? "PWM" : "GPIO", c->chip);
			return true;
		}
		if (access(path, R_OK | W_OK) == 0 ||
			(c->kind == LINE_PWM && access(path, W_OK) == 0))
			continue;
		snprintf(why, size,
			"%s: user %s may not write %s: not in group gpio (sudo adduser %s gpio, then log in "
			"again; docs/lines.md "
			"has the udev rule)",
			c->name, name, path, name);
		return true;
	}
	return false;
}
