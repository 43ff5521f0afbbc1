/*
 * judge.h - limits against results: which limit belongs to which value, and what the whole comes to.
 */
#ifndef HEATBENCH_PUMP_JUDGE_H
#define HEATBENCH_PUMP_JUDGE_H

#include "benches/pump/evaluate.h"

/* Fills ev->result, verdict and sentence from points, ratios and ev->limit. A limit that nothing was
 * measured for is a result of its own, undecided. Errors: ERROR_DATA (a limit's unit or rule),
 * ERROR_SYSTEM. */
int pump_judge(struct pump_evaluation *ev, struct error *e);

#endif
