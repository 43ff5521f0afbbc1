/*
 * pump_profile.h - what a vendor's circulator makes of a PWM duty, and what its feedback duty means. Pure.
 *
 * Each profile is a row with its source (keys as in docs/lines.md). The vendor is always an explicit setting
 * and never guessed: 75 % is a warning from one and full scale from another, 95 % is a final error from one
 * and standby from the other.
 */
#ifndef HEATBENCH_DEVICE_PUMP_PROFILE_H
#define HEATBENCH_DEVICE_PUMP_PROFILE_H

#include <stdbool.h>

struct error;

/* Input: what the duty asks for. */
struct pump_demand {
	bool runs;
	double speed; /* 0: n_min, 1: n_max; 0 when it does not run */
};

/* What the pump does when the signal is cut. */
enum pump_break { PUMP_BREAK_FULL_SPEED, PUMP_BREAK_STOPS };

/* Feedback. */
enum pump_condition {
	PUMP_STANDBY, /* stopped as told, ready to start */
	PUMP_NORMAL,  /* runs; the duty carries the value */
	PUMP_WARNING, /* runs, not at its best */
	PUMP_ERROR,   /* stopped by a fault, may come back */
	PUMP_FAILED,  /* stopped for good: blocked, motor or winding */
	PUMP_UNKNOWN, /* no code of this vendor */
};

enum pump_carries { PUMP_POWER, PUMP_FLOW }; /* W, l/h */

/* How a pump's feedback is scaled: it depends on pump and variant, and is calibrated on the bench. */
struct pump_scale {
	enum pump_carries carries;
	double full;   /* value at the upper end of the linear range: P1max in W, or Qmax in l/h */
	double offset; /* value at its lower end; 0 as printed by default */
};

struct pump_feedback {
	enum pump_condition condition;
	bool has_value;
	double value; /* of `scale.carries`; NaN without */
	const char *meaning;
};

/* A duty between two bands is the nearer one's: vendors give +-2 % of the signal. */
struct pump_code {
	double low, high; /* duty in per cent, low <= d < high */
	enum pump_condition condition;
	const char *meaning;
};

struct pump_profile {
	const char *name, *vendor, *use;
	bool rising; /* more duty is more speed; else less is */
	/* Input, duty in per cent as printed. */
	double full_speed;		 /* beyond it, n_max */
	double linear_fast, linear_slow; /* ends of the linear range */
	double start;			 /* beyond it, seen from stop, a stopped pump starts */
	double stop;			 /* beyond it a running pump stops */
	bool full_closed, start_closed,
		stop_closed; /* whether the limit itself belongs to n_max, starts, still runs */
	enum pump_break on_break;
	double safe_duty;					/* at which the pump stands still */
	double frequency_min, frequency_max, frequency_nominal; /* Hz of the input */
	double value_low, value_high;  /* feedback, per cent: ends of the linear range */
	const struct pump_code *codes; /* `code_count`, without the linear range */
	int code_count;
	const char *input_source, *feedback_source;
	const char *note; /* what of it is not proven; "" */
};

extern const struct pump_profile pump_profiles[];
extern const int pump_profile_count;

/* By name ("wilo-ipwm1", "wilo-ipwm2", "grundfos-a", "grundfos-c"). Errors: ERROR_CONFIG with the nearest
 * name. */
int pump_profile_find(const char *name, const struct pump_profile **out, struct error *e);

/* What the pump does at a duty of 0..1; `running` says what it has been doing, and decides in the hysteresis
 * band. */
struct pump_demand pump_profile_demand(const struct pump_profile *profile, double duty, bool running);

/* The same without a signal. */
struct pump_demand pump_profile_broken(const struct pump_profile *profile);

/* The duty (0..1) that asks for a speed of 0..1 of the linear range. */
double pump_profile_duty(const struct pump_profile *profile, double speed);

/* What a feedback duty of 0..1 means. */
void pump_profile_decode(const struct pump_profile *profile, const struct pump_scale *scale, double duty,
	struct pump_feedback *out);

const char *pump_condition_name(enum pump_condition condition);

#endif
