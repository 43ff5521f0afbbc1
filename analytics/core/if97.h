/*
 * if97.h - liquid water after IAPWS-IF97, region 1: IAPWS R7-97(2012), section 5.1, eq. 7, tables 2 and 3.
 *
 *	p/(R T) v = pi d(gamma)/d(pi) ...	pi = p/16.53 MPa, tau = 1386 K/T, R = 0.461526 kJ/(kg K)
 *
 * Valid from 273.15 K to 623.15 K and from saturation to 100 MPa. Whether water is liquid there nobody asks.
 */
#ifndef HEATBENCH_CORE_IF97_H
#define HEATBENCH_CORE_IF97_H

struct if97_state {
	double volume;	 /* m3/kg */
	double enthalpy; /* kJ/kg */
	double energy;	 /* kJ/kg, internal */
	double entropy;	 /* kJ/(kg K) */
	double cp;	 /* kJ/(kg K), isobaric */
	double sound;	 /* m/s */
};

/* T in K, p in MPa; all NaN outside the range of the region. */
struct if97_state if97_region1(double kelvin, double megapascal);

/* One pressure, many temperatures: the sums over powers of pi are made once, so that a value costs some sixty
 * multiplications. */
enum { IF97_LOWEST = -42, IF97_HIGHEST = 17, IF97_POWERS = IF97_HIGHEST - IF97_LOWEST + 1 };

struct if97_isobar {
	double megapascal;
	double volume[IF97_POWERS], enthalpy[IF97_POWERS]; /* by the power of tau - 1.222 */
};

struct if97_isobar if97_isobar(double megapascal);
double if97_isobar_volume(const struct if97_isobar *at, double kelvin);	  /* m3/kg */
double if97_isobar_enthalpy(const struct if97_isobar *at, double kelvin); /* kJ/kg */

#endif
