/*
 * plants.h - logs of heat pumps whose truth is known, made in memory: a thousand months in minutes.
 *
 * A plain process, not a physical one (fixtures/lab has that): compressors that switch, change their level and defrost at random
 * instants, driven by a weather that remembers the day before. All heat pumps of all plants are drawn from one process and differ in
 * what is injected; what the controller reckons and what the meter measures are both linear in the same few quantities z:
 *
 *	estimate  = z[ESTIMATE]
 *	reference = offset + gain z[LOAD] + heater z[HEATER] + crankcase z[CRANKCASE] + z[PUMP],  (1 + meter_gain) of it + meter_offset
 *		    + meter_noise z[NOISE]
 *
 * So the expected value of every mean and mean square of either, for any heat pump, follows from the second moments of z over
 * all plants, without simulating a single heat pump for centuries. z is taken where a study should take it: at the controller's rows,
 * the meter's side interpolated at row - skew with the skew as injected.
 */
#ifndef HEATBENCH_TESTS_ACCURACY_PLANTS_H
#define HEATBENCH_TESTS_ACCURACY_PLANTS_H

#include "analytics/accuracy/study.h"

#include <stdint.h>

enum { PLANT_PUMPS = 6 };
enum plant_quantity { PLANT_ONE, PLANT_ESTIMATE, PLANT_LOAD, PLANT_HEATER, PLANT_CRANKCASE, PLANT_PUMP, PLANT_NOISE, PLANT_Z };

/* What is injected into a heat pump and its meter. */
struct plant_unit {
	double gain, offset;	   /* of compressor and fan; W: 1 and 5.15 are what the model thinks */
	double heater, crankcase;  /* W */
	double skew;		   /* s: the controller's values come later than the meter's; less than dt */
	double meter_gain, meter_offset, meter_noise; /* 0, W, W */
};

struct plant_rules {
	uint64_t seed;
	int pumps, days;
	double dt;		   /* s between rows; divides an hour */
	double memory;		   /* correlation of a day's outside temperature with that of the day before */
	double unit_sd;		   /* of gain: 0.02; heater and crankcase vary three times as much, offset 2 W */
	double skew[PLANT_PUMPS];  /* s */
	double meter_sd;	   /* of meter_gain; meter_offset 0.2 W */
	double missing;		   /* share of rows with a missing current, and again of readings of the meter */
};
struct plant_rules plant_rules_default(void);

/* Sums of z z' over rows, hours or days. */
struct plant_moments {
	double n, zz[PLANT_Z][PLANT_Z];
};
enum plant_span { PLANT_ROW, PLANT_HOUR, PLANT_DAY, PLANT_SPANS };

struct plant {
	struct plant_rules rules;
	struct plant_unit unit[PLANT_PUMPS];
	struct study study;
	struct plant_moments moments[PLANT_PUMPS][PLANT_SPANS]; /* of this plant; by heat pump, since each has a skew of its own */
	/* workings */
	struct meters_settings settings;
	double *outside, *z[PLANT_Z];
};

/* Memory for plants of these rules. Errors: ERROR_SYSTEM. */
int plant_make(struct plant *out, const struct plant_rules *rules, struct error *e);

/* Draws units, weather and loads anew from a seed: study and moments are those of another plant of the same kind. */
void plant_draw(struct plant *plant, uint64_t seed);
void plant_free(struct plant *plant);

/* plants_process.c: one heat pump's rows, its meter's readings and its z at the meter's instants. */
void plant_process(struct plant *plant, int pump);

/* plants_moments.c */
void plant_moments_add(struct plant *plant, int pump);

/* One random number after the other: 64 bits, [0, 1), normal (from three sums of four: nothing beyond 6). */
uint64_t plant_bits(uint64_t *state);
double plant_uniform(uint64_t *state);
double plant_normal(uint64_t *state);

#endif
