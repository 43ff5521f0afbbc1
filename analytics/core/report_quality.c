/* How good the data are: flags by kind, buses, events. */
#include "analytics/core/report_run.h"

#include "daq/base/text.h"

#include <stdio.h>
#include <string.h>

enum { MOST_EVENTS = 60 };

static void flags_table(struct report *r, const struct stored_run *run)
{
	static const char *const columns[] = {"channel", "#samples", "#good", "#stale", "#suspect",
		"#timeout", "#checksum", "#exception", "#range", "#rollback", "#gap", NULL};
	struct report_table *t = report_table(r, "quality", "Data quality", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Samples of the whole run by quality, rest periods included. Only good ones are "
			"averaged.");
	for (int c = 0; c < run->channels; c++) {
		struct stored_series s = stored_series(run, c);
		long long count[QUALITY_COUNT] = {0};
		char text[QUALITY_COUNT + 2][48];
		const char *cells[QUALITY_COUNT + 2];

		for (size_t i = 0; i < s.rows; i++)
			count[s.quality[i] < QUALITY_COUNT ? s.quality[i] : QUALITY_GAP]++;
		snprintf(text[0], sizeof(text[0]), "%s", run->channel[c].name);
		snprintf(text[1], sizeof(text[1]), "%zu", s.rows);
		for (int q = 0; q < QUALITY_COUNT; q++)
			snprintf(text[q + 2], sizeof(text[0]), count[q] ? "%lld" : "\xc2\xb7", count[q]);
		for (int i = 0; i < QUALITY_COUNT + 2; i++)
			cells[i] = text[i];
		report_row(r, t, cells);
	}
}

/* Upper edge of the histogram's class that holds the given share of wake-ups. */
static void lateness(char *out, size_t size, const struct run_health *h, double share)
{
	int64_t all = 0, sum = 0;
	int last = (int)(sizeof(h->lateness) / sizeof(*h->lateness));

	for (int i = 0; i < last; i++)
		all += h->lateness[i];
	if (all == 0) {
		snprintf(out, size, "\xe2\x80\x93");
		return;
	}
	for (int i = 0; i < last; i++) {
		sum += h->lateness[i];
		if ((double)sum >= share * (double)all) {
			if (i == last - 1)
				snprintf(out, size, "> 4 s");
			else if (i < 10)
				snprintf(out, size, "< %d \xc2\xb5s", 1 << i);
			else
				snprintf(out, size, "< %.3g ms", (1 << i) / 1000.0);
			return;
		}
	}
}

static void health_table(struct report *r, const struct stored_run *run)
{
	static const char *const columns[] = {"bus", "#segment", "#transactions", "#time-outs", "#checksums",
		"#exceptions", "#wrong", "#late", "#missed ticks", "#drops", "#busy|%", "#wake-up late, p50",
		"#p99", "#latest", NULL};
	struct report_table *t;

	if (run->healths == 0)
		return;
	t = report_table(r, "health", "Buses", columns);
	if (t)
		text_copy(t->text, sizeof(t->text),
			"Wake-ups late: upper edge of the histogram class that holds half, 99 % and all of "
			"them.");
	for (int i = 0; i < run->healths; i++) {
		const struct run_health *h = &run->health[i];
		const long long numbers[] = {h->segment, h->transactions, h->timeouts, h->checksums,
			h->exceptions, h->wrong, h->late, h->missed_ticks, h->drops};
		char text[14][40];
		const char *cells[14];

		snprintf(text[0], sizeof(text[0]), "%s", h->bus);
		for (int j = 0; j < 9; j++)
			snprintf(text[j + 1], sizeof(text[0]), "%lld", numbers[j]);
		snprintf(text[10], sizeof(text[0]), "%.1f", 100 * h->utilisation);
		lateness(text[11], sizeof(text[0]), h, 0.5);
		lateness(text[12], sizeof(text[0]), h, 0.99);
		lateness(text[13], sizeof(text[0]), h, 1);
		for (int j = 0; j < 14; j++)
			cells[j] = text[j];
		report_row(r, t, cells);
	}
}

static void events_table(struct report *r, const struct stored_run *run)
{
	static const char *const columns[] = {"#at|s", "#tick", "level", "from", "what", NULL};
	struct report_table *t;
	int shown = run->events > MOST_EVENTS ? MOST_EVENTS : run->events;
	nanos zero = run->segments ? run->segment[0].monotonic_zero : 0;

	if (run->events == 0)
		return;
	t = report_table(r, "events", "Events", columns);
	if (t && shown < run->events)
		snprintf(t->text, sizeof(t->text), "The first %d of %d; all are in run.db, table event.",
			shown, run->events);
	for (int i = 0; i < shown; i++) {
		const struct run_event *event = &run->event[i];
		char at[32], tick[32];

		snprintf(at, sizeof(at), "%.1f", (double)(event->at - zero) / (double)NANOS_PER_S);
		snprintf(tick, sizeof(tick), "%lld", (long long)event->tick);
		report_row(r, t, (const char *const[]){at, tick, event->level, event->source, event->text});
	}
}

void report_run_quality(struct report *r, const struct stored_run *run)
{
	if (run->tables > 0) /* who walks through a long run counts for himself */
		flags_table(r, run);
	health_table(r, run);
	events_table(r, run);
}
