#include "benches/flow/flow_report.h"

#include "analytics/core/report_run.h"
#include "benches/flow/meter_class.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <string.h>

static void how(struct report *r, const struct flow_evaluation *ev)
{
	const struct flow_settings *s = &ev->settings;
	char name[80];

	report_fact(r, "How", "class", "%s%s", meter_class_name(name, sizeof(name), s),
		meter_class_unverified(s) ? " (" METER_UNVERIFIED ")" : "");
	if (s->scale_uncertainty > 0)
		report_fact(r, "How", "scale", "U = %g kg (k = %g), as set", s->scale_uncertainty, s->scale_k);
	if (s->reference_uncertainty > 0)
		report_fact(r, "How", "reference meter", "U = %g %% (k = %g), as set", s->reference_uncertainty, s->reference_k);
	if (ev->collections) {
		report_fact(r, "How", "start", "%s", ev->collection[0].flying ? "flying, by the diverter" : "standing");
		report_fact(r, "How", "air", "%.4g hPa, %.3g %%, %.3g \xc2\xb0" "C: %.4f kg/m3", s->air_pressure,
			s->air_humidity, s->air_temperature, ev->collection[0].air);
		report_fact(r, "How", "line pack", "%g l, %g \xc2\xb1 %g K", s->line_volume, s->line_warming,
			s->line_warming_uncertainty);
	}
	if (ev->trials > 0 && ev->trial[ev->trials - 1].method == FLOW_COMPARISON) {
		if (s->last > 0)
			report_fact(r, "How", "window", "the last %d samples of a step", s->last);
		else
			report_fact(r, "How", "window", "all behind the settling");
		report_fact(r, "How", "statistic", "%s", s->statistic == FLOW_MEDIAN ? "median" : "mean");
		if (!isnan(ev->hold))
			report_fact(r, "How", "reference", "holds its value for %.3g s", ev->hold);
	}
}

static bool any_unknown_reference(const struct flow_evaluation *ev)
{
	for (int i = 0; i < ev->points; i++)
		if (ev->point[i].known && !ev->point[i].reference_known)
			return true;
	return false;
}

static bool any_outliers(const struct flow_evaluation *ev)
{
	for (int i = 0; i < ev->points; i++)
		if (ev->point[i].method == FLOW_COMPARISON &&
			fabs(ev->point[i].mean_error - ev->point[i].median_error) > 1)
			return true;
	return false;
}

static void keep_in_mind(struct report *r, const struct flow_evaluation *ev)
{
	static const char heading[] = "What to keep in mind";

	if (any_unknown_reference(ev))
		report_note(r, heading,
			"How well the reference itself is known was not said (its channel's uncertainty or certificate, or "
			"scale_uncertainty, reference_uncertainty): the intervals hold scatter and resolution only, and nothing "
			"is judged.");
	if (!isnan(ev->hold))
		report_note(r, heading,
			"The reference holds its value for about %.3g s, so that most of its readings are the same one again. They "
			"count once; of every step the first such period is dropped, since what is shown there may be from before.",
			ev->hold);
	if (any_outliers(ev))
		report_note(r, heading,
			"At some set point mean and median differ by more than a percent: the readings drop out or jump. The mean "
			"follows them, the median does not; the verdict is about the %s.",
			ev->settings.statistic == FLOW_MEDIAN ? "median" : "mean");
	if (meter_class_unverified(&ev->settings))
		report_note(r, heading,
			"The limits of this class are from memory (unverified table): hold them against the standard before "
			"anything is accepted or refused by them.");
	if (ev->collections)
		report_note(r, heading,
			"What a collection cannot show: leaks and water that stays between meter and tank, air in it, and a "
			"diverter whose error differs from what was set. Several short collections against a long one show the "
			"last.");
}

int flow_report(struct report *out, const struct flow_evaluation *ev, const char *folder,
	const struct evaluation_options *options, struct error *e)
{
	static const char *const instruments[] = {
		"flow", "count", "volume", "weight", "water_temperature", "reference", "reference_volume", NULL};
	struct report r = {.bench = "flow", .verdict = ev->verdict};

	report_run_head(&r, &ev->run, "Flow-meter test", "a real meter");
	text_copy(r.verdict_sentence, sizeof(r.verdict_sentence), ev->sentence);
	report_run_rule(&r, ev->result, ev->results);
	report_run_facts(&r, &ev->run);
	how(&r, ev);
	report_run_instruments(&r, &ev->run, instruments);
	report_run_again(&r, &ev->run, options ? options->limit_file : NULL, options ? options->command : NULL);
	for (int i = 0; i < ev->results; i++)
		report_result(&r, &ev->result[i]);
	flow_figures(&r, ev, folder);
	flow_report_tables(&r, ev);
	flow_report_wholes(&r, ev);
	report_run_quality(&r, &ev->run);
	keep_in_mind(&r, ev);
	if (r.failed) {
		report_free(&r);
		return error_set(e, ERROR_SYSTEM, "out of memory while writing the report of %s", ev->run.path);
	}
	*out = r;
	return 0;
}
