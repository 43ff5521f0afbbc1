#include "analytics/accuracy/study_pump.h"

#include "analytics/core/counter.h"
#include "analytics/core/heat.h"
#include "analytics/core/stats.h"
#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPACINGS = 4096 };

/* Where a role's values are. */
struct place {
	const struct run_table *table; /* NULL: no channel */
	int column;
	double scale, offset, spacing;
	double resolution;
};

static const struct run_table *table_of(const struct study_source *from, int channel, int *column)
{
	for (int t = 0; t < from->tables; t++)
		for (int c = 0; c < from->table[t].columns; c++)
			if (from->table[t].channel[c] == channel) {
				*column = c;
				return &from->table[t];
			}
	return NULL;
}

double study_spacing(const double *t, int64_t n)
{
	double distance[SPACINGS];
	size_t used = 0;

	for (int64_t i = 1; i < n && used < SPACINGS; i++)
		if (t[i] > t[i - 1])
			distance[used++] = t[i] - t[i - 1];
	return stats_median(distance, used);
}

/* A value as it counts: NaN where it is missing or not good. */
static double good(const struct place *at, int64_t row)
{
	double v = at->table->value[at->column][row];

	return at->table->quality[at->column][row] == QUALITY_GOOD && isfinite(v) ? v * at->scale + at->offset : NAN;
}

/* Of the good samples: other rows of the table may be of something else. */
static double good_spacing(const struct place *at)
{
	double t[SPACINGS + 1];
	int64_t n = 0;

	for (int64_t i = 0; i < at->table->rows && n <= SPACINGS; i++)
		if (!isnan(good(at, i)))
			t[n++] = at->table->time[i];
	return study_spacing(t, n);
}

/* Values of one column are of one unit. */
static int keep_unit(struct study_pump *p, int role, const struct run_channel *c, struct error *e)
{
	const char *unit = meters_roles[role].unit[0] ? meters_roles[role].unit : c->unit;

	if (p->unit[role][0] && strcmp(p->unit[role], unit) != 0)
		return error_set(e, ERROR_DATA, "%s of %s is in %s in one run and in %s in another", meters_roles[role].name, p->name, p->unit[role], unit);
	text_copy(p->unit[role], sizeof(p->unit[role]), unit);
	return 0;
}

static int find_places(struct place place[ROLES], struct study_pump *p, const struct study_source *from, struct error *e)
{
	for (int r = 0; r < ROLES; r++) {
		int channel = meters_role_channel(from->stored, p->name, (enum meters_role)r);
		const struct run_channel *c = channel < 0 ? NULL : &from->stored->channel[channel];

		place[r] = (struct place){.scale = 1, .spacing = NAN, .resolution = NAN};
		if (!c)
			continue;
		if (meters_role_unit(c, (enum meters_role)r, &place[r].scale, &place[r].offset, e) < 0 || keep_unit(p, r, c, e) < 0)
			return -1;
		place[r].table = table_of(from, channel, &place[r].column);
		if (place[r].table)
			place[r].spacing = good_spacing(&place[r]);
		place[r].resolution = c->resolution * fabs(place[r].scale);
	}
	return 0;
}

/* The rate group that holds most of what the CiC says; without a CiC, that of its meters. */
static const struct run_table *leading(const struct place place[ROLES])
{
	static const enum meters_role meters[] = {ROLE_ELECTRIC_POWER, ROLE_ELECTRIC_ENERGY, ROLE_HEAT_POWER, ROLE_HEAT_ENERGY};
	const struct run_table *best = NULL;
	int most = 0;

	for (int a = ROLE_POWER_INPUT; a < ROLES; a++) {
		int count = 0;

		for (int b = ROLE_POWER_INPUT; b < ROLES; b++)
			count += place[a].table && place[b].table == place[a].table;
		if (count > most) {
			most = count;
			best = place[a].table;
		}
	}
	for (size_t i = 0; i < sizeof(meters) / sizeof(*meters) && !best; i++)
		best = place[meters[i]].table;
	return best;
}

