#include "daq/cli/runs_content.h"

#include "daq/base/text.h"
#include "daq/cli/columns.h"
#include "daq/cli/runs_words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void show_line(const char *name, const char *text)
{
	if (text[0])
		printf("%-12s %s\n", name, text);
}

static void show_about(const struct runs_content *c)
{
	const struct run_about *about = &c->summary.about;
	char words[400], span[32];

	show_line("run", c->path);
	show_line("bench", about->bench);
	show_line("label", about->label);
	show_line("origin", origin_name(about->origin));
	snprintf(words, sizeof(words), "%s%s%s", c->summary.verdict, c->summary.why[0] ? ": " : "", c->summary.why);
	show_line("verdict", words);
	show_line("evaluation", c->evaluation[0] ? c->evaluation : "none");
	words_utc(about->utc, words, sizeof(words));
	show_line("start", words);
	words_utc(c->summary.ended_utc, words, sizeof(words));
	show_line("end", words[0] ? words : "no clean end");
	words_span(words_duration(&c->summary), span, sizeof(span));
	snprintf(words, sizeof(words), "%s, %lld scans, a tick is %g s", span, (long long)c->summary.scans,
		(double)about->period / 1e9);
	show_line("duration", words);
	show_line("rows digest", c->digest);
	show_line("procedure", about->procedure);
	show_line("operator", about->operator);
	show_line("host", about->host);
	show_line("software", about->software);
	show_line("command", about->command);
	show_line("time zone", about->time_zone);
	show_line("clock", about->clock_state);
	if (about->seed >= 0)
		printf("%-12s %lld\n", "seed", (long long)about->seed);
}

static void show_table(const char *title, struct columns *table)
{
	printf("\n%s\n", title);
	columns_print(table, 2, stdout);
	columns_free(table);
}

static void show_segments(const struct runs_content *c)
{
	struct columns *t = columns_new("rlrl");

	columns_row(t, (const char *[]){"", "START", "FIRST TICK", "BENCH"});
	for (int i = 0; i < c->segments; i++) {
		char number[16], start[32], tick[32], digest[16];

		snprintf(number, sizeof(number), "%d", i);
		words_utc(c->segment[i].utc, start, sizeof(start));
		snprintf(tick, sizeof(tick), "%lld", (long long)c->segment[i].first_tick);
		snprintf(digest, sizeof(digest), "%.12s", c->segment[i].bench_digest);
		columns_row(t, (const char *[]){number, start, tick, digest});
	}
	show_table("segments", t);
}

static const char *or_unknown(const char *text)
{
	return text[0] ? text : "?";
}

static void show_duts(const struct runs_content *c)
{
	struct columns *t = columns_new("lllllll");

	if (!c->duts) {
		columns_free(t);
		return;
	}
	columns_row(t, (const char *[]){"NAME", "KIND", "PROFILE", "SERIAL", "", "FIRMWARE", ""});
	for (int i = 0; i < c->duts; i++) {
		const struct run_dut *d = &c->dut[i];
		const char *serial = d->serial_origin == ORIGIN_MEASURED ? "read" : origin_name(d->serial_origin);
		const char *firmware = d->firmware_origin == ORIGIN_MEASURED ? "read" : origin_name(d->firmware_origin);

		columns_row(t, (const char *[]){d->name, d->kind, d->profile, or_unknown(d->serial),
				       d->serial[0] ? serial : "", or_unknown(d->firmware), d->firmware[0] ? firmware : ""});
	}
	show_table("devices under test", t);
}

static void show_devices(const struct runs_content *c)
{
	struct columns *t = columns_new("lllll");

	if (!c->devices) {
		columns_free(t);
		return;
	}
	columns_row(t, (const char *[]){"NAME", "DRIVER", "MAP", "ADDRESS", "IDENTITY"});
	for (int i = 0; i < c->devices; i++) {
		const struct run_device *d = &c->device[i];

		columns_row(t, (const char *[]){d->name, d->driver, d->map, d->address, d->identity});
	}
	show_table("devices", t);
}

static void show_certificates(const struct runs_content *c)
{
	struct columns *t = columns_new("llllrr");

	if (!c->certificates) {
		columns_free(t);
		return;
	}
	columns_row(t, (const char *[]){"CERTIFICATE", "LABORATORY", "DATE", "DUE", "U", "k"});
	for (int i = 0; i < c->certificates; i++) {
		const struct run_certificate *x = &c->certificate[i];
		char U[32], k[32];

		words_number(x->U, U, sizeof(U));
		words_number(x->k, k, sizeof(k));
		columns_row(t, (const char *[]){x->id, x->laboratory, x->date, x->due, U, k});
	}
	show_table("certificates", t);
}

/* "timeout 3, gap 12", or "" where all is good. */
static void quality_words(const struct runs_quality *q, char *out, size_t size)
{
	struct text t = TEXT_INIT;

	for (int i = QUALITY_GOOD + 1; i < QUALITY_COUNT; i++)
		if (q->count[i])
			text_add(&t, "%s%s %lld", t.length ? ", " : "", quality_name((enum quality)i),
				(long long)q->count[i]);
	text_copy(out, size, t.data ? t.data : "");
	text_free(&t);
}

static void show_channels(const struct runs_content *c)
{
	struct columns *t = columns_new("lllllllrrrl");

	columns_row(t, (const char *[]){"CHANNEL", "QUANTITY", "UNIT", "KIND", "GROUP", "DUT", "ROLE", "GOOD", "MISSING",
			       "U (k=2)", "NOT GOOD"});
	for (int i = 0; i < c->channels; i++) {
		const struct run_channel *x = &c->channel[i];
		char good[32], missing[32], uncertainty[32], bad[300];

		snprintf(good, sizeof(good), "%lld", (long long)c->quality[i].count[QUALITY_GOOD]);
		snprintf(missing, sizeof(missing), "%lld", (long long)c->quality[i].missing);
		words_number(x->uncertainty, uncertainty, sizeof(uncertainty));
		quality_words(&c->quality[i], bad, sizeof(bad));
		columns_row(t, (const char *[]){x->name, x->quantity, x->unit, x->kind, x->group, x->dut, x->role, good,
				       missing, uncertainty, bad});
	}
	show_table("channels (counts of values)", t);
}

