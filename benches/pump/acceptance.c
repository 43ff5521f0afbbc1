#include "benches/pump/acceptance.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN = 2000 };

static double product(const struct pump_curve *c, double flow)
{
	return flow * pump_curve_head(c, flow);
}

/* The flow within what was measured at which flow times head is largest. */
static double strongest_flow(const struct pump_curve *c)
{
	double best = NAN;

	for (int i = 0; i <= SCAN && c->head.known; i++) {
		double q = c->flow_min + (c->flow_max - c->flow_min) * i / SCAN;

		if (!(product(c, q) <= product(c, best)))
			best = q;
	}
	return best;
}

static const struct pump_curve *strongest(const struct pump_curve *curve, int curves, const char *dut)
{
	const struct pump_curve *found = NULL;

	for (int i = 0; i < curves; i++)
		if (strcmp(curve[i].dut, dut) == 0 && curve[i].head.known &&
			(!found || product(&curve[i], strongest_flow(&curve[i])) >
					   product(found, strongest_flow(found))))
			found = &curve[i];
	return found;
}

static const struct stats_interval unknown = {NAN, NAN, NAN, NAN, NAN};

/* Scatter about the fit with its degrees of freedom, and what the instruments add to all points alike. */
static struct stats_interval with_fit(double value, double u_fit, double dof, double u_shared)
{
	return stats_interval(
		value, hypot(u_fit, u_shared), stats_welch_dof(u_fit, dof, u_shared, INFINITY), PUMP_LEVEL);
}

static double slope(const struct pump_curve *c, double flow)
{
	return c->head.coefficient[1] + 2 * c->head.coefficient[2] * flow;
}

/* The flow at which head minus `constant` minus `rise` * flow passes zero, nearest to `near`, if covered. */
static double meet(const struct pump_curve *c, double constant, double rise, double near)
{
	double a = c->head.coefficient[2], b = c->head.coefficient[1] - rise,
	       d0 = c->head.coefficient[0] - constant;
	double d = b * b - 4 * a * d0, root[2], best = NAN;

	if (!(d >= 0))
		return NAN;
	root[0] = -2 * d0 / (b + (b < 0 ? -sqrt(d) : sqrt(d))); /* holds for a = 0 too */
	root[1] = -(b + (b < 0 ? -sqrt(d) : sqrt(d))) / (2 * a);
	for (int i = 0; i < 2; i++)
		if (isfinite(root[i]) && pump_curve_covers(c, root[i]) &&
			!(fabs(root[i] - near) >= fabs(best - near)))
			best = root[i];
	return best;
}

static void at_the_meeting(struct pump_guarantee *g)
{
	const struct pump_curve *c = g->curve;
	const double row[] = {1, g->met_flow, g->met_flow * g->met_flow};
	double power = pump_curve_power(c, g->met_flow), head = pump_curve_head(c, g->met_flow);
	double eta = pump_curve_efficiency(c, g->met_flow), u_power = lsq_u_at(&c->power, row),
	       u_head = lsq_u_at(&c->head, row);

	g->met_head = head;
	g->power = with_fit(power, u_power, c->power.dof, c->power_s);
	g->efficiency = with_fit(eta, eta * hypot(u_power / power, u_head / head), c->head.dof,
		eta * hypot(c->power_s / power, hypot(c->head_s / head, c->flow_s / g->met_flow)));
}

bool pump_guarantee_find(struct pump_guarantee *out, const struct pump_curve *curve, int curves,
	const char *dut, const struct pump_settings *s)
{
	struct pump_guarantee g = {NULL, unknown, unknown, NAN, NAN, unknown, unknown};
	double row[] = {1, s->flow, s->flow * s->flow}, falls;

	if (!(s->flow > 0) || (s->dut[0] && strcmp(s->dut, dut) != 0))
		return false;
	if (s->set_point < 0)
		g.curve = strongest(curve, curves, dut);
	for (int i = 0; i < curves && s->set_point >= 0; i++)
		if (strcmp(curve[i].dut, dut) == 0 && curve[i].set_point == s->set_point &&
			curve[i].head.known)
			g.curve = &curve[i];
	if (!g.curve)
		return false;
	falls = fabs(slope(g.curve, s->flow));
	if (pump_curve_covers(g.curve, s->flow))
		g.head = with_fit(pump_curve_head(g.curve, s->flow), lsq_u_at(&g.curve->head, row),
			g.curve->head.dof, hypot(g.curve->head_s, falls * g.curve->flow_s));
	g.met_flow = meet(g.curve, s->head, 0, s->flow);
	if (!isnan(g.met_flow)) {
		row[1] = g.met_flow;
		row[2] = g.met_flow * g.met_flow;
		falls = fabs(slope(g.curve, g.met_flow));
		g.flow = with_fit(g.met_flow, lsq_u_at(&g.curve->head, row) / falls, g.curve->head.dof,
			hypot(g.curve->head_s / falls, g.curve->flow_s));
	}
	g.met_flow = meet(g.curve, 0, s->head / s->flow, s->flow);
	if (!isnan(g.met_flow))
		at_the_meeting(&g);
	*out = g;
	return true;
}

