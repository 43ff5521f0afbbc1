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
 *
 * 95 % confidence limits of the limits recover the variances of mean and sd^2 = A + B, A = MSb/m0, B = (1 - 1/m0) MSw, from
 * their own limits (MOVER: Zou, Stat. Methods Med. Res. 22 (2013) 630):
 *	l, u = sd^2 -+ sqrt((A (1 - (s-1)/c))^2 + (B (1 - (N-s)/c'))^2), c and c' points of chi^2(s-1) and chi^2(N-s)
 *	outwards sqrt((1.96 u(bias))^2 + (1.96 (sqrt u - sd))^2), inwards the same with sd - sqrt l
 * Unlike +- 2 u(limit) they are not symmetric: with few subjects a limit may well lie much further out.
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
	double low_from, low_to, high_from, high_to; /* where each limit lies, 95 %; NaN for one subject */
};

/* `subject[i]`: any number that is the same for the pairs of one subject. NaN for fewer than two pairs, and where memory
 * runs out. */
struct agreement agreement_repeated(const double *difference, const int *subject, size_t n);

/* The same with every subject counting alike, however many pairs it has (Zou 2013, section 3.2): bias = mean of the subjects'
 * means, A = their variance, m0 = harmonic mean of the m_i, between^2 = max(0, A - MSw/m0), u(bias)^2 = A/s. Equal to the above
 * where all have equally many. */
struct agreement agreement_by_subject(const double *difference, const int *subject, size_t n);

#endif
