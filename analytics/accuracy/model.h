/*
 * model.h - a production energy model as data: what a controller (CiC) reckons electric power or heat from.
 *
 *	P = max(floor, heat + sum over terms of coefficient x inputs)
 *
 * Read from a JSON file (docs/models.md); analytics/accuracy/models/ holds those in production. A model is one plain struct
 * without anything to free. Units: what the file says; columns in other units are converted (daq/base/units.h).
 */
#ifndef HEATBENCH_ACCURACY_MODEL_H
#define HEATBENCH_ACCURACY_MODEL_H

#include "analytics/core/heat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum { MODEL_INPUTS = 16, MODEL_TERMS = 24, MODEL_RULES = 8, MODEL_FACTORS = 2, MODEL_GATES = 2, MODEL_RULE_NUMBERS = 5, MODEL_FIT_PUMPS = 64 };

enum model_target { MODEL_ELECTRIC_POWER, MODEL_HEAT_POWER };

/* How much a row's value rests on: all inputs; heater flags by substitution; counters of an LTE connection; no value. */
enum model_level { MODEL_NO_VALUE = -1, MODEL_LTE = 0, MODEL_SUBSTITUTED = 1, MODEL_ALL_INPUTS = 2 };

struct model_input {
	char name[48], unit[16];
	bool measured;	 /* no: always by a rule, even where there is a column */
	double min, max; /* outside them the model was not proved; NaN: no such limit */
};

struct model_gate {
	int input;
	bool off; /* holds where the input is 0; else where it is not */
};

/* What a fit (fit.h) may do to the coefficient. */
enum model_mark { MODEL_FREE, MODEL_FIXED, MODEL_NONNEGATIVE };

/* coefficient x the factors, where all gates hold; else 0. The first gate that does not hold, or is missing, decides. */
struct model_term {
	double coefficient;
	enum model_mark mark;
	int factors, factor[MODEL_FACTORS];
	int gates;
	struct model_gate gate[MODEL_GATES];
};

/* Flow and two temperatures to heat (analytics/core/heat.h), before the terms. */
struct model_heat {
	bool used;
	int flow, supply, ret; /* inputs in l/h, degC, degC */
	double pressure;       /* bar */
	struct heat_medium medium;
};

enum model_rule_kind {
	MODEL_RULE_PRODUCT,	     /* of two inputs */
	MODEL_RULE_COLD_PROBABILITY, /* 1 in the cold, 0 in the warm, 1/(intercept + slope (T - shift)) between; 0 without power */
	MODEL_RULE_CRANKCASE,	     /* on or off by outside temperature and power, in one of two ways */
};

/* Of MODEL_RULE_CRANKCASE, T > threshold and power > 0 as production has it, or T <= threshold and no power: a crankcase
 * heater is there for a cold compressor that stands. */
enum model_variant { MODEL_AS_WRITTEN, MODEL_INVERTED };

struct model_rule {
	enum model_rule_kind kind;
	int fills, from[2];
	double number[MODEL_RULE_NUMBERS];
	int variant;
	int level; /* of a row that it was used in, at best */
};

/* Model minus reference, in the model's unit. */
struct model_scores {
	size_t rows;
	double rmse, mae, mean_error;
	double energy_error; /* sum of the model / sum of the reference - 1; NaN where that is not above 0 */
};

/* How a model that was fitted on one set of heat pumps does on one that it never saw. */
struct model_fit_pump {
	char name[48];
	struct model_scores left_out;
	char why[160]; /* there is no such score; "": there is */
};

/* Where the coefficients are from: kept with them in the file, and no part of the model's digest. */
struct model_fit {
	bool known;
	char method[16]; /* of regress_method_names */
	double lambda;	 /* NaN: none */
	int seed;
	char data_digest[65];	     /* SHA-256 of the rows used */
	char coefficient_digest[65]; /* model_coefficient_digest() */
	char from[24], to[24];	     /* UTC, "2024-01-31T12:00:00Z" */
	int lag;		     /* rows that the standard errors take for the memory of residuals */
	double standard_error[MODEL_TERMS]; /* NaN: fixed, dropped, at its bound */
	struct model_scores in_sample;
	int pumps;
	struct model_fit_pump pump[MODEL_FIT_PUMPS];
};

struct model {
	char name[64], version[32], hardware[64], validity[512], source[1024];
	enum model_target target;
	char unit[16];
	int level; /* of a row with all inputs */
	int inputs, terms, rules;
	struct model_input input[MODEL_INPUTS];
	struct model_heat heat;
	struct model_term term[MODEL_TERMS];
	struct model_rule rule[MODEL_RULES];
	double floor; /* NaN: none */
	struct model_fit fit;
};

extern const char *const model_target_names[];	/* "electric_power", "heat_power", NULL */
extern const char *const model_variant_names[]; /* "as_written", "inverted", NULL */
extern const char *const model_rule_names[];	/* "product", "cold_probability", "crankcase", NULL */
extern const char *const model_mark_names[];	/* "free", "fixed", "nonnegative", NULL */

/* Errors: ERROR_IO; ERROR_CONFIG with file, key path, what was expected and the nearest known name. */
int model_load(const char *path, struct model *out, struct error *e);

/* As a file that model_load() reads back bit for bit. Errors: ERROR_IO with the path; ERROR_DATA for numbers that are not finite;
 * ERROR_SYSTEM. */
int model_write(const struct model *model, const char *path, struct error *e);

enum { MODEL_TERM_NAME = 256 };

/* "constant", "pump_duty*pump_relay", "constant while connected and not active". Returns `room`. */
const char *model_term_name(const struct model *model, int term, char room[MODEL_TERM_NAME]);

/* Chooses the variant of the rule that fills `input`. Errors: ERROR_USAGE with what there is to choose. */
int model_switch(struct model *model, const char *input, const char *variant, struct error *e);

/* SHA-256 of all that decides a value (not name, version, hardware, validity, source): 64 hex digits and a zero. How numbers
 * and spaces are written in the file changes nothing. */
void model_digest(const struct model *model, char out[65]);

/* SHA-256 of the terms and their coefficients: a fit is said of these. */
void model_coefficient_digest(const struct model *model, char out[65]);

struct model_column {
	const char *name, *unit;
	const double *value; /* [rows]; what is missing is NaN, and so is taken what is infinite */
};

enum {
	MODEL_NOTE_FLOORED = 0x4000, /* the sum was below the floor */
	MODEL_NOTE_OUTSIDE = 0x8000, /* an input was outside its min or max */
};

/* All [rows], the caller's. */
struct model_rows {
	double *value;	    /* in the model's unit; NaN where an input is missing that no rule fills */
	signed char *level; /* enum model_level; NULL: not wanted */
	uint16_t *notes;    /* bit r: rule r filled its input; MODEL_NOTE_...; NULL: not wanted */
};

/* Columns in any order; those the model does not ask for are ignored. Errors, before anything is written: ERROR_DATA for an
 * input that has neither column nor rule, with the nearest column's name; ERROR_CONFIG for a unit that does not convert. */
int model_evaluate(const struct model *model, const struct model_column *columns, size_t count, size_t rows,
	const struct model_rows *out, struct error *e);

#endif
