/*
 * check_wiring.h - what a check says of buses, devices and the names of channels, before anything is touched.
 */
#ifndef HEATBENCH_PROGRAM_CHECK_WIRING_H
#define HEATBENCH_PROGRAM_CHECK_WIRING_H

#include "daq/acquire/plan.h"

#include <jansson.h>
#include <stdbool.h>

/* Fills "buses" and "devices" of the report, and adds to its "problems" and "warnings". `simulated`: what keeps this user from a
 * port does not matter. */
void check_wiring(const struct bench *bench, const struct plan *plan, bool simulated, json_t *report);

#endif
