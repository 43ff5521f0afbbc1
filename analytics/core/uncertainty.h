/*
 * uncertainty.h - a budget after the GUM (JCGM 100:2008): rows in, one expanded uncertainty out.
 */
#ifndef HEATBENCH_CORE_UNCERTAINTY_H
#define HEATBENCH_CORE_UNCERTAINTY_H

#include <stddef.h>

enum distribution {
	DISTRIBUTION_NORMAL, /* `value` is a standard deviation times `divisor` (1, or the k of a certificate) */
	DISTRIBUTION_RECTANGULAR, /* `value` is the half width a: a / sqrt(3) (JCGM 100, 4.3.7) */
	DISTRIBUTION_TRIANGULAR,  /* half width a: a / sqrt(6) (4.3.9) */
	DISTRIBUTION_U_SHAPED,	  /* half width a: a / sqrt(2) */
	DISTRIBUTION_RESOLUTION,  /* one digit d: d / sqrt(12) (F.2.2.1) */
};

struct uncertainty_row {
	char name[48];
	double value; /* in the unit of its own input; sign does not matter; NaN: contribution not known */
	enum distribution distribution;
	double divisor;	    /* DISTRIBUTION_NORMAL only; 0 means 1 */
	double sensitivity; /* c_i = df/dx_i */
	double dof;	    /* INFINITY for type B */
};

struct uncertainty {
	double u;   /* combined standard uncertainty, sqrt(sum (c_i u_i)^2) (5.1.2) */
	double dof; /* effective, Welch-Satterthwaite u^4 / sum((c_i u_i)^4 / dof_i) (G.4.1) */
	double k, U;
	double level;
};

/* |c_i| u_i of one row; NaN for a row that is not known. */
double uncertainty_share(const struct uncertainty_row *row);

/* Standard uncertainty of the value before its sensitivity. */
double uncertainty_standard(const struct uncertainty_row *row);

/* Rows that are not known (NaN) are left out: say so beside the result. Zero rows give u = 0, dof infinite. */
struct uncertainty uncertainty_combine(const struct uncertainty_row *rows, size_t n, double level);

/* Standard uncertainty that a digit d leaves on the mean of samples with standard deviation sd: d /
 * sqrt(12) where the samples hardly scatter (F.2.2.1); scatter beyond the digit carries the mean between
 * digits, and what remains is a bias of amplitude (d/pi) e^(-2 pi^2 (sigma/d)^2), sigma^2 = sd^2 - d^2/12
 * (Widrow, Kollar: Quantization Noise, ch. 5), u = amplitude / sqrt(2). The rounding's own scatter is in sd
 * already. NaN for an unknown digit. */
double uncertainty_digit(double digit, double sd);

const char *distribution_name(enum distribution d);

#endif
