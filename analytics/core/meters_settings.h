/*
 * meters_settings.h - what an evaluation must be told of the meters: evaluation{...} of a bench file, or --set.
 */
#ifndef HEATBENCH_CORE_METERS_SETTINGS_H
#define HEATBENCH_CORE_METERS_SETTINGS_H

#include "daq/base/settings.h"

enum meters_source { METERS_AUTO, METERS_COUNTER, METERS_POWER };
enum meters_electric_class { METERS_ELECTRIC_NONE, METERS_ELECTRIC_A, METERS_ELECTRIC_B, METERS_ELECTRIC_C };

/* In the units of the rows. */
struct meters_settings {
	int electric_class, heat_class; /* enum meters_electric_class; 0 none, 1 to 3 */
	double itr, imin, mains;	/* A, A, V */
	double qp, dt_min;		/* m3/h (0: not known), K */
	int flow_sensor, convention;	/* enum heat_sensor, enum heat_convention */
	double pressure, rho_cp;	/* bar, MJ/(m3 K) */
	char fluid[48];			/* "water", or what is in it */
	int source;			/* enum meters_source */
	bool float32;
	double electric_max, heat_max, flow_max;		/* W, W, l/h */
	double electric_modulus, heat_modulus, volume_modulus; /* kWh, kWh, m3; 0: none */
	double coverage, bridge;				/* %, periods */
	double register_tolerance, vipf_tolerance, flow_tolerance, estimate_tolerance; /* % */
	double meter_offset;				/* W */
	char boundary[160];				/* "": nothing was said */
	double standstill, slow_turn;				/* s */
	int changes_least, refreshes_least;
	double skew_range, skew_step;				/* s, W */
	char day[16];						/* drawn; "": the last one that was covered */
};

/* One row each: the same read a command line and a bench file. */
extern const struct setting meters_settings_rows[];

struct meters_settings meters_settings_default(void);

/* What counts for all heat pumps: "heat_class=2,qp=1.5 m3/h". Errors: ERROR_CONFIG with the nearest key. */
int meters_settings_read(struct meters_settings *out, const char *text, struct error *e);

/* Those of one heat pump ("": of one of which nothing was said): what was said of all, and over it what was said of it, as in
 * "heat_class=2,hp3.heat_class=3". Errors: ERROR_CONFIG, also for a class without what it needs and a fluid that heat cannot be
 * reckoned of. */
int meters_settings_read_of(struct meters_settings *out, const char *text, const char *dut, struct error *e);

#endif
