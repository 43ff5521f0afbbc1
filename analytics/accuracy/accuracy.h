/*
 * accuracy.h - reference logs against production energy models: the whole study, before anybody decided how it looks.
 * docs/accuracy.md is its manual.
 */
#ifndef HEATBENCH_ACCURACY_ACCURACY_H
#define HEATBENCH_ACCURACY_ACCURACY_H

#include "analytics/accuracy/comparison.h"
#include "analytics/core/report.h"
#include "daq/base/settings.h"

struct error;

enum { ACCURACY_MODELS = 12, ACCURACY_VARIANTS = 48 };

/* What one study is told; one settings row each (accuracy_settings.c). */
struct accuracy_settings {
	int bootstrap, block, seed; /* replicates, days a block (0: by their number) */
	double covered;		    /* % of a bucket */
	double skew_from, skew_to;  /* s */
	double skew, skew_step;	    /* s, given, NaN: found; W */
	double step, on, off, startup, middle, high; /* regime_rules */
	double max_daily_nmbe, max_hourly_cvrmse, max_steady_rmse, max_off_rmse; /* %, %, W, W: limits; STUDIES A6 */
	double max_heat_nmbe; /* %, daily */
	double production_cap; /* s that the old aggregation counts of a gap; 0: all of it */
};
extern const struct setting accuracy_settings_rows[];
struct accuracy_settings accuracy_settings_default(void);
struct comparison_rules accuracy_rules(const struct accuracy_settings *settings);

struct accuracy_model {
	struct model model;
	char file[1024], digest[65], file_digest[65];
	bool reported; /* no file: what the CiC itself said (channels estimated_power, estimated_heat) */
};

/* A model across heat pumps: energy error (%) of each one, and what it says of the next. */
struct accuracy_spread {
	int n;	/* heat pumps with an energy error */
	int pump[STUDY_PUMPS];
	struct interval error[STUDY_PUMPS];	/* %, by resampling days */
	double mean, sd;			/* of the heat pumps, each once; NaN for n < 2 */
	double tolerance_k, tolerance_low, tolerance_high; /* 95 % of all heat pumps with 95 % confidence */
	double prediction_low, prediction_high; /* of one more, 95 % */
	double unit_sd, within_sd;		/* random unit effect: between heat pumps; what the days explain */
	double common, common_low, common_high;	/* with weights, Hartung-Knapp */
	double heterogeneity;			/* I2, % */
};

/* Agreement of hourly means, all heat pumps: repeated pairs by heat pump. */
struct accuracy_agreement {
	int pairs, subjects;
	double bias, sd, within_sd, between_sd;
	struct interval lower, upper; /* limits of agreement, 95 %, each with its interval */
	struct interval slope, intercept; /* Deming, by jackknife over days */
	double ratio;			  /* of error variances that was assumed */
};

/* What a model loses when an input is missing: evaluated again without it. */
struct accuracy_variant {
	int model, number; /* number: of the input in the model */
	char input[48];
	bool there;		   /* a rule fills it; else the model has no value */
	char how[128];		   /* "by cold_probability", "no value without it" */
	double energy, nmbe, rmse; /* %, %, W: of all heat pumps, without it; NaN */
	double energy_cost, rmse_cost; /* against all inputs */
	int level;
};

/* Heat: P_model - P_reference = k (q_m - q_r) dT_r + k q_r (dT_m - dT_r) + k (q_m - q_r)(dT_m - dT_r) + (c - k) q_m dT_m
 *	+ (k q_r dT_r - P_reference),
 * k the heat coefficient at the meter, c the model's. The last is what the meter's own power differs from its flow and temperatures: cold in a
 * defrost that it does not count, its refresh. J over the rows that have all of it; the five add up to the difference. */
struct accuracy_heat {
	bool there;
	char why[320];
	int pump, model;
	double seconds, reference_j, estimate_j;
	double flow_j, temperature_j, both_j, convention_j, meter_j;
	double flow_bias, dt_bias; /* %, K: of the CiC's against the meter's, means over rows with flow */
};

/* COP: heat over electricity of the days that have both. */
struct accuracy_cop_day {
	int day;
	double reference, estimate, permitted; /* permitted: of the reference, absolute; NaN */
};
struct accuracy_cop {
	int pump; /* -1: all */
	bool there;
	char why[320];
	int electric_model, heat_model;
	struct interval reference, estimate, error; /* error: %, of the whole */
	int days;
	struct accuracy_cop_day *day;
};

/* A requirement held against what was found. */
struct accuracy_verdict {
	char what[96], unit[16];
	int model, pump; /* pump -1: all */
	struct interval value;
	double limit, permitted; /* |value| at most; what the reference's own error may be, same unit; NaN */
	enum verdict verdict;	 /* passed, failed, undecided (interval across the limit) */
	bool not_resolvable;	 /* inside the reference's permitted error: neither passed nor failed */
	char note[240];
};

/* The old hourly aggregation (STUDIES A5), where it was asked for. */
struct accuracy_production {
	int pump, model;
	double old_wh, new_wh, reference_wh; /* over the days that count */
	double gaps_wh, zeros_s;	       /* what makes the difference: billed over gaps; time at 0 W because an input was missing */
	double active_wh, boiler_wh, antifreeze_wh, commissioning_wh; /* by the CiC's mode: 2 or 3; 3 or 4; 96 to 99; 100 and above */
	int64_t duplicates;		       /* rows whose instant did not go on, dropped */
	int hours;
	double *hour, *wh; /* label (s since 1970), Wh */
};

struct accuracy {
	struct accuracy_settings settings;
	struct study study;
	int models;
	struct accuracy_model model[ACCURACY_MODELS];
	int comparisons;
	struct comparison *comparison; /* by model, then heat pump, last of each all of them: accuracy_comparison() */
	struct accuracy_spread spread[ACCURACY_MODELS];
	struct accuracy_agreement agreement[ACCURACY_MODELS];
	int variants, heats, cops, verdicts, productions;
	struct accuracy_variant *variant;
	struct accuracy_heat *heat;
	struct accuracy_cop *cop;
	struct accuracy_verdict *verdict_row;
	struct accuracy_production *production;
	enum verdict verdict;
	char sentence[400];
	char exclude_file[1024], command[2048];
	double load_s, compute_s; /* wall time */
};

/* pump -1: all of them. */
const struct comparison *accuracy_comparison(const struct accuracy *a, int model, int pump);

/* `models` with file names; "reported" is what the CiC itself said. Errors: as study_load() and model_load(). What a model cannot be held
 * against is in the comparison's `why`, not an error, unless nothing at all can be compared: ERROR_DATA. */
int accuracy_run(struct accuracy *out, const char *const *run, int runs, const char *const *model, int models,
	const struct accuracy_settings *settings, const struct study_options *options, bool as_production, struct error *e);
void accuracy_free(struct accuracy *a);

/* Requirements against limits, and what the whole comes to: fills verdict_row, verdict, sentence (judge.c). */
int accuracy_judge(struct accuracy *a, struct error *e);

/* Fills the report; figures and a CSV of every table land in `folder` (an existing one; NULL: neither). The caller frees it with report_free(). */
int accuracy_report(struct report *out, const struct accuracy *a, const char *folder, struct error *e);

#endif
