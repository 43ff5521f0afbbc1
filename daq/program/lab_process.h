/*
 * lab_process.h - the virtual lab as a child process: started, asked for its endpoints, ended.
 */
#ifndef HEATBENCH_PROGRAM_LAB_PROCESS_H
#define HEATBENCH_PROGRAM_LAB_PROCESS_H

#include "daq/acquire/bench.h"
#include "daq/base/settings.h"

#include <sys/types.h>

struct lab_process;

struct lab_request {
	const char *rig;   /* "pump" */
	double speed;	   /* 0: lock-step */
	int seed;
	const struct setting_list *faults; /* may be NULL */
	const struct setting_list *parameters; /* NAME=VALUE; may be NULL */
	const char *truth; /* folder for the truth; NULL: none */
	int cpu;	   /* that it keeps to, with what it starts; -1: any */
};

/* Starts the lab beside this program and waits until it is ready. Errors: ERROR_DEVICE with what it said. */
int lab_process_start(struct lab_process **out, const struct lab_request *request, struct error *e);

/* Points every bus of the bench at the lab's endpoint of the same name. Errors: ERROR_CONFIG: a bus that the
 * lab does not have. */
int lab_process_connect(const struct lab_process *lab, struct bench *bench, struct error *e);

/* The lab's control socket (lockstep.h), or NULL at a fixed speed. */
const char *lab_process_control(const struct lab_process *lab);

/* Write end of the pipe the lab lives by: whoever keeps it open keeps the lab running. */
int lab_process_lifetime(const struct lab_process *lab);

pid_t lab_process_pid(const struct lab_process *lab);

/* Ends it and waits, so that its truth is complete. NULL is fine. */
void lab_process_end(struct lab_process *lab);

#endif
