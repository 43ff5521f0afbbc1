#include "benches/pump/point.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the steps of a point give for one quantity. */
struct pool {
	int m; /* steps */
	int64_t n;
	double n_effective, sum, squares; /* of the means */
	double within;			  /* sum of u^2 */
	double fourth;			  /* sum of u^4 / dof */
	double scatter, scatter_dof;	  /* sum of (n-1) s^2, and of n-1 */
	double half, rest;
};

static void pool_add(struct pool *p, const struct stats_sample *s, double half, double rest)
{
	p->m++;
	p->n += (int64_t)s->n;
	p->n_effective += s->n_effective;
	p->sum += s->mean;
	p->squares += s->mean * s->mean;
	p->within += s->u * s->u;
	if (s->u > 0)
		p->fourth += s->u * s->u * s->u * s->u / s->dof;
	p->scatter += (double)(s->n - 1) * s->sd * s->sd;
	p->scatter_dof += (double)(s->n - 1);
	p->half += half;
	p->rest = fmax(p->rest, rest);
}

static void add_row(struct pump_value *v, const char *name, double value, enum distribution distribution,
	double divisor, double dof)
{
	if (v->rows < PUMP_BUDGET) {
		v->row[v->rows] = (struct uncertainty_row){"", value, distribution, divisor, 1, dof};
		text_copy(v->row[v->rows++].name, sizeof(v->row->name), name);
	}
}

/* Mean of the steps' means. Scatter between them beyond what they scatter within is a contribution of its
 * own (variance components by moments, as in ISO 5725-2 for s_L^2): u_b^2 = max(0, s_m^2 - mean u_i^2) / m,
 * m-1 dof. */
static void pool_finish(struct pump_value *v, const struct pool *p)
{
	double m = p->m, between;

	v->known = true;
	v->steps = p->m;
	v->n = p->n;
	v->n_effective = p->n_effective;
	v->value = p->sum / m;
	v->half = p->half / m;
	v->sd = sqrt(p->scatter / p->scatter_dof);
	add_row(v, "scatter of the samples (A)", sqrt(p->within) / m, DISTRIBUTION_NORMAL, 1,
		p->fourth > 0 ? p->within * p->within / p->fourth : INFINITY);
	if (p->m > 1) {
		between = fmax(0, p->squares - m * v->value * v->value) / (m - 1) - p->within / m;
		add_row(v, "between repeated steps (A)", sqrt(fmax(0, between) / m), DISTRIBUTION_NORMAL, 1,
			m - 1);
	}
	if (p->rest > 0)
		add_row(v, "rest of the approach", p->rest, DISTRIBUTION_RECTANGULAR, 0, INFINITY);
}

static void add_digit(struct pump_value *v, const struct run_channel *c)
{
	double u = uncertainty_digit(c->resolution, v->sd);

	if (!isnan(u))
		add_row(v, "resolution", u, DISTRIBUTION_NORMAL, 1, INFINITY);
}

static void add_instrument(struct pump_value *v, const struct stored_run *run, const struct run_channel *c)
{
	const struct run_certificate *cert = c->certificate >= 0 ? &run->certificate[c->certificate] : NULL;

	if (cert)
		v->certificate_expired |= stored_run_expired(run, cert);
	if (!isnan(c->uncertainty))
		add_row(v, "instrument (U, k = 2)", c->uncertainty, DISTRIBUTION_NORMAL, 2, INFINITY);
	else if (cert && cert->U > 0 && cert->k > 0)
		add_row(v, "instrument (certificate)", cert->U, DISTRIBUTION_NORMAL, cert->k, INFINITY);
	else
		v->instrument_known = false;
}

/* `b`: second channel of a difference, or -1. */
static void budget(struct pump_value *v, const struct stored_run *run, int a, int b)
{
	struct uncertainty here;

	v->instrument_known = true;
	add_digit(v, &run->channel[a]);
	if (b >= 0)
		add_digit(v, &run->channel[b]);
	here = uncertainty_combine(v->row, (size_t)v->rows, PUMP_LEVEL);
	v->u_here = here.u;
	v->dof_here = here.dof;
	add_instrument(v, run, &run->channel[a]);
	if (b >= 0)
		add_instrument(v, run, &run->channel[b]);
	v->total = uncertainty_combine(v->row, (size_t)v->rows, PUMP_LEVEL);
}

