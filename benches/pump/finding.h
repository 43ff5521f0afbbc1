/*
 * finding.h - single numbers that the models of a run come to, so that limits can name them.
 *
 * | quantity                | unit       | of                                                              |
 * | feedback slope          | W/permille | static line                                                     |
 * | feedback intercept      | W          | static line, at no duty                                         |
 * | feedback residual       | W          | residual standard deviation of the static line                  |
 * | arx fit, arx flow fit   | %          | free run of the model of read-back, of flow                     |
 * | time constant           | s          | slower pole of the read-back's model                            |
 * | affinity deviation      | %          | the flow ratio furthest from the mean one                       |
 * | best efficiency         | %          | highest of the fitted curve, at its set point                   |
 * | guarantee head, flow, power, efficiency | m, m3/h, W, % | where the curve passes the guarantee point   |
 * | eei                     | 1          | energy efficiency index (unverified)                            |
 */
#ifndef HEATBENCH_PUMP_FINDING_H
#define HEATBENCH_PUMP_FINDING_H

#include "analytics/core/report.h"
#include "benches/pump/pump_settings.h"
#include "daq/store/run.h"

struct pump_evaluation;

struct pump_finding {
	struct report_result result; /* without limit and verdict */
};

/* Caller frees. ERROR_SYSTEM. */
int pump_findings_make(struct pump_finding **out, int *count, const struct pump_evaluation *ev, struct error *e);

enum { PUMP_PROMISES = 4 };

/* The guarantee as limits, with the tolerances of its grade: decided simply, since they hold the measurement's
 * uncertainty already. Writes at most PUMP_PROMISES rows, returns how many: 0 where nothing is promised. */
int pump_promises(struct run_limit *out, const struct pump_settings *settings, const char *dut);

#endif
