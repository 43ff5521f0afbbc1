/*
 * meter_class.h - maximum permissible errors of water meters (ISO 4064-1, OIML R 49-1) and of the flow sensors of
 * heat meters (EN 1434-1), in percent of the true volume.
 *
 *	ISO 4064 class 2	Q1 <= q < Q2 5 %; Q2 <= q <= Q4 2 % up to 30 degC, 3 % above
 *	ISO 4064 class 1	3 %; 1 % up to 30 degC, 2 % above (unverified: from memory)
 *	EN 1434 class 2		2 + 0.02 qp/q, at most 5 %
 *	EN 1434 class 1, 3	1 + 0.01 qp/q and 3 + 0.05 qp/q, at most 5 % (unverified: from memory)
 * Q1 = Q3/R, Q2 = 1.6 Q1, Q4 = 1.25 Q3. Repeatability: standard deviation of three runs at most a third of it
 * (unverified: from memory).
 */
#ifndef HEATBENCH_FLOW_METER_CLASS_H
#define HEATBENCH_FLOW_METER_CLASS_H

#include "benches/flow/flow_settings.h"

#define METER_UNVERIFIED "unverified table"

/* MPE in % at q (l/h); NaN below Q1, above Q4, or without a standard. Q1 and Q4 count as met within 5 %. */
double meter_class_mpe(const struct flow_settings *settings, double flow, double temperature);

/* Whether the row that holds is from memory. */
bool meter_class_unverified(const struct flow_settings *settings);

/* "ISO 4064 class 2, Q3 = 2.5 m3/h, R 80". */
const char *meter_class_name(char *out, size_t size, const struct flow_settings *settings);

#endif
