/*
 * session_private.h - shared by session.c (life), session_define.c (what a run is told), session_target.c (calls),
 * session_safe.c and session_watch.c (threads).
 */
#ifndef HEATBENCH_ACQUIRE_SESSION_PRIVATE_H
#define HEATBENCH_ACQUIRE_SESSION_PRIVATE_H

#include "daq/acquire/session.h"

#include "daq/store/reader.h"

#include <pthread.h>
#include <stdatomic.h>

struct session {
	struct session_setup setup;
	const struct bench *bench;
	struct clock_seat *seat; /* of the session's thread */
	struct plan plan;
	struct ring *ring;
	struct board *board;
	struct journal journal;
	struct bus *bus[BENCH_BUSES];
	struct bus_identity identity[BENCH_DEVICES];
	struct run *run;
	struct writer *writer;
	int segment;
	bool started;

	pthread_t clerk, pulse;
	bool clerk_runs, pulse_runs;
	struct clock_seat *clerk_seat;
	atomic_bool clerk_stop, clerk_ended, pulse_stop, stop;

	/* A resumed run: finished calls are answered from here. */
	struct run_reader *record;
	bool replaying;
	int64_t finished_steps;

	pthread_mutex_t view_lock; /* over what follows */
	struct run_step step;
	int64_t call_step;
	char doing[128];
	char failure[320]; /* why it stops, where nobody asked it to; "" */
	nanos started_at;
	bool safe;
};

/* The thread that closes overdue scans and pairs the clocks; and the one that tells the guard we live. */
int session_watch_start(struct session *session, struct error *e);
void session_watch_stop(struct session *session);

/* One pair of bench time and UTC, with the kernel's error bound. */
void session_pair_clocks(struct session *session);

void session_doing(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Before anything is made: whether these are the devices under test that are expected. */
int session_check_duts(const struct session *session, struct error *e);

/* Walks the safe steps and disarms the guard; -1 where one was not confirmed. */
int session_reach_safe(struct session *session, struct error *e);

/* Ends the present step (done: as it should). */
void session_end_step(struct session *session, bool done);

/* Writes one output and waits for its acknowledgement. `urgent`: goes on although the user wants to stop. */
int session_write(struct session *session, int channel, double value, nanos patience, bool urgent,
	struct error *e);

#endif
