/* 2: what was compared with what. */
#include "analytics/accuracy/accuracy_page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void instant(struct row *row, double seconds)
{
	time_t at = (time_t)floor(seconds);
	struct tm date;
	char text[32] = "";

	if (isfinite(seconds) && gmtime_r(&at, &date))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &date);
	row_text(row, text);
}

static void runs_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"#no", "run", "bench", "label", "origin", "from|UTC", "to|UTC", "#scans", "acquired with", "evidence", NULL};
	struct report_table *t = report_table(&p->r, "runs", "Runs", columns);

	for (int i = 0; i < p->a->study.runs; i++) {
		const struct study_run *run = &p->a->study.run[i];
		struct row row = {.n = 0};

		row_count(&row, i + 1);
		row_text(&row, page_base(run->path));
		row_text(&row, run->bench);
		row_text(&row, run->label);
		row_text(&row, origin_name(run->origin));
		instant(&row, run->from);
		instant(&row, run->to);
		row_count(&row, run->rows);
		row_text(&row, run->software);
		row_text(&row, run->incomplete ? run->state[0] ? run->state : "incomplete" : "intact");
		if (run->incomplete)
			row_mark(&row, VERDICT_UNDECIDED);
		row_add(&p->r, t, &row);
	}
}

/* Number of a meter, where it was logged: the last one that was read. */
static void serial(struct row *row, const struct study_pump *pump, enum meters_role role)
{
	double last = NAN;
	char text[32];

	for (int64_t i = pump->rows - 1; i >= 0 && pump->column[role] && isnan(last); i--)
		last = pump->column[role][i];
	snprintf(text, sizeof(text), "%.0f", last);
	row_text(row, isnan(last) ? "not logged" : text);
}

static const char *taken_from(const struct study_series *s, bool from_register)
{
	return from_register ? "slope of the register" : s->n == 0 ? "no meter" : "power";
}

static void certificate(struct row *row, const struct study_meter *m)
{
	row_text(row, m->certificate[0] ? m->certificate : "none given");
	if (m->expired)
		row_mark(row, VERDICT_UNDECIDED);
}

static void pumps_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"heat pump", "serial", "hardware", "firmware", "#rows", "#every|s", "electricity from", "meter no",
		"certificate", "heat from", "meter no, heat", "certificate, heat", NULL};
	struct report_table *t = report_table(&p->r, "heat_pumps", "Heat pumps and their meters", columns);

	for (int i = 0; i < p->a->study.pumps; i++) {
		const struct study_pump *pump = &p->a->study.pump[i];
		struct row row = {.n = 0};

		row_text(&row, pump->name);
		row_text(&row, pump->serial[0] ? pump->serial : "not given");
		row_text(&row, pump->hardware[0] ? pump->hardware : "not given");
		row_text(&row, pump->firmware[0] ? pump->firmware : "not given");
		row_count(&row, pump->rows);
		row_number(&row, pump->spacing);
		row_text(&row, taken_from(&pump->electric, pump->electric_from_register));
		serial(&row, pump, ROLE_ELECTRIC_SERIAL);
		certificate(&row, &pump->meter[STUDY_ELECTRIC]);
		row_text(&row, taken_from(&pump->heat, pump->heat_from_register));
		serial(&row, pump, ROLE_HEAT_SERIAL);
		certificate(&row, &pump->meter[STUDY_HEAT]);
		row_add(&p->r, t, &row);
	}
}

static void models_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "version", "hardware", "target", "#inputs", "#terms", "#rules", "file", "digest", NULL};
	struct report_table *t = report_table(&p->r, "models", "Models", columns);

	if (t)
		text_copy(t->text, sizeof(t->text), "Digest: the first 12 digits of the SHA-256 of all that decides a value; two models with one digest are the "
						    "same model. The whole is in section 15.");
	for (int i = 0; i < p->a->models; i++) {
		const struct accuracy_model *m = &p->a->model[i];
		char label[PAGE_LABEL], digest[16];
		struct row row = {.n = 0};

		snprintf(digest, sizeof(digest), "%.12s", m->digest);
		row_text(&row, page_model(p->a, i, label));
		row_text(&row, m->model.version);
		row_text(&row, m->model.hardware);
		row_text(&row, model_target_names[m->model.target]);
		row_count(&row, m->model.inputs);
		row_count(&row, m->model.terms);
		row_count(&row, m->model.rules);
		row_text(&row, m->reported ? "channels of the CiC" : page_base(m->file));
		row_text(&row, digest);
		row_add(&p->r, t, &row);
	}
}

static void sources_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "where it comes from", "valid for", NULL};
	struct report_table *t = report_table(&p->r, "model_sources", "Where they come from", columns);

	for (int i = 0; i < p->a->models; i++) {
		const struct model *m = &p->a->model[i].model;
		struct row row = {.n = 0};
		char label[PAGE_LABEL];

		row_text(&row, page_model(p->a, i, label));
		row_text(&row, m->source);
		row_text(&row, m->validity);
		row_add(&p->r, t, &row);
	}
}

void accuracy_section_scope(struct accuracy_page *p)
{
	const struct study *s = &p->a->study;
	char label[PAGE_LABEL];

	report_section(&p->r, "Scope", "");
	report_fact(&p->r, "Study", "days", "%d local days, %s", s->calendar.days, s->calendar.zone[0] ? s->calendar.zone : "UTC");
	report_fact(&p->r, "Study", "scans read", "%lld", (long long)s->scans);
	report_fact(&p->r, "Study", "shown in full", "%s", p->model < 0 ? "none: nothing could be compared" : page_model(p->a, p->model, label));
	runs_table(p);
	pumps_table(p);
	models_table(p);
	sources_table(p);
}
