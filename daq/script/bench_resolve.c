#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int unknown_dut(const struct bench *bench, const char *name, const char *source, const char *what,
	struct error *e)
{
	const char *names[BENCH_DUTS + 1], *near;

	for (int i = 0; i < bench->duts; i++)
		names[i] = bench->dut[i].name;
	names[bench->duts] = NULL;
	near = nearest_name(name, names);
	return error_set(e, ERROR_CONFIG, "%s: %s.dut: no dut is called '%s'%s%s%s", source, what, name,
		near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static int find_dut(const struct bench *bench, const char *name, const char *source, const char *what, int *out,
	struct error *e)
{
	*out = name[0] ? bench_find_dut(bench, name) : -1;
	return name[0] && *out < 0 ? unknown_dut(bench, name, source, what, e) : 0;
}

/* From the map's unit into the channel's: value = gain * x + offset. */
static int unit_line(const struct bench_channel *c, const struct register_row *row, double *gain, double *offset,
	struct error *e)
{
	struct error inner = ERROR_INIT;
	double at_one;

	if (unit_convert(0, row->unit, c->unit, offset, &inner) != 0 ||
		unit_convert(1, row->unit, c->unit, &at_one, &inner) != 0)
		return error_set(e, ERROR_CONFIG, "%s: channel '%s': %s (register %s)", c->source, c->name, inner.text,
			row->name);
	*gain = at_one - *offset;
	return 0;
}

/* What the map says, in the channel's unit; the file's own words come over it. */
static void inherit(struct bench_channel *c, const struct register_row *row, double gain, double offset)
{
	c->kind = row->kind;
	c->min = row->min * gain + offset;
	c->max = row->max * gain + offset;
	c->nominal = row->nominal * gain + offset;
	c->resolution = row->resolution * fabs(gain);
	c->uncertainty = NAN;
	if (!c->quantity[0])
		text_copy(c->quantity, sizeof(c->quantity), row->quantity);
}

static int own_quantities(struct channel_form *f, double *shift, struct error *e)
{
	struct bench_channel *c = &f->channel;
	const char *difference = bench_difference_unit(c->unit);

	if (bench_quantity(f->min, c->unit, &c->min, c->source, "channel.min", e) != 0 ||
		bench_quantity(f->max, c->unit, &c->max, c->source, "channel.max", e) != 0 ||
		bench_quantity(f->nominal, c->unit, &c->nominal, c->source, "channel.nominal", e) != 0 ||
		bench_quantity(f->offset, difference, shift, c->source, "channel.offset", e) != 0 ||
		bench_quantity(f->resolution, difference, &c->resolution, c->source, "channel.resolution", e) != 0 ||
		bench_quantity(f->uncertainty, difference, &c->uncertainty, c->source, "channel.uncertainty", e) != 0)
		return -1;
	if (f->gain == 0)
		return error_set(e, ERROR_CONFIG, "%s: channel.gain is 0: every reading would be the same", c->source);
	if (c->min >= c->max)
		return error_set(e, ERROR_CONFIG, "%s: channel '%s': min %g is not below max %g %s", c->source, c->name,
			c->min, c->max, c->unit);
	return 0;
}

/* A set point may only be what both the bench and the device allow. */
static int check_output(const struct bench *bench, const struct bench_channel *c, const struct register_row *row, double row_min,
	double row_max, struct error *e)
{
	const struct bench_bus *bus = &bench->bus[bench->device[c->device].bus];

	if (!c->output)
		return 0;
	if (bus->listen_only)
		return error_set(e, ERROR_CONFIG, "%s: channel '%s': bus '%s' has another master (listen_only), so nothing can be set on it",
			c->source, c->name, bus->words.name);
	if (!row->writable)
		return error_set(e, ERROR_CONFIG, "%s: channel '%s': register %s cannot be written, so it is no output",
			c->source, c->name, row->name);
	if (!isfinite(c->min) || !isfinite(c->max))
		return error_set(e, ERROR_CONFIG, "%s: channel '%s' is an output: it needs min and max", c->source,
			c->name);
	if (c->min < row_min || c->max > row_max)
		return error_set(e, ERROR_CONFIG, "%s: channel '%s': %g to %g %s is more than register %s takes (%g to %g %s)",
			c->source, c->name, c->min, c->max, c->unit, row->name, row_min, row_max, c->unit);
	return 0;
}

static int set_every(struct channel_form *f, nanos tick, struct error *e)
{
	struct bench_channel *c = &f->channel;

	c->every = 1;
	if (f->every == 0)
		return 0;
	if (f->every < tick || f->every % tick != 0)
		return error_set(e, ERROR_CONFIG, "%s: channel.every = %g s is no multiple of the bench's tick of %g s",
			c->source, (double)f->every / 1e9, (double)tick / 1e9);
	c->every = (int)(f->every / tick);
	return 0;
}

static int find_certificate(const struct bench_reader *reader, struct channel_form *f, struct error *e)
{
	struct bench_channel *c = &f->channel;
	const struct bench *bench = reader->bench;
	const char *names[BENCH_CERTIFICATES + 1], *near;

	c->certificate = -1;
	for (int i = 0; i < bench->certificates; i++) {
		names[i] = bench->certificate[i].id;
		if (strcmp(names[i], f->certificate) == 0)
			c->certificate = i;
	}
	names[bench->certificates] = NULL;
	if (!f->certificate[0])
		return 0;
	if (c->certificate >= 0 && bench->certificate[c->certificate].points > 0 && (c->output || c->kind != KIND_GAUGE))
		return error_set(e, ERROR_CONFIG, "%s: channel '%s' is %s: the points of certificate '%s' correct readings of gauges",
			c->source, c->name, c->output ? "an output" : c->kind == KIND_COUNTER ? "a counter" : "a state",
			f->certificate);
	if (c->certificate >= 0 && strcmp(reader->certificate_unit[c->certificate], c->unit) == 0)
		return 0;
	if (c->certificate >= 0)
		return error_set(e, ERROR_CONFIG, "%s: channel '%s' is in %s, its certificate '%s' in %s", c->source,
			c->name, c->unit, f->certificate, reader->certificate_unit[c->certificate]);
	near = nearest_name(f->certificate, names);
	return error_set(e, ERROR_CONFIG, "%s: channel.certificate: none has the id '%s'%s%s%s", c->source,
		f->certificate, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* Procedures reach a channel as pump.flow: one channel for each role, and no role that hides a field. */
static int check_role(const struct bench *bench, const struct bench_channel *c, struct error *e)
{
	static const char *const taken[] = {"name", "kind", "profile", "serial", "firmware"};

	if (!c->role[0])
		return 0;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcmp(taken[i], c->role) == 0)
			return error_set(e, ERROR_CONFIG, "%s: channel.role = \"%s\": that word is taken", c->source, c->role);
	if (bench_check_name(c->role, true, c->source, "channel.role", NULL) != 0)
		return error_set(e, ERROR_CONFIG, "%s: channel.role = \"%s\": expected letters, digits and _", c->source,
			c->role);
	for (int i = 0; i < bench->channels; i++)
		if (bench->channel[i].dut == c->dut && strcmp(bench->channel[i].role, c->role) == 0)
			return error_set(e, ERROR_CONFIG, "%s: channel '%s': %s%s has role '%s' already: '%s' (%s)", c->source,
				c->name, c->dut >= 0 ? "dut " : "the bench", c->dut >= 0 ? bench->dut[c->dut].name : "",
				c->role, bench->channel[i].name, bench->channel[i].source);
	return 0;
}

static int check_single_output(const struct bench *bench, const struct bench_channel *c, struct error *e)
{
	for (int i = 0; i < bench->channels; i++) {
		const struct bench_channel *other = &bench->channel[i];

		if (c->output && other->output && other->device == c->device && other->reg == c->reg)
			return error_set(e, ERROR_CONFIG, "%s: channel '%s': its register is set by '%s' already (%s)",
				c->source, c->name, other->name, other->source);
	}
	return 0;
}

static int resolve_channel(struct bench_reader *reader, struct channel_form *f, struct error *e)
{
	struct bench *bench = reader->bench;
	struct bench_channel *c = &f->channel;
	const struct register_row *row = &bench->device[c->device].map->row[c->reg];
	double gain, offset, shift = 0, row_min, row_max;

	if (!c->unit[0])
		text_copy(c->unit, sizeof(c->unit), row->unit);
	if (unit_line(c, row, &gain, &offset, e) != 0)
		return -1;
	inherit(c, row, gain, offset);
	row_min = isnan(c->min) ? -INFINITY : c->min;
	row_max = isnan(c->max) ? INFINITY : c->max;
	if (find_dut(bench, f->dut, c->source, "channel", &c->dut, e) != 0 || own_quantities(f, &shift, e) != 0 ||
		check_output(bench, c, row, row_min, row_max, e) != 0 || set_every(f, bench->tick, e) != 0 ||
		find_certificate(reader, f, e) != 0 || check_role(bench, c, e) != 0 ||
		check_single_output(bench, c, e) != 0 || bench_check_document_channel(bench, c, e) != 0)
		return -1;
	c->gain = f->gain * gain;
	c->offset = f->gain * offset + shift;
	bench->channel[bench->channels++] = *c;
	return 0;
}

static int resolve_safe(struct bench_reader *reader, struct safe_form *f, struct error *e)
{
	struct bench *bench = reader->bench;
	const struct bench_channel *c;
	const char *source = f->safe.source, *near;

	f->safe.channel = bench_find_channel(bench, f->channel);
	if (f->safe.channel < 0) {
		near = bench_nearest_channel(bench, f->channel);
		return error_set(e, ERROR_CONFIG, "%s: safe.channel: no channel is called '%s'%s%s%s", source, f->channel,
			near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
	}
	c = &bench->channel[f->safe.channel];
	if (!c->output)
		return error_set(e, ERROR_CONFIG, "%s: safe.channel: '%s' is no output", source, c->name);
	if (bench_quantity(f->value, c->unit, &f->safe.value, source, "safe.value", e) != 0)
		return -1;
	if (!f->value[0] || !(f->safe.value >= c->min && f->safe.value <= c->max))
		return error_set(e, ERROR_CONFIG, "%s: safe.value = \"%s\" is outside %g to %g %s of channel '%s'", source,
			f->value, c->min, c->max, c->unit, c->name);
	bench->safe[bench->safes++] = f->safe;
	return 0;
}

int bench_resolve(struct bench_reader *reader, struct error *e)
{
	struct bench *bench = reader->bench;

	if (!reader->source[0])
		return error_set(e, ERROR_CONFIG, "%s: holds no bench: end it with return bench{ name = ..., ... }",
			reader->path);
	if (reader->channels == 0)
		return error_set(e, ERROR_CONFIG, "%s: bench '%s' has no channel", reader->source, bench->name);
	for (int i = 0; i < reader->channels; i++)
		if (resolve_channel(reader, &reader->channel[i], e) != 0)
			return -1;
	for (int i = 0; i < reader->safes; i++)
		if (resolve_safe(reader, &reader->safe[i], e) != 0)
			return -1;
	if (bench_resolve_interlocks(reader, bench, e) != 0 || bench_resolve_lines(bench, e) != 0)
		return -1;
	return bench_resolve_limits(reader, bench, e);
}
