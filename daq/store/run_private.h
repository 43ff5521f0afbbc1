/*
 * run_private.h - what a run's writer holds; inside daq/store only.
 */
#ifndef HEATBENCH_STORE_RUN_PRIVATE_H
#define HEATBENCH_STORE_RUN_PRIVATE_H

#include "daq/store/run.h"

#include <stdbool.h>

struct sqlite3;
struct sqlite3_stmt;
struct record;

/* A wide table. `channel` holds the channels' ids in the order of its columns. */
struct run_group {
	char name[32];
	int every, columns;
	int *channel;
	char *create, *fill; /* SQL that makes the table, and that puts a row into it */
	struct sqlite3_stmt *insert; /* NULL where values stand in databases of days */
};

enum run_insert {
	INSERT_DUT, INSERT_DEVICE, INSERT_CERTIFICATE, INSERT_LIMIT, INSERT_SETTING, INSERT_CHANNEL, INSERT_SEGMENT, INSERT_EVENT,
	INSERT_STEP, INSERT_MARK, INSERT_HEALTH, INSERT_FLAG, INSERT_BLOCK, INSERT_CALL, INSERT_CLOCK_PAIR,
	INSERT_COUNT
};

struct run {
	char path[4096];
	struct sqlite3 *db;
	int lock;
	int count[INSERT_COUNT]; /* rows so far of the tables whose ids we give */
	struct sqlite3_stmt *insert[INSERT_COUNT]; /* prepared when first needed */
	struct sqlite3_stmt *begin, *commit;
	int groups;
	struct run_group *group;
	int64_t next_tick;
	bool changed; /* a transaction is open */
	struct run_days *days; /* NULL: everything stands in run.db */
	struct run_segment segment; /* the present one, and one tick: for the day of a tick */
	nanos period;
};

/* Opens a transaction if none is open: called before every row. */
int run_begin(struct run *run, struct error *e);

/* Commits run.db alone. */
int run_commit_main(struct run *run, struct error *e);

/* A row, with statements prepared on any database that has the table. */
int rows_write_scan(struct sqlite3 *db, struct sqlite3_stmt *s, const struct run_group *group, int64_t tick,
	const double *values, struct error *e);
int rows_write_flags(struct sqlite3 *db, struct sqlite3_stmt *s, const struct run_group *group, int64_t tick,
	const uint8_t *quality, struct error *e);
/* id 0: the next one. */
int rows_write_block(struct sqlite3 *db, struct sqlite3_stmt *s, int64_t id, const struct run_block *block, struct error *e);

/* Adds a group whose table exists; prepares its insert. */
int run_load_group(struct run *run, const char *name, int every, struct error *e);

/* Ends the write-ahead log, closes the database and writes the manifest; used by finish and recover. */
int run_close_evidence(struct run *run, struct error *e);

/* Lets everything go. NULL is fine. */
void run_free(struct run *run);

/* Opens the database of a run without clean end for writing, with its lock. */
int run_open_again(struct run **out, const char *path, struct error *e);

#endif
