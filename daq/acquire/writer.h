/*
 * writer.h - the one thread that writes the run: takes records from the ring, one commit a second.
 *
 * When the store refuses (disk full), what was committed is safe; the writer keeps trying to the end of the
 * ring's room and says so once; the session sees it through writer_failed and ends the run safely.
 */
#ifndef HEATBENCH_ACQUIRE_WRITER_H
#define HEATBENCH_ACQUIRE_WRITER_H

#include "daq/acquire/ring.h"
#include "daq/store/run.h"

struct writer;

/* The run belongs to the writer's thread until writer_stop. */
int writer_start(struct writer **out, struct run *run, struct ring *ring, struct error *e);

/* Whether the store has refused; why in `e` (may be NULL). */
bool writer_failed(struct writer *writer, struct error *e);

struct writer_counts {
	int64_t rows, commits;
	int64_t longest_commit_us;
};
void writer_counts(struct writer *writer, struct writer_counts *out);

/* Ends the ring, waits until everything in it is written and committed, and gives the run back. Returns -1
 * with the first error of the store. NULL is fine. */
int writer_stop(struct writer *writer, struct error *e);

#endif
