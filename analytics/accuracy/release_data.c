#include "analytics/accuracy/release_data.h"

#include "analytics/accuracy/rows.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int release_model_load(struct release_model *out, const char *file, enum model_target target, struct error *e)
{
	struct release_model m = {.reported = strcmp(file, "reported") == 0};

	text_copy(m.file, sizeof(m.file), file);
	if (m.reported) {
		m.model = comparison_reported(target);
	} else if (model_load(file, &m.model, e) < 0) {
		return -1;
	} else {
		model_digest(&m.model, m.digest);
	}
	*out = m;
	return 0;
}

void release_metric_free(struct release_metric *m)
{
	free(m->pair);
	m->pair = NULL;
	m->pairs = 0;
}

enum release_verdict release_judge(struct release_metric *metric, int metrics, const struct release_rules *rules)
{
	struct release_effect *effect[RELEASE_METRICS] = {NULL};
	enum release_verdict all;
	int n = 0;
	bool doubt = false;

	for (int i = 0; i < metrics && n < RELEASE_METRICS; i++)
		if (metric[i].there) {
			release_effect(&metric[i].effect, metric[i].pair, metric[i].pairs, rules);
			effect[n++] = &metric[i].effect;
		}
	all = release_decide(effect, n, rules);
	for (int i = 0; i < metrics; i++) {
		if (!metric[i].there)
			continue;
		metric[i].plan = release_plan(&metric[i].effect, rules);
		if (!metric[i].doubt[0])
			continue;
		metric[i].effect.verdict = RELEASE_INCONCLUSIVE;
		doubt = true;
	}
	return doubt ? RELEASE_INCONCLUSIVE : all;
}

static double percent(double x)
{
	return 100 * expm1(x);
}

/* More days than this are not what anybody waits for. */
#define PATIENCE 365

void release_still(char *out, size_t size, const struct release_metric *m, const struct release_rules *rules)
{
	const struct release_plan *p = &m->plan;
	const struct release_effect *e = &m->effect;
	const char *each = m->same_days ? "" : " of each release";
	double have = e->random ? (double)e->pairs / e->units : e->clusters, more = ceil(p->needed_as_found - have);

	out[0] = '\0';
	if (isnan(e->difference.u))
		snprintf(out, size, "fewer than two %s%s: nothing can be said yet", m->same_days ? "days" : "pairs of days", e->random ? " or heat pumps" : "");
	else if (!isnan(p->units_needed))
		snprintf(out, size, "more days do not help, the heat pumps differ: about %.0f of them would show equal releases equal (power %g %%)",
			p->units_needed, 100 * rules->power);
	else if (isnan(p->needed))
		snprintf(out, size, "no number of days shows equal releases equal: they scatter too much");
	else if (p->still > 0)
		snprintf(out, size, "about %.0f more day%s%s would show equal releases equal (power %g %%)", p->still, p->still == 1 ? "" : "s", each,
			100 * rules->power);
	else if (more > 0 && more <= PATIENCE)
		snprintf(out, size, "if the difference is as large as found, about %.0f more day%s%s would decide it (power %g %%)", more, more == 1 ? "" : "s",
			each, 100 * rules->power);
	else if (!(more <= 0))
		snprintf(out, size, "the difference is about as large as the margin: more days will hardly decide it");
}

/* `before`: what was described before it; a doubt of both is said once. */
static void describe(struct text *t, const struct release_metric *m, const struct release_metric *before, const struct release_rules *rules,
	bool figures)
{
	const struct release_effect *e = &m->effect;
	char still[240];

	text_add(t, "%s%s: %s", t->length ? "; " : "", m->title, m->there ? release_verdict_names[e->verdict] : "not known");
	if (!m->there) {
		text_add(t, " (%.120s)", m->why);
		return;
	}
	if (figures && !isnan(e->difference.low))
		text_add(t, " (new - old %+.2f %%, %g %% interval %+.2f to %+.2f %%)", percent(e->difference.value), 100 * (1 - 2 * rules->alpha),
			percent(e->difference.low), percent(e->difference.high));
	if (e->nearer || e->farther)
		text_add(t, ", %s the reference by %.2f %%", e->nearer ? "nearer to" : "farther from", 100 * fabs(e->bias.value));
	release_still(still, sizeof(still), m, rules);
	if (e->verdict != RELEASE_INCONCLUSIVE)
		return;
	if (m->doubt[0])
		text_add(t, ": %s", before && strcmp(before->doubt, m->doubt) == 0 ? "likewise" : m->doubt);
	else if (still[0])
		text_add(t, ": %s", still);
}