/* Rows that nobody will fill are not known: those before `from` of a column that is new, and from there on where it is not `filled`. */
static int grow(double **column, int64_t from, int64_t rows, bool filled, struct error *e)
{
	double *grown = realloc(*column, (size_t)(rows > 0 ? rows : 1) * sizeof(*grown));

	if (!grown)
		return error_set(e, ERROR_SYSTEM, "no memory for %lld rows of a heat pump", (long long)rows);
	for (int64_t i = *column ? from : 0; i < (filled ? from : rows); i++)
		grown[i] = NAN;
	*column = grown;
	return 0;
}

static int reserve(struct study_pump *p, const struct place place[ROLES], int64_t rows, struct error *e)
{
	uint8_t *excluded = realloc(p->excluded, (size_t)(rows > 0 ? rows : 1)), *run;

	p->excluded = excluded ? excluded : p->excluded;
	run = realloc(p->run, (size_t)(rows > 0 ? rows : 1));
	p->run = run ? run : p->run;
	if (!excluded || !run)
		return error_set(e, ERROR_SYSTEM, "no memory for %lld rows of a heat pump", (long long)rows);
	if (grow(&p->time, p->rows, rows, true, e) < 0 || grow(&p->step, p->rows, rows, true, e) < 0)
		return -1;
	for (int r = 0; r < ROLES; r++)
		if ((place[r].table || p->column[r]) && grow(&p->column[r], p->rows, rows, place[r].table, e) < 0)
			return -1;
	return 0;
}

/* Whether a row of the table is one of this heat pump: logs of several files share a table. */
static bool its_own(const struct run_table *t, const struct place place[ROLES], int64_t row)
{
	for (int r = 0; r < ROLES; r++)
		if (place[r].table == t && (!isnan(t->value[place[r].column][row]) || t->quality[place[r].column][row] != QUALITY_GOOD))
			return true;
	return false;
}

/* Instants of the leading table that go on; returns how many rows there are then, keeps which row each came from. */
static int64_t take_times(struct study_pump *p, const struct study_source *from, const struct run_table *t, const struct place place[ROLES],
	int64_t *row, struct study_tally *tally)
{
	int64_t n = p->rows;

	for (int64_t i = 0; i < t->rows; i++) {
		double time = from->origin + t->time[i];

		if (!its_own(t, place, i))
			continue;
		tally->scans++;
		if (n > 0 && !(time > p->time[n - 1])) {
			enum exclusion why = p->run[n - 1] == from->run ? EXCLUDED_BACKWARDS : EXCLUDED_OVERLAP;

			tally->rows[why]++;
			tally->seconds[why] += why == EXCLUDED_OVERLAP && !isnan(p->spacing) ? p->spacing : 0;
			continue;
		}
		row[n - p->rows] = i;
		p->time[n] = time;
		p->run[n] = (uint8_t)from->run;
		p->excluded[n] = INCLUDED;
		n++;
	}
	return n;
}

static void copy_column(struct study_pump *p, double *out, const struct place *at, const int64_t *row, int64_t n)
{
	const double *value = at->table->value[at->column];
	const uint8_t *quality = at->table->quality[at->column];

	for (int64_t i = 0; i < n; i++) {
		double v = value[row[i]];

		out[p->rows + i] = quality[row[i]] == QUALITY_GOOD && isfinite(v) ? v * at->scale + at->offset : NAN;
	}
}

/* From another rate group: the last good value, while it is not older than `bridge` of its spacings. */
static void hold_column(struct study_pump *p, double *out, const struct place *at, const struct study_source *from, int64_t n)
{
	double time = -INFINITY, value = NAN;
	int64_t k = 0;

	for (int64_t i = 0; i < n; i++) {
		double now = p->time[p->rows + i];

		for (; k < at->table->rows && from->origin + at->table->time[k] <= now; k++) {
			double v = good(at, k);

			value = isnan(v) ? value : v;
			time = isnan(v) ? time : from->origin + at->table->time[k];
		}
		out[p->rows + i] = now - time <= from->bridge * at->spacing ? value : NAN;
	}
}

