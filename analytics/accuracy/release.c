#include "analytics/accuracy/release.h"

#include "analytics/core/holm.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

const char *const release_verdict_names[] = {"inconclusive", "equivalent", "not worse", "worse"};

struct release_rules release_rules_default(void)
{
	return (struct release_rules){.margin = 0.01, .alpha = 0.05, .power = 0.8};
}

/* What is estimated: of a pair, given the signs of its heat pump's biases. */
typedef double (*pick)(const struct release_pair *p, const struct release_unit *u);

static double difference_of(const struct release_pair *p, const struct release_unit *u)
{
	(void)u;
	return p->difference;
}

static double bias_of(const struct release_pair *p, const struct release_unit *u)
{
	return copysign(1, u->new_bias) * (p->old_error + p->difference) - copysign(1, u->old_bias) * p->old_error;
}

/* One-sided p of value/u above zero; without any scatter it is certain. */
static double p_above(double value, double u, double dof)
{
	if (isnan(value) || isnan(u) || !(dof > 0))
		return NAN;
	if (u == 0)
		return value > 0 ? 0 : 1;
	return gsl_cdf_tdist_Q(value / u, dof);
}

static struct release_interval interval(double value, double u, double dof, double alpha)
{
	struct release_interval out = {.value = value, .u = NAN, .dof = NAN, .low = NAN, .high = NAN, .p = NAN};
	double k;

	if (isnan(value) || isnan(u) || !(dof > 0))
		return out;
	k = gsl_cdf_tdist_Pinv(1 - alpha, dof);
	out.u = u;
	out.dof = dof;
	out.low = value - k * u;
	out.high = value + k * u;
	out.p = p_above(value, u, dof);
	return out;
}

struct moments {
	int n;
	double mean, squares;
};

/* Two passes: what is added up may be large against its scatter. `unit` -1: all. */
static struct moments moments_of(const struct release_pair *pair, int pairs, int unit, pick value, const struct release_unit *units)
{
	struct moments m = {.n = 0};
	double sum = 0;

	for (int i = 0; i < pairs; i++)
		if (pair[i].unit == unit) {
			sum += value(&pair[i], &units[unit]);
			m.n++;
		}
	m.mean = m.n ? sum / m.n : NAN;
	for (int i = 0; i < pairs; i++)
		if (pair[i].unit == unit) {
			double x = value(&pair[i], &units[unit]) - m.mean;

			m.squares += x * x;
		}
	return m;
}

static struct release_interval of_unit(const struct moments *m, double alpha)
{
	return interval(m->mean, m->n > 1 ? sqrt(m->squares / (m->n - 1) / m->n) : NAN, m->n - 1, alpha);
}

/* What goes into the variance of the mean of the heat pumps' means. */
struct variances {
	int clusters;
	double by_clusters, by_pairs, between; /* between: of the heat pumps' means, not of their mean */
};

/* A pair's share in how far the mean is off. */
static double pull(const struct release_pair *p, pick value, const struct moments *of, const struct release_effect *e)
{
	return (value(p, &e->unit[p->unit]) - of[p->unit].mean) / of[p->unit].n / e->units;
}

static void sum_clusters(struct variances *v, const struct release_pair *pair, int pairs, pick value, const struct moments *of,
	const struct release_effect *e)
{
	for (int i = 0; i < pairs; i++) {
		double share = 0, own = pull(&pair[i], value, of, e);
		bool seen = false;

		for (int j = 0; j < i && !seen; j++)
			seen = pair[j].cluster == pair[i].cluster;
		for (int j = i; j < pairs && !seen; j++)
			if (pair[j].cluster == pair[i].cluster)
				share += pull(&pair[j], value, of, e);
		v->clusters += !seen;
		v->by_clusters += share * share;
		v->by_pairs += own * own;
	}
	v->by_clusters *= v->clusters > 1 ? v->clusters / (v->clusters - 1.0) : NAN;
	v->by_pairs *= v->clusters > 1 ? v->clusters / (v->clusters - 1.0) : NAN;
}

static double variance_between(const struct moments *of, int count)
{
	double mean = 0, sum = 0;

	for (int u = 0; u < RELEASE_UNITS; u++)
		mean += of[u].n ? of[u].mean / count : 0;
	for (int u = 0; u < RELEASE_UNITS; u++)
		sum += of[u].n ? (of[u].mean - mean) * (of[u].mean - mean) : 0;
	return count > 1 ? sum / (count - 1) : NAN;
}

/* Of what days have in common. */
static double common_variance(const struct variances *v, int units)
{
	return fmax(0, (v->by_clusters - v->by_pairs) * units / (units - 1.0));
}

