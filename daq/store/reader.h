/*
 * reader.h - a stored run, read only. Opens with SQLITE_OPEN_READONLY and short transactions, so that a
 * run may be looked at while it is written. Also opens a finished run on read-only media.
 */
#ifndef HEATBENCH_STORE_READER_H
#define HEATBENCH_STORE_READER_H

#include "daq/store/run.h"

#include <stdbool.h>

struct run_reader;

struct run_summary {
	struct run_about about;
	char verdict[16], why[256]; /* verdict: "incomplete" until a clean end */
	nanos ended_utc;	    /* 0: no clean end */
	int segments;
	int64_t scans, first_tick, last_tick;
};

/* `path`: the run's folder, or its run.db. Errors: ERROR_DATA (not a run, other version), ERROR_IO. */
int run_reader_open(struct run_reader **out, const char *path, struct error *e);
void run_reader_close(struct run_reader *reader); /* NULL is fine */

const char *run_reader_path(const struct run_reader *reader); /* the folder */
int run_reader_summary(struct run_reader *reader, struct run_summary *out, struct error *e);

/* Definitions, as arrays the caller frees with free(); *count may be 0 (then *out is NULL). */
int run_reader_duts(struct run_reader *reader, struct run_dut **out, int *count, struct error *e);
int run_reader_devices(struct run_reader *reader, struct run_device **out, int *count, struct error *e);
int run_reader_certificates(struct run_reader *reader, struct run_certificate **out, int *count, struct error *e);
int run_reader_channels(struct run_reader *reader, struct run_channel **out, int *count, struct error *e);
int run_reader_limits(struct run_reader *reader, struct run_limit **out, int *count, struct error *e);
int run_reader_settings(struct run_reader *reader, struct run_setting **out, int *count, struct error *e);
int run_reader_segments(struct run_reader *reader, struct run_segment **out, int *count, struct error *e);
int run_reader_steps(struct run_reader *reader, struct run_step **out, int *count, struct error *e);
int run_reader_marks(struct run_reader *reader, struct run_mark **out, int *count, struct error *e);
int run_reader_health(struct run_reader *reader, struct run_health **out, int *count, struct error *e);

/* Rate groups, in the order of their definition: the names that run_reader_table() takes. */
struct run_rate {
	char group[32];
	int every; /* ticks between two rows */
};
int run_reader_groups(struct run_reader *reader, struct run_rate **out, int *count, struct error *e);

struct run_event {
	nanos at;
	int64_t tick;
	char level[12], source[48], text[400];
};
int run_reader_events(struct run_reader *reader, struct run_event **out, int *count, struct error *e);

/* The recorded answer of a procedure call, or *answer NULL where it was not recorded. Caller frees. */
int run_reader_call(struct run_reader *reader, int64_t call, int64_t *step, char **what, char **answer,
	struct error *e);

/* One rate group, column by column: ticks[rows], value[channel][row] (NaN: missing),
 * quality[channel][row]. Channels in the order of run_reader_channels, restricted to the group. */
struct run_table {
	char group[32];
	int every; /* ticks between rows */
	int columns;
	int64_t rows;
	int *channel; /* index into run_reader_channels(), [columns] */
	int64_t *tick;
	double *time; /* seconds since the run's start (utc of segment 0): by tick and segment; for imported
			 runs by the recorded `time` column, which is exact and need not be regular */
	double **value;
	uint8_t **quality;
};
int run_reader_table(struct run_reader *reader, const char *group, struct run_table *out, struct error *e);

/* The same without the rows before `first_tick`, and without the time to pass over them: for whoever has those
 * already, or wants the end of a long run. */
int run_reader_table_since(struct run_reader *reader, const char *group, int64_t first_tick, struct run_table *out,
	struct error *e);

/* The same of the ticks from `first_tick` to `last_tick`, both included: long runs are walked through piece by piece. */
int run_reader_table_between(struct run_reader *reader, const char *group, int64_t first_tick, int64_t last_tick,
	struct run_table *out, struct error *e);

/* The same of those channels only that are wanted[] (as many as run_reader_channels() gives), and of a recorded `time`: the
 * columns of a wide table cost what is read of them. */
int run_reader_table_of(struct run_reader *reader, const char *group, const bool *wanted, struct run_table *out, struct error *e);
void run_table_free(struct run_table *table);

/* What was kept of the transactions on the buses, in the order in which they were stored, one at a time: a
 * long run has millions. `device` -1: of all. `visit` gets rows whose `raw` is valid until it returns; a
 * result that is not 0 ends the walk and is returned. -1 with an error where the run cannot be read. */
int run_reader_blocks(struct run_reader *reader, int device, int64_t first_tick, int64_t last_tick,
	int (*visit)(void *self, const struct run_block *block, struct error *e), void *self, struct error *e);

/* All calls that the procedure made, likewise. */
struct run_call {
	int64_t call, step;
	const char *what, *answer; /* JSON */
};
int run_reader_calls(struct run_reader *reader,
	int (*visit)(void *self, const struct run_call *call, struct error *e), void *self, struct error *e);

/* Bench time against wall-clock time, as an array the caller frees. */
struct run_clock_pair {
	nanos monotonic, utc, error_bound; /* negative: not known */
};
int run_reader_clock_pairs(struct run_reader *reader, struct run_clock_pair **out, int *count, struct error *e);

/* Rows digest: SHA-256 over all rows of all tables, whatever file holds them. Two runs with the same digest
 * hold the same data. Tables by name, rows by primary key, columns as they stand; for each table that has rows a
 * line of '=', its name and its columns' names, then a line for each row. A value is NULL "N;", INTEGER "I<decimal>;",
 * REAL "R<16 hexadecimal digits of the IEEE 754 double, sign first>;", TEXT "T<bytes>:<bytes themselves>;",
 * BLOB "B<bytes>:<bytes themselves>;"; names are TEXT; lines end with LF. */
int run_reader_digest(struct run_reader *reader, char out[65], struct error *e);

/* Verdicts of `runs verify`. `detail` gets a sentence. */
enum run_state { RUN_INTACT = 0, RUN_CHANGED = 1, RUN_NO_CLEAN_END = 2 };
int run_verify(const char *path, enum run_state *state, char *detail, size_t size, struct error *e);

/* Closes a killed run: checkpoints, keeps verdict "incomplete" and says why, writes the manifest. */
int run_recover(const char *path, struct error *e);

/* Whether `path` is the folder of a run (or its run.db), and no link to one, that nobody writes: its real path in
 * `out`. Errors: ERROR_DATA (no run), ERROR_BUSY (is being written, by which process). */
int run_removable(const char *path, char *out, size_t size, struct error *e);

/* Removes it with everything in it. The folder is renamed first, to a hidden name beside it, so that there is
 * never half a run under its name. Errors: as run_removable(); ERROR_IO, with where the rest lies. */
int run_remove(const char *path, struct error *e);

/* SHA-256 of a file, 64 hex digits and a zero. */
int file_digest(const char *path, char out[65], struct error *e);

/* The next free evaluations/<n>/ of a run's folder, made; path in `out`. */
int run_new_evaluation(const char *run_path, char *out, size_t size, struct error *e);

/* Number of the newest evaluations/<n>/ and its path in `out`; 0 where there is none. */
int run_last_evaluation(const char *run_path, char *out, size_t size);

#endif
