/*
 * acquisition.h - what every acquisition program does: options, virtual lab, check, run, end, evaluation.
 * A bench's main.c fills in one struct and calls acquisition_main().
 */
#ifndef HEATBENCH_PROGRAM_ACQUISITION_H
#define HEATBENCH_PROGRAM_ACQUISITION_H

#include "daq/acquire/target.h"
#include "daq/base/settings.h"

struct error;

struct acquisition_options {
	bool virtual_lab, check, json, quiet, live;
	double speed; /* 0: lock-step */
	int seed;
	char bench[256], procedure[256], operator[64], label[64], out[256], answers[256], resume[256], map[256], argument[128],
		record[256];
	struct setting_list dut, fault, lab, recording, set;
};

extern const struct setting acquisition_rows[];

struct acquisition {
	const char *name;      /* "pump": bench, run folders */
	const char *rig;       /* of the virtual lab; NULL: called like the program */
	const char *purpose;   /* for --help */
	const char *bench;     /* default bench file, below the data folder */
	const char *procedure; /* default procedure, likewise */
	const struct setting *evaluation; /* keys that evaluation{...} of a bench file may have */
	/* What only all of them together can have wrong ("KEY=VALUE,KEY=VALUE"); NULL: nothing. Errors: ERROR_CONFIG. */
	int (*check_evaluation)(const char *settings, struct error *e);
	/* Whether a measurement of a procedure cannot give what is wanted of it (check.h); NULL: nobody asks. */
	bool (*unfit)(const struct bench *bench, const struct target_step *step, const char *name, nanos duration, char *why,
		size_t size);
	bool without_steps; /* the evaluation is of all the time, whatever steps there are */
	const char *const *maps; /* column maps of recordings, below the data folder; NULL-terminated; NULL: no recordings */
};

/* The whole program; returns the exit status. */
int acquisition_main(const struct acquisition *acquisition, int argc, char **argv);

/* A default file below the data folder, or `given` if it is not empty. */
void acquisition_file(char *out, size_t size, const char *given, const char *fallback);

/* Prints the error to stderr and gives the exit status that belongs to it. */
int acquisition_fail(const struct error *e);

#endif
