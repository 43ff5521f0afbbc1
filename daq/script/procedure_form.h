/*
 * procedure_form.h - the arguments of a procedure's call, as JSON and as checked values.
 */
#ifndef HEATBENCH_SCRIPT_PROCEDURE_FORM_H
#define HEATBENCH_SCRIPT_PROCEDURE_FORM_H

#include "daq/base/clock.h"

#include <jansson.h>
#include <stdio.h>

struct bench;
struct error;
struct text;

enum { CALL_QUANTITY = 64, CALL_TEXT = 1024 };

struct call_form {
	char channel[48], name[96], dut[32], valve[24], unit[16], text[CALL_TEXT];
	char value[CALL_QUANTITY], within[CALL_QUANTITY], set_point[CALL_QUANTITY]; /* as written */
	int samples;
	nanos duration, window, limit;
	int index;     /* of the channel */
	double number; /* value, near or set point in the channel's (the step's) unit; NaN: none */
	double band;   /* within */
};

/* Reads the arguments (positional, then the keys of a table) of the call `name`. Errors: ERROR_CONFIG, and
 * ERROR_LIMIT for a set point outside its channel's limits; without the file and line. */
int call_form_read(struct call_form *form, const char *name, const json_t *arguments, const struct bench *bench,
	struct error *e);

/* The call in words, the same for the same call: "set wilo_duty 100". */
void call_form_describe(const struct call_form *form, const char *name, const struct bench *bench,
	struct text *out);

void call_form_help(const char *name, FILE *to);

#endif
