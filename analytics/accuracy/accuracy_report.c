#include "analytics/accuracy/accuracy_page.h"

#include "analytics/core/figures.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#ifndef HEATBENCH_VERSION
#define HEATBENCH_VERSION "unknown"
#endif

static const char rule[] =
	"A requirement is met only if the whole 95 % interval of the value, widened by what the reference's class permits it to be off, "
	"lies inside the limit; it is failed only if all of it lies outside; between the two it is undecided, and \"not resolvable\" where the "
	"deviation is not larger than what the reference itself may be off. Intervals by resampling blocks of days.";

/* The one that is shown in full: the first of this target that could be compared with anything. */
static int first_model(const struct accuracy *a, enum model_target target)
{
	for (int i = 0; i < a->models; i++)
		if (a->model[i].model.target == target && page_there(a, i, -1))
			return i;
	return -1;
}

static enum origin origin_of(const struct study *s)
{
	enum origin worst = ORIGIN_MEASURED;

	for (int i = 0; i < s->runs; i++)
		if (s->run[i].origin != ORIGIN_MEASURED && worst != ORIGIN_SIMULATED)
			worst = s->run[i].origin;
	return worst;
}

static void head(struct accuracy_page *p)
{
	const struct study *s = &p->a->study;
	enum origin origin = origin_of(s);
	struct report *r = &p->r;

	snprintf(r->title, sizeof(r->title), "Accuracy study%s%.64s", s->runs == 1 && s->run[0].label[0] ? ": " : "",
		s->runs == 1 ? s->run[0].label : "");
	if (s->calendar.days)
		snprintf(r->subtitle, sizeof(r->subtitle), "%s to %s, %d heat pump%s, %d model%s, %d run%s", s->calendar.day[0].name,
			s->calendar.day[s->calendar.days - 1].name, s->pumps, s->pumps == 1 ? "" : "s", p->a->models,
			p->a->models == 1 ? "" : "s", s->runs, s->runs == 1 ? "" : "s");
	text_copy(r->origin, sizeof(r->origin), origin_name(origin));
	text_copy(r->verdict_sentence, sizeof(r->verdict_sentence), p->a->sentence);
	text_copy(r->rule_sentence, sizeof(r->rule_sentence), rule);
	snprintf(r->software, sizeof(r->software), "heatbench %s", HEATBENCH_VERSION);
	r->made_utc = (int64_t)time(NULL);
	for (int i = 0; i < s->runs; i++)
		r->incomplete |= s->run[i].incomplete;
	if (origin == ORIGIN_SIMULATED)
		text_copy(r->banner, sizeof(r->banner), "Simulated data (virtual lab): says nothing about real heat pumps");
	else if (origin == ORIGIN_IMPORTED)
		text_copy(r->banner, sizeof(r->banner), "Imported recordings: acquired by other software, taken as they are");
}

/* For programs: what was judged, one by one. The page shows the same in its tables. */
static void results(struct accuracy_page *p)
{
	const struct accuracy *a = p->a;

	for (int i = 0; i < a->verdicts; i++) {
		const struct accuracy_verdict *v = &a->verdict_row[i];
		const struct comparison *c = page_there(a, v->model, v->pump);
		struct report_result result = {.set_point = NAN, .value = v->value.value, .U = (v->value.high - v->value.low) / 2, .k = NAN,
			.n_effective = NAN, .min = NAN, .max = v->limit, .rule = DECISION_GUARDED, .verdict = v->verdict};
		char label[PAGE_LABEL];

		text_copy(result.dut, sizeof(result.dut), page_pump(a, v->pump));
		text_copy(result.quantity, sizeof(result.quantity), v->what);
		text_copy(result.unit, sizeof(result.unit), v->unit);
		text_copy(result.state, sizeof(result.state), v->not_resolvable ? "not resolvable" : "");
		text_copy(result.note, sizeof(result.note), v->note);
		text_copy(result.valve, sizeof(result.valve), page_model(a, v->model, label));
		text_copy(result.limit_source, sizeof(result.limit_source), "settings of the study");
		if (strstr(v->what, "NMBE"))
			result.min = -v->limit;
		for (int d = 0; c && d < c->days; d++)
			result.n += c->day[d].covered > 0;
		report_result(&p->r, &result);
	}
}

static void write_sections(struct accuracy_page *p)
{
	accuracy_section_verdict(p);
	accuracy_section_scope(p);
	accuracy_section_data(p);
	accuracy_section_budget(p);
	accuracy_section_energy(p);
	accuracy_section_power(p);
	accuracy_section_regimes(p);
	accuracy_section_points(p);
	accuracy_section_agreement(p);
	accuracy_section_skew(p);
	accuracy_section_residuals(p);
	accuracy_section_models(p);
	accuracy_section_heat(p);
	accuracy_section_units(p);
	accuracy_section_again(p);
	accuracy_section_limits(p);
}

int accuracy_report(struct report *out, const struct accuracy *a, const char *folder, struct error *e)
{
	struct accuracy_page p = {.a = a, .script = TEXT_INIT,
		.r = {.bench = "accuracy", .verdict = a->verdict, .judged_only = true, .tables_judge = true, .place = "model"}};
	int status = -1;

	p.heat = first_model(a, MODEL_HEAT_POWER);
	p.model = first_model(a, MODEL_ELECTRIC_POWER);
	if (p.model < 0)
		p.model = p.heat;
	head(&p);
	results(&p);
	write_sections(&p);
	figures_draw(&p.r, &p.script, folder);
	if (p.r.failed) {
		error_set(e, ERROR_SYSTEM, "out of memory while writing the report of the study");
		goto out;
	}
	if (folder && report_csv(&p.r, folder, e) < 0)
		goto out;
	*out = p.r;
	p.r = (struct report){.bench = ""};
	status = 0;
out:
	report_free(&p.r);
	text_free(&p.script);
	return status;
}
