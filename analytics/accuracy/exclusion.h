/*
 * exclusion.h - why a row does not count, and the list of test installations.
 */
#ifndef HEATBENCH_ACCURACY_EXCLUSION_H
#define HEATBENCH_ACCURACY_EXCLUSION_H

#include <stdint.h>

struct error;

/* The first that holds. */
enum exclusion {
	INCLUDED,
	EXCLUDED_LISTED,	/* on the list of test installations */
	EXCLUDED_OVERLAP,	/* inside an earlier run */
	EXCLUDED_BACKWARDS,	/* its time does not go on */
	EXCLUDED_GAP,		/* nothing follows within the bridge */
	EXCLUDED_COMMISSIONING, /* the CiC's mode says so */
	EXCLUDED_INPUTS,	/* the model has no value */
	EXCLUDED_REFERENCE,	/* the reference has no value */
	EXCLUSIONS
};

extern const char *const exclusion_names[EXCLUSIONS]; /* "on the list", ... */

/* CSV with a header: id, from, to, why. `id` is a heat pump's name or serial number, or a run's label; from and to are dates or instants
 * (UTC, 2024-01-31 or 2024-01-31T12:00:00Z), either may be empty: open. */
struct exclusion_row {
	char id[64], why[128];
	double from, to; /* s since 1970; -INFINITY, INFINITY */
	int64_t used;	 /* rows that it excluded */
};

struct exclusion_list {
	int rows;
	struct exclusion_row *row;
};

/* Errors: ERROR_IO; ERROR_DATA with file, line, what was expected. */
int exclusion_read(struct exclusion_list *out, const char *path, struct error *e);
void exclusion_free(struct exclusion_list *list);

#endif
