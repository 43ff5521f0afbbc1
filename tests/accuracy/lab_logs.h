/*
 * lab_logs.h - run folders of the virtual lab's four CiCs (heat-pump controllers) and six heat pumps, without wires: weeks in seconds.
 *
 * Plant, outdoor units and heat meters are the lab's own (fixtures/lab); readings are taken from them at every interval instead of
 * over a bus. What the controllers say comes `skew` later.
 */
#ifndef HEATBENCH_TESTS_ACCURACY_LAB_LOGS_H
#define HEATBENCH_TESTS_ACCURACY_LAB_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum { LAB_PUMPS = 6 };

/* What is injected: drawn from the seed where `drawn`. */
struct lab_truth {
	double meter_gain[LAB_PUMPS], meter_offset[LAB_PUMPS]; /* of the electricity meters: -, W */
	double flow_gain[LAB_PUMPS];			       /* of the heat meters' flow sensors */
	double current_gain[LAB_PUMPS];			       /* of the units' own current */
	int skew[LAB_PUMPS];				       /* s, whole ones */
	double energy_kwh[LAB_PUMPS], heat_kwh[LAB_PUMPS];     /* true ones, of the whole log */
};

struct lab_logs {
	uint64_t seed;
	int days, interval; /* interval: s */
	int pumps;	    /* the first so many */
	int64_t start;	    /* s since 1970 */
	const char *zone;
	bool daily; /* one database for each day */
	bool heat;  /* heat meters, water temperatures and estimates too: 23 columns a heat pump, else 12 */
	bool open;  /* no clean end: a run that is still being written */
};

/* Writes a run below `folder`; its path in `path`. Errors: as the store's. */
int lab_logs_write(const struct lab_logs *want, const char *folder, struct lab_truth *truth, char *path, size_t size, struct error *e);

#endif
