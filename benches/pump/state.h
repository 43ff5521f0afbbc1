/*
 * state.h - what a circulator was doing while it was measured: running, stopped, alarmed, or not to be told.
 */
#ifndef HEATBENCH_PUMP_STATE_H
#define HEATBENCH_PUMP_STATE_H

#include <stdbool.h>
#include <stddef.h>

enum pump_state {
	PUMP_RUNNING,
	PUMP_STOPPED,
	PUMP_BELOW_SENSOR, /* running, its flow below what the sensor sees */
	PUMP_UNDECIDABLE,  /* no flow seen; power fits a stopped pump and a slow one alike */
	PUMP_NO_SIGNAL,	   /* too few good readings to say anything */
	PUMP_ALARM,	   /* the pump or its controller reports a fault */
	PUMP_STATUS_CODE,  /* the read-back is a status code decoded as power, not a power */
};

/* What is known of a kind of pump; one row each in state.c, with the source of every number. */
struct state_profile {
	const char *name;
	double stop_from;  /* per mille duty from which on it is told to stop */
	double surely_off; /* W: nothing that runs takes less */
	double surely_on;  /* W: the least seen of a running one */
	double flow_seen;  /* l/h: a flow above this would not be missed by the sensor */
	double code[4][2]; /* W: ranges of read-backs that are status codes while nothing flows; 0, 0 ends */
	struct {
		double code; /* W */
		const char *meaning;
	} alarm[4];
	const char *source;
};

/* The row for a profile's name; an unknown name gets the generic one. Never NULL. */
const struct state_profile *state_profile_find(const char *name);

/* Whether a read-back, with nothing flowing, is a status code rather than a power. */
bool state_profile_is_code(const struct state_profile *p, double watts);

/* What a step's settled window shows. Unknown values NaN. */
struct pump_evidence {
	double duty;		   /* per mille */
	double flow, flow_digit;   /* l/h */
	double feedback;	   /* W, median, before codes are taken out */
	double power, power_U;	   /* W: the reference where there is one, else the read-back */
	double standby, standby_U; /* W: measured in this run with the pump told to stop; NaN: was not */
	double good_share;	   /* of the step's readings of flow and read-back, the smaller */
	double alarm;		   /* channel with role "alarm": its largest reading; NaN without one */
	bool has_flow;
};

/* The state, and in `why` the sentence that says how it was told. */
enum pump_state pump_state_find(
	const struct state_profile *p, const struct pump_evidence *v, char *why, size_t size);

const char *state_name(enum pump_state state);

/* Whether a reading of "no flow" is a measured zero (stopped) or only "less than the sensor sees". */
bool pump_state_flow_hidden(enum pump_state state);

#endif
