/*
 * regime.h - what a heat pump was doing in a row: each row is in one regime, the first of the list that holds.
 */
#ifndef HEATBENCH_ACCURACY_REGIME_H
#define HEATBENCH_ACCURACY_REGIME_H

#include "analytics/accuracy/study.h"

enum regime {
	REGIME_TRANSITION,  /* |dP| of the reference above `step` W to a neighbour, or a heater or relay that switches: one row each side */
	REGIME_DEFROST,	    /* the CiC says so */
	REGIME_ANTIFREEZE,  /* mode 96 to 99 */
	REGIME_COOLING,	    /* working mode 1 */
	REGIME_STARTUP,	    /* the first minutes after the compressor came on */
	REGIME_HEATER,	    /* bottom-plate heater on */
	REGIME_CRANKCASE,   /* crankcase heater on, compressor off */
	REGIME_OFF,	    /* below `off` W and no pump */
	REGIME_STANDBY,	    /* compressor off, something else on */
	REGIME_LOW, REGIME_MIDDLE, REGIME_HIGH, /* steady, by thirds of the load */
	REGIMES
};

extern const char *const regime_names[REGIMES];

struct regime_rules {
	double step;	   /* W: 50 */
	double on;	   /* VA of voltage times current above which the compressor runs: 100 */
	double off;	   /* W of reference below which it is off: 30 */
	double startup;	   /* s: 300 */
	double middle, high; /* W of reference: 700, 1400 */
};

/* out[rows] of enum regime; `reference` W at the pump's rows (NaN: not known, told from the inputs alone). */
void regime_find(const struct study_pump *p, const double *reference, const struct regime_rules *rules, uint8_t *out);

#endif
