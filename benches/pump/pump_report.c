#include "benches/pump/pump_report.h"

#include "analytics/core/report_run.h"
#include "benches/pump/figures.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

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
		reference |= stored_channel(&ev->run, ev->dynamics[i].dut, "power") >= 0;
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
	static const char *const instruments[] = {"flow", "feedback", "power", "dp", NULL};
	struct report r = {.bench = "pump", .verdict = ev->verdict};

	report_run_head(&r, &ev->run, "Pump test", "a real pump");
	text_copy(r.verdict_sentence, sizeof(r.verdict_sentence), ev->sentence);
	report_run_rule(&r, ev->result, ev->results);
	report_run_facts(&r, &ev->run);
	report_run_instruments(&r, &ev->run, instruments);
	report_run_again(&r, &ev->run, options ? options->limit_file : NULL, options ? options->command : NULL);
	for (int i = 0; i < ev->results; i++)
		report_result(&r, &ev->result[i]);
	pump_figures(&r, ev, folder);
	pump_report_tables(&r, ev);
	report_run_quality(&r, &ev->run);
	known_limits(&r, ev);
	if (r.failed) {
		report_free(&r);
		return error_set(
			e, ERROR_SYSTEM, "out of memory while writing the report of %s", ev->run.path);
	}
	*out = r;
	return 0;
}
