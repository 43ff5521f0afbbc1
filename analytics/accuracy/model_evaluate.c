#include "analytics/accuracy/model.h"

#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/units.h"

#include <math.h>
#include <string.h>

/* Rows are gone through in blocks of a fixed size that stay in the first cache, one plain loop for each step: compilers make
 * vector code of those. The last block is filled up with missing rows. */
enum { BLOCK = 256, LANES = 8, NEAREST_OF = 64 };

struct source {
	const double *value; /* NULL: no column */
	double gain, offset;
};

struct block {
	double in[MODEL_INPUTS][BLOCK], sum[BLOCK];
	uint16_t notes[BLOCK];
	bool noted;
};

static int find_source(const struct model_input *in, const struct model_column *columns, size_t count, struct source *out,
	struct error *e)
{
	double zero, one;

	*out = (struct source){NULL, 1, 0};
	for (size_t c = 0; in->measured && c < count; c++) {
		if (strcmp(columns[c].name, in->name) != 0)
			continue;
		if (unit_convert(0, columns[c].unit, in->unit, &zero, e) < 0 ||
			unit_convert(1, columns[c].unit, in->unit, &one, e) < 0)
			return -1;
		*out = (struct source){columns[c].value, one - zero, zero};
		if (strcmp(columns[c].unit, in->unit) == 0)
			out->gain = 1;
		return 0;
	}
	return 0;
}

static int missing(const struct model *m, int input, const struct model_column *columns, size_t count, struct error *e)
{
	const char *names[NEAREST_OF + 1] = {NULL}, *near, *rule = "";

	for (size_t c = 0; c < count && c < NEAREST_OF; c++)
		names[c] = columns[c].name;
	for (int r = 0; r < m->rules; r++)
		if (m->rule[r].fills == input)
			rule = ", nor what its rule is made from";
	near = nearest_name(m->input[input].name, names);
	return error_set(e, ERROR_DATA, "model %s needs %s (%s), which is not there%s%s%s%s", m->name, m->input[input].name,
		m->input[input].unit, rule, near ? "; the nearest name is '" : "", near ? near : "", near ? "'" : "");
}

/* Every input of heat, terms and gates needs a column, or a rule whose own inputs have one. */
static int check_sources(const struct model *m, const struct source *source, const struct model_column *columns, size_t count,
	struct error *e)
{
	bool has[MODEL_INPUTS], needed[MODEL_INPUTS] = {false};

	for (int i = 0; i < m->inputs; i++)
		has[i] = source[i].value;
	for (int r = 0; r < m->rules; r++)
		if (has[m->rule[r].from[0]] && has[m->rule[r].from[1]])
			has[m->rule[r].fills] = true;
	if (m->heat.used)
		needed[m->heat.flow] = needed[m->heat.supply] = needed[m->heat.ret] = true;
	for (int t = 0; t < m->terms; t++) {
		for (int f = 0; f < m->term[t].factors; f++)
			needed[m->term[t].factor[f]] = true;
		for (int g = 0; g < m->term[t].gates; g++)
			needed[m->term[t].gate[g].input] = true;
	}
	for (int i = 0; i < m->inputs; i++)
		if (needed[i] && !has[i])
			return missing(m, i, columns, count, e);
	return 0;
}