/* What the pump takes at a flow when it is set so that its head is on the control line: between the two
 * curves that enclose the line, else from the nearest. NaN where no curve covers the flow. */
static double load_power(
	const struct pump_curve *curve, int curves, const char *dut, double flow, double wanted)
{
	const struct pump_curve *above = NULL, *below = NULL;
	double high, low, share;

	for (int i = 0; i < curves; i++) {
		const struct pump_curve *c = &curve[i];
		double h;

		if (strcmp(c->dut, dut) != 0 || !c->head.known || !c->power.known ||
			!pump_curve_covers(c, flow))
			continue;
		h = pump_curve_head(c, flow);
		if (h >= wanted && (!above || h < pump_curve_head(above, flow)))
			above = c;
		if (h < wanted && (!below || h > pump_curve_head(below, flow)))
			below = c;
	}
	if (!above && !below)
		return NAN;
	if (!above)
		return eei_load_power(pump_curve_power(below, flow), pump_curve_head(below, flow), wanted);
	high = pump_curve_power(above, flow);
	if (!below)
		return high;
	low = pump_curve_power(below, flow);
	share = (wanted - pump_curve_head(below, flow)) /
		(pump_curve_head(above, flow) - pump_curve_head(below, flow));
	return low + share * (high - low);
}

/* Instruments only: the fits average their points' scatter away. */
static double relative_u(const struct pump_eei *e)
{
	const struct pump_curve *c = e->strongest;
	double hydraulic = hypot(c->head_s / e->head100, c->flow_s / e->flow100), power = 0, sum = 0;
	double bends = (eei_reference_power(e->hydraulic * 1.001) / e->reference - 1) / 0.001;

	for (int i = 0; i < EEI_LOADS; i++) { /* the same error in watts at every load */
		power += eei_weight[i] * c->power_s;
		sum += eei_weight[i] * e->load[i];
	}
	return hypot(power / sum, bends * hydraulic);
}

static void evaluate(struct pump_eei *e, const struct pump_curve *curve, int curves)
{
	const struct pump_curve *c = e->strongest;
	double index;

	e->flow100 = strongest_flow(c);
	e->head100 = pump_curve_head(c, e->flow100);
	e->hydraulic = pump_hydraulic_power(e->flow100, e->head100, c->density);
	e->at_the_edge = e->flow100 <= c->flow_min || e->flow100 >= c->flow_max;
	e->reference = eei_reference_power(e->hydraulic);
	for (int i = 0; i < EEI_LOADS; i++) {
		e->flow[i] = eei_share[i] * e->flow100;
		e->head[i] = eei_reference_head(eei_share[i], e->head100);
		e->load[i] = load_power(curve, curves, e->dut, e->flow[i], e->head[i]);
	}
	index = eei_index(e->load, e->hydraulic);
	e->index =
		isnan(index) ? unknown : stats_interval(index, index * relative_u(e), INFINITY, PUMP_LEVEL);
}

int pump_eei_make(
	struct pump_eei **out, int *count, const struct pump_curve *curve, int curves, struct error *e)
{
	struct pump_eei *made = calloc((size_t)curves + 1, sizeof(*made));
	int n = 0;

	if (!made)
		return error_set(
			e, ERROR_SYSTEM, "out of memory while computing the energy efficiency index");
	for (int i = 0; i < curves; i++) {
		bool seen = false;

		for (int j = 0; j < i && !seen; j++)
			seen = strcmp(curve[j].dut, curve[i].dut) == 0;
		if (seen || !strongest(curve, curves, curve[i].dut))
			continue;
		text_copy(made[n].dut, sizeof(made[n].dut), curve[i].dut);
		made[n].strongest = strongest(curve, curves, curve[i].dut);
		evaluate(&made[n++], curve, curves);
	}
	*out = made;
	*count = n;
	return 0;
}
