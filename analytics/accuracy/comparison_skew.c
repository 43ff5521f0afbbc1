/* Time skew of a comparison: the CiC's values against the meter's. */
#include "analytics/accuracy/rows.h"

#include "analytics/core/hold.h"
#include "analytics/core/skew.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdlib.h>

enum { HOLD_LOOK = 20000 };

/* RMSE of the model against the reference moved by `shift`. */
static double rmse_at(const struct study_pump *p, enum study_target target, const struct comparison_rows *rows, double shift)
{
	double sum = 0, n = 0;

	study_reference(p, target, shift, rows->reference);
	for (int64_t i = 0; i < p->rows; i++) {
		double error = rows->estimate[i] - rows->reference[i];

		if (p->excluded[i] != INCLUDED || isnan(error))
			continue;
		sum += error * error;
		n++;
	}
	return n > 0 ? sqrt(sum / n) : NAN;
}

static enum skew_kind kind_of(const double *t, const double *y, size_t n)
{
	return hold_find(t, y, n < HOLD_LOOK ? n : HOLD_LOOK).held ? SKEW_HOLD : SKEW_LINEAR;
}

static void keep(struct comparison_skew *out, const struct skew *found)
{
	out->n = (int)found->points;
	for (int i = 0; i < out->n; i++) {
		out->at[i] = found->curve[i].skew;
		out->rmse[i] = found->curve[i].rmse;
	}
	if (found->state != SKEW_FOUND) {
		text_copy(out->why, sizeof(out->why), skew_state_name(found->state));
		return;
	}
	out->known = true;
	out->skew = found->skew;
	out->u = found->u;
	/* What cannot be told from none is not corrected. */
	if (fabs(found->skew) > skew_interval(found, 0.95).U)
		out->applied = found->skew;
	else
		text_copy(out->why, sizeof(out->why), "not told from zero: not corrected");
}

static void search(struct comparison_skew *out, const struct study_pump *p, enum study_target target, const struct comparison_rows *rows,
	const struct comparison_rules *rules)
{
	const struct study_series *meter = target == STUDY_ELECTRIC ? &p->electric : &p->heat;
	double *t = malloc((size_t)(p->rows + 1) * sizeof(*t)), *y = malloc((size_t)(p->rows + 1) * sizeof(*y));
	struct skew_series observed = {.t = t, .y = y}, reference = {.t = meter->t, .y = meter->v, .n = (size_t)meter->n};
	struct skew *found = malloc(sizeof(*found));

	if (!t || !y || !found) {
		text_copy(out->why, sizeof(out->why), "no memory to look for it");
		goto out;
	}
	for (int64_t i = 0; i < p->rows; i++) {
		if (p->excluded[i] > EXCLUDED_GAP || p->excluded[i] == EXCLUDED_LISTED || isnan(rows->estimate[i]))
			continue;
		t[observed.n] = p->time[i];
		y[observed.n++] = rows->estimate[i];
	}
	observed.kind = kind_of(t, y, observed.n);
	reference.kind = kind_of(meter->t, meter->v, reference.n);
	*found = skew_estimate(&observed, &reference,
		&(struct skew_options){.from = rules->skew_from, .to = rules->skew_to, .step_least = rules->skew_step,
			.within = 2 * fmax(p->spacing, meter->spacing), .gap = p->settings->bridge * meter->spacing});
	keep(out, found);
out:
	free(t);
	free(y);
	free(found);
}

struct comparison_skew comparison_find_skew(const struct study_pump *p, enum study_target target, const struct comparison_rows *rows,
	const struct comparison_rules *rules)
{
	const struct study_series *meter = target == STUDY_ELECTRIC ? &p->electric : &p->heat;
	struct comparison_skew out = {.skew = NAN, .u = NAN, .rmse_before = NAN, .rmse_after = NAN};

	if (p->rows < 2)
		return out;
	if (rules->skew_from == rules->skew_to) {
		out.applied = rules->skew_from;
		text_copy(out.why, sizeof(out.why), "given, not measured");
	} else if (meter->n < 2) {
		text_copy(out.why, sizeof(out.why), "only a register was recorded: it does not show when power steps");
	} else {
		search(&out, p, target, rows, rules);
	}
	out.rmse_before = rmse_at(p, target, rows, 0);
	out.rmse_after = out.applied != 0 ? rmse_at(p, target, rows, -out.applied) : out.rmse_before;
	return out;
}
