#include "benches/meters/meters_report.h"

#include "analytics/core/report_run.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char heading[] = "What to keep in mind";

void meters_days_of(const struct meters_evaluation *ev, int pump, int *first, int *end)
{
	for (*first = 0; *first < ev->days && ev->day[*first].pump != pump;)
		++*first;
	for (*end = *first; *end < ev->days && ev->day[*end].pump == pump;)
		++*end;
}

int64_t meters_drawn_day(const struct meters_evaluation *ev)
{
	double best = -1;
	int64_t day = -1;
	char name[16];

	for (int i = 0; i < ev->days; i++) {
		const struct meters_period *d = &ev->day[i];
		double covered = fmax(isnan(d->electric_covered) ? 0 : d->electric_covered, isnan(d->heat_covered) ? 0 : d->heat_covered);

		if (strcmp(meters_day_name(name, d->day), ev->settings.day) == 0)
			return d->day;
		if (floor(covered / 5) > floor(best / 5) || (floor(covered / 5) == floor(best / 5) && d->day > day)) {
			best = covered;
			day = d->day;
		}
	}
	return day;
}

static void how(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const electric[] = {"not said", "A", "B", "C"};
	const struct meters_settings *s = &ev->settings;

	report_fact(r, "How", "electricity meters", "class %s", electric[s->electric_class]);
	if (s->heat_class > 0)
		report_fact(r, "How", "heat meters", "class %d, qp %g m3/h, least difference %g K, flow sensor in the %s", s->heat_class, s->qp,
			s->dt_min, heat_sensor_names[s->flow_sensor]);
	else
		report_fact(r, "How", "heat meters", "class not said, flow sensor in the %s", heat_sensor_names[s->flow_sensor]);
	if (s->convention == HEAT_EN1434)
		report_fact(r, "How", "heat of flow", "heat coefficient of EN 1434 at %g bar", s->pressure);
	else
		report_fact(r, "How", "heat of flow", "fixed: %s, %.6g MJ/(m3 K)", heat_convention_names[s->convention], ev->medium.factor);
	report_fact(r, "How", "fluid", "%s%s", s->fluid, strcmp(s->fluid, "water") ? ": not MID" : "");
	report_fact(r, "How", "a gap", "begins %g periods of a channel after its last good sample", s->bridge);
}

/* s: Kamstrup's fast modes work something out every 4 to 8 s, its normal ones every 32 s (BENCHES E5). */
#define SLOW_TURN 12.0

/* A meter that is read more often than it works something out. */
static void slow_notes(struct report *r, const struct meters_evaluation *ev)
{
	for (int p = 0; p < ev->walk.pumps; p++) {
		static const enum meters_role shown[] = {ROLE_FLOW, ROLE_SUPPLY, ROLE_RETURN, ROLE_VOLUME};
		double every = NAN, spacing = 0;

		/* The one that changes most often: the others may show the same twice. */
		for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
			const struct meters_channel *c = &ev->walk.pump[p].role[shown[i]];

			if (c->channel < 0)
				continue;
			every = fmin(every, meters_channel_refresh(c));
			spacing = fmax(spacing, c->spacing);
		}
		if (every > SLOW_TURN && every > 2 * spacing)
			report_note(r, heading, "%s: its heat meter shows another value every %.0f s only: it is in a slow mode. Powers and flows of start-ups and "
				"defrosts come late and smoothed; order or set its fast mode.", ev->walk.pump[p].name, every);
	}
}

static void weak_notes(struct report *r, const struct meters_evaluation *ev)
{
	for (int p = 0; p < ev->walk.pumps; p++) {
		const struct meters_pump *m = &ev->walk.pump[p];
		double weak = m->electric_all > 0 ? 100 * m->weak / m->electric_all : 0, cold = m->heat_all > 0 ? 100 * m->cold / m->heat_all : 0;

		if (weak >= 1 && ev->settings.electric_class)
			report_note(r, heading, "%s: %.2g %% of its electricity flowed at less than %g A, where the class says nothing.", m->name, weak,
				ev->settings.imin);
		if (cold >= 1 && ev->settings.heat_class)
			report_note(r, heading, "%s: %.2g %% of its heat flowed at a difference of less than %g K, below what its meter is made for.",
				m->name, cold, ev->settings.dt_min);
	}
}

static void keep_in_mind(struct report *r, const struct meters_evaluation *ev)
{
	const struct meters_settings *s = &ev->settings;

	if (s->electric_class == METERS_ELECTRIC_NONE || s->heat_class == 0)
		report_note(r, heading,
			"The class of the %s was not said (evaluation{...} of the bench file, or --set): how well they are known is not known, "
			"and nothing that rests on them is judged.",
			s->electric_class ? "heat meters" : s->heat_class ? "electricity meters" : "meters");
	if (strcmp(s->fluid, "water") != 0)
		report_note(r, heading,
			"The circuit holds %s. Heat meters are made for water, and their register counts it as water: such a rig is not MID, and the "
			"classes do not hold.", s->fluid);
	else if (s->convention != HEAT_EN1434)
		report_note(r, heading, "Heat from flow and temperatures was reckoned with a fixed factor (%s). Part of its deviation from the heat "
			"meter is this convention: fixed factors read 0.5 to 1.2 %% high between 35 and 55 \xc2\xb0" "C.",
			heat_convention_names[s->convention]);
	if (s->electric_class || s->heat_class)
		report_note(r, heading,
			"The intervals are the errors that the classes permit when the meters are verified, at +5 to +30 \xc2\xb0" "C, taken as "
			"expanded uncertainties; they are systematic and do not shrink with time. Table of electricity: MID annex V; heat: EN 1434-1, "
			"classes 1 and 3 from memory.");
	weak_notes(r, ev);
	slow_notes(r, ev);
}

static void banner(struct report *r, const struct meters_evaluation *ev)
{
	size_t used = strlen(r->banner);

	if (strcmp(ev->settings.fluid, "water") != 0 && used < sizeof(r->banner))
		snprintf(r->banner + used, sizeof(r->banner) - used, "%sNot MID: the circuit holds %s.", used ? " " : "", ev->settings.fluid);
}

int meters_report(struct report *out, const struct meters_evaluation *ev, const char *folder,
	const struct evaluation_options *options, struct error *e)
{
	static const char *const instruments[] = {NULL}; /* the devices; channels have a table of their own */
	struct report r = {.bench = "meters", .verdict = ev->verdict, .judged_only = true, .place = "day"};

	report_run_head(&r, &ev->run, "Reference meters", "real heat pumps");
	banner(&r, ev);
	text_copy(r.verdict_sentence, sizeof(r.verdict_sentence), ev->sentence);
	report_run_rule(&r, ev->result, ev->results);
	report_run_facts(&r, &ev->run);
	how(&r, ev);
	report_run_instruments(&r, &ev->run, instruments);
	report_run_again(&r, &ev->run, options ? options->limit_file : NULL, options ? options->command : NULL);
	for (int i = 0; i < ev->results; i++)
		report_result(&r, &ev->result[i]);
	meters_figures(&r, ev, folder);
	meters_report_tables(&r, ev);
	meters_report_data(&r, ev);
	report_run_quality(&r, &ev->run);
	keep_in_mind(&r, ev);
	if (r.failed) {
		report_free(&r);
		return error_set(e, ERROR_SYSTEM, "out of memory while writing the report of %s", ev->run.path);
	}
	if (folder && meters_days_csv(ev, folder, e) < 0) {
		report_free(&r);
		return -1;
	}
	*out = r;
	return 0;
}
