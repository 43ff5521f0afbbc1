/*
 * recording_map.h - where the columns of a recording go: a Lua file, so that another layout needs no C.
 */
#ifndef HEATBENCH_SCRIPT_RECORDING_MAP_H
#define HEATBENCH_SCRIPT_RECORDING_MAP_H

#include <stdbool.h>
#include <stdio.h>

struct error;

enum { RECORDING_COLUMNS = 96, RECORDING_DUT_NAMES = 16 };

struct recording_column {
	char column[400]; /* header in the file; several with | between: the first that is there */
	char dut[32];	  /* device of this column, where one file holds several side by side; "": the row's */
	char channel[48]; /* what it becomes: "duty", "feedback", "flow" ... (a role) */
	char unit[16], quantity[48], kind[12];
	double scale, offset;
	bool required;
	bool shared;	   /* of the bench, not of a device under test: what is measured once for all of them */
	double resolution; /* NaN: not known */
};

struct recording_map {
	char title[96], source[256];
	char time_column[400], time_unit[16]; /* since 1970 */
	char time_zone[8];		     /* "UTC": of times in words that do not say theirs; "": they must */
	bool unique;			     /* of rows with one time the first is kept */
	char dut_column[64];		     /* "": fixed, or the option dut= names it */
	char dut_fixed[32];		     /* the one device that all files are of; "": none */
	char set_point[48];		     /* channel whose changes begin a step */
	char dut_kind[32], dut_profile[32];
	int columns;
	struct recording_column column[RECORDING_COLUMNS];
	struct {
		char from[64], to[32];
	} dut_name[RECORDING_DUT_NAMES];
	int dut_names;
};

/* Whether the map's columns say whose they are: then every row is of all devices. */
bool recording_map_wide(const struct recording_map *map);

/* Errors: ERROR_CONFIG, ERROR_IO. */
int recording_map_read(struct recording_map *out, const char *path, struct error *e);

/* The keys of a recording map, as Markdown. */
void recording_map_help(FILE *to);

#endif
