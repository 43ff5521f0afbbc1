/*
 * qr.h - the orthogonal decomposition behind lsq.h: X = Q R, in long double.
 *
 * Columns are scaled to length one and made orthogonal one after the other (modified Gram-Schmidt), each twice: after the
 * second pass Q'Q is the unit matrix to the last digit, however close the columns were (Giraud, Langou, Rozloznik, Computers
 * and Mathematics with Applications 50 (2005) 1069: "twice is enough"). Every inner product carries what rounding took from
 * its sum (Neumaier, Z. angew. Math. Mech. 54 (1974) 39). On x86-64 a long double has 64 bits of mantissa, so that some
 * three digits more survive than in double.
 */
#ifndef HEATBENCH_CORE_QR_H
#define HEATBENCH_CORE_QR_H

#include <stdbool.h>
#include <stddef.h>

struct qr_solution {
	double *coefficient; /* [p] */
	double *inverse;     /* [p * p]: (X'X)^-1 */
	double squares;	     /* sum of squared residuals */
};

/* Least squares of y [n] by `columns` [p * n], column after column; n >= p. Both are overwritten: y by the residuals.
 * A column of which less than `dependent` of its length stands across the columns before it is a sum of them: false, as for
 * what is not finite and for memory that ran out; then nothing is written to `out`. */
bool qr_solve(long double *columns, long double *y, size_t n, size_t p, double dependent, struct qr_solution *out);

#endif
