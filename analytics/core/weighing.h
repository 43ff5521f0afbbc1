/*
 * weighing.h - from what a scale shows to the volume that passed a meter.
 */
#ifndef HEATBENCH_CORE_WEIGHING_H
#define HEATBENCH_CORE_WEIGHING_H

#define WEIGHING_STEEL 8000.0 /* kg/m3: conventional density of the weights that a scale is adjusted with (OIML D 28) */

/* Density of air in kg/m3: rho = (0.34848 p - 0.009 h e^(0.061 t))/(273.15 + t), p in hPa, h in % relative humidity,
 * t in degC (the simplified formula of OIML R 111, annex E; unverified). */
double weighing_air(double hectopascal, double humidity, double t);

/* Mass over reading, for water of density `water` in air of density `air` on a scale adjusted with steel weights:
 * (1 - air/8000)/(1 - air/water). 1.0010534 for water of 20 degC in air of 1.2 kg/m3. */
double weighing_buoyancy(double air, double water);

/* Density of water in kg/m3 at t degC and so many bar above the atmosphere; 4.6e-5 denser for each bar. */
double weighing_water(double t, double bar);

/* -(d rho/dt)/rho of water at t in 1/K. */
double weighing_expansion(double t);

#endif
