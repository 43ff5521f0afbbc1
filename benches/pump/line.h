/*
 * line.h - the static line of a pump: what it reads back over what it is told, feedback = a + b * duty.
 *
 * From settled points (one each, where the pump runs), or under excitation from moving means over 20 samples,
 * which are long against the pump's seconds: the read-back's are taken as many samples later as gives the least
 * residuals, since the pump answers late and that would flatten the line. Least squares; the band holds a single
 * value of that kind with 95 %: +- k s, s the residual standard deviation.
 */
#ifndef HEATBENCH_PUMP_LINE_H
#define HEATBENCH_PUMP_LINE_H

#include "analytics/core/lsq.h"
#include "benches/pump/excitation.h"
#include "benches/pump/point.h"

enum { PUMP_MOVING = 20 }; /* samples of a moving mean */

struct pump_line {
	char dut[32], valve[24];
	bool excitation;
	size_t n;
	double *duty, *feedback; /* what the line was laid through */
	struct lsq fit;		 /* coefficients a (W) and b (W per permille) */
	double delay;		 /* s by which the read-back was taken later; NaN: settled points */
	double k;		 /* for 95 % */
	double band;		 /* k s */
	double furthest, furthest_at; /* largest residual, and at which duty */
};

/* One for each pump and valve position with at least three points or enough excitation. ERROR_SYSTEM. */
int pump_lines_make(struct pump_line **out, int *count, const struct pump_point *point, int points,
	const struct pump_dynamics *dynamics, int dynamics_count, struct error *e);
void pump_lines_free(struct pump_line *line, int count);

#endif
