/*
 * unit_effect.h - units that differ by themselves: each unit i has an estimate y_i with variance v_i (of its own days), and
 * y_i = mean + unit_i + error_i, unit_i normal with variance tau^2. What the average unit does, how much units differ, and
 * what the next one will do.
 *
 * tau^2, with w_i = 1/(v_i + tau^2) and m = sum w y / sum w:
 *	REML		the largest of -1/2 (sum ln(v_i + tau^2) + ln sum w + sum w (y_i - m)^2), tau^2 >= 0 (Viechtbauer,
 *			J. Educ. Behav. Stat. 30 (2005) 261)
 *	Paule, Mandel	sum w (y_i - m)^2 = k - 1 (J. Res. NBS 87 (1982) 377)
 *	its limits	the same sum = points of chi^2(k-1) (Q profile: Viechtbauer, Stat. Med. 26 (2007) 37)
 * Mean: u^2 = q/sum w, q = max(1, sum w (y_i - m)^2/(k-1)), t with k - 1 degrees of freedom (Hartung, Knapp, Stat. Med. 20
 * (2001) 3875; never below 1: Roever, Knapp, Friede, BMC Med. Res. Methodol. 15 (2015) 99). A new unit: mean +- t(k-2)
 * sqrt(tau^2 + u^2) (Higgins, Thompson, Spiegelhalter, J. R. Stat. Soc. A 172 (2009) 137). Q, I^2 = max(0, (Q - (k-1))/Q):
 * Higgins, Thompson, Stat. Med. 21 (2002) 1539.
 *
 * The prediction is a little short where few units have variances as large as a good part of tau^2: of six units with
 * v_i = 0.1 to 0.5 tau^2, 95 % intervals hold the next one in 93 of 100 (Partlett, Riley, Stat. Med. 36 (2017) 301, find the
 * same); those of the mean hold it in 95 to 96.
 *
 * One unit says nothing of how units differ: everything but the mean is NaN, never zero. Two units have no prediction.
 */
#ifndef HEATBENCH_CORE_UNIT_EFFECT_H
#define HEATBENCH_CORE_UNIT_EFFECT_H

enum unit_effect_method { UNIT_EFFECT_REML, UNIT_EFFECT_PAULE_MANDEL };

struct unit_effect {
	int units;
	double mean, u, dof, low, high; /* of the average unit */
	double tau2, tau2_low, tau2_high;
	double q, q_p; /* Cochran's Q, and the chance of as much where units do not differ */
	double i2;     /* share of the scatter of the estimates that is between units, 0 ... 1 */
	double next_low, next_high;
};

/* `level` of all intervals. variance[i] > 0, all finite, or everything is NaN. */
struct unit_effect unit_effect(const double *estimate, const double *variance, int units, double level,
	enum unit_effect_method method);

#endif
