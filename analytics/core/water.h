/*
 * water.h - density of liquid water at 101.325 kPa (a bar more makes it 0.005 % denser).
 *
 *	0 to 40 degC	rho = a5 (1 - (t + a1)^2 (t + a2) / (a3 (t + a4))), Tanaka et al., Metrologia 38 (2001)
 *			301, eq. 1; air-free water of the SMOW kind
 *	40 to 100 degC	IAPWS-IF97, region 1, eq. 7: v = (R T / p) pi d(gamma)/d(pi); 9 ppm above Tanaka at 40 degC
 */
#ifndef HEATBENCH_CORE_WATER_H
#define HEATBENCH_CORE_WATER_H

/* kg/m3 at t in degC; NaN outside 0 to 100. */
double water_density(double t);

/* kg/m3 after IAPWS-IF97 region 1, T in K (273.15 to 623.15), p in MPa (saturation to 100). For tests. */
double water_density_if97(double kelvin, double megapascal);

#endif
