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

static bool own_classes(const struct meters_evaluation *ev)
{
	for (int p = 0; p < ev->walk.pumps; p++) {
		const struct meters_settings *a = &ev->settings, *b = &ev->own[p];

		if (a->electric_class != b->electric_class || a->itr != b->itr || a->imin != b->imin || a->heat_class != b->heat_class ||
			a->qp != b->qp || a->dt_min != b->dt_min || a->flow_sensor != b->flow_sensor)
			return true;
	}
	return false;
}

static void how(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const electric[] = {"not said", "A", "B", "C"};
	const struct meters_settings *s = &ev->settings;
	bool own = own_classes(ev);

	if (own)
		report_fact(r, "How", "meters", "not the same on all heat pumps: see Meters");
	if (!own)
		report_fact(r, "How", "electricity meters", "class %s", electric[s->electric_class]);
	if (!own && s->heat_class > 0)
		report_fact(r, "How", "heat meters", "class %d, qp %g m3/h, least difference %g K, flow sensor in the %s", s->heat_class, s->qp,
			s->dt_min, heat_sensor_names[s->flow_sensor]);
	else if (!own)
		report_fact(r, "How", "heat meters", "class not said, flow sensor in the %s", heat_sensor_names[s->flow_sensor]);
	if (s->convention == HEAT_EN1434)
		report_fact(r, "How", "heat of flow", "heat coefficient of EN 1434 at %g bar", s->pressure);
	else
		report_fact(r, "How", "heat of flow", "fixed: %s, %.6g MJ/(m3 K)", heat_convention_names[s->convention], ev->medium[0].factor);
	report_fact(r, "How", "fluid", "%s%s", s->fluid, strcmp(s->fluid, "water") ? ": not MID" : "");
	report_fact(r, "How", "a gap", "begins %g periods of a channel after its last good sample", s->bridge);
}

/* A meter that is read more often than it works something out. */
static void slow_notes(struct report *r, const struct meters_evaluation *ev)
{
	for (int p = 0; p < ev->walk.pumps; p++) {
		double every = meters_pump_turn(&ev->walk.pump[p]), spacing = ev->walk.pump[p].role[ROLE_FLOW].spacing;

		if (every > ev->settings.slow_turn && every > 2 * spacing)
			report_note(r, heading, "%s: its heat meter shows another value every %.0f s only: it is in a slow mode. Powers and flows of start-ups and "
				"defrosts come late and smoothed; order or set its fast mode.", ev->walk.pump[p].name, every);
	}
}

static void weak_notes(struct report *r, const struct meters_evaluation *ev)
{
	for (int p = 0; p < ev->walk.pumps; p++) {
		const struct meters_pump *m = &ev->walk.pump[p];
		double weak = m->electric_all > 0 ? 100 * m->weak / m->electric_all : 0, cold = m->heat_all > 0 ? 100 * m->cold / m->heat_all : 0;

		if (weak >= 1 && m->settings->electric_class)
			report_note(r, heading, "%s: %.2g %% of its electricity flowed at less than %g A, where the class says nothing.", m->name, weak,
				m->settings->imin);
		if (cold >= 1 && m->settings->heat_class)
			report_note(r, heading, "%s: %.2g %% of its heat flowed at a difference of less than %g K, below what its meter is made for.",
				m->name, cold, m->settings->dt_min);
	}
}

/* A meter that is there, and whose class nobody said. */
static void class_notes(struct report *r, const struct meters_evaluation *ev)
{
	struct text electric = TEXT_INIT, heat = TEXT_INIT;

	for (int p = 0; p < ev->walk.pumps; p++) {
		const struct meters_pump *m = &ev->walk.pump[p];

		if (ev->choice[p].electric >= 0 && m->settings->electric_class == METERS_ELECTRIC_NONE)
			text_add(&electric, "%s%s", electric.length ? ", " : "", m->name);
		if (ev->choice[p].heat >= 0 && m->settings->heat_class == 0)
			text_add(&heat, "%s%s", heat.length ? ", " : "", m->name);
	}
	r->failed |= electric.failed || heat.failed;
	if ((electric.length || heat.length) && !r->failed)
		report_note(r, heading,
			"The class of %s%s%s%s%s was not said (evaluation{...} of the bench file, or --set): how well they are known is not known, "
			"and nothing that rests on them is judged.",
			electric.length ? "the electricity meters of " : "", electric.length ? electric.data : "",
			electric.length && heat.length ? " and of " : "", heat.length ? "the heat meters of " : "", heat.length ? heat.data : "");
	text_free(&electric);
	text_free(&heat);
}

static bool any_class(const struct meters_evaluation *ev)
{
	for (int p = 0; p < ev->walk.pumps; p++)
		if (ev->own[p].electric_class || ev->own[p].heat_class)
			return true;
	return false;
}

static void keep_in_mind(struct report *r, const struct meters_evaluation *ev)
{
	const struct meters_settings *s = &ev->settings;

	class_notes(r, ev);
	if (strcmp(s->fluid, "water") != 0)
		report_note(r, heading,
			"The circuit holds %s. Heat meters are made for water, and their register counts it as water: such a rig is not MID, and the "
			"classes do not hold.", s->fluid);
	else if (s->convention != HEAT_EN1434)
		report_note(r, heading, "Heat from flow and temperatures was reckoned with a fixed factor (%s). Part of its deviation from the heat "
			"meter is this convention: fixed factors read 0.5 to 1.2 %% high between 35 and 55 \xc2\xb0" "C.",
			heat_convention_names[s->convention]);
	if (any_class(ev))
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
