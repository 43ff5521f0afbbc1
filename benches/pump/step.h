/*
 * step.h - one step of the pump test: where it settled, what was measured there, what the pump was doing.
 */
#ifndef HEATBENCH_PUMP_STEP_H
#define HEATBENCH_PUMP_STEP_H

#include "analytics/core/settle.h"
#include "analytics/core/stats.h"
#include "analytics/core/stored_run.h"
#include "benches/pump/state.h"

enum pump_quantity { PUMP_FLOW, PUMP_FEEDBACK, PUMP_POWER, PUMP_DP, PUMP_QUANTITIES };

/* "flow", "feedback", "power", "dp": also the roles of their channels. */
const char *pump_quantity_name(enum pump_quantity q);

struct pump_mean {
	int channel; /* -1: not measured */
	size_t rows; /* samples of the step */
	size_t good; /* of these good */
	struct settle settle;
	double window;		  /* s in the run's time: start of the settled window; NaN: not measured */
	struct stats_sample mean; /* of the good samples in the window, status codes left out */
	double half; /* mean of the good samples of the step's last half: how earlier evaluations did it */
};

struct pump_step {
	const struct run_step *step;
	bool excitation; /* the set point never rests: nothing settles, excitation.h has it */
	double from, to;		 /* s in the run's time: first and last sample */
	double dead_time, settling_time; /* s; of flow, else of the read-back; NaN: no step visible */
	struct pump_mean quantity[PUMP_QUANTITIES];
	struct stats_sample
		gap; /* read-back minus reference, sample by sample where both have settled; n 0: no reference */
	size_t codes; /* read-backs with no flow that look like status codes */
	enum pump_state state;
	char why[320]; /* how the state was told */
};

/* What the pump draws when told to stop, from this run: the median reading with the duty in the stop range. */
struct pump_standby {
	double level, U; /* W; NaN: the run holds too little of it */
};
struct pump_standby pump_standby_find(
	const struct stored_run *run, const char *dut, const struct state_profile *profile);

/* Evaluates one step. Errors: ERROR_SYSTEM out of memory. */
int pump_step_evaluate(struct pump_step *out, const struct stored_run *run, const struct run_step *step,
	const struct state_profile *profile, const struct pump_standby *standby, struct error *e);

/* Whether a quantity's mean stands: settled, and at least five good samples in the window. */
bool pump_mean_usable(const struct pump_mean *m);

#endif
