/*
 * check.h - what `--check` prints: what would happen, and what stands in the way. Touches nothing.
 */
#ifndef HEATBENCH_PROGRAM_CHECK_H
#define HEATBENCH_PROGRAM_CHECK_H

#include "daq/acquire/bench.h"
#include "daq/acquire/target.h"

#include <jansson.h>

struct check_request {
	const struct bench *bench;
	const char *procedure; /* file */
	const char *results;   /* folder the run would go to */
	const char *answers;   /* file, or NULL */
	const char *argument;  /* of the procedure, or NULL */
	bool simulated;
	/* Whether a measurement of the procedure cannot give what is wanted of it; says why. NULL: nobody asks. */
	bool (*unfit)(const struct bench *bench, const struct target_step *step, const char *name, nanos duration, char *why,
		size_t size);
};

/* Goes through bench and procedure. `report` gets everything as JSON (new reference):
 * {"bench", "buses": [...], "devices": [...], "procedure": {...}, "disk": {...}, "safe": {...},
 *  "problems": [...], "warnings": [...]}. With problems the run would be refused.
 * Errors: only what cannot be checked at all (ERROR_CONFIG, ERROR_LIMIT of the procedure). */
int check_run(const struct check_request *request, json_t **report, struct error *e);

/* The report as text on stdout. */
void check_print(const json_t *report);

/* What the dry run says of the run to come. */
struct check_plan {
	nanos duration;
	int64_t bytes; /* that its folder will need */
	int steps;
};

/* Adds a sentence to "problems" or "warnings". */
void check_say(json_t *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For starting a run, which is refused for the same reasons. Returns -1 with the first problem. */
int check_start(const struct check_request *request, struct check_plan *out, struct error *e);

#endif
