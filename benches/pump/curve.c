#include "benches/pump/curve.h"

#include "analytics/core/water.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN = 400 };

/* A value of a point in the unit that formulas want. */
struct converted {
	double value, u, dof, shared; /* shared: what all points have in common, the instrument's part */
};

static int convert(struct converted *out, const struct stored_run *run, const struct pump_point *p,
	enum pump_quantity q, const char *unit, struct error *e)
{
	const struct pump_value *v = &p->quantity[q];
	const char *from = run->channel[stored_channel(run, p->dut, pump_quantity_name(q))].unit;
	double factor;

	if (unit_convert(1, from, unit, &factor, NULL) < 0)
		return error_set(e, ERROR_DATA, "%s: %s is measured in %s, which cannot be turned into %s",
			p->dut, pump_quantity_name(q), from[0] ? from : "1", unit);
	*out = (struct converted){v->value * factor, v->total.u * factor, v->total.dof,
		sqrt(fmax(0, v->total.u * v->total.u - v->u_here * v->u_here)) * factor};
	return 0;
}

/* Mean of a shared or own channel over the point's steps; NaN where nothing is known. */
static double mean_over(const struct stored_run *run, const struct pump_point *p, const char *role)
{
	struct stored_series s = stored_series(run, stored_channel(run, p->dut, role));
	double sum = 0;
	size_t n = 0;

	for (int i = 0; i < run->steps && s.rows; i++) {
		const struct run_step *step = &run->step[i];
		size_t first, end;

		if (strcmp(step->dut, p->dut) != 0 || strcmp(step->valve, p->valve) != 0 ||
			step->set_point != p->set_point)
			continue;
		stored_series_range(&s, step->first_tick, step->last_tick, &first, &end);
		for (size_t j = first + (end - first) / 2; j < end; j++)
			if (stored_series_good(&s, j)) {
				sum += s.value[j];
				n++;
			}
	}
	return n ? sum / (double)n : NAN;
}

static bool counts(const struct pump_point *p, enum pump_quantity power)
{
	return p->state == PUMP_RUNNING && isfinite(p->set_point) && p->quantity[PUMP_FLOW].known &&
	       p->quantity[PUMP_DP].known && p->quantity[power].known;
}

static bool same_curve(const struct pump_point *p, const struct pump_curve *c)
{
	return strcmp(p->dut, c->dut) == 0 && p->set_point == c->set_point;
}

/* P_h / P1; the relative uncertainties of flow, head and power add in squares. */
static struct stats_interval efficiency(const struct pump_curve_point *p)
{
	double eta = p->hydraulic / p->power,
	       part[] = {eta * p->flow_u / p->flow, eta * p->head_u / p->head, eta * p->power_u / p->power};
	const double dof[] = {p->flow_dof, p->head_dof, p->power_dof};
	double u2 = 0, fourth = 0;

	for (int i = 0; i < 3; i++) {
		u2 += part[i] * part[i];
		fourth += part[i] == 0 ? 0 : pow(part[i], 4) / dof[i];
	}
	return stats_interval(eta, sqrt(u2), fourth > 0 ? u2 * u2 / fourth : INFINITY, PUMP_LEVEL);
}

/* One operating point as measured; power of hydraulics and efficiency come after the reduction. */
static int take(struct pump_curve *c, const struct stored_run *run, const struct pump_point *p,
	const struct pump_settings *settings, enum pump_quantity power, struct error *e)
{
	struct pump_curve_point *at = &c->at[c->n];
	struct converted flow, dp, watts;
	double metre = c->density * HYDRAULICS_G; /* Pa */

	if (convert(&flow, run, p, PUMP_FLOW, "m3/h", e) < 0 || convert(&dp, run, p, PUMP_DP, "Pa", e) < 0 ||
		convert(&watts, run, p, power, "W", e) < 0)
		return -1;
	*at = (struct pump_curve_point){.point = p,
		.flow = flow.value,
		.power = watts.value,
		.flow_u = flow.u,
		.head_u = dp.u / metre,
		.power_u = watts.u,
		.flow_dof = flow.dof,
		.head_dof = dp.dof,
		.power_dof = watts.dof};
	at->head = pump_head(dp.value, flow.value, c->density, &settings->taps);
	c->flow_s = fmax(c->flow_s, flow.shared);
	c->head_s = fmax(c->head_s, dp.shared / metre);
	c->power_s = fmax(c->power_s, watts.shared);
	c->n++;
	return 0;
}

/* To one speed: that of the settings, else the mean of the points'. */
static void reduce(struct pump_curve *c, const struct stored_run *run, const struct pump_settings *settings)
{
	double speed[64], sum = 0;
	int known = 0;

	for (int i = 0; i < c->n && i < 64; i++) {
		speed[i] = mean_over(run, c->at[i].point, "speed");
		known += speed[i] > 0;
		sum += speed[i];
	}
	c->speed = known == c->n && c->n <= 64 ? sum / c->n : NAN;
	if (isnan(c->speed))
		return;
	c->speed = settings->speed > 0 ? settings->speed : c->speed;
	for (int i = 0; i < c->n; i++) {
		struct pump_operation m = {c->at[i].flow, c->at[i].head, c->at[i].power},
				      r = pump_at_speed(m, speed[i], c->speed);

		c->at[i].flow = r.flow;
		c->at[i].head = r.head;
		c->at[i].power = r.power;
	}
}

