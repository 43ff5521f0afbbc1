/*
 * procedure_calls.h - the calls of a procedure, on the parent's side: checked by their settings rows, then
 * put to the target.
 */
#ifndef HEATBENCH_SCRIPT_PROCEDURE_CALLS_H
#define HEATBENCH_SCRIPT_PROCEDURE_CALLS_H

#include <stddef.h>

#include "daq/acquire/target.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct error;

/* Names of all calls, NULL-terminated: the child offers a function for each. */
extern const char *const procedure_call_names[];

struct call_context {
	const struct target *target;
	long number; /* of the call, counted from 1 over the whole procedure */
	bool dry;
};

/* Carries out one call message. *answer gets the reply for the child, an {"error"} among them, for the caller
 * to release. Returns -1 only where the procedure must end: ERROR_STOPPED, ERROR_SYSTEM, a record that does
 * not fit. */
int procedure_call(struct call_context *context, const json_t *message, json_t **answer, struct error *e);

void procedure_calls_help(FILE *to);

#endif
