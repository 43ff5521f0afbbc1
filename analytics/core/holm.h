/*
 * holm.h - several tests at once: p-values such that the chance of one false alarm among all of them stays what it is for one
 * (Holm, Scand. J. Stat. 6 (1979) 65). Of m sorted ones, p'_i = max over j <= i of min(1, (m - j + 1) p_j); whatever their
 * dependence.
 */
#ifndef HEATBENCH_CORE_HOLM_H
#define HEATBENCH_CORE_HOLM_H

/* p[n] into adjusted[n], another array, in the same order. NaN is a test that was not made: it stays NaN and does not count. */
void holm_adjust(const double *p, double *adjusted, int n);

#endif