static int series_room(struct study_series *s, int64_t more, struct error *e)
{
	size_t room = (size_t)(s->n + more + 1);
	double *t = realloc(s->t, room * sizeof(*t)), *v;

	s->t = t ? t : s->t;
	v = realloc(s->v, room * sizeof(*v));
	s->v = v ? v : s->v;
	return t && v ? 0 : error_set(e, ERROR_SYSTEM, "no memory for %zu readings of a meter", room);
}

static int take_series(struct study_series *s, const struct place *at, const struct study_source *from, struct error *e)
{
	if (!at->table)
		return 0;
	if (series_room(s, at->table->rows, e) < 0)
		return -1;
	for (int64_t i = 0; i < at->table->rows; i++) {
		double v = good(at, i), time = from->origin + at->table->time[i];

		if (isnan(v) || (s->n > 0 && !(time > s->t[s->n - 1])))
			continue;
		s->t[s->n] = time;
		s->v[s->n++] = v;
	}
	return 0;
}

/* What the meter would have shown if nobody had reset it; a reading of NaN marks where that is not known. */
static int take_register(struct study_pump *p, struct study_series *s, const struct place *at, const struct place *serial, double modulus,
	double max_w, const struct study_source *from, struct error *e)
{
	struct counter counter;
	struct counter_increment step[2];

	if (!at->table)
		return 0;
	if (series_room(s, 2 * at->table->rows + 2, e) < 0)
		return -1;
	counter_begin(&counter, &(struct counter_rules){.modulus = modulus, .max_rate = max_w / 3.6e6, .step = at->resolution,
					.gap = NAN, .float32 = p->settings->float32});
	if (s->n > 0) { /* between two runs nobody looked */
		s->t[s->n] = s->t[s->n - 1];
		s->v[s->n++] = NAN;
	}
	for (int64_t i = 0; i < at->table->rows; i++) {
		double v = good(at, i), time = from->origin + at->table->time[i], id = serial->table == at->table ? good(serial, i) : NAN;
		bool first = !counter.begun;
		int n;

		if (isnan(v) || (s->n > 0 && time <= s->t[s->n - 1]))
			continue;
		n = counter_take(&counter, time, v, isnan(id) ? -1 : (int64_t)id, step);
		for (int k = 0; k < n; k++) {
			if (isnan(step[k].amount)) {
				p->resets++;
				p->lost_s += step[k].to - step[k].from;
				s->t[s->n] = step[k].from;
				s->v[s->n++] = NAN;
			}
			s->t[s->n] = step[k].to;
			s->v[s->n++] = counter.total - (k + 1 < n && !isnan(step[1].amount) ? step[1].amount : 0);
		}
		if (first && counter.begun) {
			s->t[s->n] = time;
			s->v[s->n++] = counter.total;
		}
	}
	counter_end(&counter);
	return 0;
}

/* A meter that gives no heat power gives flow and temperatures: heat by the coefficient, or as the settings say. */
static int take_flow(struct study_pump *p, const struct place place[ROLES], const struct study_source *from, struct error *e)
{
	const struct meters_settings *s = p->settings;
	const struct run_table *t = place[ROLE_FLOW].table;
	struct heat_medium medium;

	if (place[ROLE_HEAT_POWER].table || !t || place[ROLE_SUPPLY].table != t || place[ROLE_RETURN].table != t)
		return 0;
	if (heat_medium(&medium, (enum heat_convention)s->convention, (enum heat_sensor)s->flow_sensor, s->pressure, s->rho_cp, s->fluid, e) < 0 ||
		series_room(&p->heat, t->rows, e) < 0)
		return -1;
	for (int64_t i = 0; i < t->rows; i++) {
		double v = heat_power(&medium, good(&place[ROLE_FLOW], i), good(&place[ROLE_SUPPLY], i), good(&place[ROLE_RETURN], i));
		double time = from->origin + t->time[i];

		if (isnan(v) || (p->heat.n > 0 && !(time > p->heat.t[p->heat.n - 1])))
			continue;
		p->heat.t[p->heat.n] = time;
		p->heat.v[p->heat.n++] = v;
	}
	return 0;
}