static struct release_scatter scatter_of(const struct release_effect *e, const struct moments *of, const struct variances *v)
{
	double squares = 0, dof = 0, inverse = 0, common, within;

	if (!e->random)
		return (struct release_scatter){.within = sqrt(v->by_clusters * v->clusters), .units = 0};
	for (int u = 0; u < RELEASE_UNITS; u++)
		if (of[u].n) {
			squares += of[u].squares;
			dof += of[u].n - 1;
			inverse += 1.0 / of[u].n / e->units;
		}
	common = common_variance(v, e->units) * v->clusters;
	within = dof > 0 ? fmax(0, squares / dof - common) : NAN;
	return (struct release_scatter){.within = sqrt(within), .common = sqrt(common), .between = sqrt(fmax(0, v->between - within * inverse)),
		.units = e->units};
}

static struct release_interval of_all(const struct release_effect *e, double mean, const struct variances *v, double alpha)
{
	if (!e->random)
		return interval(mean, sqrt(v->by_clusters), v->clusters - 1, alpha);
	return interval(mean, sqrt(v->between / e->units + common_variance(v, e->units)), fmin(e->units, v->clusters) - 1, alpha);
}

static void estimate(struct release_effect *e, const struct release_pair *pair, int pairs, pick value, const struct release_rules *rules)
{
	bool difference = value == difference_of;
	struct moments of[RELEASE_UNITS];
	struct variances v = {.clusters = 0};
	double mean = 0;

	for (int u = 0; u < RELEASE_UNITS; u++) {
		of[u] = e->unit[u].pairs ? moments_of(pair, pairs, u, value, e->unit) : (struct moments){.mean = NAN};
		mean += of[u].n ? of[u].mean / e->units : 0;
		*(difference ? &e->unit[u].difference : &e->unit[u].bias) = of_unit(&of[u], rules->alpha);
	}
	sum_clusters(&v, pair, pairs, value, of, e);
	v.between = variance_between(of, e->units);
	*(difference ? &e->difference : &e->bias) = of_all(e, mean, &v, rules->alpha);
	if (!difference)
		return;
	e->clusters = v.clusters;
	e->scatter = scatter_of(e, of, &v);
	for (int u = 0; u < RELEASE_UNITS; u++)
		e->unit[u].sd = of[u].n > 1 ? sqrt(of[u].squares / (of[u].n - 1)) : NAN;
}

/* Number of heat pumps; biases, whose signs the change of |bias| needs. */
static void biases(struct release_effect *e, const struct release_pair *pair, int pairs)
{
	e->has_reference = pairs > 0;
	for (int i = 0; i < pairs; i++) {
		struct release_unit *u = &e->unit[pair[i].unit];

		u->pairs++;
		u->old_bias += pair[i].old_error;
		u->new_bias += pair[i].old_error + pair[i].difference;
		e->has_reference &= !isnan(pair[i].old_error);
	}
	for (int u = 0; u < RELEASE_UNITS; u++) {
		e->units += e->unit[u].pairs > 0;
		e->unit[u].old_bias /= e->unit[u].pairs ? e->unit[u].pairs : NAN;
		e->unit[u].new_bias /= e->unit[u].pairs ? e->unit[u].pairs : NAN;
	}
	for (int u = 0; u < RELEASE_UNITS; u++)
		if (e->unit[u].pairs) {
			e->old_bias += e->unit[u].old_bias / e->units;
			e->new_bias += e->unit[u].new_bias / e->units;
		}
}

/* How far |old bias| may seem too large, since its sign is taken from the days themselves; *near: one may have either sign. */
static double fold(const struct release_effect *e, const struct release_pair *pair, int pairs, bool *near)
{
	double sum = 0;

	*near = false;
	for (int unit = 0; unit < RELEASE_UNITS; unit++) {
		const struct release_unit *of = &e->unit[unit];
		double squares = 0, u, r;

		if (of->pairs == 0)
			continue;
		for (int i = 0; i < pairs; i++)
			if (pair[i].unit == unit)
				squares += (pair[i].old_error - of->old_bias) * (pair[i].old_error - of->old_bias);
		u = of->pairs > 1 ? sqrt(squares / (of->pairs - 1) / of->pairs) : NAN;
		r = u > 0 ? fmax(0, fabs(of->old_bias) / u - 1) : 0;
		sum += 2 * u * (gsl_ran_ugaussian_pdf(r) - r * gsl_cdf_ugaussian_Q(r)) / e->units;
		*near |= u > 0 && r < 1;
	}
	return sum;
}

