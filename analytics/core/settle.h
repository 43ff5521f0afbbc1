/*
 * settle.h - where one step of a recorded signal has settled, found from its data alone.
 *
 * No fixed seconds: the end level is the median of the step's last third, the noise the largest of three
 * robust estimates over its second half and last third. "In the band" means within 2.5 noise (and 3.5 times
 * the scatter of the running median of three, which is what is judged, so that one wild sample does not
 * matter; and at least one digit). The signal has arrived when it stays in the band for a sixth of the
 * step, and later leaves it rarely and never far. From the last passages of half the excursion and of the
 * band follows a time constant tau, and the window starts where the first-order rest
 *	bias = r tau (1 - e^(-T/tau)) / T ,  r = band e^(-(t - t_band)/tau) ,  T = length of the window
 * is at most three tenths of the window's own standard uncertainty noise / sqrt(n), or the tolerance:
 * waiting longer costs more than it gains. In a step too short for that it starts where bias^2/3 +
 * noise^2/n is least, and `rest` says so. Where no step is visible above the noise the second half is
 * taken.
 */
#ifndef HEATBENCH_CORE_SETTLE_H
#define HEATBENCH_CORE_SETTLE_H

#include <stddef.h>

enum settle_state {
	SETTLE_SETTLED,
	SETTLE_NO_STEP,	  /* no change above the noise: nothing to settle */
	SETTLE_DRIFTING,  /* it never came to rest: a trend remains at the end */
	SETTLE_TOO_LATE,  /* fewer than `SETTLE_LEAST` samples remain after it came to rest */
	SETTLE_TOO_SHORT, /* fewer than 8 samples: not looked at */
};

enum { SETTLE_LEAST = 5 };

struct settle_options {
	double resolution; /* one digit of the signal; NaN: taken as the smallest difference that occurs */
	double before;	   /* level before the step; NaN: the step's first sample */
	double tolerance; /* a bias of the mean this small does not matter, whatever the noise; 0: none does */
};

struct settle {
	enum settle_state state;
	size_t first;	      /* start of the settled window (also the best guess where it did not settle) */
	double dead_time;     /* s, t of the last sample that had not moved yet; NaN: no step visible */
	double settling_time; /* s, t of the first sample in the band for good; NaN: no step visible */
	double tau;	      /* s, time constant of the last approach; NaN: not visible */
	double level, noise;  /* end level and standard deviation of a sample around it */
	double rest; /* bounds the bias of the window's mean by what is left of the approach; belongs into
				 the budget as the half width of a rectangular distribution */
};

/* t ascending, in seconds from the set-point change; x finite. */
struct settle settle_find(const double *t, const double *x, size_t n, const struct settle_options *options);

/* Whether the window can be averaged: SETTLED or NO_STEP. */
int settle_usable(enum settle_state state);

/* "settled", "no step", "never settled: still drifting", ... */
const char *settle_state_name(enum settle_state state);

#endif