void release_sentence(char *out, size_t size, const struct release_metric *metric, int metrics, enum release_verdict verdict,
	const struct release_rules *rules)
{
	static const char *const all[] = {"Inconclusive", "Equivalent", "Not worse", "Worse"};
	size_t length = size;

	for (int figures = 1; figures >= 0 && length >= size; figures--) {
		struct text t = TEXT_INIT;

		for (int i = 0; i < metrics; i++)
			if (metric[i].there || i == 0)
				describe(&t, &metric[i], i > 0 ? &metric[i - 1] : NULL, rules, figures);
		length = (size_t)snprintf(out, size, "%s (margin %g %%). %s.", all[verdict], 100 * rules->margin, t.data ? t.data : "");
		text_free(&t);
	}
}

/* What lies in the local days that a row stands for. */
static void spread_row(struct day_energy *day, const struct calendar *c, double at, double step, double estimate, double reference)
{
	double end = at + step;

	for (int d = calendar_find(c, at); d >= 0 && d < c->days && at < end; d++) {
		double to = fmin(end, c->day[d].end);

		day[d].estimate_j += estimate * (to - at);
		day[d].reference_j += reference * (to - at);
		day[d].seconds += to - at;
		at = to;
	}
}

int release_day_energy(struct day_energy **out, const struct study *study, int pump, const struct model *model, const struct regime_rules *regimes,
	struct error *e)
{
	const struct study_pump *p = &study->pump[pump];
	enum study_target target = comparison_target(model);
	struct comparison_rows rows = {.rows = 0};
	struct day_energy *day = NULL;
	char why[320];
	int result = -1;

	if (!comparison_has_reference(p, target, why, sizeof(why)))
		return error_set(e, ERROR_DATA, "%s", why);
	day = calloc((size_t)study->calendar.days + 1, sizeof(*day));
	if (!day)
		return error_set(e, ERROR_SYSTEM, "no memory for the days of %s", p->name);
	if (comparison_rows_make(&rows, p->rows, e) < 0 || comparison_estimates(&rows, p, model, NULL, e) < 0)
		goto out;
	comparison_references(&rows, p, target, 0, regimes);
	for (int64_t i = 0; i < p->rows; i++)
		if (rows.reason[i] == INCLUDED)
			spread_row(day, &study->calendar, p->time[i], p->step[i], rows.estimate[i], rows.reference[i]);
	*out = day;
	day = NULL;
	result = 0;
out:
	free(day);
	comparison_rows_free(&rows);
	return result;
}

/* Hinnant, "chrono-compatible low-level date algorithms": days_from_civil. */
int release_day_number(const struct calendar *c, int day)
{
	int y = 1970, m = 1, d = 1, era, of_era, of_year;

	sscanf(c->day[day].name, "%d-%d-%d", &y, &m, &d);
	y -= m <= 2;
	era = y / 400;
	of_era = y - era * 400;
	of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

const char *release_day_name(char *out, int number)
{
	time_t at = (time_t)number * 86400;
	struct tm day;

	gmtime_r(&at, &day);
	strftime(out, 16, "%Y-%m-%d", &day);
	return out;
}

void release_runs_doubt(char *out, size_t size, const struct study *study)
{
	for (int i = 0; i < study->runs; i++)
		if (study->run[i].incomplete) {
			snprintf(out, size, "%.100s is incomplete: %.100s", study->run[i].path, study->run[i].state);
			return;
		}
	out[0] = '\0';
}
