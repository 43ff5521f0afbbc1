#include "benches/pump/pump_report.h"

#include "benches/pump/figures.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef HEATBENCH_VERSION
#define HEATBENCH_VERSION "unknown"
#endif

static const char *instant(char *out, size_t size, nanos utc)
{
	time_t seconds = (time_t)(utc / NANOS_PER_S);
	struct tm when;

	gmtime_r(&seconds, &when);
	strftime(out, size, "%Y-%m-%d %H:%M:%S UTC", &when);
	return out;
}

static const char *or_dash(const char *text)
{
	return text[0] ? text : "not given";
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void run_facts(struct report *r, const struct pump_evaluation *ev)
{
	const struct run_summary *s = &ev->run.summary;
	static const char *const states[] = {"intact", "changed after the end", "no clean end"};
	char when[40];

	report_fact(r, "Run", "folder", "%s", base_name(ev->run.path));
	report_fact(r, "Run", "started", "%s", instant(when, sizeof(when), s->about.utc));
	if (s->ended_utc)
		report_fact(r, "Run", "ended", "%s", instant(when, sizeof(when), s->ended_utc));
	else
		report_fact(r, "Run", "ended", "no clean end");
	report_fact(r, "Run", "bench", "%s", s->about.bench);
	if (s->about.label[0])
		report_fact(r, "Run", "label", "%s", s->about.label);
	report_fact(r, "Run", "procedure", "%s", or_dash(s->about.procedure));
	report_fact(r, "Run", "operator", "%s", or_dash(s->about.operator));
	report_fact(r, "Run", "origin", "%s", origin_name(s->about.origin));
	report_fact(r, "Run", "size", "%lld scans, %d steps, %d segment%s", (long long)s->scans, ev->steps,
		s->segments, s->segments == 1 ? "" : "s");
	report_fact(r, "Run", "evidence", "%s%s%s", states[ev->run.state],
		ev->run.state == RUN_INTACT ? "" : ": ",
		ev->run.state == RUN_INTACT ? "" : ev->run.state_detail);
	if (s->why[0])
		report_fact(r, "Run", "why incomplete", "%s", s->why);
}

static const char *how_known(const char *value, enum origin origin)
{
	return !value[0]		   ? ""
	       : origin == ORIGIN_TYPED	   ? " (typed)"
	       : origin == ORIGIN_MEASURED ? " (read)"
					   : " (see origin)";
}

static void dut_facts(struct report *r, const struct pump_evaluation *ev)
{
	for (int i = 0; i < ev->run.duts; i++) {
		const struct run_dut *d = &ev->run.dut[i];

		report_fact(r, "Under test", d->name, "%s, profile %s; serial %s%s; firmware %s%s",
			or_dash(d->kind), or_dash(d->profile), or_dash(d->serial),
			how_known(d->serial, d->serial_origin), or_dash(d->firmware),
			how_known(d->firmware, d->firmware_origin));
	}
}

/* A channel as an instrument: where it comes from and how well it is known. */
static void instrument_facts(struct report *r, const struct pump_evaluation *ev)
{
	for (int i = 0; i < ev->run.channels; i++) {
		const struct run_channel *c = &ev->run.channel[i];
		char U[48] = "uncertainty not known", digit[64] = "", cert[160] = "";

		if (strcmp(c->role, "flow") != 0 && strcmp(c->role, "feedback") != 0 &&
			strcmp(c->role, "power") != 0 && strcmp(c->role, "dp") != 0)
			continue;
		if (!isnan(c->uncertainty))
			snprintf(U, sizeof(U), "U = %g %s (k = 2)", c->uncertainty, c->unit);
		if (!isnan(c->resolution))
			snprintf(digit, sizeof(digit), ", digit %.4g %s%s", c->resolution, c->unit,
				ev->run.digit_inferred[i] ? " (as it occurs)" : "");
		if (c->certificate >= 0) {
			const struct run_certificate *k = &ev->run.certificate[c->certificate];

			snprintf(cert, sizeof(cert), ", certificate %.48s of %.16s, due %.16s", k->id,
				k->date, k->due);
		}
		report_fact(r, "Instruments", c->name, "%s%s%s%s%s",
			c->device >= 0 ? ev->run.device[c->device].name : "", c->device >= 0 ? ": " : "", U,
			digit, cert[0] ? cert : ", no certificate");
	}
	for (int i = 0; i < ev->run.devices; i++)
		if (ev->run.device[i].identity[0] && strcmp(ev->run.device[i].identity, "{}") != 0)
			report_fact(r, "Instruments", ev->run.device[i].name, "%s, %s", ev->run.device[i].map,
				ev->run.device[i].identity);
}

static void reproduce_facts(
	struct report *r, const struct pump_evaluation *ev, const struct pump_options *options)
{
	static const char *const files[] = {"run.db", "manifest.json"};
	struct error ignored = ERROR_INIT;
	char path[4608], digest[65];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", ev->run.path, files[i]);
		if (file_digest(path, digest, &ignored) == 0)
			report_fact(r, REPORT_AGAIN, files[i], "SHA-256 %s", digest);
	}
	for (int i = 0; i < ev->run.segments; i++)
		report_fact(r, REPORT_AGAIN, "bench file", "SHA-256 %s",
			or_dash(ev->run.segment[i].bench_digest));
	if (options && options->limit_file && file_digest(options->limit_file, digest, &ignored) == 0)
		report_fact(r, REPORT_AGAIN, base_name(options->limit_file), "limits, SHA-256 %s", digest);
	if (ev->run.summary.about.seed >= 0 && ev->run.summary.about.origin == ORIGIN_SIMULATED)
		report_fact(r, REPORT_AGAIN, "seed", "%lld", (long long)ev->run.summary.about.seed);
	if (ev->run.summary.about.command[0])
		report_fact(r, REPORT_AGAIN, "acquired by", "%s", ev->run.summary.about.command);
	if (options && options->command)
		report_fact(r, REPORT_AGAIN, "evaluated by", "%s", options->command);
	report_fact(r, REPORT_AGAIN, "software", "acquisition %s, evaluation heatbench %s",
		or_dash(ev->run.summary.about.software), HEATBENCH_VERSION);
}

