/*
 * judge.h - limits against results: which limit belongs to which value, and what the whole comes to. A bench
 * says what was measured (items); the rest is the same for all.
 */
#ifndef HEATBENCH_CORE_JUDGE_H
#define HEATBENCH_CORE_JUDGE_H

#include "analytics/core/report.h"
#include "daq/store/run.h"

struct stored_run;
struct error;

/* One value that a limit may be held against, and what stands in the way of a verdict. */
struct judge_item {
	struct report_result result; /* without limit and verdict */
	char alias[48];	/* another name for its quantity; it counts only where no value is called so */
	bool hidden;	/* reads zero, but may be anything up to `seen` */
	double seen;
	double base;	    /* what a limit in % is a share of, and the other way round; NaN: none */
	char base_unit[16]; /* of `base`, where the result itself is in %; "": that of the result */
	bool doubtful;	    /* no more than undecided, as result.note says */
};

/* An item with nothing known: all numbers NaN. */
void judge_item(struct judge_item *item, const char *dut, const char *quantity, const char *valve, double set_point,
	const char *set_point_unit, const char *unit);

/* Adds a reason why it cannot be decided. */
void judge_doubt(struct judge_item *item, const char *why);

struct judgement {
	struct report_result *result; /* caller frees */
	int results;
	enum verdict verdict; /* passed, failed or undecided */
	char sentence[400];
};

/* Each item against each limit that fits it; one without any is a result not judged; a limit that nothing was
 * measured for is a result of its own, undecided. Errors: ERROR_DATA (a limit's unit or rule), ERROR_SYSTEM. */
int judge(struct judgement *out, const struct stored_run *run, const struct judge_item *item, int items,
	const struct run_limit *limit, int limits, struct error *e);

#endif
