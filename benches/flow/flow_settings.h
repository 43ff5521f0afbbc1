/*
 * flow_settings.h - what an evaluation must be told of the rig: evaluation{...} of a bench file, or --set.
 */
#ifndef HEATBENCH_FLOW_FLOW_SETTINGS_H
#define HEATBENCH_FLOW_FLOW_SETTINGS_H

#include "analytics/core/decision.h"
#include "daq/base/settings.h"

enum flow_start { FLOW_START_AUTO, FLOW_START_FLYING, FLOW_START_STANDING };
enum flow_standard { FLOW_STANDARD_NONE, FLOW_STANDARD_ISO4064, FLOW_STANDARD_EN1434 };
enum flow_statistic { FLOW_MEAN, FLOW_MEDIAN };

/* In the units of the rows; 0 where nothing is known of it, unless said otherwise. */
struct flow_settings {
	int start; /* enum flow_start; auto: flying where the diverter was switched */
	double scale_resolution, scale_uncertainty, scale_k;		     /* kg, kg; 0: the channel's own */
	double air_pressure, air_humidity, air_temperature, air_uncertainty; /* hPa, %, degC, kg/m3 (half width) */
	double water_temperature, temperature_uncertainty;		     /* degC, where no channel; K, k = 2 */
	double density_uncertainty, pressure;				     /* %, half width; bar above atmosphere */
	double line_volume, line_warming, line_warming_uncertainty;	     /* l, K, K (half width) */
	double diverter_correction, diverter_uncertainty;		     /* s; s standard, of each switch */
	double splash;							     /* kg, half width */
	double pulses, edge_uncertainty;				     /* imp/l where no channel tells; s */
	int standard, class;						     /* enum flow_standard; 1, 2, 3 */
	double q3, ratio, qp;						     /* m3/h; Q3/Q1; m3/h */
	int rule;							     /* enum decision_rule of class limits */
	int last, statistic;						     /* samples; enum flow_statistic */
	double reference_uncertainty, reference_k;			     /* % of reading; 0: the channel's own */
	double variance_ratio, target;					     /* for Deming; % of a collection */
};

/* One row each: the same read a command line and a bench file. */
extern const struct setting flow_settings_rows[];

struct flow_settings flow_settings_default(void);

/* "q3=2.5 m3/h,standard=iso4064,class=2". Errors: ERROR_CONFIG with the nearest key; a class without its flow. */
int flow_settings_read(struct flow_settings *out, const char *text, struct error *e);

#endif