/* The rule in words: the one that was used, both where limits differ. */
static void rule(struct report *r, const struct pump_evaluation *ev)
{
	bool used[2] = {false, false};

	for (int i = 0; i < ev->results; i++)
		if (ev->result[i].verdict != VERDICT_NONE)
			used[ev->result[i].rule] = true;
	snprintf(r->rule_sentence, sizeof(r->rule_sentence), "%s%s%s",
		used[DECISION_GUARDED] ? decision_rule_sentence(DECISION_GUARDED) : "",
		used[0] && used[1] ? " " : "",
		used[DECISION_SIMPLE] ? decision_rule_sentence(DECISION_SIMPLE) : "");
}

static void head(struct report *r, const struct pump_evaluation *ev)
{
	const struct run_about *about = &ev->run.summary.about;
	char when[40];

	snprintf(r->title, sizeof(r->title), "Pump test%s%s", about->label[0] ? ": " : "", about->label);
	snprintf(r->subtitle, sizeof(r->subtitle), "%s on bench %s", instant(when, sizeof(when), about->utc),
		about->bench);
	text_copy(r->bench, sizeof(r->bench), "pump");
	text_copy(r->origin, sizeof(r->origin), origin_name(about->origin));
	text_copy(r->verdict_sentence, sizeof(r->verdict_sentence), ev->sentence);
	snprintf(r->software, sizeof(r->software), "heatbench %s", HEATBENCH_VERSION);
	r->verdict = ev->verdict;
	r->incomplete = ev->incomplete;
	r->judged_only = true;
	r->made_utc = (int64_t)time(NULL);
	if (about->origin == ORIGIN_SIMULATED)
		snprintf(r->banner, sizeof(r->banner),
			"Simulated data (virtual lab, seed %lld): says nothing about a real pump",
			(long long)about->seed);
	else if (about->origin == ORIGIN_IMPORTED)
		snprintf(r->banner, sizeof(r->banner),
			"Imported recordings: acquired by other software, taken as they are");
	rule(r, ev);
}

static void known_limits(struct report *r, const struct pump_evaluation *ev)
{
	static const char heading[] = "What to keep in mind";
	bool unknown = false, reference = false;

	for (int i = 0; i < ev->points; i++)
		for (int q = 0; q < PUMP_QUANTITIES; q++) {
			unknown |=
				ev->point[i].quantity[q].known && !ev->point[i].quantity[q].instrument_known;
			reference |= q == PUMP_POWER && ev->point[i].quantity[q].known;
		}
	for (int i = 0; i < ev->dynamics_count; i++)
		reference |= pump_run_channel(&ev->run, ev->dynamics[i].dut, "power") >= 0;
	if (unknown)
		report_note(r, heading,
			"The uncertainty of some instruments is not known; where it is missing from the "
			"budget, "
			"the interval holds scatter, approach and resolution only, and is too short for a "
			"statement about the true value.");
	if (!reference)
		report_note(r, heading,
			"There is no reference meter in this run: power is what the pump says of itself.");
	report_note(r, heading,
		"Noise with a memory: in a window of a dozen samples the number of independent ones is "
		"itself "
		"uncertain; intervals then cover somewhat less than 95 %% (about 87 %% at a lag-one "
		"correlation of 0.5 and 30 "
		"samples a step, 94 %% at 120). Longer steps cure it.");
	report_note(r, heading,
		"A flow of zero is a measured zero only where the pump is known to be stopped; else it means "
		"\"less than the sensor sees\", and no limit is passed on it unless the limit lies beyond "
		"what the sensor would see.");
	if (ev->curves)
		report_note(r, heading,
			"Grades of ISO 9906 and the energy efficiency index stand on tables from memory (unverified "
			"table): hold them against the standards before anything is accepted or refused by them.");
	if (ev->points == 0)
		report_note(r, heading,
			"Nothing was to settle in this run: limits on settled values are undecided, those on what the models "
			"found are not.");
	for (int i = 0; i < ev->run.duts; i++) {
		const struct state_profile *p = state_profile_find(ev->run.dut[i].profile);

		report_note(r, heading, "States of %s after profile %s: %s.", ev->run.dut[i].name, p->name,
			p->source);
	}
}

int pump_report(struct report *out, const struct pump_evaluation *ev, const char *folder,
	const struct pump_options *options, struct error *e)
{
	struct report r = {.bench = ""};

	head(&r, ev);
	run_facts(&r, ev);
	dut_facts(&r, ev);
	instrument_facts(&r, ev);
	reproduce_facts(&r, ev, options);
	for (int i = 0; i < ev->results; i++)
		report_result(&r, &ev->result[i]);
	pump_figures(&r, ev, folder);
	pump_report_tables(&r, ev);
	pump_report_quality(&r, ev);
	known_limits(&r, ev);
	if (r.failed) {
		report_free(&r);
		return error_set(
			e, ERROR_SYSTEM, "out of memory while writing the report of %s", ev->run.path);
	}
	*out = r;
	return 0;
}