static int by_flow(const void *a, const void *b)
{
	double x = ((const struct pump_curve_point *)a)->flow, y = ((const struct pump_curve_point *)b)->flow;

	return (x > y) - (x < y);
}

static int fit(struct pump_curve *c, struct error *e)
{
	double *x = calloc(5 * (size_t)c->n, sizeof(*x)), *head = x + 3 * (size_t)c->n, *power = head + c->n;

	if (!x)
		return error_set(e, ERROR_SYSTEM, "out of memory while fitting the curves of %s", c->dut);
	for (int i = 0; i < c->n; i++) {
		x[3 * i] = 1;
		x[3 * i + 1] = c->at[i].flow;
		x[3 * i + 2] = c->at[i].flow * c->at[i].flow;
		head[i] = c->at[i].head;
		power[i] = c->at[i].power;
	}
	c->head = lsq_fit(x, head, (size_t)c->n, 3);
	c->power = lsq_fit(x, power, (size_t)c->n, 3);
	free(x);
	return 0;
}

static void find_best(struct pump_curve *c)
{
	c->best_flow = c->best_efficiency = NAN;
	for (int i = 0; i <= SCAN; i++) {
		double q = c->flow_min + (c->flow_max - c->flow_min) * i / SCAN,
		       eta = pump_curve_efficiency(c, q);

		if (eta > c->best_efficiency || (isfinite(eta) && isnan(c->best_efficiency))) {
			c->best_flow = q;
			c->best_efficiency = eta;
		}
	}
}

static int finish(struct pump_curve *c, const struct stored_run *run, const struct pump_settings *settings,
	struct error *e)
{
	reduce(c, run, settings);
	qsort(c->at, (size_t)c->n, sizeof(*c->at), by_flow);
	c->flow_min = c->at[0].flow;
	c->flow_max = c->at[c->n - 1].flow;
	for (int i = 0; i < c->n; i++) {
		c->at[i].hydraulic = pump_hydraulic_power(c->at[i].flow, c->at[i].head, c->density);
		c->at[i].efficiency = efficiency(&c->at[i]);
	}
	if (fit(c, e) < 0)
		return -1;
	find_best(c);
	return 0;
}

static int make_one(struct pump_curve *c, const struct stored_run *run, const struct pump_point *point,
	int points, const struct pump_point *like, const struct pump_settings *settings,
	enum pump_quantity power, struct error *e)
{
	text_copy(c->dut, sizeof(c->dut), like->dut);
	text_copy(c->unit, sizeof(c->unit), like->unit);
	c->set_point = like->set_point;
	c->reference_power = power == PUMP_POWER;
	c->temperature = mean_over(run, like, "water_temperature");
	c->temperature_measured = !isnan(c->temperature);
	if (!c->temperature_measured)
		c->temperature = settings->temperature;
	c->density = water_density(c->temperature);
	c->at = calloc((size_t)points, sizeof(*c->at));
	if (!c->at)
		return error_set(e, ERROR_SYSTEM, "out of memory while fitting the curves of %s", c->dut);
	for (int i = 0; i < points; i++)
		if (counts(&point[i], power) && same_curve(&point[i], c) &&
			take(c, run, &point[i], settings, power, e) < 0)
			return -1;
	return finish(c, run, settings, e);
}

int pump_curves_make(struct pump_curve **out, int *count, const struct stored_run *run,
	const struct pump_point *point, int points, const struct pump_settings *settings, struct error *e)
{
	struct pump_curve *curve = calloc((size_t)points + 1, sizeof(*curve));
	int n = 0;

	if (!curve)
		return error_set(e, ERROR_SYSTEM, "out of memory while fitting curves");
	for (int i = 0; i < points; i++) {
		enum pump_quantity power =
			stored_channel(run, point[i].dut, "power") >= 0 ? PUMP_POWER : PUMP_FEEDBACK;
		bool seen = !counts(&point[i], power);

		for (int j = 0; j < n && !seen; j++)
			seen = same_curve(&point[i], &curve[j]);
		if (seen)
			continue;
		if (make_one(&curve[n++], run, point, points, &point[i], settings, power, e) < 0) {
			pump_curves_free(curve, n);
			return -1;
		}
	}
	*out = curve;
	*count = n;
	return 0;
}

void pump_curves_free(struct pump_curve *curve, int count)
{
	for (int i = 0; i < count; i++)
		free(curve[i].at);
	free(curve);
}

double pump_curve_head(const struct pump_curve *c, double flow)
{
	const double row[] = {1, flow, flow * flow};

	return lsq_at(&c->head, row);
}

double pump_curve_power(const struct pump_curve *c, double flow)
{
	const double row[] = {1, flow, flow * flow};

	return lsq_at(&c->power, row);
}

double pump_curve_efficiency(const struct pump_curve *c, double flow)
{
	return pump_hydraulic_power(flow, pump_curve_head(c, flow), c->density) / pump_curve_power(c, flow);
}

bool pump_curve_covers(const struct pump_curve *c, double flow)
{
	double margin = 0.02 * c->flow_max;

	return flow >= c->flow_min - margin && flow <= c->flow_max + margin;
}
