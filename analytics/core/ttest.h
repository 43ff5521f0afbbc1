/*
 * ttest.h - is a difference more than chance? Student's tests from means and standard deviations, with the number of
 * independent readings behind each, which need not be whole and is not the number of samples.
 */
#ifndef HEATBENCH_CORE_TTEST_H
#define HEATBENCH_CORE_TTEST_H

struct ttest {
	double difference, u;
	double t, dof;
	double p; /* two-sided; NaN where it cannot be told (fewer than two readings, no scatter at all) */
};

/* One mean against zero, or the mean of paired differences: t = mean/(sd/sqrt(n)), n - 1 degrees of freedom. */
struct ttest ttest_paired(double mean, double sd, double n);

/* Two means with one standard deviation: s^2 = ((na-1) sa^2 + (nb-1) sb^2)/(na+nb-2), t = (a-b)/(s sqrt(1/na+1/nb)). */
struct ttest ttest_pooled(double a, double sa, double na, double b, double sb, double nb);

/* Chance of |t| or more. */
double ttest_p(double t, double dof);

#endif
