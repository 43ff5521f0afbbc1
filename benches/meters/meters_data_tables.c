/* How good the data are: counters, channels by role, clocks, rows that an import left out. */
#include "benches/meters/meters_report.h"

#include "analytics/core/table_row.h"
#include "daq/base/text.h"
#include "daq/recording/recording_left_out.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void instant(struct row *row, double seconds)
{
	time_t at = (time_t)floor(seconds);
	struct tm date;
	char text[32] = "";

	if (gmtime_r(&at, &date))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &date);
	row_text(row, text);
}

/* Which meter is on which heat pump: what the intervals rest on. */
static void meters_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"under test", "electricity: class", "#Itr|A", "#Imin|A", "heat: class", "#qp|m3/h",
		"#least difference|K", "flow sensor in", NULL};
	static const char *const electric[] = {"not said", "A", "B", "C"};
	static const char *const heat[] = {"not said", "1", "2", "3"};
	struct report_table *t = report_table(r, "meters", "Meters", columns);

	for (int p = 0; p < ev->walk.pumps; p++) {
		const struct meters_settings *s = &ev->own[p];
		struct row row = {.n = 0};

		row_text(&row, ev->walk.pump[p].name);
		row_text(&row, electric[s->electric_class]);
		row_number(&row, s->electric_class ? s->itr : NAN);
		row_number(&row, s->electric_class ? s->imin : NAN);
		row_text(&row, heat[s->heat_class]);
		row_number(&row, s->heat_class ? s->qp : NAN);
		row_number(&row, s->heat_class ? s->dt_min : NAN);
		row_text(&row, heat_sensor_names[s->flow_sensor]);
		report_row(r, t, row.cell);
	}
}

static void counters_table(struct report *r, const struct meters_evaluation *ev)
{
	static const enum meters_quantity of[COUNTERS] = {ELECTRIC_COUNTER, HEAT_COUNTER, VOLUME_COUNTER};
	static const char *const columns[] = {"under test", "register", "#readings", "#counted", "#wrapped", "#reset", "#replaced",
		"#impossible", "#over gaps", "#odd readings dropped", NULL};
	struct report_table *t = NULL;

	for (int p = 0; p < ev->walk.pumps; p++) {
		for (int i = 0; i < COUNTERS; i++) {
			const struct counter *c = meters_pump_counter(&ev->walk.pump[p], of[i]);
			struct row row = {.n = 0};

			if (!c)
				continue;
			t = t ? t : report_table(r, "counters", "Registers", columns);
			if (t)
				text_copy(t->text, sizeof(t->text),
					"A reading that does not fit the one before it is believed only when three more go on from it: "
					"until then it is odd, and dropped when the register goes on from where it was.");
			row_text(&row, ev->walk.pump[p].name);
			row_text(&row, meters_quantity_names[of[i]]);
			row_count(&row, c->readings);
			row_fixed(&row, c->total, 3);
			row_count(&row, c->kinds[COUNTER_WRAPPED]);
			row_count(&row, c->kinds[COUNTER_RESET]);
			row_count(&row, c->kinds[COUNTER_REPLACED]);
			row_count(&row, c->kinds[COUNTER_IMPOSSIBLE]);
			row_count(&row, c->kinds[COUNTER_GAP]);
			row_count(&row, c->dropped);
			report_row(r, t, row.cell);
		}
	}
}

static void lost_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"under test", "register", "what", "from, UTC", "to, UTC", "#counted", NULL};
	struct report_table *t = NULL;

	for (int p = 0; p < ev->walk.pumps; p++) {
		for (int i = 0; i < ev->walk.pump[p].losts; i++) {
			const struct meters_lost *l = &ev->walk.pump[p].lost[i];
			struct row row = {.n = 0};

			t = t ? t : report_table(r, "register_events", "What happened to the registers", columns);
			if (t)
				text_copy(t->text, sizeof(t->text), "What was counted through a reset, a replacement or an impossible jump is not "
					"known: nothing is added for it, and the time between is a gap.");
			row_text(&row, ev->walk.pump[p].name);
			row_text(&row, meters_quantity_names[l->quantity]);
			row_text(&row, counter_kind_name(l->what.kind));
			instant(&row, l->what.from);
			instant(&row, l->what.to);
			row_number(&row, l->what.amount);
			report_row(r, t, row.cell);
		}
	}
}

static void roles_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"under test", "of", "what", "channel", "#rows", "#good|%", "#every|s", "#changes every|s", "#least", "#mean",
		"#most", "#out of order", NULL};
	struct report_table *t = report_table(r, "channels", "Channels by role", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Rows: of this channel, whatever their quality. Out of order: rows whose time does not go on, as where two recordings overlap; "
			"they are passed over. Changes every: how often another value was shown while it moved; standstill is left out.");
	for (int p = 0; p < ev->walk.pumps; p++) {
		for (int k = 0; k < ROLES; k++) {
			const struct meters_channel *c = &ev->walk.pump[p].role[k];
			struct row row = {.n = 0};

			if (c->channel < 0)
				continue;
			row_text(&row, ev->walk.pump[p].name);
			row_text(&row, meters_roles[k].of);
			row_text(&row, meters_roles[k].what);
			row_text(&row, ev->run.channel[c->channel].name);
			row_count(&row, c->rows);
			row_fixed(&row, c->rows ? 100.0 * (double)c->good / (double)c->rows : NAN, 2);
			row_number(&row, c->spacing);
			row_fixed(&row, meters_pump_refresh(&ev->walk.pump[p], (enum meters_role)k), 1);
			row_number(&row, c->min);
			row_number(&row, c->good ? c->sum / (double)c->good : NAN);
			row_number(&row, c->max);
			row_count(&row, c->backwards);
			report_row(r, t, row.cell);
		}
	}
}

