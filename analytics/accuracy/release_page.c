#include "analytics/accuracy/release_page.h"

#include "analytics/core/figures.h"
#include "analytics/core/table_row.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef HEATBENCH_VERSION
#define HEATBENCH_VERSION "unknown"
#endif

double release_percent(double x)
{
	return 100 * expm1(x);
}

enum verdict release_verdict_of(enum release_verdict v)
{
	return v == RELEASE_EQUIVALENT || v == RELEASE_NOT_WORSE ? VERDICT_PASSED : v == RELEASE_WORSE ? VERDICT_FAILED : VERDICT_UNDECIDED;
}

static enum origin origin_of(const struct study *const *study, int studies)
{
	enum origin worst = ORIGIN_MEASURED;

	for (int k = 0; k < studies; k++)
		for (int i = 0; i < study[k]->runs; i++)
			if (study[k]->run[i].origin != ORIGIN_MEASURED && worst != ORIGIN_SIMULATED)
				worst = study[k]->run[i].origin;
	return worst;
}

void release_page_head(struct release_page *p, const char *title, const struct study *const *study, int studies, enum release_verdict verdict,
	const char *sentence)
{
	enum origin origin = origin_of(study, studies);
	struct report *r = &p->r;
	double level = 100 * (1 - 2 * p->rules->alpha);
	char from[16], to[16];
	int first = release_day_number(&study[0]->calendar, 0), last = first;

	for (int k = 0; k < studies; k++) {
		int begin = release_day_number(&study[k]->calendar, 0), end = begin + study[k]->calendar.days - 1;

		first = begin < first ? begin : first;
		last = end > last ? end : last;
		for (int i = 0; i < study[k]->runs; i++)
			r->incomplete |= study[k]->run[i].incomplete;
	}
	text_copy(r->bench, sizeof(r->bench), "accuracy");
	text_copy(r->title, sizeof(r->title), title);
	snprintf(r->subtitle, sizeof(r->subtitle), "%s against %s, %s to %s", p->label[1], p->label[0], release_day_name(from, first),
		release_day_name(to, last));
	text_copy(r->origin, sizeof(r->origin), origin_name(origin));
	text_copy(r->verdict_sentence, sizeof(r->verdict_sentence), sentence);
	r->verdict = release_verdict_of(verdict);
	r->judged_only = true;
	snprintf(r->rule_sentence, sizeof(r->rule_sentence),
		"Equivalent: the %g %% interval of new - old lies inside \xc2\xb1%g %% (two one-sided tests at %g %%). Worse: |bias| has grown by more than that "
		"(one-sided, %g %%, Holm over the quantities). Not worse: it has grown by less, or shrunk, though the two differ. Else inconclusive. The day is "
		"the unit; U is half of the %g %% interval.",
		level, 100 * p->rules->margin, 100 * p->rules->alpha, 100 * p->rules->alpha, level);
	snprintf(r->software, sizeof(r->software), "heatbench %s", HEATBENCH_VERSION);
	r->made_utc = (int64_t)time(NULL);
	if (origin == ORIGIN_SIMULATED)
		text_copy(r->banner, sizeof(r->banner), "Simulated data (virtual lab): says nothing about real heat pumps");
	else if (origin == ORIGIN_IMPORTED)
		text_copy(r->banner, sizeof(r->banner), "Imported recordings: acquired by other software, taken as they are");
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *instant(char *out, double t)
{
	time_t at = (time_t)t;
	struct tm utc;

	out[0] = 0;
	if (!isfinite(t))
		return out;
	gmtime_r(&at, &utc);
	strftime(out, 24, "%Y-%m-%d %H:%M", &utc);
	return out;
}

void release_page_scope(struct release_page *p, const struct study *study, const char *group)
{
	char from[24], to[24];

	for (int i = 0; i < study->runs; i++) {
		const struct study_run *run = &study->run[i];

		report_fact(&p->r, group, base_name(run->path), "%s to %s UTC, %s%s%s", instant(from, run->from), instant(to, run->to),
			origin_name(run->origin), run->incomplete ? "; incomplete: " : "", run->incomplete ? run->state : "");
		if (run->digest[0])
			report_fact(&p->r, REPORT_AGAIN, base_name(run->path), "manifest SHA-256 %s", run->digest);
	}
	for (int i = 0; i < study->pumps; i++)
		report_fact(&p->r, group, study->pump[i].name, "serial %s, firmware %s", study->pump[i].serial[0] ? study->pump[i].serial : "not given",
			study->pump[i].firmware[0] ? study->pump[i].firmware : "not given");
	report_fact(&p->r, group, "days of", "%s", study->calendar.zone);
}

void release_page_model(struct release_page *p, const char *label, const struct release_model *m)
{
	report_fact(&p->r, "Estimators", label, "%s %s%s%s%s%s", m->model.name, m->model.version, m->reported ? "" : ", ", m->reported ? "" : base_name(m->file),
		m->digest[0] ? ", digest " : "", m->digest);
}

void release_page_again(struct release_page *p, const char *command)
{
	if (command)
		report_fact(&p->r, REPORT_AGAIN, "command", "%s", command);
	report_fact(&p->r, REPORT_AGAIN, "software", "heatbench %s", HEATBENCH_VERSION);
}

static void result(struct release_page *p, const struct release_metric *m, const char *dut, const char *what, const struct release_interval *x,
	bool logarithm, int64_t n, enum verdict verdict, const char *note)
{
	double value = logarithm ? release_percent(x->value) : 100 * x->value, low = logarithm ? release_percent(x->low) : 100 * x->low;
	double high = logarithm ? release_percent(x->high) : 100 * x->high, margin = 100 * p->rules->margin;
	struct report_result out = {.set_point = NAN, .value = value, .U = (high - low) / 2, .k = x->u > 0 ? (x->high - x->value) / x->u : NAN,
		.n_effective = NAN, .n = n, .min = verdict != VERDICT_NONE && logarithm ? -margin : NAN, .max = verdict != VERDICT_NONE ? margin : NAN,
		.rule = DECISION_GUARDED, .verdict = verdict, .unit = "%"};

	text_copy(out.dut, sizeof(out.dut), dut);
	snprintf(out.quantity, sizeof(out.quantity), "%s %s", m->name, what);
	text_copy(out.limit_source, sizeof(out.limit_source), verdict != VERDICT_NONE ? "--margin" : "");
	text_copy(out.note, sizeof(out.note), note);
	report_result(&p->r, &out);
}

static enum verdict inferiority(const struct release_metric *m)
{
	if (m->doubt[0])
		return VERDICT_UNDECIDED;
	return m->effect.not_inferior ? VERDICT_PASSED : m->effect.verdict == RELEASE_WORSE ? VERDICT_FAILED : VERDICT_UNDECIDED;
}

void release_page_results(struct release_page *p)
{
	for (int i = 0; i < p->metrics; i++) {
		const struct release_metric *m = &p->metric[i];
		const struct release_effect *e = &m->effect;
		const char *all = "all heat pumps";
		char note[240], still[240] = "";

		if (!m->there)
			continue;
		for (int u = 0; u < RELEASE_UNITS && e->units == 1; u++)
			all = e->unit[u].pairs ? p->unit[u] : all;
		if (e->verdict == RELEASE_INCONCLUSIVE)
			release_still(still, sizeof(still), m, p->rules);
		snprintf(note, sizeof(note), "%s%s%.200s", release_verdict_names[e->verdict], m->doubt[0] || still[0] ? ": " : "",
			m->doubt[0] ? m->doubt : still);
		result(p, m, all, "difference", &e->difference, true, e->pairs, release_verdict_of(e->verdict), note);
		if (e->has_reference)
			result(p, m, all, "growth of |bias|", &e->bias, false, e->pairs, inferiority(m),
				e->nearer ? "nearer to the reference" : e->farther ? "farther from the reference" : "");
		for (int u = 0; u < RELEASE_UNITS && e->units > 1; u++)
			if (e->unit[u].pairs) {
				result(p, m, p->unit[u], "difference", &e->unit[u].difference, true, e->unit[u].pairs, VERDICT_NONE, "");
				if (e->has_reference)
					result(p, m, p->unit[u], "growth of |bias|", &e->unit[u].bias, false, e->unit[u].pairs, VERDICT_NONE, "");
			}
	}
}

static void row_percent(struct row *row, const struct release_interval *x, bool logarithm)
{
	if (logarithm)
		row_interval(row, release_percent(x->value), release_percent(x->low), release_percent(x->high), 2);
	else
		row_interval(row, 100 * x->value, 100 * x->low, 100 * x->high, 2);
}

static void unit_row(struct release_page *p, struct report_table *t, const struct release_metric *m, int unit)
{
	const struct release_unit *u = &m->effect.unit[unit];
	struct row row = {.n = 0};

	row_text(&row, m->title);
	row_text(&row, p->unit[unit]);
	row_count(&row, u->pairs);
	row_fixed(&row, 100 * u->sd, 2);
	row_fixed(&row, release_percent(u->old_bias), 2);
	row_fixed(&row, release_percent(u->new_bias), 2);
	row_percent(&row, &u->difference, true);
	row_percent(&row, &u->bias, false);
	for (int i = 0; i < 4; i++)
		row_text(&row, "");
	row_add(&p->r, t, &row);
}

static void all_row(struct release_page *p, struct report_table *t, const struct release_metric *m)
{
	const struct release_effect *e = &m->effect;
	struct row row = {.n = 0};

	row_text(&row, m->title);
	row_text(&row, e->random ? "all, and others like them" : "all");
	row_count(&row, e->pairs);
	row_text(&row, "");
	row_fixed(&row, release_percent(e->old_bias), 2);
	row_fixed(&row, release_percent(e->new_bias), 2);
	row_percent(&row, &e->difference, true);
	row_percent(&row, &e->bias, false);
	row_number(&row, e->p_worse);
	row_number(&row, e->p_worse_holm);
	row_number(&row, fmax(e->p_low, e->p_high));
	row_text(&row, release_verdict_names[e->verdict]);
	row_mark(&row, release_verdict_of(e->verdict));
	row_add(&p->r, t, &row);
}

static void effects_table(struct release_page *p)
{
	static const char *const columns[] = {"quantity", "heat pump", "#pairs", "#sd of a pair|%", "#bias old|%", "#bias new|%", "~new - old|%",
		"~farther off|%", "#p worse", "#p worse, Holm", "#p equivalence", "verdict", NULL};
	struct report_table *t = report_table(&p->r, "effects", "What the new one changes", columns);

	if (!t)
		return;
	snprintf(t->text, sizeof(t->text),
		"Intervals of %g %%, from %s; bias: mean of the daily ln(estimate/reference); farther off: growth of |bias|. p worse: one-sided, that it has grown by "
		"more than the margin; p equivalence: the larger of the two one-sided tests against \xc2\xb1%g %%. All: each heat pump counts once.",
		100 * (1 - 2 * p->rules->alpha), p->day_word, 100 * p->rules->margin);
	for (int i = 0; i < p->metrics; i++) {
		if (!p->metric[i].there)
			continue;
		for (int u = 0; u < RELEASE_UNITS; u++)
			if (p->metric[i].effect.unit[u].pairs)
				unit_row(p, t, &p->metric[i], u);
		all_row(p, t, &p->metric[i]);
	}
}

static void plan_table(struct release_page *p)
{
	static const char *const columns[] = {"quantity", "#finds|%", "#pairs", "#needed", "#still needed", "#if as found", "#heat pumps", "in words", NULL};
	struct report_table *t = report_table(&p->r, "plan", "Days still needed", columns);

	if (!t)
		return;
	snprintf(t->text, sizeof(t->text),
		"At a power of %g %%, with %s, by heat pump. Finds: the difference that as many as there are show to be one. Needed: until releases that do not "
		"differ are shown equivalent, at the scatter found here; if as found: until a verdict, if they differ as much as they did here. Heat pumps: how "
		"many would do, where more days do not help.", 100 * p->rules->power, p->day_word);
	for (int i = 0; i < p->metrics; i++) {
		const struct release_metric *m = &p->metric[i];
		const struct release_effect *e = &m->effect;
		struct row row = {.n = 0};
		char still[240];

		if (!m->there)
			continue;
		release_still(still, sizeof(still), m, p->rules);
		row_text(&row, m->title);
		row_fixed(&row, release_percent(m->plan.detectable), 2);
		row_number(&row, e->units ? (double)e->pairs / e->units : NAN);
		row_fixed(&row, m->plan.needed, 0);
		row_fixed(&row, m->plan.still, 0);
		row_fixed(&row, m->plan.needed_as_found, 0);
		row_fixed(&row, m->plan.units_needed, 0);
		row_text(&row, e->verdict == RELEASE_INCONCLUSIVE ? still : "decided");
		row_add(&p->r, t, &row);
	}
}

void release_page_effects(struct release_page *p)
{
	effects_table(p);
	plan_table(p);
}

static const char keep[] = "What to keep in mind";

void release_page_notes(struct release_page *p)
{
	bool random = false, alone = false;

	for (int i = 0; i < p->metrics; i++) {
		const struct release_metric *m = &p->metric[i];

		if (!m->there && i > 0 && m->why[0])
			report_note(&p->r, keep, "%s was not judged: %s.", m->title, m->why);
		if (m->there && m->left_out[0])
			report_note(&p->r, keep, "Left out of %s: %s.", m->title, m->left_out);
		if (m->there && m->doubt[0])
			report_note(&p->r, keep, "%s is not decided: %s. The figures are shown as they are.", m->title, m->doubt);
		random |= m->there && m->effect.random;
		alone |= m->there && m->effect.units == 1;
		for (int u = 0; m->there && m->effect.units > 1 && u < RELEASE_UNITS; u++)
			if (m->effect.unit[u].bias.p * m->effect.units <= p->rules->alpha && m->effect.verdict != RELEASE_WORSE)
				report_note(&p->r, keep, "%s alone: |bias| of %s has grown by %.2f %% (p %.2g, Bonferroni over %d heat pumps).", p->unit[u], m->title,
					100 * m->effect.unit[u].bias.value, m->effect.unit[u].bias.p * m->effect.units, m->effect.units);
	}
	if (random)
		report_note(&p->r, keep, "Heat pumps stand for others (random unit effect): with two or three of them the interval is wide however many the days. "
			"--units fixed speaks of these heat pumps only.");
	if (alone)
		report_note(&p->r, keep, "One heat pump says nothing of others.");
}

int release_page_finish(struct release_page *p, struct report *out, const char *folder, struct error *e)
{
	int result = -1;

	figures_draw(&p->r, &p->script, folder);
	if (p->r.failed) {
		error_set(e, ERROR_SYSTEM, "out of memory while writing the report");
		goto out;
	}
	if (folder && report_csv(&p->r, folder, e) < 0)
		goto out;
	*out = p->r;
	p->r = (struct report){.bench = ""};
	result = 0;
out:
	report_free(&p->r);
	text_free(&p->script);
	return result;
}
