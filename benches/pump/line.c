#include "benches/pump/line.h"

#include "analytics/core/stats.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool room(struct pump_line *line, size_t n, struct error *e)
{
	line->duty = calloc(n + 1, sizeof(*line->duty));
	line->feedback = calloc(n + 1, sizeof(*line->feedback));
	if (line->duty && line->feedback)
		return true;
	error_set(
		e, ERROR_SYSTEM, "out of memory while laying a line through the read-backs of %s", line->dut);
	return false;
}

static void find_furthest(struct pump_line *line)
{
	line->furthest = line->furthest_at = NAN;
	for (size_t i = 0; i < line->n; i++) {
		double row[] = {1, line->duty[i]}, rest = line->feedback[i] - lsq_at(&line->fit, row);

		if (!(fabs(rest) <= fabs(line->furthest))) {
			line->furthest = rest;
			line->furthest_at = line->duty[i];
		}
	}
}

/* `at`: places of the moving means; NULL: the points are independent. */
static int lay(struct pump_line *line, const size_t *at, struct error *e)
{
	double *x = calloc(2 * line->n + 1, sizeof(*x));

	if (!x)
		return error_set(e, ERROR_SYSTEM,
			"out of memory while laying a line through the read-backs of %s", line->dut);
	for (size_t i = 0; i < line->n; i++) {
		x[2 * i] = 1;
		x[2 * i + 1] = line->duty[i];
	}
	line->fit = lsq_fit(x, line->feedback, line->n, 2);
	if (at)
		lsq_moving(&line->fit, x, at, PUMP_MOVING);
	line->k = stats_coverage_factor(PUMP_LEVEL, line->fit.dof);
	line->band = line->k * line->fit.residual_sd;
	find_furthest(line);
	free(x);
	return 0;
}

static bool same_place(const struct pump_point *p, const struct pump_point *like)
{
	return strcmp(p->dut, like->dut) == 0 && strcmp(p->valve, like->valve) == 0;
}

static bool counts(const struct pump_point *p)
{
	return p->quantity[PUMP_FEEDBACK].known && isfinite(p->set_point) &&
	       (p->state == PUMP_RUNNING || p->state == PUMP_BELOW_SENSOR);
}

static int from_points(struct pump_line *line, const struct pump_point *point, int points,
	const struct pump_point *like, struct error *e)
{
	text_copy(line->dut, sizeof(line->dut), like->dut);
	text_copy(line->valve, sizeof(line->valve), like->valve);
	line->delay = NAN;
	if (!room(line, (size_t)points, e))
		return -1;
	for (int i = 0; i < points; i++)
		if (same_place(&point[i], like) && counts(&point[i])) {
			line->duty[line->n] = point[i].set_point;
			line->feedback[line->n++] = point[i].quantity[PUMP_FEEDBACK].value;
		}
	return lay(line, NULL, e);
}

/* Every window of PUMP_MOVING rows in which neither has a gap, the read-back's `later` rows behind the
 * duty's. */
static void moving_means(struct pump_line *line, size_t *at, const struct pump_dynamics *d, size_t later)
{
	const double *feedback = d->answer[PUMP_FEEDBACK] + later;
	size_t whole = 0;

	line->n = 0;
	for (size_t i = 0; i + later < d->rows; i++) {
		bool broken = false; /* a gap between the duty and its answer */

		for (size_t j = i; j <= i + later && !broken; j++)
			broken = isnan(d->time[j]);
		whole = !broken && isfinite(d->duty[i]) && isfinite(feedback[i]) ? whole + 1 : 0;
		if (whole < PUMP_MOVING)
			continue;
		at[line->n] = i + 1 - PUMP_MOVING;
		line->duty[line->n] = stats_mean(d->duty + at[line->n], PUMP_MOVING);
		line->feedback[line->n] = stats_mean(feedback + at[line->n], PUMP_MOVING);
		line->n++;
	}
}

static int from_excitation(struct pump_line *line, const struct pump_dynamics *d, struct error *e)
{
	size_t *at = calloc(d->rows + 1, sizeof(*at)), best = 0;
	double least = INFINITY;
	int status = -1;

	text_copy(line->dut, sizeof(line->dut), d->dut);
	text_copy(line->valve, sizeof(line->valve), d->valve);
	line->excitation = true;
	if (!at || !room(line, d->rows, e)) {
		error_set(e, ERROR_SYSTEM, "out of memory while modelling %s", d->dut);
		goto out;
	}
	for (size_t later = 0; later <= PUMP_MOVING / 2; later++) {
		struct stats_line plain;

		moving_means(line, at, d, later);
		plain = stats_line(line->duty, line->feedback, line->n);
		if (plain.residual_sd < least) {
			least = plain.residual_sd;
			best = later;
		}
	}
	moving_means(line, at, d, best);
	line->delay = (double)best * d->period;
	status = lay(line, at, e);
out:
	free(at);
	return status;
}

/* Keeps a line that says something. */
static void keep(struct pump_line *line, int *count)
{
	if (line[*count].fit.known) {
		(*count)++;
		return;
	}
	free(line[*count].duty);
	free(line[*count].feedback);
	line[*count] = (struct pump_line){.n = 0};
}

int pump_lines_make(struct pump_line **out, int *count, const struct pump_point *point, int points,
	const struct pump_dynamics *dynamics, int dynamics_count, struct error *e)
{
	struct pump_line *line = calloc((size_t)points + (size_t)dynamics_count + 1, sizeof(*line));
	int n = 0;

	if (!line)
		return error_set(e, ERROR_SYSTEM, "out of memory while laying lines through the read-backs");
	for (int i = 0; i < points; i++) {
		bool seen = false;

		for (int j = 0; j < i && !seen; j++)
			seen = same_place(&point[i], &point[j]);
		if (seen)
			continue;
		if (from_points(&line[n], point, points, &point[i], e) < 0)
			goto fail;
		keep(line, &n);
	}
	for (int i = 0; i < dynamics_count; i++) {
		if (from_excitation(&line[n], &dynamics[i], e) < 0)
			goto fail;
		keep(line, &n);
	}
	*out = line;
	*count = n;
	return 0;
fail:
	pump_lines_free(line, n + 1);
	return -1;
}

void pump_lines_free(struct pump_line *line, int count)
{
	for (int i = 0; i < count; i++) {
		free(line[i].duty);
		free(line[i].feedback);
	}
	free(line);
}
