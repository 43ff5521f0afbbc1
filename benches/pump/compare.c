#include "benches/pump/compare.h"

#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same_set_point(const struct pump_point *a, const struct pump_point *b)
{
	return a->set_point == b->set_point;
}

static struct stats_interval flow_ratio(const struct pump_point *open, const struct pump_point *throttled)
{
	const struct pump_value *a = &throttled->quantity[PUMP_FLOW], *b = &open->quantity[PUMP_FLOW];

	if (!a->known || !b->known || throttled->state != PUMP_RUNNING || open->state != PUMP_RUNNING)
		return (struct stats_interval){NAN, NAN, NAN, NAN, NAN};
	return stats_ratio(a->value, a->u_here, a->dof_here, b->value, b->u_here, b->dof_here, PUMP_LEVEL);
}

int pump_ratios_make(
	struct pump_ratio **out, int *count, const struct pump_point *point, int points, struct error *e)
{
	struct pump_ratio *ratio = calloc((size_t)points + 1, sizeof(*ratio));
	int n = 0;

	if (!ratio)
		return error_set(e, ERROR_SYSTEM, "out of memory while comparing valve positions");
	for (int i = 0; i < points; i++)
		for (int j = 0; j < points && strcmp(point[i].valve, "open") == 0; j++)
			if (strcmp(point[j].valve, "throttled") == 0 &&
				strcmp(point[i].dut, point[j].dut) == 0 &&
				same_set_point(&point[i], &point[j]))
				ratio[n++] = (struct pump_ratio){
					&point[i], &point[j], flow_ratio(&point[i], &point[j])};
	*out = ratio;
	*count = n;
	return 0;
}

/* A flow that reads zero because the sensor sees no less is no number to subtract. */
static bool comparable(const struct pump_point *p, enum pump_quantity q)
{
	return p->quantity[q].known && !(q == PUMP_FLOW && pump_state_flow_hidden(p->state));
}

static struct stats_interval difference(const struct stored_run *run, const struct pump_point *a,
	const struct pump_point *b, enum pump_quantity q)
{
	const struct pump_value *x = &a->quantity[q], *y = &b->quantity[q];
	const char *role = pump_quantity_name(q);

	if (stored_channel(run, a->dut, role) == stored_channel(run, b->dut, role))
		return stats_difference(
			x->value, x->u_here, x->dof_here, y->value, y->u_here, y->dof_here, PUMP_LEVEL);
	return stats_difference(
		x->value, x->total.u, x->total.dof, y->value, y->total.u, y->total.dof, PUMP_LEVEL);
}

int pump_differences_make(struct pump_difference **out, int *count, const struct stored_run *run,
	const struct pump_point *point, int points, struct error *e)
{
	struct pump_difference *made = NULL, *more;
	int n = 0;

	for (int i = 0; i < points; i++) {
		for (int j = i + 1; j < points; j++) {
			if (strcmp(point[i].dut, point[j].dut) == 0 ||
				strcmp(point[i].valve, point[j].valve) != 0 ||
				!same_set_point(&point[i], &point[j]))
				continue;
			more = realloc(made, (size_t)(n + PUMP_QUANTITIES) * sizeof(*made));
			if (!more) {
				free(made);
				return error_set(e, ERROR_SYSTEM, "out of memory while comparing pumps");
			}
			made = more;
			for (int q = 0; q < PUMP_QUANTITIES; q++)
				if (comparable(&point[i], (enum pump_quantity)q) &&
					comparable(&point[j], (enum pump_quantity)q))
					made[n++] = (struct pump_difference){&point[i], &point[j],
						(enum pump_quantity)q,
						difference(run, &point[i], &point[j], (enum pump_quantity)q)};
		}
	}
	*out = made;
	*count = n;
	return 0;
}
