#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <string.h>

/* What a limit may speak of: a channel's quantity or role, or one of these made of it. */
enum derived { AS_MEASURED, DEVIATION, RATIO };
static const struct {
	const char *suffix;
	enum derived kind;
} suffixes[] = {
	{" deviation", DEVIATION}, /* own reading minus reference */
	{"_error", DEVIATION},
	{" ratio", RATIO}, /* throttled to open */
	{"_ratio", RATIO},
};

/* What an evaluation's models come to, with its unit: benches/pump/finding.h, benches/flow/judge.c,
 * benches/meters/judge.c. */
static const struct {
	const char *quantity, *unit;
} findings[] = {
	{"feedback slope", "W/permille"}, {"feedback intercept", "W"}, {"feedback residual", "W"},
	{"arx fit", "%"}, {"arx flow fit", "%"}, {"time constant", "s"}, {"affinity deviation", "%"},
	{"best efficiency", "%"}, {"eei", "1"}, {"repeatability", "%"}, {"mean error", "%"}, {"deming slope", "1"},
	{"deming intercept", "l/h"}, {"correction residual", "%"}, {"electric_energy", "kWh"}, {"heat_energy", "kWh"},
	{"cop", "1"}, {"daily_electric_energy", "kWh"}, {"daily_heat_energy", "kWh"}, {"daily_cop", "1"},
	{"electric_coverage", "%"}, {"heat_coverage", "%"}, {"electric_register_deviation", "%"},
	{"electric_vipf_deviation", "%"}, {"heat_register_deviation", "%"}, {"heat_flow_deviation", "%"},
	{"volume_register_deviation", "%"}, {"electric_estimate_deviation", "%"}, {"heat_estimate_deviation", "%"},
};

static const char *finding_unit(const char *quantity)
{
	for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++)
		if (strcmp(findings[i].quantity, quantity) == 0)
			return findings[i].unit;
	return NULL;
}

static enum derived split_quantity(const char *quantity, size_t *length)
{
	*length = strlen(quantity);
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t tail = strlen(suffixes[i].suffix);

		if (*length > tail && strcmp(quantity + *length - tail, suffixes[i].suffix) == 0) {
			*length -= tail;
			return suffixes[i].kind;
		}
	}
	return AS_MEASURED;
}

static bool is(const char *name, const char *word, size_t length)
{
	return strlen(name) == length && strncmp(name, word, length) == 0;
}

/* Where the quantity that a limit speaks of is measured, or NULL. */
static const struct bench_channel *measured(const struct bench *bench, const char *quantity, size_t length)
{
	for (int i = 0; i < bench->channels; i++)
		if (is(bench->channel[i].quantity, quantity, length) || is(bench->channel[i].role, quantity, length))
			return &bench->channel[i];
	return NULL;
}

