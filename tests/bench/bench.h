/*
 * bench.h - what the benchmarks share: medians, pinning, and one JSON line a figure.
 *
 * A figure is a ratio against a peer or a floor measured in the same run, in interleaved pairs.
 */
#ifndef HEATBENCH_TESTS_BENCH_BENCH_H
#define HEATBENCH_TESTS_BENCH_BENCH_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static inline int bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts. */
static inline double bench_quantile(double *v, int n, double q)
{
	qsort(v, (size_t)n, sizeof(*v), bench_compare);
	return v[(int)(q * (n - 1) + 0.5)];
}

/* The calling process from here on, threads included. */
static inline void bench_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((unsigned)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* `at_least`: whether the limit is a lower one. */
static inline void bench_figure(const char *name, const char *unit, double ours, double peer, const char *peer_name,
	double ratio, double limit, bool at_least, int pairs)
{
	bool ok = at_least ? ratio >= limit : ratio <= limit;

	printf("{\"name\": \"%s\", \"unit\": \"%s\", \"ours\": %.6g, \"peer\": %.6g, \"peer_name\": \"%s\", "
	       "\"ratio\": %.4f, \"limit\": %.4g, \"limit_is\": \"%s\", \"pairs\": %d, \"ok\": %s}\n",
		name, unit, ours, peer, peer_name, ratio, limit, at_least ? "at least" : "at most", pairs,
		ok ? "true" : "false");
	fflush(stdout);
}

#endif
