/* The cost of each missing input: the model evaluated again without it. */
#include "analytics/accuracy/parts.h"

#include "analytics/accuracy/rows.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *rule_for(const struct model *m, int input)
{
	for (int r = 0; r < m->rules; r++)
		if (m->rule[r].fills == input)
			return model_rule_names[m->rule[r].kind];
	return NULL;
}

/* Adds a heat pump's rows; 1 where the model has no value without the input. */
static int add_pump(struct error_sums *sum, int *level, const struct study_pump *p, const struct model *m, const char *without,
	const struct comparison *c, struct comparison_rows *rows, struct error *e)
{
	struct error reason = ERROR_INIT;

	if (comparison_estimates(rows, p, m, without, &reason) < 0)
		return reason.code == ERROR_SYSTEM ? error_set(e, ERROR_SYSTEM, "%s", reason.text) : 1;
	comparison_references(rows, p, comparison_target(m), -c->skew.applied, NULL);
	for (int64_t i = 0; i < p->rows; i++) {
		if (rows->reason[i] != INCLUDED)
			continue;
		error_sums_add(sum, rows->reference[i], rows->estimate[i], p->step[i]);
		*level = rows->level[i] < *level ? rows->level[i] : *level;
	}
	return 0;
}

static int64_t most_rows(const struct study *study)
{
	int64_t most = 0;

	for (int p = 0; p < study->pumps; p++)
		most = study->pump[p].rows > most ? study->pump[p].rows : most;
	return most;
}

int accuracy_variant(struct accuracy_variant *out, const struct study *study, const struct model *model, int number, int input,
	const struct comparison *of, struct error *e)
{
	struct accuracy_variant v = {.model = number, .number = input, .energy = NAN, .nmbe = NAN, .rmse = NAN, .energy_cost = NAN, .rmse_cost = NAN,
		.level = MODEL_ALL_INPUTS};
	const char *rule = rule_for(model, input);
	struct error_sums sum = {0};
	struct comparison_rows rows;
	bool lacks = false;
	int added = 0;

	text_copy(v.input, sizeof(v.input), model->input[input].name);
	if (comparison_rows_make(&rows, most_rows(study), e) < 0)
		return -1;
	for (int p = 0; p < study->pumps && added >= 0; p++) {
		added = !of[p].there ? 0 : add_pump(&sum, &v.level, &study->pump[p], model, v.input, &of[p], &rows, e);
		lacks |= added > 0;
	}
	comparison_rows_free(&rows);
	if (added < 0)
		return -1;
	v.there = !lacks && sum.n > 0;
	if (v.there) {
		const struct comparison *all = &of[study->pumps];

		v.energy = metric_of(&sum, METRIC_ENERGY);
		v.nmbe = metric_of(&sum, METRIC_NMBE);
		v.rmse = metric_of(&sum, METRIC_RMSE);
		v.energy_cost = v.energy - accuracy_sample_metric(all, METRIC_ENERGY);
		v.rmse_cost = v.rmse - accuracy_sample_metric(all, METRIC_RMSE);
	} else {
		v.level = MODEL_NO_VALUE;
	}
	snprintf(v.how, sizeof(v.how), "%s%s", v.there && rule ? "by " : "", v.there ? rule ? rule : "it plays no part" : "no value without it");
	*out = v;
	return 0;
}

double accuracy_sample_metric(const struct comparison *c, enum metric metric)
{
	struct error_sums sum = {0};

	for (int d = 0; d < c->days; d++)
		for (int r = 0; r < REGIMES; r++)
			error_sums_join(&sum, &c->day[d].regime[r]);
	return metric_of(&sum, metric);
}