static double most_of(const struct release_effect *e, const struct release_pair *pair, int pairs, double alpha)
{
	bool near;
	double folded = fold(e, pair, pairs, &near);

	if (isnan(e->bias.u))
		return NAN;
	return e->bias.value + folded + e->bias.u * gsl_cdf_tdist_Pinv(1 - (near ? alpha / 2 : alpha), e->bias.dof);
}

static void against_margin(struct release_effect *e, double margin)
{
	double up = log1p(margin), down = log1p(-margin);

	e->p_low = p_above(e->difference.value - down, e->difference.u, e->difference.dof);
	e->p_high = p_above(up - e->difference.value, e->difference.u, e->difference.dof);
	e->p_worse = p_above(e->bias.value - up, e->bias.u, e->bias.dof);
	e->nearer = e->bias.high < 0;
	e->farther = e->bias.low > 0;
	/* What differs by less than the margin cannot have grown by more. */
	e->not_inferior = e->bias_most < up || (e->difference.low > down && e->difference.high < up);
}

void release_effect(struct release_effect *out, const struct release_pair *pair, int pairs, const struct release_rules *rules)
{
	struct release_effect e = {.pairs = pairs, .bias_most = NAN, .p_worse_holm = NAN};

	biases(&e, pair, pairs);
	e.random = e.units > 1 && !rules->fixed;
	e.difference = e.bias = interval(NAN, NAN, NAN, rules->alpha);
	e.scatter = (struct release_scatter){.within = NAN, .between = NAN, .common = NAN};
	if (pairs > 0)
		estimate(&e, pair, pairs, difference_of, rules);
	else
		e.old_bias = e.new_bias = NAN;
	for (int u = 0; u < RELEASE_UNITS; u++)
		e.unit[u].bias = e.bias;
	if (e.has_reference) {
		estimate(&e, pair, pairs, bias_of, rules);
		e.bias_most = most_of(&e, pair, pairs, rules->alpha);
	}
	against_margin(&e, rules->margin);
	*out = e;
}

static enum release_verdict decide(const struct release_effect *e, const struct release_rules *rules)
{
	if (e->difference.low > log1p(-rules->margin) && e->difference.high < log1p(rules->margin))
		return RELEASE_EQUIVALENT;
	if (e->p_worse_holm <= rules->alpha)
		return RELEASE_WORSE;
	return e->not_inferior ? RELEASE_NOT_WORSE : RELEASE_INCONCLUSIVE;
}

enum release_verdict release_decide(struct release_effect *const *metric, int metrics, const struct release_rules *rules)
{
	int count[4] = {0};
	double p[RELEASE_METRICS] = {0}, holm[RELEASE_METRICS];

	if (metrics > RELEASE_METRICS)
		metrics = RELEASE_METRICS;
	for (int i = 0; i < metrics; i++)
		p[i] = metric[i]->p_worse;
	holm_adjust(p, holm, metrics);
	for (int i = 0; i < metrics; i++) {
		metric[i]->p_worse_holm = holm[i];
		metric[i]->verdict = decide(metric[i], rules);
		count[metric[i]->verdict]++;
	}
	if (count[RELEASE_WORSE])
		return RELEASE_WORSE;
	if (count[RELEASE_INCONCLUSIVE] || metrics == 0)
		return RELEASE_INCONCLUSIVE;
	return count[RELEASE_NOT_WORSE] ? RELEASE_NOT_WORSE : RELEASE_EQUIVALENT;
}

struct release_plan release_plan(const struct release_effect *e, const struct release_rules *rules)
{
	struct release_plan plan = {.detectable = NAN, .needed = NAN, .still = NAN, .needed_as_found = NAN, .units_needed = NAN};
	struct release_aim equal = {log1p(rules->margin), 0, rules->alpha, rules->power}, found = equal;
	double pairs;

	if (e->pairs == 0 || isnan(e->difference.u))
		return plan;
	found.difference = e->difference.value;
	pairs = e->random ? (double)e->pairs / e->units : e->clusters;
	plan.detectable = release_detectable(e->scatter, pairs, rules->alpha, rules->power);
	plan.needed = release_pairs_needed(e->scatter, &equal);
	plan.needed_as_found = release_pairs_needed(e->scatter, &found);
	plan.still = isnan(plan.needed) ? NAN : fmax(0, ceil(plan.needed - pairs));
	if (e->random && isnan(plan.needed))
		plan.units_needed = release_units_needed(e->scatter, pairs, &equal);
	return plan;
}
