/*
 * release_data.h - what the checks of releases have in common: models, energies by day, what is judged, what must be said about the runs.
 */
#ifndef HEATBENCH_ACCURACY_RELEASE_DATA_H
#define HEATBENCH_ACCURACY_RELEASE_DATA_H

#include "analytics/accuracy/model.h"
#include "analytics/accuracy/regime.h"
#include "analytics/accuracy/release.h"
#include "analytics/accuracy/study.h"

/* "reported": what the CiC itself said of `target`; else a model's file, whatever its target. `digest` "" for what was reported. */
struct release_model {
	struct model model;
	bool reported;
	char file[1024], digest[65];
};
int release_model_load(struct release_model *out, const char *file, enum model_target reported, struct error *e);

/* One quantity on which releases are held against each other. */
struct release_metric {
	char name[32];	/* "electricity", "heat", "cop" ...: stable */
	char title[64]; /* for people */
	bool there;	/* else `why` */
	char why[320], left_out[320]; /* left_out: heat pumps that could not be taken in, and why; "" */
	int pairs;
	struct release_pair *pair;
	struct release_effect effect;
	struct release_plan plan;
	bool same_days;	/* both estimates are of one day: more of them are not "of each release" */
	char doubt[240]; /* why it is no more than inconclusive; "" */
};
void release_metric_free(struct release_metric *m);

/* Effects of all metrics that are there, then verdicts and plans. One with a doubt is inconclusive at best, and so is all of it. */
enum release_verdict release_judge(struct release_metric *metric, int metrics, const struct release_rules *rules);

/* What is still needed where it is inconclusive, in words; "" where it is not. */
void release_still(char *out, size_t size, const struct release_metric *m, const struct release_rules *rules);

/* What it comes to, in a sentence or two; without the figures where they do not fit. */
void release_sentence(char *out, size_t size, const struct release_metric *metric, int metrics, enum release_verdict verdict,
	const struct release_rules *rules);

/* Energies of a local day, over the rows that count. A row over midnight is of two days. */
struct day_energy {
	double estimate_j, reference_j, seconds;
};

/* [calendar.days], the caller's to free. Errors: ERROR_DATA, ERROR_CONFIG (the heat pump lacks what the model or the reference need). */
int release_day_energy(struct day_energy **out, const struct study *study, int pump, const struct model *model,
	const struct regime_rules *regimes, struct error *e);

/* Days since 1970 of a calendar's day, by its name. */
int release_day_number(const struct calendar *c, int day);
/* The other way round: 2024-03-31. `out` holds 16. */
const char *release_day_name(char *out, int number);

/* What stands in the way of a verdict in the runs themselves: no clean end ... "" where nothing does. */
void release_runs_doubt(char *out, size_t size, const struct study *study);

#endif
