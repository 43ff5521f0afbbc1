#include "daq/program/check.h"

#include "daq/acquire/dry.h"
#include "daq/acquire/plan.h"
#include "daq/acquire/safe.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"
#include "daq/device/pump_profile.h"
#include "daq/program/check_wiring.h"
#include "daq/script/procedure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SET_TIME (60 * NANOS_PER_MS)

void check_say(json_t *list, const char *format, ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	json_array_append_new(list, json_string(text));
}

static void say_step(void *self, nanos at, const char *text)
{
	json_array_append_new(self, json_pack("{s:f, s:s}", "t", (double)at / 1e9, "what", text));
}

/* Place of a device's channel in the safe steps, -1: none; `value` gets what it is set to. */
static int safe_place(const struct bench *bench, int dut, const char *role, double *value)
{
	for (int s = 0; s < bench->safes; s++) {
		const struct bench_channel *c = &bench->channel[bench->safe[s].channel];

		if (c->dut == dut && strcmp(c->role, role) == 0) {
			*value = bench->safe[s].value;
			return s;
		}
	}
	return -1;
}

/* Whether a procedure may drive the device under test by a duty. */
static bool drives(const struct bench *bench, int dut)
{
	for (int c = 0; c < bench->channels; c++)
		if (bench->channel[c].dut == dut && bench->channel[c].output && strcmp(bench->channel[c].role, "duty") == 0)
			return true;
	return false;
}

/* Safe is a signal that stops the pump, kept driven, and only then the relay: by the vendor's profile, because the same
 * duty stops one pump and is full speed for another, and a cut signal is full speed for a heating pump. */
static void check_pump_safe(const struct bench *bench, json_t *report)
{
	json_t *problems = json_object_get(report, "problems");

	for (int d = 0; d < bench->duts; d++) {
		const struct bench_dut *dut = &bench->dut[d];
		const struct pump_profile *profile;
		struct error unknown = ERROR_INIT;
		double duty = 0, relay = 0;
		int at_duty = safe_place(bench, d, "duty", &duty), at_relay = safe_place(bench, d, "relay", &relay);

		if (!drives(bench, d))
			continue;
		if (pump_profile_find(dut->profile, &profile, &unknown) != 0) {
			check_say(problems, "%s: '%s' is driven by a signal, and what stops it depends on its profile: %s", dut->source,
				dut->name, unknown.text);
			continue;
		}
		if (at_duty < 0 || pump_profile_demand(profile, duty / 1000, true).runs)
			check_say(problems, "%s: the safe state must stop pump '%s' by its signal (%s: %g permille%s)",
				dut->source, dut->name, profile->name, profile->safe_duty * 10,
				profile->on_break == PUMP_BREAK_FULL_SPEED ? "; without a signal it runs at full speed" : "");
		else if (at_relay >= 0 && at_relay < at_duty)
			check_say(problems, "%s: the safe state opens the relay of '%s' before its signal has stopped it",
				dut->source, dut->name);
	}
}

/* What the safe state does not cover. */
static json_t *interlocks_json(const struct bench *bench)
{
	json_t *out = json_array();

	for (int i = 0; i < bench->interlocks; i++) {
		const struct bench_interlock *lock = &bench->interlock[i];
		json_t *row = json_pack("{s:s, s:s, s:f, s:s}", "channel", bench->channel[lock->channel].name, "unit",
			bench->channel[lock->channel].unit, "blind", (double)lock->blind / 1e9, "because", lock->because);

		json_object_set_new(row, "min", isfinite(lock->min) ? json_real(lock->min) : json_null());
		json_object_set_new(row, "max", isfinite(lock->max) ? json_real(lock->max) : json_null());
		json_array_append_new(out, row);
	}
	return out;
}

static void check_safe(const struct bench *bench, json_t *report)
{
	char uncovered[400];
	json_t *steps = json_array();

	safe_uncovered(bench, uncovered, sizeof(uncovered));
	for (int s = 0; s < bench->safes; s++)
		json_array_append_new(steps, json_pack("{s:s, s:f, s:s}", "channel",
			bench->channel[bench->safe[s].channel].name, "value", bench->safe[s].value, "unit",
			bench->channel[bench->safe[s].channel].unit));
	json_object_set_new(report, "interlocks", interlocks_json(bench));
	json_object_set_new(report, "safe", json_pack("{s:o, s:s}", "steps", steps, "uncovered", uncovered));
	if (uncovered[0])
		check_say(json_object_get(report, "warnings"), "the safe state does not cover: %s", uncovered);
	check_say(json_object_get(report, "warnings"),
		"no guard covers a loss of this computer's power or of the bus cable: the devices then keep their last set points");
}

static void check_disk(const struct check_request *request, const struct plan *plan, nanos duration, json_t *report,
	struct check_plan *out)
{
	bool keep_raw = duration < 24 * 3600 * NANOS_PER_S;
	double need = plan_bytes_per_second(plan, request->bench, keep_raw) * (double)duration / 1e9 + (1 << 20);
	const char *folder = request->results;
	struct statvfs fs;
	double have = NAN;