static int unknown_quantity(const struct bench *bench, const struct bench_limit *limit, struct error *e)
{
	const char *names[2 * BENCH_CHANNELS + 1], *near;
	int n = 0;

	for (int i = 0; i < bench->channels; i++) {
		names[n++] = bench->channel[i].quantity;
		names[n++] = bench->channel[i].role;
	}
	names[n] = NULL;
	near = nearest_name(limit->quantity, names);
	return error_set(e, ERROR_CONFIG, "%s: limit.quantity: no channel measures '%s'%s%s%s", limit->source,
		limit->quantity, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* A limit in a unit that its quantity never has would judge nothing. */
static int check_quantity(const struct bench *bench, const struct bench_limit *limit, struct error *e)
{
	size_t length;
	enum derived kind = split_quantity(limit->quantity, &length);
	const struct bench_channel *c = measured(bench, limit->quantity, length);
	const char *unit = finding_unit(limit->quantity);
	double unused;

	if (unit && !c) {
		if (unit_convert(1, limit->unit, unit, &unused, NULL) == 0)
			return 0;
		return error_set(e, ERROR_CONFIG, "%s: limit: %s is in %s, which '%s' cannot be turned into",
			limit->source, limit->quantity, unit, limit->unit);
	}
	if (bench->channels == 0)
		return 0; /* a recording brings its own */
	if (!c)
		return unknown_quantity(bench, limit, e);
	unit = kind == RATIO ? "1" : kind == DEVIATION ? bench_difference_unit(c->unit) : c->unit;
	if ((kind == DEVIATION && strcmp(limit->unit, "%") == 0) ||
		unit_convert(1, limit->unit, unit, &unused, NULL) == 0)
		return 0;
	return error_set(e, ERROR_CONFIG, "%s: limit: %s is measured in %s, which '%s' cannot be turned into",
		limit->source, limit->quantity, unit, limit->unit);
}

/* Both bounds in the unit of the first that is given. */
static int read_bounds(struct limit_form *f, struct error *e)
{
	struct bench_limit *limit = &f->limit;
	const char *given = f->min[0] ? f->min : f->max;
	struct error inner = ERROR_INIT;
	size_t length;
	double unused;

	limit->min = limit->max = NAN;
	if (!given[0])
		return error_set(e, ERROR_CONFIG, "%s: limit: neither min nor max is given", limit->source);
	if (quantity_parse(given, &unused, limit->unit, sizeof(limit->unit), &inner) != 0)
		return error_set(e, ERROR_CONFIG, "%s: limit.%s: %s", limit->source, given == f->min ? "min" : "max",
			inner.text);
	if (limit->unit[0] == '\0' && (split_quantity(limit->quantity, &length) == RATIO ||
					      (finding_unit(limit->quantity) && strcmp(finding_unit(limit->quantity), "1") == 0)))
		text_copy(limit->unit, sizeof(limit->unit), "1");
	if (limit->unit[0] == '\0')
		return error_set(e, ERROR_CONFIG, "%s: limit.%s = \"%s\" has no unit: write it like \"1050 l/h\"",
			limit->source, given == f->min ? "min" : "max", given);
	if (bench_quantity(f->min, limit->unit, &limit->min, limit->source, "limit.min", e) != 0 ||
		bench_quantity(f->max, limit->unit, &limit->max, limit->source, "limit.max", e) != 0)
		return -1;
	if (limit->min >= limit->max)
		return error_set(e, ERROR_CONFIG, "%s: limit: min %g is not below max %g %s", limit->source, limit->min,
			limit->max, limit->unit);
	return 0;
}

/* The channel whose value is the set point of a dut's steps: its duty, or its first output that is a set
 * point (a relay has no unit). */
static const struct bench_channel *set_point_channel(const struct bench *bench, int dut)
{
	const struct bench_channel *found = NULL;

	for (int i = 0; i < bench->channels; i++) {
		const struct bench_channel *c = &bench->channel[i];

		if ((dut >= 0 && c->dut != dut) || c->dut < 0 || !c->output || strcmp(c->unit, "1") == 0)
			continue;
		if (strcmp(c->role, "duty") == 0)
			return c;
		found = found ? found : c;
	}
	return found;
}

static int read_set_point(struct limit_form *f, const struct bench *bench, struct error *e)
{
	struct bench_limit *limit = &f->limit;
	const struct bench_channel *c = set_point_channel(bench, limit->dut);
	struct error inner = ERROR_INIT;
	char unit[16];

	limit->set_point = NAN;
	if (!f->set_point[0])
		return 0;
	if (c)
		return bench_quantity(f->set_point, c->unit, &limit->set_point, limit->source, "limit.set_point", e);
	if (quantity_parse(f->set_point, &limit->set_point, unit, sizeof(unit), &inner) != 0)
		return error_set(e, ERROR_CONFIG, "%s: limit.set_point: %s", limit->source, inner.text);
	return 0;
}

static int find_dut(struct limit_form *f, const struct bench *bench, struct error *e)
{
	const char *names[BENCH_DUTS + 1], *near;

	f->limit.dut = f->dut[0] ? bench_find_dut(bench, f->dut) : -1;
	if (!f->dut[0] || f->limit.dut >= 0)
		return 0;
	for (int i = 0; i < bench->duts; i++)
		names[i] = bench->dut[i].name;
	names[bench->duts] = NULL;
	near = nearest_name(f->dut, names);
	return error_set(e, ERROR_CONFIG, "%s: limit.dut: no dut is called '%s'%s%s%s", f->limit.source, f->dut,
		near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static bool same_place(const struct bench_limit *a, const struct bench_limit *b)
{
	return a->dut == b->dut && strcmp(a->quantity, b->quantity) == 0 && strcmp(a->valve, b->valve) == 0 &&
	       (a->set_point == b->set_point || (isnan(a->set_point) && isnan(b->set_point)));
}

static int resolve_limit(struct bench_reader *reader, int index, const struct bench *bench, struct error *e)
{
	struct limit_form *f = &reader->limit[index];

	if (find_dut(f, bench, e) != 0 || read_bounds(f, e) != 0 || check_quantity(bench, &f->limit, e) != 0 ||
		read_set_point(f, bench, e) != 0)
		return -1;
	for (int i = 0; i < index; i++)
		if (same_place(&reader->limit[i].limit, &f->limit))
			return error_set(e, ERROR_CONFIG, "%s: limit: there is one for the same case already (%s)",
				f->limit.source, reader->limit[i].limit.source);
	return 0;
}

int bench_resolve_limits(struct bench_reader *reader, struct bench *bench, struct error *e)
{
	for (int i = 0; i < reader->limits; i++)
		if (resolve_limit(reader, i, bench, e) != 0)
			return -1;
	for (int i = 0; i < reader->limits; i++)
		bench->limit[i] = reader->limit[i].limit;
	bench->limits = reader->limits;
	return 0;
}
