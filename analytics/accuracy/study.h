/*
 * study.h - reference logs as columns: one run or many, each heat pump's rows one after the other.
 *
 * A row ("scan") is an instant of the rate group that holds most of what the controller (CiC) says of the heat pump. It stands for
 * the time until the next one (a hold, as production takes it); where that is farther away than `bridge` spacings the row stands for
 * nothing and a gap begins, which nothing fills. The reference meter has its own instants: study_reference() interpolates between
 * two good samples that are not farther apart than `bridge` of their spacings.
 */
#ifndef HEATBENCH_ACCURACY_STUDY_H
#define HEATBENCH_ACCURACY_STUDY_H

#include "analytics/accuracy/calendar.h"
#include "analytics/accuracy/exclusion.h"
#include "analytics/core/meters_roles.h"
#include "analytics/core/meters_settings.h"

struct error;

enum { STUDY_PUMPS = 64, STUDY_RUNS = 64 };

/* What a run is, for the report's scope. */
struct study_run {
	char path[1024], digest[65]; /* of its manifest, which holds those of all else; "" without a clean end */
	char bench[32], label[64], software[64], firmware[64], time_zone[48];
	enum origin origin;
	bool incomplete; /* no clean end, being written, or changed since */
	char state[256];
	double from, to; /* s since 1970 */
	int64_t rows;
	struct meters_settings settings;
	char boundary[160]; /* what the reference meter measures besides the heat pump, as the bench file says; "" */
};

/* Good samples of a reference, ascending. */
struct study_series {
	int64_t n;
	double *t, *v;	/* s since 1970; W or kWh */
	double spacing; /* s, the usual one; NaN: fewer than two */
};

enum study_target { STUDY_ELECTRIC, STUDY_HEAT, STUDY_TARGETS };

/* What is said of the channel that the reference is taken from, in the latest run that says it. */
struct study_meter {
	char certificate[192]; /* its number, laboratory, date and due date; "" where none was given */
	bool expired;	       /* in any run */
	double resolution;     /* W, or kWh of a register; NaN: not known */
};

struct study_pump {
	char name[32], serial[64], firmware[64], hardware[64];
	int64_t rows;
	double *time;		/* s since 1970, by our clock; ascending */
	double *step;		/* s that the row stands for; 0: a gap follows */
	double *column[ROLES];	/* NaN: missing, or not good; NULL: the runs have no such channel */
	char unit[ROLES][16];	/* of the column: the role's, or where it has none the channel's */
	uint8_t *excluded;	/* enum exclusion */
	uint8_t *run;		/* of study.run */
	double spacing;		/* s, the usual one */
	struct study_series electric, heat;		  /* W; n 0: no meter */
	struct study_series electric_register, heat_register; /* kWh as counted from the first reading: resets and the like left out */
	int64_t missing[ROLES]; /* rows without a good value, of those columns that are there */
	struct study_meter meter[STUDY_TARGETS];
	int resets;		/* of both registers: reset, replaced, jumped */
	double lost_s;		/* s for which registers say nothing */
	double own_w;		/* W that the electricity meter draws itself or measures besides; taken off `electric` */
	struct meters_settings own; /* of its first run: what was said of all heat pumps there, and over it what was said of this one */
	const struct meters_settings *settings; /* that */
	bool electric_from_register, heat_from_register; /* no power was recorded: slope of the register */
};

struct study_options {
	const char *zone;	    /* of the days: "Europe/Amsterdam"; NULL: that of the first run */
	const char *set;	    /* "key=value,...": over the runs' evaluation settings; NULL */
	const struct exclusion_list *exclude; /* test installations; NULL: none */
};

struct study {
	int runs, pumps;
	struct study_run *run;
	struct study_pump *pump;
	struct calendar calendar; /* local days from the first to the last row */
	int64_t scans;		  /* rows read, of all heat pumps */
	double seconds_by_reason[EXCLUSIONS]; /* of all heat pumps: how much each reason took away */
	int64_t rows_by_reason[EXCLUSIONS];
};

/* Errors: ERROR_DATA (no heat pump; a heat pump of two serial numbers; a unit that does not convert), ERROR_CONFIG, ERROR_IO. Rows of a run
 * that lie inside an earlier one are excluded as overlapping, not refused. */
int study_load(struct study *out, const char *const *path, int paths, const struct study_options *options, struct error *e);
void study_free(struct study *s);

/* The series at ascending instants at[i] + shift: out[n], NaN where it says nothing. `bridge` as above. */
void study_interpolate(const struct study_series *s, const double *at, int64_t n, double shift, double bridge, double *out);

/* Mean power, W, between at[i] + shift and at[i] + length[i] + shift, from a register in kWh. */
void study_slope(const struct study_series *s, const double *at, const double *length, int64_t n, double shift, double bridge, double *out);

/* The reference of power in W at the pump's rows; out[rows]. */
void study_reference(const struct study_pump *p, enum study_target target, double shift, double *out);

#endif
