/*
 * guest.h - the far ends of simulated lines in the guest: what gpio-sim and the PWM chip show in sysfs.
 */
#ifndef HEATBENCH_TESTS_KERNEL_GUEST_H
#define HEATBENCH_TESTS_KERNEL_GUEST_H

#include "tests/check.h"

#include "daq/base/clock.h"
#include "daq/wire/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SIM_LABEL "heatbench-sim" /* of the chip; its name is in $CHIP, its folder in $SIM */
#define PWM_FOLDER "/sys/class/pwm/pwmchip0/pwm0"
#define PWM_REFUSE "/sys/module/pwm_bench/parameters/refuse_above"

static inline nanos guest_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (nanos)t.tv_sec * NANOS_PER_S + t.tv_nsec;
}

static inline void guest_sleep_until(nanos at)
{
	struct timespec t = {at / NANOS_PER_S, at % NANOS_PER_S};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static inline void guest_sleep_ms(int ms)
{
	guest_sleep_until(guest_now() + ms * NANOS_PER_MS);
}

static inline long guest_number(const char *path)
{
	char text[32] = "";
	FILE *f = fopen(path, "r");

	if (!f || !fgets(text, sizeof(text), f))
		fail_msg("cannot read %s", path);
	fclose(f);
	return strtol(text, NULL, 10);
}

static inline void guest_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) == EOF || fclose(f) != 0)
		fail_msg("cannot write %s", path);
}

static inline long sim_value(int line)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/sim_gpio%d/value", getenv("SIM"), line);
	return guest_number(path);
}

/* A pull file is opened once, so that an edge costs one write. */
static inline int sim_open(int line)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/sim_gpio%d/pull", getenv("SIM"), line);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static inline void sim_pull(int fd, bool up)
{
	ssize_t n = pwrite(fd, up ? "pull-up" : "pull-down", up ? 7 : 9, 0);

	if (n < 0)
		fail_msg("the simulated line does not move: %s", strerror(errno));
}

/* An edge came somewhere between two looks at the clock: the machine may have been elsewhere in between. */
struct moment {
	nanos before, after;
};

/* A generator of pulses, which notes when its edges really were. */
struct train {
	int line, pulses;
	double hz, duty;
	struct moment first, last;   /* rising edges */
	nanos high_least, high_most; /* sum of all high times between the first and last rising edge */
	nanos worst;		     /* how late an edge was: a guest that gets no CPU proves nothing */
};

static inline struct moment train_edge(struct train *t, int fd, nanos due, bool up)
{
	struct moment m;

	guest_sleep_until(due);
	m.before = guest_now();
	sim_pull(fd, up);
	m.after = guest_now();
	if (m.after - due > t->worst)
		t->worst = m.after - due;
	return m;
}

static inline void *train_run(void *data)
{
	struct train *t = data;
	int fd = sim_open(t->line);
	nanos start = guest_now() + NANOS_PER_MS;
	struct moment rose, fell;

	t->high_least = t->high_most = t->worst = 0;
	for (int i = 0; i < t->pulses; i++) {
		rose = train_edge(t, fd, start + (nanos)(i * 1e9 / t->hz), true);
		fell = train_edge(t, fd, start + (nanos)((i + t->duty) * 1e9 / t->hz), false);
		if (i == 0)
			t->first = rose;
		t->last = rose;
		if (i == t->pulses - 1)
			break;
		t->high_least += fell.before - rose.after;
		t->high_most += fell.after - rose.before;
	}
	close(fd);
	return NULL;
}

/* Periods a second of a train: from the longest and the shortest time that it can have taken. */
static inline double train_slowest(const struct train *t)
{
	return (t->pulses - 1) * 1e9 / (double)(t->last.after - t->first.before);
}

static inline double train_fastest(const struct train *t)
{
	return (t->pulses - 1) * 1e9 / (double)(t->last.before - t->first.after);
}

#endif
