/*
 * agreement.h - limits of agreement of two methods where each subject was measured several times and what is
 * measured differs from time to time (Bland, Altman: J. Biopharm. Stat. 17 (2007) 571, section 3).
 *
 * Differences d_ij, subject i = 1 .. s, m_i pairs each, N in all; one-way analysis of variance gives MSb, MSw:
 *	within^2  = MSw
 *	between^2 = max(0, (MSb - MSw) / m0),   m0 = (N^2 - sum m_i^2) / ((s - 1) N)
 *	sd^2 = between^2 + within^2,   limits = mean d_ij +- 1.96 sd
 * u(bias)^2 = between^2 sum m_i^2/N^2 + within^2/N, s - 1 degrees of freedom (N - 1 where nothing lies between).
 * u(limit)^2 = u(bias)^2 + 1.96^2 u(sd)^2 with u(sd^2)^2 = 2 ((MSb/m0)^2/(s-1) + ((1 - 1/m0) MSw)^2/(N-s)) and
 * u(sd) = u(sd^2)/(2 sd) (first order). One pair a subject: the plain limits of 1986.
 */
#ifndef HEATBENCH_CORE_AGREEMENT_H
#define HEATBENCH_CORE_AGREEMENT_H

#include <stddef.h>

struct agreement {
	size_t pairs, subjects;
	double bias, bias_u, dof;
	double within, between, sd; /* standard deviations */
	double low, high;	    /* limits of agreement */
	double limit_u;
};

/* `subject[i]`: any number that is the same for the pairs of one subject. NaN for fewer than two pairs. */
struct agreement agreement_repeated(const double *difference, const int *subject, size_t n);

#endif
