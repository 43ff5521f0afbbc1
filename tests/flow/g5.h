/*
 * g5.h - recordings like those of the lab's flow-meter comparison of 2023, with its published medians: six duties, 36
 * samples every 5 s each, an external meter that is refreshed once a minute, an internal one that drops out at 850.
 */
#ifndef HEATBENCH_TESTS_FLOW_G5_H
#define HEATBENCH_TESTS_FLOW_G5_H

#include "tests/analytics/random.h"

#include <stdio.h>

enum { G5_POINTS = 6, G5_SAMPLES = 36, G5_HOLD = 12 }; /* samples that the external value is held for */

static const struct {
	int duty;
	double internal, external, error; /* l/h, l/h, % */
} g5[G5_POINTS] = {{100, 1128.0, 1125.5, 0.2}, {250, 860.5, 862.7, -0.3}, {400, 549.5, 557.7, -1.5}, {550, 406.0, 404.5, 0.4},
	{700, 317.3, 310.3, 2.3}, {850, 234.0, 218.0, 7.3}};

/* What stays on the external display before a step's first refresh is of the step before. */
static double g5_external(int point, int sample)
{
	static const double around[3] = {0.8, 0, -0.8};
	int phase = 7;

	if (sample < phase)
		return point ? g5[point - 1].external + around[2] : 900;
	return g5[point].external + around[(sample - phase) / G5_HOLD];
}

/* Quiet around its median; at 850 a fifth of the readings drop to 163 .. 208. */
static double g5_internal(int point, int sample)
{
	static const double around[12] = {0, 1.5, -1, 0, 0.5, 0, -1.5, 0, 1, 0, -0.5, 0};

	if (point == G5_POINTS - 1 && sample % 5 == 4)
		return 163 + 45 * (4 * (sample / 5) % 7) / 6.0;
	return g5[point].internal + around[sample % 12];
}

/* One run; `shift` l/h on the internal reading, so that runs differ. 0, or -1 where it cannot be written. */
static int g5_write(const char *path, double start, double shift)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return -1;
	fprintf(f, "time,set_pump_duty_cycle,get_pump_duty_cycle,internal_flow,external_flow\n");
	for (int p = 0; p < G5_POINTS; p++)
		for (int s = 0; s < G5_SAMPLES; s++)
			fprintf(f, "%.2f,%d,%d,%.1f,%.1f\n", start + 5.0 * (p * G5_SAMPLES + s) + 0.01 * (s % 3), g5[p].duty,
				g5[p].duty, g5_internal(p, s) + shift, g5_external(p, s));
	return fclose(f);
}

#endif
