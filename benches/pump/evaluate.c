#include "benches/pump/evaluate.h"

#include "benches/pump/judge.h"
#include "benches/pump/pump_report.h"
#include "daq/base/error.h"

#include <stdlib.h>
#include <string.h>

/* Each step with its own pump's profile and standby level; consecutive steps are mostly of the same pump. */
static int evaluate_steps(struct pump_evaluation *ev, struct error *e)
{
	const struct state_profile *profile = NULL;
	struct pump_standby standby = {0, 0};
	const char *of = "";

	ev->step = calloc((size_t)ev->run.steps, sizeof(*ev->step));
	if (!ev->step)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", ev->run.path);
	for (; ev->steps < ev->run.steps; ev->steps++) {
		const struct run_step *step = &ev->run.step[ev->steps];

		if (!profile || strcmp(of, step->dut) != 0) {
			of = step->dut;
			profile = state_profile_find(stored_dut(&ev->run, of)->profile);
			standby = pump_standby_find(&ev->run, of, profile);
		}
		if (pump_step_evaluate(&ev->step[ev->steps], &ev->run, step, profile, &standby, e) < 0)
			return -1;
	}
	return 0;
}

static int take_limits(struct pump_evaluation *ev, const struct pump_options *options, struct error *e)
{
	const struct run_limit *from = options->limit ? options->limit : ev->run.limit;

	ev->settings = options->settings ? *options->settings : pump_settings_default();
	ev->limits = options->limit ? options->limits : ev->run.limits;
	ev->limit_file = options->limit_file;
	ev->limit = calloc((size_t)(ev->limits + PUMP_PROMISES * ev->run.duts) + 1, sizeof(*ev->limit));
	if (!ev->limit)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", ev->run.path);
	if (ev->limits > 0)
		memcpy(ev->limit, from, (size_t)ev->limits * sizeof(*from));
	for (int i = 0; i < ev->run.duts; i++)
		ev->limits += pump_promises(ev->limit + ev->limits, &ev->settings, ev->run.dut[i].name);
	return 0;
}

static int find_guarantees(struct pump_evaluation *ev, struct error *e)
{
	ev->guarantee = calloc((size_t)ev->run.duts, sizeof(*ev->guarantee));
	if (!ev->guarantee)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", ev->run.path);
	for (int i = 0; i < ev->run.duts; i++)
		ev->guarantees += pump_guarantee_find(&ev->guarantee[ev->guarantees], ev->curve, ev->curves,
			ev->run.dut[i].name, &ev->settings);
	return 0;
}

/* What goes beyond settled means: each finds what the run has data for. */
static int evaluate_models(struct pump_evaluation *ev, struct error *e)
{
	if (pump_dynamics_make(&ev->dynamics, &ev->dynamics_count, &ev->run, ev->step, ev->steps, e) < 0 ||
		pump_lines_make(&ev->line, &ev->lines, ev->point, ev->points, ev->dynamics, ev->dynamics_count, e) < 0 ||
		pump_affinities_make(&ev->affinity, &ev->affinities, ev->ratio, ev->ratios, e) < 0 ||
		pump_curves_make(&ev->curve, &ev->curves, &ev->run, ev->point, ev->points, &ev->settings, e) < 0 ||
		find_guarantees(ev, e) < 0 || pump_eei_make(&ev->eei, &ev->eeis, ev->curve, ev->curves, e) < 0)
		return -1;
	return pump_findings_make(&ev->finding, &ev->findings, ev, e);
}

int pump_evaluate(struct pump_evaluation *out, struct run_reader *reader, const struct pump_options *options,
	struct error *e)
{
	static const struct pump_options none = {0};
	struct pump_evaluation ev = {.verdict = VERDICT_NONE};

	if (stored_run_read(&ev.run, reader, e) < 0)
		return -1;
	ev.incomplete = stored_run_incomplete(&ev.run);
	if (stored_run_keep_tested(&ev.run, e) < 0 || take_limits(&ev, options ? options : &none, e) < 0 || evaluate_steps(&ev, e) < 0 ||
		pump_points_make(&ev.point, &ev.points, &ev.run, ev.step, ev.steps, e) < 0 ||
		pump_ratios_make(&ev.ratio, &ev.ratios, ev.point, ev.points, e) < 0 ||
		pump_differences_make(&ev.difference, &ev.differences, &ev.run, ev.point, ev.points, e) < 0 ||
		evaluate_models(&ev, e) < 0 || pump_judge(&ev, e) < 0) {
		pump_evaluation_free(&ev);
		return -1;
	}
	*out = ev;
	return 0;
}

void pump_evaluation_free(struct pump_evaluation *ev)
{
	free(ev->step);
	free(ev->point);
	free(ev->ratio);
	free(ev->difference);
	pump_dynamics_free(ev->dynamics, ev->dynamics_count);
	pump_lines_free(ev->line, ev->lines);
	pump_curves_free(ev->curve, ev->curves);
	free(ev->affinity);
	free(ev->guarantee);
	free(ev->eei);
	free(ev->finding);
	free(ev->result);
	free(ev->limit);
	stored_run_free(&ev->run);
	*ev = (struct pump_evaluation){.verdict = VERDICT_NONE};
}

int pump_check_settings(const char *settings, struct error *e)
{
	struct pump_settings unused;

	return pump_settings_read(&unused, settings, e);
}

int pump_evaluate_run(struct report *out, const char *run_path, const char *folder,
	const struct evaluation_options *given, struct error *e)
{
	static const struct evaluation_options none = {0};
	struct pump_settings settings;
	struct pump_options options = {.settings = &settings};
	struct run_reader *reader = NULL;
	struct pump_evaluation ev;
	int status;

	given = given ? given : &none;
	options.limit = given->limit;
	options.limits = given->limits;
	options.limit_file = given->limit_file;
	options.command = given->command;
	if (pump_settings_read(&settings, given->settings, e) < 0 || run_reader_open(&reader, run_path, e) < 0)
		return -1;
	status = pump_evaluate(&ev, reader, &options, e);
	run_reader_close(reader);
	if (status < 0)
		return -1;
	status = pump_report(out, &ev, folder, &options, e);
	pump_evaluation_free(&ev);
	return status;
}
