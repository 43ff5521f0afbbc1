#include "analytics/accuracy/study.h"

#include "analytics/accuracy/study_pump.h"
#include "analytics/core/evaluation.h"
#include "analytics/core/stored_run.h"
#include "daq/base/error.h"
#include "daq/base/parallel.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run, opened. */
struct opened {
	struct run_reader *reader;
	struct stored_run stored;
	double start;
	const char *path;
};

static int by_start(const void *a, const void *b)
{
	const struct opened *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static int open_runs(struct opened *run, const char *const *path, int paths, struct error *e)
{
	for (int i = 0; i < paths; i++) {
		run[i].path = path[i];
		if (run_reader_open(&run[i].reader, path[i], e) < 0 || stored_run_read_definitions(&run[i].stored, run[i].reader, e) < 0)
			return -1;
		run[i].start = run[i].stored.segments ? (double)run[i].stored.segment[0].utc / 1e9 : 0;
	}
	qsort(run, (size_t)paths, sizeof(*run), by_start);
	for (int i = 0; i < paths; i++)
		for (int k = 0; k < i; k++)
			if (strcmp(run_reader_path(run[i].reader), run_reader_path(run[k].reader)) == 0)
				return error_set(e, ERROR_USAGE, "%s was given twice", run[i].path);
	return 0;
}

static void close_runs(struct opened *run, int paths)
{
	for (int i = 0; run && i < paths; i++) {
		stored_run_free(&run[i].stored);
		run_reader_close(run[i].reader);
	}
	free(run);
}

/* The run's own settings, then those that were given, as one text. */
static int settings_text(struct text *out, struct run_reader *reader, const char *set, struct error *e)
{
	if (evaluation_run_settings(out, reader, e) < 0)
		return -1;
	if (set && *set)
		text_add(out, "%s%s", out->length ? "," : "", set);
	return out->failed ? error_set(e, ERROR_SYSTEM, "no memory for the settings") : 0;
}

/* What stands for the evidence: the manifest holds the digests of all else. */
static void digest_of(struct study_run *r)
{
	struct error why = ERROR_INIT;
	char path[4352];

	snprintf(path, sizeof(path), "%s/manifest.json", r->path);
	if (file_digest(path, r->digest, &why) < 0)
		r->digest[0] = 0;
}

static void describe(struct study_run *r, const struct opened *run)
{
	const struct run_about *about = &run->stored.summary.about;

	text_copy(r->path, sizeof(r->path), run_reader_path(run->reader));
	text_copy(r->bench, sizeof(r->bench), about->bench);
	text_copy(r->label, sizeof(r->label), about->label);
	text_copy(r->software, sizeof(r->software), about->software);
	text_copy(r->time_zone, sizeof(r->time_zone), about->time_zone);
	if (run->stored.duts)
		text_copy(r->firmware, sizeof(r->firmware), run->stored.dut[0].firmware);
	r->origin = about->origin;
	r->incomplete = stored_run_incomplete(&run->stored);
	text_copy(r->state, sizeof(r->state), run->stored.state == RUN_INTACT ? run->stored.summary.why : run->stored.state_detail);
	text_copy(r->boundary, sizeof(r->boundary), r->settings.boundary);
	digest_of(r);
}

static bool plays(const struct run_channel *c)
{
	for (int r = 0; r < ROLES; r++)
		if (strcmp(c->role, meters_roles[r].name) == 0)
			return true;
	return false;
}

/* Tables of all rate groups that hold a channel with a role. */
static int read_tables(const struct opened *run, struct run_table table[STUDY_GROUPS], int *tables, struct error *e)
{
	const struct stored_run *s = &run->stored;
	bool *wanted = calloc((size_t)s->channels + 1, sizeof(*wanted));
	struct run_rate *rate = NULL;
	int count = 0, result = -1;

	if (!wanted) {
		error_set(e, ERROR_SYSTEM, "no memory for the channels of %s", run->path);
		goto out;
	}
	for (int c = 0; c < s->channels; c++)
		wanted[c] = plays(&s->channel[c]);
	if (run_reader_groups(run->reader, &rate, &count, e) < 0)
		goto out;
	for (int g = 0; g < count && *tables < STUDY_GROUPS; g++) {
		bool any = false;

		for (int c = 0; c < s->channels; c++)
			any |= wanted[c] && strcmp(s->channel[c].group, rate[g].group) == 0;
		if (any && run_reader_table_of(run->reader, rate[g].group, wanted, &table[*tables], e) < 0)
			goto out;
		*tables += any;
	}
	result = 0;
out:
	free(rate);
	free(wanted);
	return result;
}

/* Whether "a, b" holds b; what is empty is in every list. */
static bool lists(const char *list, const char *item)
{
	size_t n = strlen(item);

	for (const char *at = list; n > 0; at += 2) {
		if (strncmp(at, item, n) == 0 && (!at[n] || at[n] == ','))
			return true;
		at = strstr(at, ", ");
		if (!at)
			return false;
	}
	return true;
}

/* The heat pump of this name, or a new one. Errors: ERROR_DATA where it was another unit. */
static struct study_pump *find_pump(struct study *s, const struct run_dut *dut, const struct study_run *run, const char *settings, struct error *e)
{
	struct study_pump *p;

	for (int i = 0; i < s->pumps; i++) {
		p = &s->pump[i];
		if (strcmp(p->name, dut->name) != 0)
			continue;
		if (p->serial[0] && dut->serial[0] && strcmp(p->serial, dut->serial) != 0) {
			error_set(e, ERROR_DATA, "%s is serial %s in one run and serial %s in %s: two heat pumps need two names", p->name, p->serial,
				dut->serial, run->path);
			return NULL;
		}
		if (!lists(p->firmware, dut->firmware))
			snprintf(p->firmware + strlen(p->firmware), sizeof(p->firmware) - strlen(p->firmware), "%s%s", p->firmware[0] ? ", " : "",
				dut->firmware);
		return p;
	}
	if (s->pumps == STUDY_PUMPS) {
		error_set(e, ERROR_DATA, "more than %d heat pumps", STUDY_PUMPS);
		return NULL;
	}
	p = &s->pump[s->pumps++];
	*p = (struct study_pump){.spacing = NAN};
	if (meters_settings_read_of(&p->own, settings, dut->name, e) < 0)
		return NULL;
	p->settings = &p->own;
	p->meter[STUDY_ELECTRIC].resolution = p->meter[STUDY_HEAT].resolution = NAN;
	p->own_w = p->own.meter_offset;
	p->electric.spacing = p->heat.spacing = p->electric_register.spacing = p->heat_register.spacing = NAN;
	text_copy(p->name, sizeof(p->name), dut->name);
	text_copy(p->serial, sizeof(p->serial), dut->serial);
	text_copy(p->firmware, sizeof(p->firmware), dut->firmware);
	return p;
}

static bool heat_pump(const struct stored_run *run, int dut)
{
	for (int c = 0; c < run->channels; c++)
		if (strcmp(run->channel[c].dut, run->dut[dut].name) == 0 && plays(&run->channel[c]))
			return true;
	return false;
}

struct appending {
	const struct study_source *from;
	struct study_pump *pump[STUDY_PUMPS];
	struct study_tally tally[STUDY_PUMPS];
	int pumps;
};

static bool holds(const struct appending *a, const struct study_pump *p)
{
	for (int i = 0; i < a->pumps; i++)
		if (a->pump[i] == p)
			return true;
	return false;
}

static int append_pump(void *self, int i, struct error *e)
{
	struct appending *a = self;

	return study_pump_append(a->pump[i], a->from, &a->tally[i], e);
}

static void add_tally(struct study *s, const struct study_tally *tally)
{
	s->scans += tally->scans;
	for (int i = 0; i < EXCLUSIONS; i++) {
		s->rows_by_reason[i] += tally->rows[i];
		s->seconds_by_reason[i] += tally->seconds[i];
	}
}

/* Each heat pump of the run by a thread. */
static int append(struct study *s, const struct opened *run, const struct study_source *from, const char *settings, struct error *e)
{
	struct appending *a = calloc(1, sizeof(*a));
	int result = 0;

	if (!a)
		return error_set(e, ERROR_SYSTEM, "no memory for the heat pumps of %s", run->path);
	a->from = from;
	for (int d = 0; d < run->stored.duts && result == 0; d++) {
		struct study_pump *p = heat_pump(&run->stored, d) ? find_pump(s, &run->stored.dut[d], &s->run[from->run], settings, e) : NULL;

		if (p && !holds(a, p))
			a->pump[a->pumps++] = p;
		else if (!p && heat_pump(&run->stored, d))
			result = -1;
	}
	if (result == 0)
		result = parallel_each(a->pumps, append_pump, a, e);
	for (int i = 0; i < a->pumps; i++)
		add_tally(s, &a->tally[i]);
	free(a);
	return result;
}

static int load_run(struct study *s, int index, const struct opened *run, const char *set, struct error *e)
{
	struct study_run *r = &s->run[index];
	struct run_table table[STUDY_GROUPS] = {{.rows = 0}};
	struct study_source from = {.stored = &run->stored, .table = table, .origin = run->start, .run = index};
	struct text settings = TEXT_INIT;
	int result = -1;

	if (settings_text(&settings, run->reader, set, e) < 0 || meters_settings_read(&r->settings, settings.data, e) < 0)
		goto out;
	describe(r, run);
	from.bridge = r->settings.bridge;
	if (read_tables(run, table, &from.tables, e) < 0)
		goto out;
	r->from = INFINITY;
	r->to = -INFINITY;
	for (int t = 0; t < from.tables; t++) {
		r->rows += table[t].rows;
		if (table[t].rows > 0) {
			r->from = fmin(r->from, run->start + table[t].time[0]);
			r->to = fmax(r->to, run->start + table[t].time[table[t].rows - 1]);
		}
	}
	result = append(s, run, &from, settings.data, e);
out:
	text_free(&settings);
	for (int t = 0; t < STUDY_GROUPS; t++)
		run_table_free(&table[t]);
	return result;
}

/* What each row stands for, and which do not count whatever the model. */
static void settle_rows(struct study_pump *p, struct study_tally *tally)
{
	const double *mode = p->column[ROLE_SUPERVISORY_MODE];

	for (int64_t i = 0; i < p->rows; i++) {
		double next = i + 1 < p->rows ? p->time[i + 1] - p->time[i] : p->spacing;
		bool gap = !(next <= p->settings->bridge * p->spacing);

		p->step[i] = gap ? 0 : next;
		if (gap && p->excluded[i] == INCLUDED)
			p->excluded[i] = EXCLUDED_GAP;
		if (p->excluded[i] <= EXCLUDED_GAP && mode && mode[i] >= 100)
			p->excluded[i] = gap ? EXCLUDED_GAP : EXCLUDED_COMMISSIONING;
		tally->rows[p->excluded[i]]++;
		tally->seconds[p->excluded[i]] += gap ? (isnan(next) ? 0 : next) : p->step[i];
	}
	for (int r = 0; r < ROLES; r++)
		for (int64_t i = 0; p->column[r] && i < p->rows; i++)
			p->missing[r] += isnan(p->column[r][i]);
}

struct settling {
	struct study *study;
	struct study_tally tally[STUDY_PUMPS];
};

static int settle_pump(void *self, int i, struct error *e)
{
	struct settling *w = self;
	struct study_pump *p = &w->study->pump[i];
	struct study_series *series[] = {&p->electric, &p->heat, &p->electric_register, &p->heat_register};

	(void)e;
	for (size_t k = 0; k < sizeof(series) / sizeof(*series); k++)
		series[k]->spacing = study_spacing(series[k]->t, series[k]->n);
	p->electric_from_register = p->electric.n == 0 && p->electric_register.n > 1;
	p->heat_from_register = p->heat.n == 0 && p->heat_register.n > 1;
	settle_rows(p, &w->tally[i]);
	return 0;
}

static int settle(struct study *s, struct error *e)
{
	struct settling *w = calloc(1, sizeof(*w));

	if (!w)
		return error_set(e, ERROR_SYSTEM, "no memory for %d heat pumps", s->pumps);
	w->study = s;
	parallel_each(s->pumps, settle_pump, w, NULL); /* nothing of it fails */
	for (int i = 0; i < s->pumps; i++)
		add_tally(s, &w->tally[i]);
	free(w);
	return 0;
}

static bool is_meant(const struct exclusion_row *x, const struct study *s, const struct study_pump *p, int64_t row)
{
	return strcmp(x->id, p->name) == 0 || (p->serial[0] && strcmp(x->id, p->serial) == 0) || strcmp(x->id, s->run[p->run[row]].label) == 0;
}

static void exclude_listed(const struct study *s, struct study_pump *p, const struct exclusion_list *list)
{
	for (int k = 0; k < list->rows; k++)
		for (int64_t i = 0; i < p->rows; i++)
			if (p->time[i] >= list->row[k].from && p->time[i] < list->row[k].to && is_meant(&list->row[k], s, p, i)) {
				p->excluded[i] = EXCLUDED_LISTED;
				list->row[k].used++;
			}
}

/* Runs keep the zone's name with its offset ("CET +0100"); one that is no name of the tz database says nothing of other days: UTC. */
static const char *zone_of(struct study_run *run)
{
	run->time_zone[strcspn(run->time_zone, " ")] = 0;
	return calendar_knows(run->time_zone) ? run->time_zone : "UTC";
}

static int finish(struct study *s, const struct study_options *options, struct error *e)
{
	double from = INFINITY, to = -INFINITY;

	if (s->pumps == 0)
		return error_set(e, ERROR_DATA, "%s: no channel of a device under test has a role of the meters (electric_power, ac_voltage ...): no heat pump",
			s->run[0].path);
	for (int i = 0; i < s->pumps && options->exclude; i++)
		exclude_listed(s, &s->pump[i], options->exclude);
	if (settle(s, e) < 0)
		return -1;
	for (int i = 0; i < s->pumps; i++) {
		const struct study_pump *p = &s->pump[i];

		if (p->rows > 0) {
			from = fmin(from, p->time[0]);
			to = fmax(to, p->time[p->rows - 1]);
		}
	}
	if (!(to >= from))
		return error_set(e, ERROR_DATA, "%s: no row of any heat pump", s->run[0].path);
	return calendar_make(&s->calendar, options->zone ? options->zone : zone_of(&s->run[0]), from, to, e);
}

int study_load(struct study *out, const char *const *path, int paths, const struct study_options *options, struct error *e)
{
	static const struct study_options none = {0};
	struct study s = {.runs = 0};
	struct opened *run = NULL;
	int result = -1;

	options = options ? options : &none;
	if (paths < 1 || paths > STUDY_RUNS)
		return error_set(e, ERROR_USAGE, "%d runs: a study is of 1 to %d", paths, STUDY_RUNS);
	run = calloc((size_t)paths, sizeof(*run));
	s.run = calloc((size_t)paths, sizeof(*s.run));
	s.pump = calloc(STUDY_PUMPS, sizeof(*s.pump));
	if (!run || !s.run || !s.pump) {
		error_set(e, ERROR_SYSTEM, "no memory for a study of %d runs", paths);
		goto out;
	}
	s.runs = paths;
	if (open_runs(run, path, paths, e) < 0)
		goto out;
	for (int i = 0; i < paths; i++)
		if (load_run(&s, i, &run[i], options->set, e) < 0)
			goto out;
	if (finish(&s, options, e) < 0)
		goto out;
	*out = s;
	result = 0;
out:
	close_runs(run, paths);
	if (result < 0)
		study_free(&s);
	return result;
}

void study_free(struct study *s)
{
	for (int i = 0; i < s->pumps; i++)
		study_pump_free(&s->pump[i]);
	free(s->pump);
	free(s->run);
	calendar_free(&s->calendar);
	*s = (struct study){.runs = 0};
}
