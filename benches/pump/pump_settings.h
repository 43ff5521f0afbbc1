/*
 * pump_settings.h - what an evaluation must be told of the rig and of the promise made for the pump.
 */
#ifndef HEATBENCH_PUMP_SETTINGS_H
#define HEATBENCH_PUMP_SETTINGS_H

#include "benches/pump/hydraulics.h"
#include "daq/base/settings.h"

struct pump_settings {
	struct pump_taps taps;
	double temperature; /* degC of the water where no channel measures it */
	double speed;	    /* 1/min: curves are reduced to it where a channel with role "speed" is there; 0: own mean */
	char dut[32];	    /* whose guarantee; "": of every pump */
	double set_point;   /* permille duty at which it holds; -1: the strongest curve */
	double flow, head;  /* guarantee point, m3/h and m; 0: none */
	double power, efficiency; /* W at most, 1 at least; 0: not promised */
	char grade[4];		  /* of ISO 9906:2012 */
};

/* One row each: the same read a command line or a bench file. */
extern const struct setting pump_settings_rows[];

/* Level, same diameters, 20 degC, no guarantee. */
struct pump_settings pump_settings_default(void);

/* "elevation=120 mm,inlet=20 mm,outlet=25 mm,flow=2 m3/h,head=3.5 m,grade=2B". Errors: ERROR_CONFIG with the
 * nearest key; a guarantee without flow or head or of an unknown grade. */
int pump_settings_read(struct pump_settings *out, const char *text, struct error *e);

#endif
