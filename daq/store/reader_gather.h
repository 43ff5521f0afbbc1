/*
 * reader_gather.h - rows of one database into columns of a table; inside daq/store only.
 *
 * SQLite hands each row to a function of ours (an aggregate, "gather") instead of being asked for each value: half the time of a
 * wide table goes into the asking.
 */
#ifndef HEATBENCH_STORE_READER_GATHER_H
#define HEATBENCH_STORE_READER_GATHER_H

#include "daq/store/reader.h"

struct sqlite3;

struct reader_gather {
	struct run_table *table; /* whose columns and memory are there; rows [first, first + room) may be filled */
	const struct run_channel *channel;
	int channels;
	const int *column_of; /* [channels]: column, or -1 */
	int64_t first_tick, last_tick, first, room;
};

/* Once for each connection, before. */
int reader_gather_prepare(struct sqlite3 *db, struct error *e);

/* Values and flags of the ticks, ascending; how many rows they are, or `room` + 1 where there is not room for all. Errors: ERROR_DATA where
 * ticks do not ascend; as the database. */
int reader_gather(struct sqlite3 *db, const struct reader_gather *what, int64_t *rows, struct error *e);

#endif
