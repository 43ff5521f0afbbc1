/*
 * meters_roles.h - what the channels of a heat pump may be, and in which unit the evaluation wants them.
 */
#ifndef HEATBENCH_CORE_METERS_ROLES_H
#define HEATBENCH_CORE_METERS_ROLES_H

#include "analytics/core/stored_run.h"

enum meters_role {
	ROLE_ELECTRIC_POWER, ROLE_ELECTRIC_ENERGY, ROLE_ELECTRIC_SERIAL, ROLE_VOLTAGE, ROLE_CURRENT, ROLE_POWER_FACTOR,
	ROLE_HEAT_POWER, ROLE_HEAT_ENERGY, ROLE_HEAT_SERIAL, ROLE_FLOW, ROLE_SUPPLY, ROLE_RETURN, ROLE_VOLUME,
	ROLE_POWER_INPUT, ROLE_AC_VOLTAGE, ROLE_AC_CURRENT, ROLE_FAN_SPEED, ROLE_PUMP_DUTY, ROLE_PUMP_RELAY,
	ROLE_BOTTOM_PLATE_HEATER, ROLE_CRANKCASE_HEATER, ROLE_WORKING_MODE, ROLE_DEFROST, ROLE_OUTSIDE, ROLE_WATER_IN,
	ROLE_WATER_OUT, ROLE_INTERNAL_FLOW, ROLE_ESTIMATED_POWER, ROLE_ESTIMATED_HEAT, ROLE_SUPERVISORY_MODE, ROLE_ELECTRIC_COUNTER, ROLE_HEAT_COUNTER, ROLES
};

struct meters_role_row {
	const char *name, *unit; /* unit "": as it comes */
	const char *of;		 /* electricity meter, heat meter, CiC */
	const char *what;
};

extern const struct meters_role_row meters_roles[ROLES];

/* The channel that plays the role for the heat pump, or -1. What the whole bench shares (dut "") counts for the outside
 * temperature only: a meter of two heat pumps is not one of each. */
int meters_role_channel(const struct stored_run *run, const char *dut, enum meters_role role);

/* value in the role's unit = value * *scale + *offset. Errors: ERROR_DATA, naming channel and units. */
int meters_role_unit(const struct run_channel *channel, enum meters_role role, double *scale, double *offset,
	struct error *e);

#endif
