/*
 * comparison.h - one heat pump (or all of them) against one model: sums by day that everything else is made from.
 */
#ifndef HEATBENCH_ACCURACY_COMPARISON_H
#define HEATBENCH_ACCURACY_COMPARISON_H

#include "analytics/accuracy/metrics.h"
#include "analytics/accuracy/model.h"
#include "analytics/accuracy/regime.h"
#include "analytics/accuracy/study.h"

/* Time that a value is the mean of: as recorded (15 s where it is finer), 5 min, 15 min, 1 h of local days, a local day. A bucket counts where
 * at least `covered` of it is. */
enum span { SPAN_SAMPLE, SPAN_5MIN, SPAN_15MIN, SPAN_HOUR, SPAN_DAY, SPANS };
extern const char *const span_names[SPANS]; /* "15 s", "5 min", "15 min", "1 h", "1 d" */

enum { POWER_BINS = 12, TEMPERATURE_BINS = 10, LAGS = 240, WORST = 6, TRACE = 121, SCATTER_MOST = 4000 };

/* Operating point: reference power and outside temperature. */
#define POWER_BIN_W 250.0
#define TEMPERATURE_FIRST -10.0
#define TEMPERATURE_BIN_K 3.0

struct comparison_day {
	struct error_sums span[SPANS];	   /* of the buckets of this day */
	struct error_sums regime[REGIMES]; /* at SPAN_SAMPLE */
	struct error_sums level[3];	   /* by availability level (model.h) at SPAN_SAMPLE */
	double covered;			   /* s that count */
	double permitted_j;		   /* of the reference's energy, by the meter's class; NaN: not said */
	double register_j;		   /* the register's, interpolated at midnight; NaN: none, or a reset on that day */
	double outside;			   /* degC, mean; NaN */
};

struct interval {
	double value, low, high; /* NaN: not known */
};

/* An event: the largest run of squared error. */
struct comparison_event {
	int pump;
	double time, seconds; /* s since 1970 of its worst row; how long |e| stayed above half of it */
	double reference, estimate, outside;
	uint8_t regime;
	double share; /* of the whole squared error */
	int n;
	double at[TRACE], r[TRACE], m[TRACE]; /* +-15 min around it: s from `time`, W; NaN inside gaps */
};

struct comparison_skew {
	bool known;
	double skew, u;		  /* s: the CiC's values come later than the meter's by so much; standard uncertainty */
	double rmse_before, rmse_after; /* of the model against the reference, W */
	double applied;		  /* s; 0 where not known */
	int n;
	double at[201], rmse[201]; /* the curve */
	char why[160];		  /* not known */
};

struct comparison {
	int pump, model; /* pump -1: all of them, bucket by bucket */
	bool there;	 /* else `why` */
	char why[320];
	struct comparison_skew skew;
	int days;
	struct comparison_day *day;	     /* [calendar.days] */
	struct error_sums point[POWER_BINS][TEMPERATURE_BINS];
	struct error_sums power[POWER_BINS]; /* rows below 0 and above the last are in the outer bins */
	struct error_sums temperature[TEMPERATURE_BINS];
	struct error_sums hour[24];	     /* local hour of the day */
	double *residual;		     /* [days * 24] mean error of the hour, W; NaN */
	double acf[LAGS + 1];		     /* of the error, lag by spacing; NaN */
	double acf_spacing;		     /* s */
	double seconds_by_reason[EXCLUSIONS];
	int64_t rows_by_reason[EXCLUSIONS];
	int64_t floored, outside_range, rule_used[MODEL_RULES]; /* rows */
	int events;
	struct comparison_event event[WORST];
	/* made from the sums (intervals.c) */
	struct interval metric[SPANS][METRICS];
	struct interval regime[REGIMES][METRICS];
	struct interval share_time[REGIMES], share_square[REGIMES];
	double energy_se; /* standard error of the energy error of all rows, % */
	double permitted; /* % of the reference's energy over all that counts; NaN */
	/* hourly pairs, for scatter and agreement: reference and estimate, W, day by day */
	int pairs;
	double *pair_reference, *pair_estimate;
	int *pair_day;
};

struct comparison_rules {
	struct regime_rules regime;
	double covered;	 /* share of a bucket: 0.9 */
	double skew_from, skew_to; /* s, searched; equal: none is searched and this one applied */
	double skew_step; /* W: change of the reference that shows when it happened */
};

/* Memory is the caller's to give back with comparison_free(). Errors: ERROR_SYSTEM only; what is missing is said in `why`. */
int comparison_make(struct comparison *out, const struct study *study, int pump, const struct model *model, int number,
	const struct comparison_rules *rules, struct error *e);

/* All heat pumps of a model: sums added day by day. */
int comparison_join(struct comparison *out, const struct comparison *of, int count, struct error *e);
void comparison_free(struct comparison *c);

struct comparison_resampling {
	int replicates, block; /* block 0: by the number of days */
	uint64_t seed;
	double level;	       /* 0.95 */
};

/* Fills all intervals by resampling blocks of days. */
int comparison_intervals(struct comparison *c, const struct comparison_resampling *how, struct error *e);

#endif
