/*
 * reader_private.h - what a run's reader holds; inside daq/store only.
 */
#ifndef HEATBENCH_STORE_READER_PRIVATE_H
#define HEATBENCH_STORE_READER_PRIVATE_H

#include "daq/store/reader.h"

#include <stdbool.h>

struct sqlite3;

struct run_reader {
	char folder[4096], file[4104];
	struct sqlite3 *db;
};

/* The databases that hold a table, in the order of its rows: run.db, or one for each day of a long run (days.h). */
struct reader_parts {
	struct run_reader *reader;
	int count, at;
	bool in_days;
	char (*date)[16];
	struct sqlite3 *day; /* the present one; run.db's is the reader's */
};

/* Days that are over before `first_tick` or begin after `last_tick` are left out. reader_parts_end() also after an error. */
int reader_parts_begin(struct run_reader *reader, const char *table, int64_t first_tick, int64_t last_tick,
	struct reader_parts *parts, struct error *e);

/* The next one, within a read transaction of its own where it is a day. 1: there is one; 0: that was all; -1: error. */
int reader_parts_next(struct reader_parts *parts, struct sqlite3 **db, struct error *e);
void reader_parts_end(struct reader_parts *parts);

/* One number of a table over all its parts: "count(*)" added, "min(tick)" the least (from *out below 0 on), "max(tick)" the most; of
 * its rows with ticks in these bounds (INT64_MIN, INT64_MAX: of all). */
enum reader_sum { READER_ADD, READER_LEAST, READER_MOST };
int reader_parts_number(struct run_reader *reader, const char *table, const char *what, enum reader_sum sum, int64_t first_tick,
	int64_t last_tick, int64_t *out, struct error *e);

#endif