static bool same_point(const struct pump_step *of, const struct run_step *b)
{
	const struct run_step *a = of->step;

	return !of->excitation && strcmp(a->dut, b->dut) == 0 && strcmp(a->valve, b->valve) == 0 &&
	       (a->set_point == b->set_point || (isnan(a->set_point) && isnan(b->set_point)));
}

static struct pump_value unknown(void)
{
	return (struct pump_value){.value = NAN,
		.sd = NAN,
		.half = NAN,
		.u_here = NAN,
		.dof_here = NAN,
		.total = {NAN, NAN, NAN, NAN, PUMP_LEVEL}};
}

static void fill_quantity(struct pump_value *v, const struct stored_run *run, const struct pump_step *step,
	int steps, const struct run_step *like, enum pump_quantity q)
{
	struct pool pool = {0};
	int channel = -1;

	*v = unknown();
	for (int i = 0; i < steps; i++) {
		const struct pump_mean *m = &step[i].quantity[q];

		if (!same_point(&step[i], like) || !pump_mean_usable(m))
			continue;
		pool_add(&pool, &m->mean, m->half, m->settle.rest);
		channel = m->channel;
	}
	if (pool.m == 0)
		return;
	pool_finish(v, &pool);
	budget(v, run, channel, -1);
}

static void fill_gap(struct pump_value *v, const struct stored_run *run, const struct pump_step *step,
	int steps, const struct run_step *like)
{
	struct pool pool = {0};
	int a = -1, b = -1;

	*v = unknown();
	for (int i = 0; i < steps; i++) {
		const struct pump_mean *feedback = &step[i].quantity[PUMP_FEEDBACK],
				       *power = &step[i].quantity[PUMP_POWER];

		if (!same_point(&step[i], like) || !pump_mean_usable(feedback) ||
			!pump_mean_usable(power) || step[i].gap.n < SETTLE_LEAST)
			continue;
		pool_add(&pool, &step[i].gap, feedback->half - power->half,
			hypot(feedback->settle.rest, power->settle.rest));
		a = feedback->channel;
		b = power->channel;
	}
	if (pool.m == 0)
		return;
	pool_finish(v, &pool);
	budget(v, run, a, b);
}

static void fill(struct pump_point *p, const struct stored_run *run, const struct pump_step *step, int steps)
{
	const struct run_step *like = step[p->first].step;

	text_copy(p->dut, sizeof(p->dut), like->dut);
	text_copy(p->valve, sizeof(p->valve), like->valve);
	text_copy(p->unit, sizeof(p->unit), like->unit);
	p->set_point = like->set_point;
	for (int i = 0; i < steps; i++) {
		if (!same_point(&step[i], like))
			continue;
		p->steps++;
		p->unfinished |= !step[i].step->done;
		if (p->steps == 1 || step[i].state > p->state) {
			p->state = step[i].state;
			text_copy(p->why, sizeof(p->why), step[i].why);
		}
	}
	for (int q = 0; q < PUMP_QUANTITIES; q++)
		fill_quantity(&p->quantity[q], run, step, steps, like, (enum pump_quantity)q);
	fill_gap(&p->gap, run, step, steps, like);
}

int pump_points_make(struct pump_point **out, int *count, const struct stored_run *run,
	const struct pump_step *step, int steps, struct error *e)
{
	struct pump_point *point = calloc((size_t)steps + 1, sizeof(*point));
	int points = 0;

	if (!point)
		return error_set(e, ERROR_SYSTEM, "out of memory while pooling the steps of %s", run->path);
	for (int i = 0; i < steps; i++) {
		bool seen = step[i].excitation;

		for (int j = 0; j < points && !seen; j++)
			seen = same_point(&step[point[j].first], step[i].step);
		if (seen)
			continue;
		point[points].first = i;
		fill(&point[points++], run, step, steps);
	}
	*out = point;
	*count = points;
	return 0;
}
