/*
 * import_private.h - the parts of an import; inside daq/store only.
 */
#ifndef HEATBENCH_STORE_IMPORT_PRIVATE_H
#define HEATBENCH_STORE_IMPORT_PRIVATE_H

#include "daq/store/run.h"

#include <jansson.h>

struct import_run {
	const char *from;
	const struct run_progress *progress;
	json_t *root;		/* definitions.json; the others are parts of it */
	json_t *files, *tables;
	const char *digest;
	struct run *run;
	struct run_segment *segment; /* while the tables are filled: when its ticks were */
	int segments;
	nanos period;
};

/* Fills every table of a new run; the row that says what the run is comes last, so that an import that was
 * killed is an incomplete run and not half a complete one. */
int import_tables(struct import_run *m, struct error *e);

#endif
