/*
 * one_cpu.h - a run in lock-step keeps to one processor, together with its lab.
 *
 * Where time stands still one of all threads works at a time, and hands over a hundred times in a second of bench time. To wake
 * another processor for that costs more than the work; so does it to let whoever is woken begin at once, when the one who woke it
 * still has something to say (SCHED_BATCH, sched(7)). Other programs may want the same processor, so it is looked after: where
 * they take it away while another one is idle, the run moves there. A run against the clock is never bound.
 */
#ifndef HEATBENCH_PROGRAM_ONE_CPU_H
#define HEATBENCH_PROGRAM_ONE_CPU_H

#include <stdbool.h>
#include <sys/types.h>

struct one_cpu;

/* The processor that the caller is on; -1 where it may use no other anyway. */
int one_cpu_choose(void);

/* Binds the calling process, which has one thread, for good: for a child that becomes the lab. -1: it is not bound. */
void one_cpu_keep(int cpu);

/* Binds the calling thread and those it starts from now on to `cpu`, and from time to time all of this process and its `lab` to a
 * better one. NULL where there is nothing to do (cpu -1) or it cannot be done: the run is slower then, and the same. */
struct one_cpu *one_cpu_start(int cpu, pid_t lab);

/* When all other threads have ended; the caller may use again what it could before. NULL is fine. */
void one_cpu_end(struct one_cpu *self);

/* What one stretch of time was like. */
struct one_cpu_look {
	int cpus;
	double used;	    /* of one processor, by the run */
	const double *idle; /* [cpus] shares */
	const bool *allowed;
};

/* Where a run on `cpu` should go on: elsewhere if others keep it from working there, and most idle. */
int one_cpu_better(int cpu, const struct one_cpu_look *look);

#endif
