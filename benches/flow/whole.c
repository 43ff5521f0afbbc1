#include "benches/flow/whole.h"

#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>

double flow_corrected(const struct flow_correction *c, double reading, double reference)
{
	return 100 * ((c->gain.value * reading + c->offset.value) / reference - 1);
}

/* What all trials share: a gain cannot be known better than its reference. In %. */
static double common_u(const struct flow_whole *w, const struct meter_point *point, int points)
{
	double most = 0;

	for (int i = 0; i < points; i++) {
		double squares = 0;

		for (int j = 0; j < point[i].rows && point[i].dut == w->dut && point[i].method == w->method; j++)
			if (point[i].shared[j])
				squares += pow(uncertainty_share(&point[i].row[j]), 2);
		most = fmax(most, sqrt(squares));
	}
	return most;
}

static void correct(struct flow_whole *w, double common)
{
	struct flow_correction *c = &w->correction;
	double *x = calloc(3 * (size_t)w->n + 1, sizeof(*x)), *y = x ? x + 2 * w->n : NULL;

	*c = (struct flow_correction){.residual_sd = NAN, .worst = NAN, .worst_before = NAN, .rms = NAN, .rms_before = NAN};
	c->fit.known = false;
	for (int i = 0; x && i < w->n; i++) {
		x[2 * i] = w->reading[i] / w->reference[i];
		x[2 * i + 1] = 1 / w->reference[i];
		y[i] = 1;
	}
	if (x)
		c->fit = lsq_fit(x, y, (size_t)w->n, 2);
	free(x);
	c->gain = stats_interval(c->fit.coefficient[0], hypot(lsq_u(&c->fit, 0), common / 100),
		stats_welch_dof(lsq_u(&c->fit, 0), c->fit.dof, common / 100, INFINITY), FLOW_LEVEL);
	c->offset = stats_interval(c->fit.coefficient[1], lsq_u(&c->fit, 1), c->fit.dof, FLOW_LEVEL);
	if (!c->fit.known)
		return;
	c->residual_sd = 100 * c->fit.residual_sd;
	c->called_for = fabs(c->gain.value - 1) > c->gain.U || fabs(c->offset.value) > c->offset.U;
	c->rms = c->rms_before = 0;
	for (int i = 0; i < w->n; i++) {
		double left = flow_corrected(c, w->reading[i], w->reference[i]);

		c->rms += left * left / w->n;
		c->rms_before += w->error[i] * w->error[i] / w->n;
	}
	c->rms = sqrt(c->rms);
	c->rms_before = sqrt(c->rms_before);
}

static void worst(struct flow_whole *w, const struct meter_point *point, int points)
{
	struct flow_correction *c = &w->correction;

	if (!c->fit.known)
		return;
	c->worst = c->worst_before = 0;
	for (int i = 0; i < points; i++) {
		if (point[i].dut != w->dut || point[i].method != w->method || !point[i].known)
			continue;
		c->worst = fmax(c->worst, fabs(flow_corrected(c, point[i].reading, point[i].reference)));
		c->worst_before = fmax(c->worst_before, fabs(point[i].error));
	}
}

static int point_of(const struct meter_point *point, int points, const struct stored_run *run, const struct flow_trial *t)
{
	for (int i = 0; i < points; i++)
		if (meter_point_has(&point[i], run, t))
			return i;
	return -1;
}

static int gather(struct flow_whole *w, const struct stored_run *run, const struct flow_trial *trial, int trials,
	const struct meter_point *point, int points, struct error *e)
{
	w->reference = calloc(4 * (size_t)trials + 1, sizeof(double));
	w->subject = calloc((size_t)trials + 1, sizeof(int));
	if (!w->reference || !w->subject)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", run->path);
	w->reading = w->reference + trials;
	w->error = w->reading + trials;
	for (int i = 0; i < trials; i++) {
		if (trial[i].dut != w->dut || trial[i].method != w->method || !trial[i].known)
			continue;
		w->reference[w->n] = trial[i].reference;
		w->reading[w->n] = trial[i].reading;
		w->error[w->n] = trial[i].error;
		w->subject[w->n++] = point_of(point, points, run, &trial[i]);
	}
	return 0;
}

static void compute(struct flow_whole *w, const struct meter_point *point, int points, double *room,
	const struct flow_settings *s)
{
	size_t n = (size_t)w->n;

	for (size_t i = 0; i < n; i++)
		room[i] = w->reading[i] - w->reference[i];
	w->ordinary = line_fit_ordinary(w->reference, w->reading, n);
	w->deming = line_fit_deming(w->reference, w->reading, n, s->variance_ratio);
	w->absolute = agreement_repeated(room, w->subject, n);
	w->relative = agreement_repeated(w->error, w->subject, n);
	correct(w, common_u(w, point, points));
	worst(w, point, points);
}

int flow_wholes_make(struct flow_whole **out, int *count, const struct stored_run *run, const struct flow_trial *trial,
	int trials, const struct meter_point *point, int points, const struct flow_settings *s, struct error *e)
{
	struct flow_whole *whole = calloc(2 * (size_t)run->duts + 1, sizeof(*whole));
	int n = 0;

	if (!whole)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", run->path);
	for (int m = FLOW_GRAVIMETRIC; m <= FLOW_COMPARISON; m++)
		for (int d = 0; d < run->duts; d++) {
			struct flow_whole *w = &whole[n];

			*w = (struct flow_whole){.dut = d, .method = (enum flow_method)m};
			if (gather(w, run, trial, trials, point, points, e) < 0) {
				flow_wholes_free(whole, n + 1);
				return -1;
			}
			if (w->n == 0) {
				free(w->reference);
				free(w->subject);
				continue;
			}
			compute(w, point, points, w->error + trials, s);
			n++;
		}
	*out = whole;
	*count = n;
	return 0;
}

void flow_wholes_free(struct flow_whole *whole, int count)
{
	for (int i = 0; i < count; i++) {
		free(whole[i].reference);
		free(whole[i].subject);
	}
	free(whole);
}
