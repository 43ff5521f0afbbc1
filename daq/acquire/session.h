/*
 * session.h - a bench being run: ports, threads, scans, steps, the safe state at the end.
 *
 *	session_open      opens every bus and asks every device who it is; nothing is written to any
 *	session_define    tells a new run what there is
 *	session_start     threads run, scans are stored
 *	session_target    what the procedure calls
 *	session_finish    safe state, threads end, everything is in the run
 *
 * All from one thread (it holds a seat of the clock) but session_stop, session_fail and session_view.
 */
#ifndef HEATBENCH_ACQUIRE_SESSION_H
#define HEATBENCH_ACQUIRE_SESSION_H

#include "daq/acquire/board.h"
#include "daq/acquire/bus.h"
#include "daq/acquire/guard.h"
#include "daq/acquire/writer.h"
#include "daq/base/log.h"
#include "daq/store/run.h"

struct session;

struct session_setup {
	const struct bench *bench;
	struct clock *clock;
	struct log *log;
	struct guard *guard; /* NULL: none (tests) */
	enum origin origin;  /* of the measured channels: measured or simulated */
	const char *record; /* folder for wire recordings; NULL: none */
	bool keep_raw;	     /* raw words of every transaction, else only of changes */
	/* Answers a question to the operator; NULL: no terminal and no answers, so asking fails the step. */
	int (*ask)(void *self, const char *prompt, char *answer, size_t size, struct error *e);
	void *ask_self;
	/* A step begins, `at` after the start; in the session's thread. May be NULL. */
	void (*stepped)(void *self, int64_t number, const char *name, nanos at);
	void *stepped_self;
};

int session_open(struct session **out, const struct session_setup *setup, struct error *e);
/* After session_finish, or without session_start. False: a bus hangs in the wire and keeps its port; only the end of this
 * process gives it to the guard. NULL is fine (true). */
bool session_close(struct session *session);

int session_define(struct session *session, struct run *run, struct error *e);

/* Whether a run that is to be resumed was begun with the instruments that answer now. Errors: ERROR_DEVICE. */
int session_same_devices(struct session *session, const char *run, struct error *e);

/* From here the run belongs to the session's writer until session_finish. With `resumed` (the run's folder)
 * the calls of finished steps are answered from the record. */
int session_start(struct session *session, struct run *run, const char *resumed, struct error *e);

void session_target(struct session *session, struct target *out);

/* Asks the session to end: the present call of the procedure returns ERROR_STOPPED. From any thread. */
void session_stop(struct session *session);

/* The same, but not because somebody wants it: the call returns ERROR_SYSTEM with `why`. From any thread. */
void session_fail(struct session *session, const char *why);
bool session_failed(struct session *session, struct error *e); /* whether; then with why */

/* Brings the bench to the safe state, ends the threads and gives the run back to the caller, complete but not
 * finished. `done`: the procedure ran to its end. Returns -1 where the safe state was not confirmed (then the
 * guard is left armed) or the store refused; everything is shut down in any case. */
int session_finish(struct session *session, bool done, struct error *e);

/* For whoever shows the run; from any thread. */
struct session_view {
	struct target_step step;
	int64_t step_number, tick;
	nanos now, started;
	struct board_value value[BENCH_CHANNELS];
	struct bus_health health[BENCH_BUSES];
	struct board_counts counts;
	uint64_t drops;
	char doing[128]; /* "holding 30 s", "measuring 30 s" ... */
	bool safe;	 /* reached at the end */
};
void session_view(struct session *session, struct session_view *out);

#endif
