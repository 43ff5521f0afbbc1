/*
 * run.h - a run's folder and its SQLite file, seen from the writer.
 *
 * results/<UTC time>-<bench>-<label>/
 *	run.db		the acquired data (schema in schema.h)
 *	manifest.json	SHA-256 of every file of the evidence, chained; written at a clean end
 *	run.log, bench file, procedure, certificates, truth files ...: as they were
 *	evaluations/<n>/	made later; not part of the evidence
 *
 * One writer, one connection, WAL, synchronous=FULL; the caller decides when to commit. A clean end
 * checkpoints and leaves journal mode DELETE, so the file opens from read-only media. Not thread-safe: the
 * writer thread owns the handle. Values are doubles; NaN is stored as NULL and never the other way round.
 */
#ifndef HEATBENCH_STORE_RUN_H
#define HEATBENCH_STORE_RUN_H

#include "daq/base/clock.h"
#include "daq/base/quality.h"

#include <stddef.h>
#include <stdint.h>

struct run;

struct run_about {
	char bench[32], label[64], procedure[128], operator[64], host[64], software[64], command[512];
	char time_zone[48], clock_state[128];
	enum origin origin;
	int64_t seed;  /* of the virtual lab; -1 without one */
	nanos utc;     /* start, ns since 1970 */
	nanos period;  /* tick, ns */
};

/* Makes the folder below `results` (made too if absent) and the database; nothing else may exist there.
 * Refuses network file systems and a folder that is not writable or has less than `need_bytes` free.
 * Errors: ERROR_IO. The path is run_path(). */
int run_create(struct run **out, const char *results, const struct run_about *about, int64_t need_bytes,
	struct error *e);

/* Opens a run that had no clean end for another segment. Refuses a run that is finished (ERROR_DATA), is
 * being written (ERROR_BUSY: the lock is held), or whose bench digest differs (ERROR_DATA). */
int run_resume(struct run **out, const char *path, const char *bench_digest, struct error *e);

/* For runs of weeks: scans, flags and transactions go into days/<UTC date>.db, one for each day, which is closed for good (journal
 * mode DELETE, read-only, its SHA-256 in the run's table `day`) when none of its scans can come any more. Before the groups. A
 * resumed run goes on as it was begun. */
int run_in_days(struct run *run, struct error *e);

const char *run_path(const struct run *run);

/* Copies a file into the folder under `name` (a plain file name) as evidence. */
int run_add_file(struct run *run, const char *from, const char *name, struct error *e);

/* Definitions: all before the first segment; ids count from 0 in the order of definition. */
struct run_dut {
	char name[32], kind[32], profile[32];
	char serial[64], firmware[64];
	enum origin serial_origin, firmware_origin; /* read from the device (measured) or typed */
};
struct run_device {
	char name[32], driver[32], map[32], address[128];
	char identity[256]; /* JSON object: what the device said of itself at start */
};
struct run_certificate {
	char id[64], laboratory[64], date[16], due[16], file[128];
	double U, k;	   /* expanded uncertainty in the channel's unit, coverage factor */
	char points[1024]; /* JSON array of [reading, correction] */
};
struct run_channel {
	char name[48], quantity[48], unit[16];
	char kind[12];	       /* gauge, counter, state, setpoint */
	char group[32];	       /* the table its values go to: "scan", "scan_slow" ... */
	char dut[32], role[24]; /* which device under test, in which role; "" for none */
	int device;	       /* -1: none */
	enum origin origin;
	double resolution;     /* NaN: not known */
	double uncertainty;    /* expanded, k = 2, in the unit; NaN: not known */
	int certificate;       /* -1: none */
};
struct run_limit {
	char dut[32], quantity[48], valve[24]; /* "" matches all */
	double set_point;		       /* NaN matches all */
	double min, max;		       /* NaN: open on that side */
	char unit[16];
	char rule[16]; /* "simple" or "guarded" */
	char source[128]; /* file:line */
};
struct run_setting { /* what the evaluation must know of the rig: evaluation{...} of the bench file */
	char name[80], value[128], source[128]; /* of one device under test: "hp3.heat_class" */
};
int run_define_dut(struct run *run, const struct run_dut *dut, struct error *e);
int run_define_device(struct run *run, const struct run_device *device, struct error *e);
int run_define_certificate(struct run *run, const struct run_certificate *certificate, struct error *e);
int run_define_setting(struct run *run, const struct run_setting *setting, struct error *e);
int run_define_limit(struct run *run, const struct run_limit *limit, struct error *e);
int run_define_channel(struct run *run, const struct run_channel *channel, struct error *e);

