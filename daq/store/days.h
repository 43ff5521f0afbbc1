/*
 * days.h - values of a long run, one database for each UTC day; inside daq/store only.
 *
 * days/<date>.db holds scans, flags and transactions of its day and, so that it can be read alone, a copy of the run's
 * definitions. A day is closed once no scan of it can come any more: checkpoint, journal mode DELETE, on the disk, read-only;
 * its SHA-256 then stands in the run's table `day`, and nothing opens it for writing again. Two are open about midnight.
 */
#ifndef HEATBENCH_STORE_DAYS_H
#define HEATBENCH_STORE_DAYS_H

#include "daq/store/run.h"

#include <stdbool.h>

struct run_days;

/* Begins with no day. NULL: no memory. */
struct run_days *days_new(void);

/* Finds the days of a run that is taken up again: those not closed are opened. Errors: ERROR_DATA, ERROR_IO. */
int days_resume(struct run *run, struct error *e);

/* As run_put_scan and run_put_block. */
int days_put_scan(struct run *run, int group, int64_t tick, const double *values, const uint8_t *quality, struct error *e);
int days_put_block(struct run *run, const struct run_block *block, struct error *e);

int days_commit(struct run *run, struct error *e);

/* Closes the days that are over (all: every one). */
int days_close(struct run *run, bool all, struct error *e);

/* Lets go without closing. NULL is fine. */
void days_free(struct run_days *days);

#endif