/* A role that nothing plays, and the pumps that miss it. */
static void missing_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"of", "what", "role", "missing of", NULL};
	struct report_table *t = NULL;

	for (int k = 0; k < ROLES; k++) {
		struct text text = TEXT_INIT;
		struct row row = {.n = 0};
		int missing = 0;

		for (int p = 0; p < ev->walk.pumps; p++) {
			if (ev->walk.pump[p].role[k].channel >= 0)
				continue;
			text_add(&text, "%s%s", missing++ ? ", " : "", ev->walk.pump[p].name);
		}
		if (missing && !text.failed) {
			t = t ? t : report_table(r, "missing", "What is not measured", columns);
			row_text(&row, meters_roles[k].of);
			row_text(&row, meters_roles[k].what);
			row_text(&row, meters_roles[k].name);
			row_text(&row, missing == ev->walk.pumps ? "all" : text.data);
			report_row(r, t, row.cell);
		}
		text_free(&text);
	}
}

static void clocks_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"channel", "#readings", "#median|s", "#least|s", "#most|s", "#drift|s a day", NULL};
	struct report_table *t;

	if (ev->clocks == 0)
		return;
	t = report_table(r, "clocks", "Clocks of the CiCs against ours", columns);
	if (t)
		text_copy(t->text, sizeof(t->text), "Its clock less ours at each fetch. Drift: slope of the least-squares line.");
	for (int i = 0; i < ev->clocks; i++) {
		const struct clock_summary *c = &ev->clock[i];
		struct row row = {.n = 0};

		row_text(&row, ev->run.channel[c->channel].name);
		row_count(&row, c->readings);
		row_fixed(&row, c->median, 2);
		row_fixed(&row, c->least, 2);
		row_fixed(&row, c->most, 2);
		row_fixed(&row, c->drift, 3);
		report_row(r, t, row.cell);
	}
}

/* The clock of the heat pump's CiC against ours, where that is measured: of one of its heat pumps. */
static double clock_of(const struct meters_evaluation *ev, int pump)
{
	for (int i = 0; i < ev->clocks; i++)
		if (strcmp(ev->run.channel[ev->clock[i].channel].dut, ev->walk.pump[pump].name) == 0)
			return ev->clock[i].median;
	return NAN;
}

static void skew_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"under test", "what the CiC shows", "#later than the meter|s", "#\xc2\xb1 U|95 %", "#steps",
		"#not followed", "#readings", "#RMSE as recorded|W", "#RMSE shifted|W", "#its clock less ours|s", "remark", NULL};
	struct report_table *t;

	if (ev->skews == 0)
		return;
	t = report_table(r, "skew", "Skew between CiC and electricity meter", columns);
	if (t)
		snprintf(t->text, sizeof(t->text),
			"By how much later than the meter the CiC's value shows the same step of power, from steps of %g W and more anywhere in the "
			"run, searched within %g s. RMSE: around these steps, of the best straight line at each stretch (with the heaters' flags), as recorded and "
			"shifted. Everything counts that makes a value late: age, filter, clock. The clock's offset is no part of it where the "
			"values carry our time.", ev->settings.skew_step, ev->settings.skew_range);
	for (int i = 0; i < ev->skews; i++) {
		const struct skew *s = &ev->skew[i].skew;
		struct stats_interval v = skew_interval(s, 0.95);
		struct row row = {.n = 0};

		row_text(&row, ev->walk.pump[ev->skew[i].pump].name);
		row_text(&row, meters_view_names[ev->skew[i].view]);
		row_value(&row, v.value, v.U);
		row_count(&row, (long long)s->steps);
		row_count(&row, (long long)s->not_followed);
		row_count(&row, (long long)s->readings);
		row_number(&row, s->rmse_zero);
		row_number(&row, s->rmse);
		row_fixed(&row, clock_of(ev, ev->skew[i].pump), 2);
		row_text(&row, s->state == SKEW_FOUND ? "" : skew_state_name(s->state));
		report_row(r, t, row.cell);
	}
}

static void left_out_table(struct report *r, const struct meters_evaluation *ev)
{
	static const char *const columns[] = {"recording", "what", "#how many", NULL};
	struct report_table *t = NULL;

	for (int i = 0; i < ev->run.events; i++) {
		struct recording_left_out left;
		struct row row = {.n = 0};

		if (!recording_left_out_parse(&left, ev->run.event[i].text))
			continue;
		t = t ? t : report_table(r, "left_out", "What of the recordings could not be used", columns);
		if (t)
			text_copy(t->text, sizeof(t->text), "Every row that was left out and every cell that was not taken, by reason. The first of each is "
				"among the events.");
		row_text(&row, ev->run.event[i].source);
		row_text(&row, left.what);
		row_count(&row, left.count);
		report_row(r, t, row.cell);
	}
}

void meters_report_data(struct report *r, const struct meters_evaluation *ev)
{
	meters_table(r, ev);
	counters_table(r, ev);
	lost_table(r, ev);
	clocks_table(r, ev);
	skew_table(r, ev);
	roles_table(r, ev);
	missing_table(r, ev);
	left_out_table(r, ev);
}