/* Makes one wide table per group that a channel named; channels of a group keep their order of definition.
 * `every` ticks between two rows of it. Call once for each group, after the channels. */
int run_define_group(struct run *run, const char *group, int every, struct error *e);

/* A start or a resume. Returns the segment's number (0, 1 ...) or -1. first_tick: that of the first row. */
struct run_segment {
	char boot_id[48], bench_digest[65];
	nanos monotonic_zero, utc; /* both of first_tick */
	int64_t first_tick;
};
int run_begin_segment(struct run *run, const struct run_segment *segment, struct error *e);
int64_t run_next_tick(const struct run *run); /* one past the last stored tick of any group; 0 in a new run */

/* Rows. All return 0 or -1 with an error; after an error (disk full) everything committed before is safe. */
int run_put_scan(struct run *run, int group, int64_t tick, const double *values, const uint8_t *quality, int n,
	struct error *e); /* n = channels of the group; a row for `flag` for each quality that is not good */

struct run_block {
	int device, block; /* block: index within the device's plan */
	int64_t tick;
	nanos before, after, last; /* bench time: before the request, after it, last reply byte */
	nanos half_width;	   /* of the values' instant: half the turnaround */
	int status;		   /* enum quality of the transaction */
	const void *raw;	   /* may be NULL */
	size_t raw_size;
};
int run_put_block(struct run *run, const struct run_block *block, struct error *e);

int run_put_event(struct run *run, nanos at, int64_t tick, const char *level, const char *source,
	const char *text, struct error *e);

struct run_step {
	int64_t number;	 /* counts from 1 over the whole run, the same again when resumed */
	char name[96], dut[32], valve[24], unit[16];
	double set_point;	     /* NaN: none */
	int64_t first_tick, last_tick; /* last_tick -1: still going on */
	int done;		     /* 1: ended as it should */
};
int run_put_step(struct run *run, const struct run_step *step, struct error *e); /* inserts or replaces */

/* A call that a procedure made and what it was answered (JSON), so that a resumed run can answer the calls
 * of its finished steps the same again. */
int run_put_call(struct run *run, int64_t call, int64_t step, const char *what, const char *answer,
	struct error *e);

struct run_mark {
	char name[64];
	int64_t step, first_tick, last_tick;
};
int run_put_mark(struct run *run, const struct run_mark *mark, struct error *e);
int run_put_clock_pair(struct run *run, nanos monotonic, nanos utc, nanos error_bound, struct error *e);

struct run_health {
	int segment;
	char bus[32];
	int64_t transactions, timeouts, checksums, exceptions, wrong, late, missed_ticks, drops;
	double utilisation;	 /* share of the time the bus was busy */
	int64_t lateness[24];	 /* wake-ups late by < 2^i us, i = 0 .. 22; the last holds the rest */
};
int run_put_health(struct run *run, const struct run_health *health, struct error *e);

int run_commit(struct run *run, struct error *e);

/* The clean end, `at` in UTC: verdict "complete" (or "incomplete" with why), checkpoint, journal mode DELETE,
 * manifest. Close the run's log before: what is written after it counts as a change. The handle is closed in
 * every case; where this fails, `runs recover` completes it. */
int run_finish(struct run *run, nanos at, const char *verdict, const char *why, struct error *e);

/* Lets go without a clean end: what was committed stays; `runs recover` or resume can take it up. */
void run_abandon(struct run *run); /* NULL is fine */

#endif
