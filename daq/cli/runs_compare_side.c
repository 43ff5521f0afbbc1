#include "daq/cli/runs_compare.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/program/program_path.h"
#include "daq/store/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void compare_side_free(struct compare_side *side)
{
	free(side->dut);
	free(side->device);
	json_decref(side->report);
}

/* Limits by what they say, not by the line of the file they stand in. */
static int digest_limits(struct run_reader *reader, char out[65], struct error *e)
{
	struct text t = TEXT_INIT;
	struct run_limit *limit = NULL;
	int count = 0;

	if (run_reader_limits(reader, &limit, &count, e) != 0)
		return -1;
	for (int i = 0; i < count; i++)
		text_add(&t, "%s;%s;%s;%.17g;%.17g;%.17g;%s;%s\n", limit[i].dut, limit[i].quantity, limit[i].valve,
			limit[i].set_point, limit[i].min, limit[i].max, limit[i].unit, limit[i].rule);
	free(limit);
	if (t.failed)
		return error_set(e, ERROR_SYSTEM, "no memory for the limits of a run");
	if (t.length)
		digest_bytes(t.data, t.length, out);
	text_free(&t);
	return 0;
}

static void digest_procedure(struct compare_side *side)
{
	struct error ignored = ERROR_INIT;
	char path[4600];

	snprintf(path, sizeof(path), "%s/%s", side->path, side->summary.about.procedure);
	if (side->summary.about.procedure[0] && file_digest(path, side->procedure, &ignored) != 0)
		text_copy(side->procedure, sizeof(side->procedure), "missing");
}

static int read_run(struct compare_side *side, struct error *e)
{
	struct run_segment *segment = NULL;
	struct run_reader *reader = NULL;
	int segments = 0, result = -1;

	if (run_reader_open(&reader, side->path, e) != 0)
		return -1;
	text_copy(side->path, sizeof(side->path), run_reader_path(reader));
	if (run_reader_summary(reader, &side->summary, e) == 0 &&
		run_reader_duts(reader, &side->dut, &side->duts, e) == 0 &&
		run_reader_devices(reader, &side->device, &side->devices, e) == 0 &&
		run_reader_segments(reader, &segment, &segments, e) == 0)
		result = digest_limits(reader, side->limits, e);
	if (segments > 0)
		text_copy(side->bench, sizeof(side->bench), segment[0].bench_digest);
	free(segment);
	run_reader_close(reader);
	digest_procedure(side);
	return result;
}

/* The newest evaluation that got as far as its report. */
static json_t *newest_report(const char *run, int *number)
{
	char folder[4500], file[4600];
	json_t *report = NULL;

	for (int n = run_last_evaluation(run, folder, sizeof(folder)); n > 0 && !report; n--) {
		snprintf(file, sizeof(file), "%s/evaluations/%d/report.json", run, n);
		report = json_load_file(file, 0, NULL);
		*number = n;
	}
	return report;
}

static int evaluate(const char *run, struct error *e)
{
	char program[] = "heatbench-evaluate", quiet[] = "--quiet", path[4400];
	char *argv[] = {program, path, quiet, NULL};
	int status;

	text_copy(path, sizeof(path), run);
	status = program_run(program, argv, e);
	if (status == EXIT_UNABLE)
		return error_set(e, ERROR_DATA, "%s has no evaluation, and none could be made", run);
	return status < 0 ? -1 : 0;
}

int compare_side_read(struct compare_side *side, const char *path, const char *name, struct error *e)
{
	text_copy(side->path, sizeof(side->path), path);
	side->name = name;
	if (read_run(side, e) != 0)
		return -1;
	side->report = newest_report(side->path, &side->evaluation);
	if (!side->report && evaluate(side->path, e) == 0)
		side->report = newest_report(side->path, &side->evaluation);
	if (side->report && json_is_array(json_object_get(side->report, "results")))
		return 0;
	return error_set(e, ERROR_DATA, "%s: evaluation %d has no results", side->path, side->evaluation);
}

static int add(struct comparison *c, const char *what, const char *of, const char *a, const char *b, struct error *e)
{
	struct compare_condition *grown;

	if (strcmp(a, b) == 0)
		return 0;
	grown = realloc(c->condition, (size_t)(c->conditions + 1) * sizeof(*grown));
	if (!grown)
		return error_set(e, ERROR_SYSTEM, "no memory to compare runs");
	c->condition = grown;
	grown += c->conditions++;
	snprintf(grown->what, sizeof(grown->what), "%s%s%s", what, of[0] ? " of " : "", of);
	snprintf(grown->a, sizeof(grown->a), "%.150s", a);
	snprintf(grown->b, sizeof(grown->b), "%.150s", b);
	return 0;
}

static int dut_conditions(struct comparison *c, struct error *e)
{
	for (int i = 0; i < c->a.duts; i++)
		for (int k = 0; k < c->b.duts; k++) {
			const struct run_dut *a = &c->a.dut[i], *b = &c->b.dut[k];

			if (strcmp(a->name, b->name) == 0 && (add(c, "firmware", a->name, a->firmware, b->firmware, e) != 0 ||
				add(c, "serial", a->name, a->serial, b->serial, e) != 0 ||
				add(c, "profile", a->name, a->profile, b->profile, e) != 0))
				return -1;
		}
	return 0;
}

static int device_conditions(struct comparison *c, struct error *e)
{
	for (int i = 0; i < c->a.devices; i++)
		for (int k = 0; k < c->b.devices; k++) {
			const struct run_device *a = &c->a.device[i], *b = &c->b.device[k];

			if (strcmp(a->name, b->name) == 0 && (add(c, "identity", a->name, a->identity, b->identity, e) != 0 ||
				add(c, "register map", a->name, a->map, b->map, e) != 0))
				return -1;
		}
	return 0;
}

static const char *maker_of(const struct compare_side *side)
{
	const char *software = json_string_value(json_object_get(side->report, "software"));

	return software ? software : "?";
}

int compare_conditions(struct comparison *c, struct error *e)
{
	const struct run_about *a = &c->a.summary.about, *b = &c->b.summary.about;
	char ticks[2][32];

	snprintf(ticks[0], sizeof(ticks[0]), "%g s", (double)a->period / 1e9);
	snprintf(ticks[1], sizeof(ticks[1]), "%g s", (double)b->period / 1e9);
	if (add(c, "bench", "", a->bench, b->bench, e) != 0 || dut_conditions(c, e) != 0 ||
		device_conditions(c, e) != 0 || add(c, "origin", "", origin_name(a->origin), origin_name(b->origin), e) != 0 ||
		add(c, "completeness", "", c->a.summary.verdict, c->b.summary.verdict, e) != 0 ||
		add(c, "tick", "", ticks[0], ticks[1], e) != 0 ||
		add(c, "bench digest", "", c->a.bench, c->b.bench, e) != 0 ||
		add(c, "procedure digest", "", c->a.procedure, c->b.procedure, e) != 0 ||
		add(c, "limits digest", "", c->a.limits, c->b.limits, e) != 0 ||
		add(c, "software", "", a->software, b->software, e) != 0)
		return -1;
	return add(c, "evaluated by", "", maker_of(&c->a), maker_of(&c->b), e);
}
