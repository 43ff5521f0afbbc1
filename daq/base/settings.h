/*
 * settings.h - one table per thing that has settings.
 *
 * A row names a setting, its type, unit, limits, default and help, and where it lands in a struct. The same
 * rows check bench files (daq/script), read command lines (daq/cli/options.h) and print the help.
 */
#ifndef HEATBENCH_BASE_SETTINGS_H
#define HEATBENCH_BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

struct error;

enum setting_type {
	SETTING_TEXT,	  /* char[size] */
	SETTING_INTEGER,  /* int */
	SETTING_NUMBER,	  /* double, in the row's unit */
	SETTING_DURATION, /* nanos (clock.h), always given with a unit: "1 s", "300 ms" */
	SETTING_SWITCH,	  /* bool */
	SETTING_CHOICE,	  /* int: index into choices */
	SETTING_LIST,	  /* struct setting_list: a text each time it is given; the texts must outlive it */
};

struct setting_list {
	int count;
	const char *item[64];
};

struct setting {
	const char *name;
	enum setting_type type;
	size_t offset;
	size_t size;		    /* SETTING_TEXT: bytes of the field */
	const char *unit;	    /* SETTING_NUMBER: a value comes as "1000 l/h" and is converted to this unit;
				       a bare number is then an error. NULL: a pure number */
	double min, max;	    /* INTEGER, NUMBER (in `unit`), DURATION (in seconds); both 0: no limits */
	const char *fallback;	    /* default, as text; NULL: required; "" with TEXT: empty */
	const char *const *choices; /* SETTING_CHOICE: NULL-terminated */
	const char *help;
	bool each; /* may also be said of one device under test, where the thing has such (daq/program/evaluation_keys.h) */
	const char *placeholder;    /* for help: "FILE", "N" ...; NULL: derived from the type */
};

#define SETTING_END {.name = NULL}

/* A value as it stood in the file or on the command line. */
struct setting_value {
	enum { VALUE_TEXT, VALUE_NUMBER, VALUE_SWITCH } kind;
	const char *text;
	double number;
	bool on;
};

/* Fills `base` with the defaults of all rows (required ones are left zeroed). */
int settings_defaults(const struct setting *rows, void *base, struct error *e);

/* The row called `name`, or NULL. */
const struct setting *settings_find(const struct setting *rows, const char *name);

/* Checks and stores one value. `where` begins the sentence of an error ("my-rig.lua:12: modbus_rtu.baud").
 * nan and inf fail. Errors: ERROR_CONFIG. */
int settings_assign(const struct setting *row, void *base, const struct setting_value *value, const char *where,
	struct error *e);

/* Bytes of the struct that the rows fill, at least. */
size_t settings_size(const struct setting *rows);

/* Whether a row without a value is an error. */
bool setting_required(const struct setting *row);

/* The name in `names` (NULL-terminated) nearest to `word` by edit distance, or NULL where none is near. */
const char *nearest_name(const char *word, const char *const *names);

/* The same over the rows of a table. */
const char *settings_nearest(const struct setting *rows, const char *word);

#endif
