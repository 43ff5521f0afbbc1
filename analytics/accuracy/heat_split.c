/* Where an error of heat comes from: flow, temperatures, the convention of the model. */
#include "analytics/accuracy/parts.h"

#include "analytics/accuracy/rows.h"
#include "analytics/core/heat.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>

static const enum meters_role needed[] = {ROLE_FLOW, ROLE_SUPPLY, ROLE_RETURN, ROLE_INTERNAL_FLOW, ROLE_WATER_IN, ROLE_WATER_OUT};

static bool has_all(const struct study_pump *p, char *why, size_t size)
{
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!p->column[needed[i]]) {
			snprintf(why, size, "%s has no %s: its heat cannot be split into flow and temperatures", p->name, meters_roles[needed[i]].name);
			return false;
		}
	return true;
}

struct sums {
	double flow_model, flow_reference, dt, seconds;
};

/* One row; K, l/h, MJ/(m3 K): W = l/h MJ/(m3 K) K / 3.6. */
static void take(struct accuracy_heat *h, struct sums *s, const struct study_pump *p, const struct heat_medium *medium, const struct model *m,
	double reference, double estimate, int64_t i)
{
	double qr = p->column[ROLE_FLOW][i], qm = p->column[ROLE_INTERNAL_FLOW][i], step = p->step[i];
	double dr = p->column[ROLE_SUPPLY][i] - p->column[ROLE_RETURN][i], dm = p->column[ROLE_WATER_OUT][i] - p->column[ROLE_WATER_IN][i];
	double k = heat_coefficient(medium, p->column[ROLE_SUPPLY][i], p->column[ROLE_RETURN][i]);
	double c = heat_coefficient(&m->heat.medium, p->column[ROLE_WATER_OUT][i], p->column[ROLE_WATER_IN][i]);
	double all = k + c + qr + qm + dr + dm;

	if (isnan(all))
		return;
	h->seconds += step;
	h->reference_j += reference * step;
	h->estimate_j += estimate * step;
	h->flow_j += k * (qm - qr) * dr / 3.6 * step;
	h->temperature_j += k * qr * (dm - dr) / 3.6 * step;
	h->both_j += k * (qm - qr) * (dm - dr) / 3.6 * step;
	h->convention_j += (c - k) * qm * dm / 3.6 * step;
	h->meter_j += (k * qr * dr / 3.6 - reference) * step;
	if (qr > 0) {
		s->flow_model += qm * step;
		s->flow_reference += qr * step;
		s->dt += (dm - dr) * step;
		s->seconds += step;
	}
}

int accuracy_heat_split(struct accuracy_heat *out, const struct study_pump *p, int pump, const struct model *model, int number,
	const struct comparison *c, const struct comparison_rules *rules, struct error *e)
{
	struct accuracy_heat h = {.pump = pump, .model = number, .flow_bias = NAN, .dt_bias = NAN};
	const struct meters_settings *s = p->settings;
	struct comparison_rows rows = {.rows = 0};
	struct heat_medium medium;
	struct sums sums = {0};
	int result = -1;

	*out = h;
	text_copy(out->why, sizeof(out->why), c->there ? "the model does not reckon heat from flow and temperatures" : c->why);
	if (!c->there || !model->heat.used || !has_all(p, out->why, sizeof(out->why)))
		return 0;
	if (heat_medium(&medium, (enum heat_convention)s->convention, (enum heat_sensor)s->flow_sensor, s->pressure, s->rho_cp, s->fluid, e) < 0 ||
		comparison_rows_make(&rows, p->rows, e) < 0)
		return -1;
	if (comparison_estimates(&rows, p, model, NULL, e) < 0)
		goto out;
	comparison_references(&rows, p, STUDY_HEAT, -c->skew.applied, &rules->regime);
	for (int64_t i = 0; i < p->rows; i++)
		if (rows.reason[i] == INCLUDED)
			take(&h, &sums, p, &medium, model, rows.reference[i], rows.estimate[i], i);
	h.there = h.seconds > 0;
	if (!h.there)
		snprintf(h.why, sizeof(h.why), "%s: no row has all of it", p->name);
	h.flow_bias = sums.flow_reference > 0 ? 100 * (sums.flow_model / sums.flow_reference - 1) : NAN;
	h.dt_bias = sums.seconds > 0 ? sums.dt / sums.seconds : NAN;
	*out = h;
	result = 0;
out:
	comparison_rows_free(&rows);
	return result;
}
