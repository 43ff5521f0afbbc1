/* 15 and 16: how to do it again, and what it cannot show. */
#include "analytics/accuracy/accuracy_page.h"

#include "daq/base/error.h"
#include "daq/store/reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#ifndef HEATBENCH_VERSION
#define HEATBENCH_VERSION "unknown"
#endif

static void settings_facts(struct accuracy_page *p)
{
	static const char group[] = "Settings";
	const struct accuracy_settings *s = &p->a->settings;
	char skew[64];

	snprintf(skew, sizeof(skew), "given: %g s", s->skew);
	report_fact(&p->r, group, "intervals", "%d replicates of blocks of days (%s), seed %d", s->bootstrap, s->block ? "given" : "by their number", s->seed);
	report_fact(&p->r, group, "a mean counts", "where %g %% of its time does", s->covered);
	if (isnan(s->skew))
		report_fact(&p->r, group, "skew", "looked for from %g to %g s, at changes of %g W", s->skew_from, s->skew_to, s->skew_step);
	else
		report_fact(&p->r, group, "skew", "%s", skew);
	report_fact(&p->r, group, "regimes", "transition %g W, on %g VA, off %g W, start-up %g s, middle %g W, high %g W", s->step, s->on, s->off, s->startup, s->middle,
		s->high);
	report_fact(&p->r, group, "limits", "daily NMBE %g %%, hourly CV(RMSE) %g %%, steady %g W, off %g W, heat NMBE %g %%", s->max_daily_nmbe, s->max_hourly_cvrmse,
		s->max_steady_rmse, s->max_off_rmse, s->max_heat_nmbe);
}

static void file_fact(struct accuracy_page *p, const char *label, const char *path)
{
	struct error ignored = ERROR_INIT;
	char digest[65];

	if (path[0] && file_digest(path, digest, &ignored) == 0)
		report_fact(&p->r, "Inputs", label, "%s, SHA-256 %s", page_base(path), digest);
}

static void inputs_facts(struct accuracy_page *p)
{
	static const char group[] = "Inputs";
	char label[PAGE_LABEL];

	for (int i = 0; i < p->a->study.runs; i++) {
		const struct study_run *run = &p->a->study.run[i];

		report_fact(&p->r, group, page_base(run->path), "rows %s%s", run->digest[0] ? "SHA-256 " : "", run->digest[0] ? run->digest : "not digested");
	}
	for (int i = 0; i < p->a->models; i++) {
		const struct accuracy_model *m = &p->a->model[i];

		if (m->reported)
			report_fact(&p->r, group, page_model(p->a, i, label), "channels of the runs");
		else
			report_fact(&p->r, group, page_model(p->a, i, label), "model SHA-256 %s, file SHA-256 %s", m->digest, m->file_digest);
	}
	file_fact(p, "test installations", p->a->exclude_file);
}

void accuracy_section_again(struct accuracy_page *p)
{
	report_section(&p->r, REPORT_AGAIN, "The same inputs, settings and seed give the same numbers.");
	if (p->a->command[0])
		report_fact(&p->r, "Command", "line", "%s", p->a->command);
	report_fact(&p->r, "Command", "software", "heatbench %s", HEATBENCH_VERSION);
	report_fact(&p->r, "Command", "took", "%.2f s to load, %.2f s to reckon", p->a->load_s, p->a->compute_s);
	inputs_facts(p);
	settings_facts(p);
}

static int counted_days(const struct accuracy *a, int model)
{
	const struct comparison *c = page_there(a, model, -1);
	int n = 0;

	for (int d = 0; c && d < c->days; d++)
		n += c->day[d].covered > 0;
	return n;
}

static void notes_on_data(struct accuracy_page *p)
{
	const struct accuracy *a = p->a;
	int days = counted_days(a, p->model), there = 0;

	for (int i = 0; i < a->study.pumps; i++)
		there += page_there(a, p->model, i) != NULL;
	if (days < 14)
		report_note(&p->r, "", "Only %d day%s count%s. Intervals are made by drawing days again: of so few they are rough, of fewer than three blocks of days there are none.",
			days, days == 1 ? "" : "s", days == 1 ? "s" : "");
	if (there == 1)
		report_note(&p->r, "", "A single heat pump: nothing is said about others. Spread, tolerance and prediction are not known.");
	else if (there > 1 && there < 10)
		report_note(&p->r, "", "%d heat pumps: what is said of all others rests on so many units, which is why the tolerance interval is wide.", there);
	for (int i = 0; i < a->study.runs; i++)
		if (a->study.run[i].incomplete)
			report_note(&p->r, "", "Run %s: %s. What it holds was taken as it is; nothing can pass by it.", page_base(a->study.run[i].path),
				a->study.run[i].state[0] ? a->study.run[i].state : "had no clean end");
}

static void notes_on_method(struct accuracy_page *p)
{
	report_note(&p->r, "", "The study sees the weather and the use that were recorded. It says nothing about operating points that did not occur: section 8 shows which did.");
	report_note(&p->r, "", "Errors of the reference are bounds by its class, not corrections: a meter that is off by its whole permitted error shifts every bias of this report by as much.");
	report_note(&p->r, "", "A regime is told from the reference's power and the CiC's states; a row in which something switches between two samples may be in the wrong one.");
	for (int i = 0; i < p->a->models; i++) {
		char label[PAGE_LABEL];

		if (p->a->model[i].model.level == MODEL_LTE && !p->a->model[i].reported)
			report_note(&p->r, "", "%s rests on hourly counters: its errors below an hour are those of spreading an hour evenly.", page_model(p->a, i, label));
	}
}

void accuracy_section_limits(struct accuracy_page *p)
{
	report_section(&p->r, "What this study cannot show", "");
	notes_on_data(p);
	notes_on_method(p);
}