static int take_references(struct study_pump *p, const struct place place[ROLES], const struct study_source *from, struct error *e)
{
	const struct meters_settings *s = p->settings;

	if (take_series(&p->electric, &place[ROLE_ELECTRIC_POWER], from, e) < 0 || take_series(&p->heat, &place[ROLE_HEAT_POWER], from, e) < 0 ||
		take_flow(p, place, from, e) < 0)
		return -1;
	return take_register(p, &p->electric_register, &place[ROLE_ELECTRIC_ENERGY], &place[ROLE_ELECTRIC_SERIAL], s->electric_modulus,
		       s->electric_max, from, e) < 0 ||
			       take_register(p, &p->heat_register, &place[ROLE_HEAT_ENERGY], &place[ROLE_HEAT_SERIAL], s->heat_modulus, s->heat_max,
				       from, e) < 0
		       ? -1
		       : 0;
}

/* Of the channel of power, or where there is none of the register. */
static void take_meter(struct study_meter *m, const struct study_source *from, const char *dut, enum meters_role power, enum meters_role counted)
{
	const struct stored_run *run = from->stored;
	int channel = meters_role_channel(run, dut, power);
	const struct run_channel *c;
	const struct run_certificate *cert;

	channel = channel < 0 ? meters_role_channel(run, dut, counted) : channel;
	if (channel < 0)
		return;
	c = &run->channel[channel];
	m->resolution = isnan(c->resolution) ? m->resolution : c->resolution;
	if (c->certificate < 0 || c->certificate >= run->certificates)
		return;
	cert = &run->certificate[c->certificate];
	snprintf(m->certificate, sizeof(m->certificate), "%s, %s, %s%s%s", cert->id, cert->laboratory, cert->date, cert->due[0] ? ", due " : "", cert->due);
	m->expired |= stored_run_expired(run, cert);
}

int study_pump_append(struct study_pump *p, const struct study_source *from, struct study_tally *tally, struct error *e)
{
	struct place place[ROLES];
	const struct run_table *lead;
	int64_t *row = NULL, n;
	int result = -1;

	if (find_places(place, p, from, e) < 0)
		return -1;
	take_meter(&p->meter[STUDY_ELECTRIC], from, p->name, ROLE_ELECTRIC_POWER, ROLE_ELECTRIC_ENERGY);
	take_meter(&p->meter[STUDY_HEAT], from, p->name, ROLE_HEAT_POWER, ROLE_HEAT_ENERGY);
	lead = leading(place);
	if (!lead)
		return 0;
	row = malloc((size_t)(lead->rows + 1) * sizeof(*row));
	if (!row) {
		error_set(e, ERROR_SYSTEM, "no memory for %lld rows of a heat pump", (long long)lead->rows);
		goto out;
	}
	if (reserve(p, place, p->rows + lead->rows, e) < 0 || take_references(p, place, from, e) < 0)
		goto out;
	n = take_times(p, from, lead, place, row, tally) - p->rows;
	for (int r = 0; r < ROLES; r++) {
		if (place[r].table == lead)
			copy_column(p, p->column[r], &place[r], row, n);
		else if (place[r].table)
			hold_column(p, p->column[r], &place[r], from, n);
	}
	p->rows += n;
	p->spacing = study_spacing(p->time, p->rows);
	result = 0;
out:
	free(row);
	return result;
}

void study_pump_free(struct study_pump *p)
{
	struct study_series *series[] = {&p->electric, &p->heat, &p->electric_register, &p->heat_register};

	for (size_t i = 0; i < sizeof(series) / sizeof(*series); i++) {
		free(series[i]->t);
		free(series[i]->v);
	}
	for (int r = 0; r < ROLES; r++)
		free(p->column[r]);
	free(p->time);
	free(p->step);
	free(p->excluded);
	free(p->run);
}
