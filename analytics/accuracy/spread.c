/* A model across heat pumps, and the agreement of its hourly means with the reference's. */
#include "analytics/accuracy/parts.h"

#include "analytics/core/agreement.h"
#include "analytics/core/line_fit.h"
#include "analytics/core/tolerance.h"
#include "analytics/core/unit_effect.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>

#define LEVEL 0.95

void accuracy_spread_make(struct accuracy_spread *out, const struct comparison *of, int pumps)
{
	struct accuracy_spread s = {.n = 0};
	double value[STUDY_PUMPS], variance[STUDY_PUMPS], within = 0;
	struct tolerance tolerance;
	struct unit_effect effect;

	for (int i = 0; i < pumps; i++) {
		struct interval energy = of[i].metric[SPAN_SAMPLE][METRIC_ENERGY];

		if (!of[i].there || isnan(energy.value))
			continue;
		s.pump[s.n] = of[i].pump;
		s.error[s.n] = energy;
		value[s.n] = energy.value;
		variance[s.n] = of[i].energy_se * of[i].energy_se;
		within += variance[s.n++];
	}
	tolerance = tolerance_of(value, (size_t)s.n, LEVEL, LEVEL);
	effect = unit_effect(value, variance, s.n, LEVEL, UNIT_EFFECT_REML);
	s.mean = tolerance.mean;
	s.sd = tolerance.sd;
	s.tolerance_k = tolerance.k;
	s.tolerance_low = tolerance.low;
	s.tolerance_high = tolerance.high;
	s.prediction_low = tolerance.next_low;
	s.prediction_high = tolerance.next_high;
	s.unit_sd = sqrt(effect.tau2);
	s.within_sd = s.n > 0 ? sqrt(within / s.n) : NAN;
	s.common = effect.mean;
	s.common_low = effect.low;
	s.common_high = effect.high;
	s.heterogeneity = 100 * effect.i2;
	*out = s;
}

static struct interval of_stats(struct stats_interval i)
{
	return (struct interval){i.value, i.value - i.U, i.value + i.U};
}

int accuracy_agreement_make(struct accuracy_agreement *out, const struct comparison *of, int pumps, struct error *e)
{
	const struct comparison *all = &of[pumps];
	size_t n = (size_t)all->pairs, k = 0;
	double *difference = malloc((n + 1) * sizeof(*difference));
	int *subject = malloc((n + 1) * sizeof(*subject));
	struct agreement a;
	struct line_fit line;

	if (!difference || !subject) {
		free(difference);
		free(subject);
		return error_set(e, ERROR_SYSTEM, "no memory for %zu hourly pairs", n);
	}
	/* Joined in the order of the heat pumps. */
	for (int p = 0; p < pumps; p++)
		for (int i = 0; of[p].there && i < of[p].pairs; i++, k++) {
			difference[k] = of[p].pair_estimate[i] - of[p].pair_reference[i];
			subject[k] = p;
		}
	a = agreement_repeated(difference, subject, k);
	line = line_fit_deming_blocks(all->pair_reference, all->pair_estimate, all->pair_day, n, all->days, 1);
	*out = (struct accuracy_agreement){.pairs = (int)a.pairs, .subjects = (int)a.subjects, .bias = a.bias, .sd = a.sd, .within_sd = a.within,
		.between_sd = a.between, .lower = {a.low, a.low_from, a.low_to}, .upper = {a.high, a.high_from, a.high_to},
		.slope = of_stats(line_fit_slope(&line, LEVEL)), .intercept = of_stats(line_fit_intercept(&line, LEVEL)), .ratio = 1};
	free(difference);
	free(subject);
	return 0;
}
