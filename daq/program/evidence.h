/*
 * evidence.h - what a run's folder must hold besides its data: the bench file and everything it used, the
 * procedure, and in a virtual lab the truth.
 */
#ifndef HEATBENCH_PROGRAM_EVIDENCE_H
#define HEATBENCH_PROGRAM_EVIDENCE_H

#include "daq/acquire/bench.h"
#include "daq/store/run.h"

struct evidence_request {
	const struct bench *bench;
	const char *procedure, *results, *label, *operator_name, *command;
	struct clock *clock;
	int64_t seed; /* of the virtual lab; -1 */
	bool simulated;
	int64_t bytes; /* needed on disk */
};

/* Makes the run's folder with copies of every file it came from. */
int evidence_create(struct run **out, const struct evidence_request *request, struct error *e);

/* Who, where and with what: the fields of a run that do not depend on the bench. utc and period are 0. */
void evidence_about(struct run_about *about, const char *bench, const char *label, const char *operator_name,
	const char *command);

/* Whether a run that is to be resumed was made with this very procedure. Errors: ERROR_DATA. */
int evidence_same_procedure(const char *run, const char *procedure, struct error *e);

/* Whether a run that is to be resumed was measured, or simulated with the same seed, as what would follow. Values of
 * both kinds in one run could not be told apart. Errors: ERROR_DATA. */
int evidence_same_source(const char *run, bool simulated, int64_t seed, struct error *e);

/* Whether any step of the run names a device under test or a set point; else there is nothing to evaluate. */
int evidence_has_points(const char *run, bool *out, struct error *e);

/* A folder for the truth of a virtual lab that runs before the run's folder is known; and its way into it. */
int evidence_truth_folder(const char *results, char *out, size_t size, struct error *e);
int evidence_move_truth(char *truth, const char *run, struct error *e); /* clears `truth` */
void evidence_drop_truth(const char *truth);				/* if it never got there; "" is fine */

#endif
