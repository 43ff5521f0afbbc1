#include "daq/cli/runs_content.h"

#include "daq/base/error.h"
#include "daq/cli/runs_words.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

static json_t *json_number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *json_tick(int64_t tick)
{
	return tick < 0 ? json_null() : json_integer(tick);
}

static json_t *json_about(const struct runs_content *c)
{
	const struct run_summary *s = &c->summary;
	const struct run_about *a = &s->about;
	char start[32], end[32];

	words_utc(a->utc, start, sizeof(start));
	words_utc(s->ended_utc, end, sizeof(end));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:f, s:f, "
			 "s:I, s:i, s:s}",
		"path", c->path, "bench", a->bench, "label", a->label, "origin", origin_name(a->origin), "verdict",
		s->verdict, "why", s->why, "evaluation", c->evaluation, "procedure", a->procedure, "operator", a->operator,
		"host", a->host, "software", a->software, "command", a->command, "clock", a->clock_state, "start", start,
		"end", end, "seed", json_tick(a->seed), "duration_s", (double)words_duration(s) / 1e9, "period_s",
		(double)a->period / 1e9, "scans", (json_int_t)s->scans, "segments", s->segments, "rows_digest", c->digest);
}

static json_t *json_duts(const struct runs_content *c)
{
	json_t *list = json_array();

	for (int i = 0; i < c->duts; i++) {
		const struct run_dut *d = &c->dut[i];

		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", d->name, "kind", d->kind, "profile",
				d->profile, "serial", d->serial, "serial_origin", origin_name(d->serial_origin), "firmware",
				d->firmware, "firmware_origin", origin_name(d->firmware_origin)));
	}
	return list;
}

static json_t *json_devices(const struct runs_content *c)
{
	json_t *list = json_array();

	for (int i = 0; i < c->devices; i++) {
		const struct run_device *d = &c->device[i];
		json_t *identity = json_loads(d->identity, 0, NULL);

		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", d->name, "driver", d->driver, "map", d->map, "address",
				d->address, "identity", identity ? identity : json_null()));
	}
	return list;
}

static json_t *json_qualities(const struct runs_quality *q)
{
	json_t *counts = json_object();

	for (int i = 0; i < QUALITY_COUNT; i++)
		json_object_set_new(counts, quality_name((enum quality)i), json_integer(q->count[i]));
	return counts;
}

static json_t *json_channels(const struct runs_content *c)
{
	json_t *list = json_array();

	for (int i = 0; i < c->channels; i++) {
		const struct run_channel *x = &c->channel[i];

		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I, s:I, s:o}", "name", x->name,
				"quantity", x->quantity, "unit", x->unit, "kind", x->kind, "group", x->group, "dut", x->dut, "role",
				x->role, "origin", origin_name(x->origin), "resolution", json_number(x->resolution), "uncertainty",
				json_number(x->uncertainty), "rows", (json_int_t)c->quality[i].rows, "missing",
				(json_int_t)c->quality[i].missing, "quality", json_qualities(&c->quality[i])));
	}
	return list;
}

static json_t *json_limits(const struct runs_content *c)
{
	json_t *list = json_array();

	for (int i = 0; i < c->limits; i++) {
		const struct run_limit *x = &c->limit[i];

		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:s}", "dut", x->dut, "quantity", x->quantity,
				"valve", x->valve, "set_point", json_number(x->set_point), "min", json_number(x->min), "max",
				json_number(x->max), "unit", x->unit, "rule", x->rule, "source", x->source));
	}
	return list;
}

static json_t *json_steps(const struct runs_content *c)
{
	json_t *list = json_array();

	for (int i = 0; i < c->steps; i++) {
		const struct run_step *x = &c->step[i];

		json_array_append_new(list,
			json_pack("{s:I, s:s, s:s, s:s, s:o, s:s, s:I, s:o, s:b}", "number", (json_int_t)x->number, "name",
				x->name, "dut", x->dut, "valve", x->valve, "set_point", json_number(x->set_point), "unit", x->unit,
				"first_tick", (json_int_t)x->first_tick, "last_tick", json_tick(x->last_tick), "done", x->done));
	}
	return list;
}

static json_t *json_events(const struct runs_content *c)
{
	json_t *list = json_array();

	for (int i = 0; i < c->events; i++) {
		const struct run_event *x = &c->event[i];

		json_array_append_new(list,
			json_pack("{s:I, s:o, s:s, s:s, s:s}", "at_ns", (json_int_t)x->at, "tick", json_tick(x->tick), "level",
				x->level, "source", x->source, "text", x->text));
	}
	return list;
}

static json_t *json_health(const struct runs_content *c)
{
	json_t *list = json_array();

	for (int i = 0; i < c->healths; i++) {
		const struct run_health *h = &c->health[i];
		json_t *lateness = json_array();

		for (int k = 0; k < 24; k++)
			json_array_append_new(lateness, json_integer(h->lateness[k]));
		json_array_append_new(list,
			json_pack("{s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "segment", h->segment, "bus",
				h->bus, "transactions", (json_int_t)h->transactions, "timeouts", (json_int_t)h->timeouts,
				"checksums", (json_int_t)h->checksums, "exceptions", (json_int_t)h->exceptions, "wrong",
				(json_int_t)h->wrong, "late", (json_int_t)h->late, "missed_ticks", (json_int_t)h->missed_ticks,
				"drops", (json_int_t)h->drops, "utilisation", json_number(h->utilisation), "lateness", lateness));
	}
	return list;
}

int runs_show_json(const struct runs_content *c, struct error *e)
{
	json_t *root = json_about(c);

	if (!root)
		return error_set(e, ERROR_DATA, "%s holds text that is not UTF-8", c->path);
	json_object_set_new(root, "duts", json_duts(c));
	json_object_set_new(root, "devices", json_devices(c));
	json_object_set_new(root, "channels", json_channels(c));
	json_object_set_new(root, "limits", json_limits(c));
	json_object_set_new(root, "steps", json_steps(c));
	json_object_set_new(root, "events", json_events(c));
	json_object_set_new(root, "health", json_health(c));
	json_dumpf(root, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(root);
	return 0;
}
