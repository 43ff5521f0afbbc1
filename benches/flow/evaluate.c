#include "benches/flow/evaluate.h"

#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool marked(const struct stored_run *run, const struct run_step *step)
{
	for (int i = 0; i < run->marks; i++)
		if (run->mark[i].step == step->number &&
			(strcmp(run->mark[i].name, "empty") == 0 || strcmp(run->mark[i].name, "collect") == 0 ||
				strcmp(run->mark[i].name, "full") == 0))
			return true;
	return false;
}

/* Whether anything was collected in this run: a comparison has windows too, but none of the scale. */
static bool collects(const struct stored_run *run)
{
	for (int i = 0; i < run->marks; i++)
		if (strcmp(run->mark[i].name, "collect") == 0 || strcmp(run->mark[i].name, "empty") == 0)
			return true;
	return false;
}

enum what { WHAT_NOTHING, WHAT_COLLECTION, WHAT_COMPARISON };

/* A step with a set point and no window of the scale is no collection, unless it broke off before the first. */
static enum what what_is(const struct stored_run *run, const struct run_step *step)
{
	if (stored_channel(run, "", "weight") >= 0 && marked(run, step))
		return WHAT_COLLECTION;
	if (isnan(step->set_point))
		return WHAT_NOTHING;
	if (stored_channel(run, "", "weight") >= 0 && (collects(run) || stored_channel(run, "", "reference") < 0))
		return step->done ? WHAT_NOTHING : WHAT_COLLECTION;
	return stored_channel(run, "", "reference") >= 0 ? WHAT_COMPARISON : WHAT_NOTHING;
}

static bool under_test(const struct stored_run *run, const struct run_step *step, int dut, const char *needs)
{
	if (step->dut[0] && strcmp(step->dut, run->dut[dut].name) != 0)
		return false;
	return !needs || stored_channel(run, run->dut[dut].name, needs) >= 0;
}

static int number_of(const struct flow_evaluation *ev, const struct run_step *step, int dut)
{
	int n = 1;

	for (int i = 0; i < ev->trials; i++) {
		const struct run_step *other = &ev->run.step[ev->trial[i].step];

		n += ev->trial[i].dut == dut && other->set_point == step->set_point && strcmp(other->unit, step->unit) == 0;
	}
	return n;
}

static int collect(struct flow_evaluation *ev, int step, struct error *e)
{
	struct flow_collection *c = &ev->collection[ev->collections];

	if (flow_collect(c, &ev->run, step, &ev->settings, e) < 0)
		return -1;
	ev->collected[ev->collections++] = step;
	for (int d = 0; d < ev->run.duts; d++) {
		if (!under_test(&ev->run, &ev->run.step[step], d, NULL))
			continue;
		ev->trial[ev->trials] = flow_collected(c, &ev->run, step, d, &ev->settings);
		ev->trial[ev->trials].number = number_of(ev, &ev->run.step[step], d);
		ev->trials++;
	}
	return 0;
}

static int compare(struct flow_evaluation *ev, int step, struct error *e)
{
	for (int d = 0; d < ev->run.duts; d++) {
		struct flow_trial *t = &ev->trial[ev->trials];

		if (!under_test(&ev->run, &ev->run.step[step], d, "flow"))
			continue;
		*t = flow_trial_new(step, d, FLOW_COMPARISON);
		t->number = number_of(ev, &ev->run.step[step], d);
		if (flow_compare(t, &ev->run, &ev->settings, ev->hold, e) < 0)
			return -1;
		ev->trials++;
	}
	return 0;
}

static int evaluate_steps(struct flow_evaluation *ev, struct error *e)
{
	size_t steps = (size_t)ev->run.steps + 1;

	ev->collection = calloc(steps, sizeof(*ev->collection));
	ev->collected = calloc(steps, sizeof(*ev->collected));
	ev->trial = calloc(steps * (size_t)ev->run.duts, sizeof(*ev->trial));
	if (!ev->collection || !ev->collected || !ev->trial)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", ev->run.path);
	if (flow_hold(&ev->hold, &ev->run, e) < 0)
		return -1;
	for (int i = 0; i < ev->run.steps; i++) {
		enum what what = what_is(&ev->run, &ev->run.step[i]);

		if ((what == WHAT_COLLECTION && collect(ev, i, e) < 0) || (what == WHAT_COMPARISON && compare(ev, i, e) < 0))
			return -1;
	}
	if (ev->trials == 0)
		return error_set(e, ERROR_DATA,
			"%s holds no collection (a step with the marks empty, collect, full and a channel with role weight) and no "
			"comparison (a step with a set point and a channel with role reference): nothing to evaluate",
			ev->run.path);
	return 0;
}

static int take_limits(struct flow_evaluation *ev, const struct evaluation_options *options, struct error *e)
{
	const struct run_limit *from = options->limit ? options->limit : ev->run.limit;

	ev->limits = options->limit ? options->limits : ev->run.limits;
	ev->limit_file = options->limit_file;
	ev->limit = calloc((size_t)(ev->limits + 2 * ev->points) + 1, sizeof(*ev->limit));
	if (!ev->limit)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", ev->run.path);
	if (ev->limits > 0)
		memcpy(ev->limit, from, (size_t)ev->limits * sizeof(*from));
	ev->limits += flow_class_limits(ev->limit + ev->limits, ev);
	return 0;
}

int flow_evaluate_stored(struct flow_evaluation *out, struct stored_run *run, const struct evaluation_options *options,
	struct error *e)
{
	static const struct evaluation_options none = {0};
	struct flow_evaluation ev = {.verdict = VERDICT_NONE, .hold = NAN, .run = *run};

	options = options ? options : &none;
	if (flow_settings_read(&ev.settings, options->settings, e) < 0 || evaluate_steps(&ev, e) < 0 ||
		meter_points_make(&ev.point, &ev.points, &ev.run, ev.trial, ev.trials, &ev.settings, e) < 0 ||
		flow_wholes_make(&ev.whole, &ev.wholes, &ev.run, ev.trial, ev.trials, ev.point, ev.points, &ev.settings,
			e) < 0 ||
		take_limits(&ev, options, e) < 0 || flow_judge(&ev, e) < 0) {
		flow_evaluation_free(&ev);
		return -1;
	}
	*out = ev;
	return 0;
}

int flow_evaluate(struct flow_evaluation *out, struct run_reader *reader, const struct evaluation_options *options,
	struct error *e)
{
	struct stored_run run;

	return stored_run_read(&run, reader, e) < 0 ? -1 : flow_evaluate_stored(out, &run, options, e);
}

void flow_evaluation_free(struct flow_evaluation *ev)
{
	free(ev->collected);
	free(ev->collection);
	free(ev->trial);
	free(ev->point);
	flow_wholes_free(ev->whole, ev->wholes);
	free(ev->result);
	free(ev->limit);
	stored_run_free(&ev->run);
	*ev = (struct flow_evaluation){.verdict = VERDICT_NONE};
}

int flow_check_settings(const char *settings, struct error *e)
{
	struct flow_settings unused;

	return flow_settings_read(&unused, settings, e);
}

int flow_evaluate_run(struct report *out, const char *run_path, const char *folder,
	const struct evaluation_options *options, struct error *e)
{
	struct run_reader *reader = NULL;
	struct flow_evaluation ev;
	int status;

	if (run_reader_open(&reader, run_path, e) < 0)
		return -1;
	status = flow_evaluate(&ev, reader, options, e);
	run_reader_close(reader);
	if (status < 0)
		return -1;
	status = flow_report(out, &ev, folder, options, e);
	flow_evaluation_free(&ev);
	return status;
}