	if (statvfs(folder, &fs) == 0 || statvfs(".", &fs) == 0)
		have = (double)fs.f_bavail * (double)fs.f_frsize;
	json_object_set_new(report, "disk", json_pack("{s:s, s:I, s:o}", "results", folder, "need", (json_int_t)need,
		"have", isnan(have) ? json_null() : json_integer((json_int_t)have)));
	if (access(folder, F_OK) == 0 && access(folder, W_OK) != 0)
		check_say(json_object_get(report, "problems"), "the results folder %s is not writable", folder);
	if (have < need)
		check_say(json_object_get(report, "problems"), "the run needs about %.0f MB in %s, and %.0f MB are free",
			need / 1e6, folder, have / 1e6);
	out->bytes = (int64_t)need;
}

/* A step that fails on paper may hold on the bench: whoever wrote it must know which of the two it was. */
static void say_dry(struct error *e)
{
	struct error inner = *e;

	error_clear(e);
	error_set(e, inner.code, "%s (in the dry run, where channels read their nominal values; nothing was touched)",
		inner.text);
}

/* Whom a dry run's measurements are told to. */
struct fitness {
	const struct check_request *request;
	json_t *problems;
};

static void judge_measurement(void *self, const struct target_step *step, const char *name, nanos duration)
{
	const struct fitness *f = self;
	char why[400];

	if (f->request->unfit(f->request->bench, step, name, duration, why, sizeof(why)))
		check_say(f->problems, "step '%s': %s", step->name, why);
}

static int run_dry(const struct check_request *request, struct dry *dry, json_t *steps, json_t *problems, char *unreached,
	size_t size, struct error *e)
{
	struct procedure_options options = {.stop_fd = -1, .trace = true, .dry = true,
		.argument = request->argument};
	struct fitness fitness = {request, problems};
	struct procedure *procedure = NULL;
	struct target target;
	int result;

	dry_target(dry, request->bench, &target);
	dry->measured = request->unfit ? judge_measurement : NULL;
	dry->measured_self = &fitness;
	dry->transaction = SET_TIME;
	if (steps) {
		dry->say = say_step;
		dry->say_self = steps;
	}
	if (procedure_start(&procedure, request->procedure, request->bench, &options, e) != 0)
		return -1;
	result = procedure_serve(procedure, &target, e);
	if (result == 0)
		text_copy(unreached, size, procedure_unreached(procedure));
	else if (e->code == ERROR_LIMIT)
		say_dry(e);
	procedure_close(procedure);
	return result;
}

/* Everything, into the report; `out` for who starts a run. */
static int check_all(const struct check_request *request, json_t *report, struct check_plan *out,
	struct error *e)
{
	const struct bench *bench = request->bench;
	struct plan *plan = calloc(1, sizeof(*plan));
	struct dry *dry = calloc(1, sizeof(*dry));
	json_t *steps = json_array();
	char unreached[300] = "";
	int result = -1;

	if (!plan || !dry || !steps) {
		error_set(e, ERROR_SYSTEM, "no memory for the check");
		goto out;
	}
	if (plan_make(plan, bench, e) != 0)
		goto out;
	check_wiring(bench, plan, request->simulated, report);
	if (run_dry(request, dry, steps, json_object_get(report, "problems"), unreached, sizeof(unreached), e) != 0)
		goto out;
	json_object_set_new(report, "procedure", json_pack("{s:s, s:f, s:i, s:i, s:s, s:O}", "file",
		request->procedure, "seconds", (double)dry->elapsed / 1e9, "steps", dry->steps, "asks", dry->asks,
		"unreached", unreached, "calls", steps));
	if (dry->asks && !request->answers && !isatty(STDIN_FILENO))
		check_say(json_object_get(report, "warnings"), "the procedure asks %d times: it needs a terminal or "
			"--answers FILE", dry->asks);
	check_pump_safe(bench, report);
	check_safe(bench, report);
	check_disk(request, plan, dry->elapsed, report, out);
	out->duration = dry->elapsed;
	out->steps = dry->steps;
	result = 0;
out:
	json_decref(steps);
	free(plan);
	free(dry);
	return result;
}

static json_t *new_report(const struct bench *bench)
{
	return json_pack("{s:s, s:s, s:s, s:f, s:i, s:[], s:[], s:[], s:[]}", "bench", bench->name, "file", bench->file,
		"digest", bench->digest, "tick", (double)bench->tick / 1e9, "channels", bench->channels, "buses", "devices",
		"problems", "warnings");
}

int check_run(const struct check_request *request, json_t **report, struct error *e)
{
	json_t *r = new_report(request->bench);
	struct check_plan plan;

	if (!r)
		return error_set(e, ERROR_SYSTEM, "no memory for the check");
	if (check_all(request, r, &plan, e) != 0) {
		json_decref(r);
		return -1;
	}
	*report = r;
	return 0;
}

int check_start(const struct check_request *request, struct check_plan *out, struct error *e)
{
	json_t *r = new_report(request->bench);
	int result = -1;

	if (!r)
		return error_set(e, ERROR_SYSTEM, "no memory for the check");
	if (check_all(request, r, out, e) == 0) {
		const char *first = json_string_value(json_array_get(json_object_get(r, "problems"), 0));

		result = first ? error_set(e, ERROR_CONFIG, "%s", first) : 0;
	}
	json_decref(r);
	return result;
}
