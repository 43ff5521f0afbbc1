#include "daq/program/one_cpu.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { CPUS = 256, LOOK_MS = 1000 };

#define CROWDED 0.7 /* a run that gets less of its processor, ... */
#define BUSY 0.1    /* ... which has no more than this to spare, ... */
#define ROOM 0.3    /* ... moves to one that has at least that */

struct sample {
	double wall, used, idle[CPUS]; /* seconds */
};

struct one_cpu {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ending;
	bool ended;
	int cpu;
	clockid_t lab_time;
	pid_t lab;
	cpu_set_t before;
};

int one_cpu_better(int cpu, const struct one_cpu_look *look)
{
	int best = cpu;

	if (cpu >= look->cpus || look->used >= CROWDED || look->idle[cpu] > BUSY)
		return cpu;
	for (int i = 0; i < look->cpus; i++)
		if (look->allowed[i] && look->idle[i] > look->idle[best])
			best = i;
	return look->idle[best] >= ROOM ? best : cpu;
}

int one_cpu_choose(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1 ? sched_getcpu() : -1;
}

static int bind_to(pid_t thread, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((unsigned)cpu, &set);
	return sched_setaffinity(thread, sizeof(set), &set);
}

static void begin_at_once(bool yes)
{
	const struct sched_param none = {0};

	sched_setscheduler(0, yes ? SCHED_OTHER : SCHED_BATCH, &none);
}

void one_cpu_keep(int cpu)
{
	if (cpu >= 0 && bind_to(0, cpu) == 0)
		begin_at_once(false);
}

static double seconds(clockid_t clock)
{
	struct timespec t = {0};

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* False where the kernel does not tell (proc(5), /proc/stat: the fourth and fifth number of a processor are idle). */
static bool take_sample(const struct one_cpu *self, struct sample *out)
{
	FILE *f = fopen("/proc/stat", "re");
	double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
	char line[512];
	int found = 0;

	if (!f)
		return false;
	*out = (struct sample){.wall = seconds(CLOCK_MONOTONIC), .used = seconds(CLOCK_PROCESS_CPUTIME_ID) + seconds(self->lab_time)};
	while (fgets(line, sizeof(line), f)) {
		unsigned long long idle, waiting;
		int cpu;

		if (sscanf(line, "cpu%d %*u %*u %*u %llu %llu", &cpu, &idle, &waiting) != 3 || cpu < 0 || cpu >= CPUS)
			continue;
		out->idle[cpu] = (double)(idle + waiting) * tick;
		found++;
	}
	fclose(f);
	return found > 0;
}

static void move_to(struct one_cpu *self, int cpu)
{
	DIR *threads = opendir("/proc/self/task");
	struct dirent *entry;

	if (!threads)
		return;
	while ((entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			bind_to((pid_t)strtol(entry->d_name, NULL, 10), cpu);
	closedir(threads);
	bind_to(self->lab, cpu);
	self->cpu = cpu;
}

static void look_around(struct one_cpu *self, const struct sample *from, const struct sample *to)
{
	double idle[CPUS], took = to->wall - from->wall;
	bool allowed[CPUS];
	struct one_cpu_look look = {.cpus = CPUS, .used = (to->used - from->used) / took, .idle = idle, .allowed = allowed};
	int better;

	for (int i = 0; i < CPUS; i++) {
		idle[i] = (to->idle[i] - from->idle[i]) / took;
		allowed[i] = CPU_ISSET((unsigned)i, &self->before);
	}
	better = one_cpu_better(self->cpu, &look);
	if (better != self->cpu)
		move_to(self, better);
}

/* False at the end. Not all runs look at the same moment, or they would all move to the same place. */
static bool wait_a_while(struct one_cpu *self)
{
	struct timespec until;
	bool ended;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += LOOK_MS / 1000;
	until.tv_nsec += getpid() % 8 * 100000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&self->lock);
	while (!self->ended && pthread_cond_timedwait(&self->ending, &self->lock, &until) == 0)
		;
	ended = self->ended;
	pthread_mutex_unlock(&self->lock);
	return !ended;
}

static void *watch(void *argument)
{
	struct one_cpu *self = argument;
	struct sample from, to;

	for (bool known = take_sample(self, &from); known && wait_a_while(self); from = to) {
		known = take_sample(self, &to);
		if (known)
			look_around(self, &from, &to);
	}
	return NULL;
}

/* Signals are for other threads: one that arrived here would end the program. */
static int start_thread(struct one_cpu *self)
{
	sigset_t all, before;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(&self->thread, NULL, watch, self);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result;
}

struct one_cpu *one_cpu_start(int cpu, pid_t lab)
{
	struct one_cpu *self = NULL;

	if (cpu < 0)
		return NULL;
	self = calloc(1, sizeof(*self));
	if (!self)
		return NULL;
	self->cpu = cpu;
	self->lab = lab;
	if (sched_getaffinity(0, sizeof(self->before), &self->before) != 0 || clock_getcpuclockid(lab, &self->lab_time) != 0 ||
		bind_to(0, cpu) != 0)
		goto fail;
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->ending, NULL);
	if (start_thread(self) == 0) {
		begin_at_once(false); /* also those who are started from now on */
		return self;
	}
	sched_setaffinity(0, sizeof(self->before), &self->before);
	pthread_mutex_destroy(&self->lock);
	pthread_cond_destroy(&self->ending);
fail:
	free(self);
	return NULL;
}

void one_cpu_end(struct one_cpu *self)
{
	if (!self)
		return;
	pthread_mutex_lock(&self->lock);
	self->ended = true;
	pthread_cond_signal(&self->ending);
	pthread_mutex_unlock(&self->lock);
	pthread_join(self->thread, NULL);
	begin_at_once(true);
	sched_setaffinity(0, sizeof(self->before), &self->before);
	pthread_mutex_destroy(&self->lock);
	pthread_cond_destroy(&self->ending);
	free(self);
}