static void show_limits(const struct runs_content *c)
{
	struct columns *t = columns_new("lllrrrlll");

	if (!c->limits) {
		columns_free(t);
		return;
	}
	columns_row(t, (const char *[]){"DUT", "QUANTITY", "VALVE", "AT", "MIN", "MAX", "UNIT", "RULE", "FROM"});
	for (int i = 0; i < c->limits; i++) {
		const struct run_limit *x = &c->limit[i];
		char at[32], min[32], max[32];

		words_number(x->set_point, at, sizeof(at));
		words_number(x->min, min, sizeof(min));
		words_number(x->max, max, sizeof(max));
		columns_row(t, (const char *[]){x->dut[0] ? x->dut : "*", x->quantity, x->valve[0] ? x->valve : "*",
				       at[0] ? at : "*", min, max, x->unit, x->rule, x->source});
	}
	show_table("limits", t);
}

static void show_steps(const struct runs_content *c)
{
	struct columns *t = columns_new("rlllrlrrl");

	if (!c->steps) {
		columns_free(t);
		return;
	}
	columns_row(t, (const char *[]){"", "STEP", "DUT", "VALVE", "SET", "UNIT", "FIRST", "LAST", ""});
	for (int i = 0; i < c->steps; i++) {
		const struct run_step *x = &c->step[i];
		char number[32], set[32], first[32], last[32];

		snprintf(number, sizeof(number), "%lld", (long long)x->number);
		words_number(x->set_point, set, sizeof(set));
		snprintf(first, sizeof(first), "%lld", (long long)x->first_tick);
		snprintf(last, sizeof(last), "%lld", (long long)x->last_tick);
		columns_row(t, (const char *[]){number, x->name, x->dut, x->valve, set, x->unit, first,
				       x->last_tick < 0 ? "" : last, x->done ? "" : "not done"});
	}
	show_table("steps (ticks)", t);
}

static void show_marks(const struct runs_content *c)
{
	for (int i = 0; i < c->marks; i++)
		printf("%s  mark %s: step %lld, ticks %lld to %lld\n", i ? "" : "\nmarks\n", c->mark[i].name,
			(long long)c->mark[i].step, (long long)c->mark[i].first_tick, (long long)c->mark[i].last_tick);
}

static void show_events(const struct runs_content *c)
{
	struct columns *t = columns_new("rrlll");

	if (!c->events) {
		columns_free(t);
		return;
	}
	columns_row(t, (const char *[]){"AT", "TICK", "LEVEL", "SOURCE", "EVENT"});
	for (int i = 0; i < c->events; i++) {
		const struct run_event *x = &c->event[i];
		char at[32], tick[32];

		snprintf(at, sizeof(at), "%.3f s",
			(double)(x->at - (c->segments ? c->segment[0].monotonic_zero : 0)) / 1e9);
		snprintf(tick, sizeof(tick), "%lld", (long long)x->tick);
		columns_row(t, (const char *[]){at, x->tick < 0 ? "" : tick, x->level, x->source, x->text});
	}
	show_table("events", t);
}

/* Wake-ups are counted in bins of 2^i us: the upper edge of the bin that holds the 99th percentile. */
static void lateness_words(const struct run_health *h, char *out, size_t size)
{
	int64_t all = 0, below = 0;

	for (int i = 0; i < 24; i++)
		all += h->lateness[i];
	out[0] = '\0';
	for (int i = 0; i < 24 && all; i++) {
		below += h->lateness[i];
		if ((double)below >= 0.99 * (double)all) {
			snprintf(out, size, i < 23 ? "< %.3f ms" : "> %.0f ms", ldexp(1e-3, i < 23 ? i : 22));
			return;
		}
	}
}

static void show_health(const struct runs_content *c)
{
	struct columns *t = columns_new("lrrrrrrrrrrr");

	if (!c->healths) {
		columns_free(t);
		return;
	}
	columns_row(t, (const char *[]){"BUS", "SEGMENT", "TRANSACTIONS", "TIMEOUTS", "CHECKSUMS", "EXCEPTIONS", "WRONG",
			       "LATE", "MISSED TICKS", "DROPS", "BUSY", "WAKE-UP P99"});
	for (int i = 0; i < c->healths; i++) {
		const struct run_health *h = &c->health[i];
		const int64_t v[9] = {h->segment, h->transactions, h->timeouts, h->checksums, h->exceptions, h->wrong,
			h->late, h->missed_ticks, h->drops};
		char n[9][24], busy[32] = "", late[40];

		for (int k = 0; k < 9; k++)
			snprintf(n[k], sizeof(n[k]), "%lld", (long long)v[k]);
		if (!isnan(h->utilisation))
			snprintf(busy, sizeof(busy), "%.1f %%", 100 * h->utilisation);
		lateness_words(h, late, sizeof(late));
		columns_row(t, (const char *[]){h->bus, n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], busy, late});
	}
	show_table("bus health", t);
}

void runs_show_text(const struct runs_content *c)
{
	show_about(c);
	show_segments(c);
	show_duts(c);
	show_devices(c);
	show_certificates(c);
	show_channels(c);
	show_limits(c);
	show_steps(c);
	show_marks(c);
	show_events(c);
	show_health(c);
}