/* Whether any is NaN (or their sum is beyond all measure). */
static bool any_gap(const double *restrict v)
{
	double lane[LANES] = {0}, sum = 0;

	for (size_t i = 0; i < BLOCK; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			lane[j] += v[i + j];
	for (size_t j = 0; j < LANES; j++)
		sum += lane[j];
	return sum - sum != 0;
}

/* NaN, as value or limit, is not outside. */
static bool any_outside(const double *restrict v, double min, double max)
{
	double lane[LANES] = {0}, sum = 0;

	for (size_t i = 0; i < BLOCK; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			lane[j] += (v[i + j] < min ? 1.0 : 0.0) + (v[i + j] > max ? 1.0 : 0.0);
	for (size_t j = 0; j < LANES; j++)
		sum += lane[j];
	return sum > 0;
}

static void convert(double *restrict to, const double *restrict from, double gain, double offset)
{
	for (size_t i = 0; i < BLOCK; i++) {
		double v = from[i] * gain + offset;

		to[i] = v - v == 0 ? v : NAN; /* of infinities too */
	}
}

static void take(double *restrict to, const struct source *s, size_t from, size_t rows)
{
	double last[BLOCK];

	if (s->value && rows == BLOCK) {
		convert(to, s->value + from, s->gain, s->offset);
		return;
	}
	for (size_t i = 0; i < BLOCK; i++)
		last[i] = s->value && i < rows ? s->value[from + i] : NAN;
	convert(to, last, s->gain, s->offset);
}

static double cold_probability(const double *number, double t, double power)
{
	if (power <= 0 || t > number[1])
		return 0;
	if (isnan(power) || isnan(t))
		return NAN;
	return t <= number[0] ? 1 : 1 / (number[2] + number[3] * (t - number[4]));
}

/* Of "warm and powered" or "cold and not": known to be off as soon as one half is. */
static double crankcase(double threshold, int variant, double t, double power)
{
	bool inverted = variant == MODEL_INVERTED;

	if ((!isnan(t) && (t > threshold) == inverted) || (!isnan(power) && (power > 0) == inverted))
		return 0;
	return isnan(t) || isnan(power) ? NAN : 1;
}

static double substitute(const struct model_rule *rule, double first, double second)
{
	switch (rule->kind) {
	case MODEL_RULE_PRODUCT:
		return first * second;
	case MODEL_RULE_COLD_PROBABILITY:
		return cold_probability(rule->number, first, second);
	case MODEL_RULE_CRANKCASE:
		return crankcase(rule->number[0], rule->variant, first, second);
	}
	return NAN;
}

static void use_rule(struct block *b, const struct model_rule *rule, int number)
{
	double *to = b->in[rule->fills];
	const double *first = b->in[rule->from[0]], *second = b->in[rule->from[1]];

	if (!any_gap(to))
		return;
	for (size_t i = 0; i < BLOCK; i++) {
		double v;

		if (!isnan(to[i]))
			continue;
		v = substitute(rule, first[i], second[i]);
		if (isnan(v))
			continue;
		to[i] = v;
		b->notes[i] |= (uint16_t)(1 << number);
		b->noted = true;
	}
}

static void note_outside(struct block *b, int input, double min, double max)
{
	const double *in = b->in[input];

	if (!any_outside(in, min, max))
		return;
	for (size_t i = 0; i < BLOCK; i++)
		if (in[i] < min || in[i] > max) {
			b->notes[i] |= MODEL_NOTE_OUTSIDE;
			b->noted = true;
		}
}

static void add_heat(struct block *b, const struct model_heat *h, size_t rows)
{
	for (size_t i = 0; i < rows; i++)
		b->sum[i] = heat_power(&h->medium, b->in[h->flow][i], b->in[h->supply][i], b->in[h->ret][i]);
}

static void add_plain(double *restrict sum, double c)
{
	for (size_t i = 0; i < BLOCK; i++)
		sum[i] += c;
}

static void add_linear(double *restrict sum, double c, const double *restrict a)
{
	for (size_t i = 0; i < BLOCK; i++)
		sum[i] += c * a[i];
}

static void add_product(double *restrict sum, double c, const double *a, const double *b)
{
	for (size_t i = 0; i < BLOCK; i++)
		sum[i] += c * a[i] * b[i];
}

static void add_gated(struct block *b, const struct model_term *t)
{
	for (size_t i = 0; i < BLOCK; i++) {
		double v = t->coefficient;

		for (int f = 0; f < t->factors; f++)
			v *= b->in[t->factor[f]][i];
		for (int g = t->gates; g-- > 0;) {
			double gate = b->in[t->gate[g].input][i];

			if (isnan(gate))
				v = NAN;
			else if ((gate == 0) != t->gate[g].off)
				v = 0;
		}
		b->sum[i] += v;
	}
}

static void add_term(struct block *b, const struct model_term *t)
{
	if (t->gates)
		add_gated(b, t);
	else if (t->factors == 2)
		add_product(b->sum, t->coefficient, b->in[t->factor[0]], b->in[t->factor[1]]);
	else if (t->factors == 1)
		add_linear(b->sum, t->coefficient, b->in[t->factor[0]]);
	else
		add_plain(b->sum, t->coefficient);
}

static void raise_to_floor(struct block *b, double floor)
{
	if (!any_outside(b->sum, floor, INFINITY))
		return;
	b->noted = true;
	for (size_t i = 0; i < BLOCK; i++)
		if (b->sum[i] < floor) {
			b->sum[i] = floor;
			b->notes[i] |= MODEL_NOTE_FLOORED;
		}
}

/* What a row is worth by the rules that were used in it: [bits of the rules]. */
static void levels(const struct model *m, signed char level[1 << MODEL_RULES])
{
	for (int used = 0; used < 1 << MODEL_RULES; used++) {
		level[used] = (signed char)m->level;
		for (int r = 0; r < m->rules; r++)
			if ((used >> r & 1) && m->rule[r].level < level[used])
				level[used] = (signed char)m->rule[r].level;
	}
}

static void give(const struct block *b, const signed char *level, const struct model_rows *out, size_t from, size_t rows)
{
	memcpy(out->value + from, b->sum, rows * sizeof(*b->sum));
	if (out->notes)
		memcpy(out->notes + from, b->notes, rows * sizeof(*b->notes));
	if (!out->level)
		return;
	if (!b->noted && !any_gap(b->sum))
		memset(out->level + from, level[0], rows);
	else
		for (size_t i = 0; i < rows; i++)
			out->level[from + i] = isnan(b->sum[i]) ? MODEL_NO_VALUE : level[b->notes[i] & ((1 << MODEL_RULES) - 1)];
}

static void evaluate_block(const struct model *m, struct block *b, size_t rows)
{
	memset(b->sum, 0, sizeof(b->sum));
	memset(b->notes, 0, sizeof(b->notes));
	b->noted = false;
	for (int r = 0; r < m->rules; r++)
		use_rule(b, &m->rule[r], r);
	for (int i = 0; i < m->inputs; i++)
		if (!isnan(m->input[i].min) || !isnan(m->input[i].max))
			note_outside(b, i, m->input[i].min, m->input[i].max);
	if (m->heat.used)
		add_heat(b, &m->heat, rows);
	for (int t = 0; t < m->terms; t++)
		add_term(b, &m->term[t]);
	if (!isnan(m->floor))
		raise_to_floor(b, m->floor);
	for (size_t i = 0; i < BLOCK; i++) /* of numbers beyond all measure */
		b->sum[i] = b->sum[i] - b->sum[i] == 0 ? b->sum[i] : NAN;
}

int model_evaluate(const struct model *m, const struct model_column *columns, size_t count, size_t rows,
	const struct model_rows *out, struct error *e)
{
	struct source source[MODEL_INPUTS];
	signed char level[1 << MODEL_RULES];
	struct block b;

	for (int i = 0; i < m->inputs; i++)
		if (find_source(&m->input[i], columns, count, &source[i], e) < 0)
			return -1;
	if (check_sources(m, source, columns, count, e) < 0)
		return -1;
	levels(m, level);
	for (size_t from = 0; from < rows; from += BLOCK) {
		size_t here = rows - from < BLOCK ? rows - from : BLOCK;

		for (int i = 0; i < m->inputs; i++)
			take(b.in[i], &source[i], from, here);
		evaluate_block(m, &b, here);
		give(&b, level, out, from, here);
	}
	return 0;
}
