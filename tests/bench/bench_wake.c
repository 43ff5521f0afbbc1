/*
 * Lateness of wake-ups at 100 Hz while the writer commits, against a bare clock_nanosleep loop: twelve
 * stretches of 5 s each, in turn. The acquisition's lateness is taken where a scan begins, in its bus thread.
 */
#include "tests/bench/bench.h"
#include "tests/bench/bench_rig.h"

#include "daq/wire/words_faulty.h"

#include <sys/prctl.h>

enum { HZ = 100, SECONDS = 5, PAIRS = 12, REGISTERS = 40, SAMPLES = HZ * SECONDS };

struct lateness {
	struct bench_rig *rig;
	double *us;
	int count, room;
};

static int note(void *self, int unit, int function, int address, int count, uint16_t *words)
{
	struct lateness *l = self;
	nanos now = clock_now(l->rig->clock);
	int64_t tick = board_next_tick(l->rig->board, now) - 1;

	(void)unit;
	(void)function;
	(void)address;
	if (l->count < l->room)
		l->us[l->count++] = (double)(now - board_tick_time(l->rig->board, tick)) / 1e3;
	memset(words, 0, (size_t)count * 2);
	return 0;
}

static int ours(const char *folder, double *us)
{
	struct words_config config = {.kind = WORDS_TCP, .name = "memory", .response_timeout = NANOS_PER_S};
	struct bench_rig r;
	struct lateness l = {.rig = &r, .us = us, .room = SAMPLES};
	struct words_memory memory = {.answer = note, .self = &l, .response_timeout = NANOS_PER_S};
	struct words *words;
	struct error e = ERROR_INIT;
	int64_t drops;

	rig_describe(&r, REGISTERS, NANOS_PER_S / HZ, &config);
	r.bench->device[0].keep_raw = KEEP_ALWAYS;
	r.clock = clock_open_system(1);
	r.seat = clock_join(r.clock, "bench");
	if (words_memory_open(&words, &memory, r.seat, &e) != 0)
		rig_die("memory", &e);
	rig_start(&r, folder, words);
	clock_wait(r.seat, clock_now(r.clock) + SECONDS * NANOS_PER_S + 50 * NANOS_PER_MS);
	rig_stop(&r, &drops);
	clock_leave(r.seat);
	clock_close(r.clock);
	return l.count;
}

static int bare(double *us)
{
	struct timespec next, now;

	prctl(PR_SET_TIMERSLACK, 1UL);
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (int i = 0; i < SAMPLES; i++) {
		next.tv_nsec += 1000000000 / HZ;
		if (next.tv_nsec >= 1000000000) {
			next.tv_nsec -= 1000000000;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
		us[i] = (double)(now.tv_sec - next.tv_sec) * 1e6 + (double)(now.tv_nsec - next.tv_nsec) / 1e3;
	}
	return SAMPLES;
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : "/tmp";
	static double a[PAIRS * SAMPLES], b[PAIRS * SAMPLES];
	double ratio[PAIRS];
	int n = 0, m = 0;

	bench_pin(1);
	for (int i = 0; i < PAIRS; i++) {
		int da, db = bare(b + m);

		da = ours(folder, a + n);
		ratio[i] = bench_quantile(a + n, da, 0.99) / bench_quantile(b + m, db, 0.99);
		n += da;
		m += db;
	}
	printf("{\"name\": \"wake-ups, p50\", \"unit\": \"us\", \"ours\": %.1f, \"peer\": %.1f}\n",
		bench_quantile(a, n, 0.5), bench_quantile(b, m, 0.5));
	bench_figure("wake-ups at 100 Hz for 60 s while committing, p99", "us late", bench_quantile(a, n, 0.99),
		bench_quantile(b, m, 0.99), "bare clock_nanosleep loop", bench_quantile(ratio, PAIRS, 0.5), 2.0, false, PAIRS);
	return 0;
}
