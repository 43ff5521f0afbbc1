#include "analytics/core/report_run.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <jansson.h>
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

static void own_facts(struct report *r, const struct stored_run *run)
{
	const struct run_summary *s = &run->summary;
	static const char *const states[] = {"intact", "changed after the end", "no clean end"};
	char when[40];

	report_fact(r, "Run", "folder", "%s", base_name(run->path));
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
	report_fact(r, "Run", "size", "%lld scans, %d steps, %d segment%s", (long long)s->scans, run->steps,
		s->segments, s->segments == 1 ? "" : "s");
	report_fact(r, "Run", "evidence", "%s%s%s", states[run->state],
		run->state == RUN_INTACT ? "" : ": ",
		run->state == RUN_INTACT ? "" : run->state_detail);
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

static void dut_facts(struct report *r, const struct stored_run *run)
{
	for (int i = 0; i < run->duts; i++) {
		const struct run_dut *d = &run->dut[i];

		report_fact(r, "Under test", d->name, "%s%s%s; serial %s%s; firmware %s%s", or_dash(d->kind),
			d->profile[0] ? ", profile " : "", d->profile, or_dash(d->serial),
			how_known(d->serial, d->serial_origin), or_dash(d->firmware),
			how_known(d->firmware, d->firmware_origin));
	}
}

void report_run_facts(struct report *r, const struct stored_run *run)
{
	own_facts(r, run);
	dut_facts(r, run);
	if (run->steps_left_out)
		report_fact(r, "Run", "left out", "%d step%s that name%s no device under test", run->steps_left_out,
			run->steps_left_out == 1 ? "" : "s", run->steps_left_out == 1 ? "s" : "");
}

static bool one_of(const char *role, const char *const *roles)
{
	for (; *roles; roles++)
		if (strcmp(role, *roles) == 0)
			return true;
	return false;
}

/* {"serial": "x", "firmware": "y"} as "serial x, firmware y"; what is no such object as it is. */
static void identity_words(const char *json, char *out, size_t size)
{
	json_t *all = json_loads(json, 0, NULL), *value;
	const char *key;
	size_t at = 0;

	out[0] = '\0';
	json_object_foreach(all, key, value)
		if (json_is_string(value) && at < size)
			at += (size_t)snprintf(out + at, size - at, "%s%s %s", at ? ", " : "", key, json_string_value(value));
	if (!at)
		text_copy(out, size, json);
	json_decref(all);
}

/* A channel as an instrument: where it comes from and how well it is known. */
void report_run_instruments(struct report *r, const struct stored_run *run, const char *const *roles)
{
	for (int i = 0; i < run->channels; i++) {
		const struct run_channel *c = &run->channel[i];
		char U[48] = "uncertainty not known", digit[64] = "", cert[160] = "";

		if (!one_of(c->role, roles))
			continue;
		if (!isnan(c->uncertainty))
			snprintf(U, sizeof(U), "U = %g %s (k = 2)", c->uncertainty, c->unit);
		if (!isnan(c->resolution))
			snprintf(digit, sizeof(digit), ", digit %.4g %s%s", c->resolution, c->unit,
				run->digit_inferred[i] ? " (as it occurs)" : "");
		if (c->certificate >= 0) {
			const struct run_certificate *k = &run->certificate[c->certificate];

			snprintf(cert, sizeof(cert), ", certificate %.48s of %.16s, due %.16s%s", k->id, k->date, k->due,
				strlen(k->points) > 2 ? ", its corrections applied" : "");
		}
		report_fact(r, "Instruments", c->name, "%s%s%s%s%s",
			c->device >= 0 ? run->device[c->device].name : "", c->device >= 0 ? ": " : "", U,
			digit, cert[0] ? cert : ", no certificate");
	}
	for (int i = 0; i < run->devices; i++)
		if (run->device[i].identity[0] && strcmp(run->device[i].identity, "{}") != 0) {
			char words[512];

			identity_words(run->device[i].identity, words, sizeof(words));
			report_fact(r, "Instruments", run->device[i].name, "%s, %s", run->device[i].map, words);
		}
}

void report_run_again(
	struct report *r, const struct stored_run *run, const char *limit_file, const char *command)
{
	static const char *const files[] = {"run.db", "manifest.json"};
	struct error ignored = ERROR_INIT;
	char path[4608], digest[65];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "%s/%s", run->path, files[i]);
		if (file_digest(path, digest, &ignored) == 0)
			report_fact(r, REPORT_AGAIN, files[i], "SHA-256 %s", digest);
	}
	for (int i = 0; i < run->segments; i++)
		report_fact(r, REPORT_AGAIN, "bench file", "SHA-256 %s",
			or_dash(run->segment[i].bench_digest));
	if (limit_file && file_digest(limit_file, digest, &ignored) == 0)
		report_fact(r, REPORT_AGAIN, base_name(limit_file), "limits, SHA-256 %s", digest);
	if (run->summary.about.seed >= 0 && run->summary.about.origin == ORIGIN_SIMULATED)
		report_fact(r, REPORT_AGAIN, "seed", "%lld", (long long)run->summary.about.seed);
	if (run->summary.about.command[0])
		report_fact(r, REPORT_AGAIN, "acquired by", "%s", run->summary.about.command);
	if (command)
		report_fact(r, REPORT_AGAIN, "evaluated by", "%s", command);
	report_fact(r, REPORT_AGAIN, "software", "acquisition %s, evaluation heatbench %s",
		or_dash(run->summary.about.software), HEATBENCH_VERSION);
}

/* The rule in words: the one that was used, both where limits differ. */
void report_run_rule(struct report *r, const struct report_result *result, int results)
{
	bool used[2] = {false, false};

	for (int i = 0; i < results; i++)
		if (result[i].verdict != VERDICT_NONE)
			used[result[i].rule] = true;
	snprintf(r->rule_sentence, sizeof(r->rule_sentence), "%s%s%s",
		used[DECISION_GUARDED] ? decision_rule_sentence(DECISION_GUARDED) : "",
		used[0] && used[1] ? " " : "",
		used[DECISION_SIMPLE] ? decision_rule_sentence(DECISION_SIMPLE) : "");
}

void report_run_head(struct report *r, const struct stored_run *run, const char *title, const char *real)
{
	const struct run_about *about = &run->summary.about;
	char when[40];

	snprintf(r->title, sizeof(r->title), "%s%s%s", title, about->label[0] ? ": " : "", about->label);
	snprintf(r->subtitle, sizeof(r->subtitle), "%s on bench %s", instant(when, sizeof(when), about->utc),
		about->bench);
	text_copy(r->origin, sizeof(r->origin), origin_name(about->origin));
	snprintf(r->software, sizeof(r->software), "heatbench %s", HEATBENCH_VERSION);
	r->incomplete = stored_run_incomplete(run);
	r->judged_only = true;
	r->made_utc = (int64_t)time(NULL);
	if (about->origin == ORIGIN_SIMULATED)
		snprintf(r->banner, sizeof(r->banner),
			"Simulated data (virtual lab, seed %lld): says nothing about %s", (long long)about->seed, real);
	else if (about->origin == ORIGIN_IMPORTED)
		snprintf(r->banner, sizeof(r->banner),
			"Imported recordings: acquired by other software, taken as they are");
}
