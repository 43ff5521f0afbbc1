#include "benches/meters/evaluate.h"

#include "benches/meters/meters_report.h"
#include "daq/base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool has_meter(const struct stored_run *run, int dut)
{
	for (int r = 0; r < ROLES; r++)
		if (meters_role_channel(run, run->dut[dut].name, (enum meters_role)r) >= 0 && r != ROLE_OUTSIDE)
			return true;
	return false;
}

/* What was said of a device under test that is not there was meant for another one. */
static int known_duts(const struct meters_evaluation *ev, const char *text, struct error *e)
{
	const char *names[METERS_PUMPS + 1] = {NULL}, *near;
	char dut[48];

	for (int d = 0; d < ev->run.duts && d < METERS_PUMPS; d++)
		names[d] = ev->run.dut[d].name;
	while (evaluation_settings_dut(&text, dut, sizeof(dut))) {
		int d = 0;

		while (names[d] && strcmp(names[d], dut) != 0)
			d++;
		near = nearest_name(dut, names);
		if (!names[d])
			return error_set(e, ERROR_CONFIG, "meters settings: %s has no device under test '%s'%s%s%s", ev->run.path, dut,
				near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
	}
	return 0;
}

static int begin_pump(struct meters_evaluation *ev, int dut, const char *settings, struct error *e)
{
	int p = ev->walk.pumps;
	struct meters_settings *s = &ev->own[p];

	if (meters_settings_read_of(s, settings, ev->run.dut[dut].name, e) < 0 ||
		heat_medium(&ev->medium[p], (enum heat_convention)s->convention, (enum heat_sensor)s->flow_sensor, s->pressure, s->rho_cp,
			s->fluid, e) < 0)
		return -1;
	ev->walk.pumps++;
	return meters_pump_begin(&ev->walk.pump[p], &ev->run, dut, s, &ev->medium[p], e);
}

static int begin(struct meters_evaluation *ev, const char *settings, struct error *e)
{
	if (ev->run.duts > METERS_PUMPS)
		return error_set(e, ERROR_DATA, "%s has %d devices under test; %d are possible", ev->run.path, ev->run.duts, METERS_PUMPS);
	if (known_duts(ev, settings, e) < 0)
		return -1;
	ev->walk.pump = calloc((size_t)ev->run.duts, sizeof(*ev->walk.pump));
	if (!ev->walk.pump)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", ev->run.path);
	for (int d = 0; d < ev->run.duts; d++)
		if (has_meter(&ev->run, d) && begin_pump(ev, d, settings, e) < 0)
			return -1;
	return ev->walk.pumps > 0 ? 0
				  : error_set(e, ERROR_DATA, "%s: no channel of a device under test has a role of the meters "
					"(electric_energy, heat_energy, electric_power ...): nothing to evaluate", ev->run.path);
}

static bool ran_out(const struct meters_evaluation *ev)
{
	for (int p = 0; p < ev->walk.pumps; p++)
		for (int q = 0; q < QUANTITIES; q++)
			if (ev->walk.pump[p].quantity[q].failed)
				return true;
	return false;
}

/* Every pump's whole run, its days, its checks. */
static int sum_up(struct meters_evaluation *ev, struct error *e)
{
	size_t days = 0, pumps = (size_t)ev->walk.pumps;

	for (int p = 0; p < ev->walk.pumps; p++) {
		const struct meters_pump *pump = &ev->walk.pump[p];

		if (!isnan(pump->first))
			days += (size_t)(floor(pump->last / 86400) - floor(pump->first / 86400)) + 1;
	}
	ev->whole = calloc(pumps, sizeof(*ev->whole));
	ev->day = calloc(days + 1, sizeof(*ev->day));
	ev->check = calloc(pumps * CHECKS, sizeof(*ev->check));
	if (!ev->whole || !ev->day || !ev->check || ran_out(ev))
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", ev->run.path);
	for (int p = 0; p < ev->walk.pumps; p++) {
		const struct meters_pump *pump = &ev->walk.pump[p];

		ev->choice[p] = meters_choose(pump, pump->settings);
		ev->whole[ev->wholes++] = meters_whole(pump, p, ev->choice[p]);
		for (int k = 0; k < CHECKS; k++)
			ev->checks += meters_check(&ev->check[ev->checks], pump, p, k, ev->choice[p]);
		if (isnan(pump->first))
			continue;
		for (int64_t d = (int64_t)floor(pump->first / 86400); d <= (int64_t)floor(pump->last / 86400); d++)
			ev->day[ev->days++] = meters_day(pump, p, ev->choice[p], d);
	}
	return 0;
}

static int measure_skews(struct meters_evaluation *ev, struct error *e)
{
	ev->skew = calloc((size_t)ev->walk.pumps * VIEWS + 1, sizeof(*ev->skew));
	if (!ev->skew)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", ev->run.path);
	for (int p = 0; p < ev->walk.pumps; p++) {
		const struct meters_pump *pump = &ev->walk.pump[p];

		for (int v = 0; v < VIEWS; v++) {
			struct meters_skew *s = &ev->skew[ev->skews];

			if (!pump->viewed[v] || pump->role[ROLE_ELECTRIC_POWER].good == 0)
				continue;
			*s = (struct meters_skew){.pump = p, .view = (enum meters_view)v};
			if (meters_steps_skew(&s->skew, &pump->steps, s->view, e) < 0)
				return -1;
			ev->skews++;
		}
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct clock_summary summarise(struct meters_clock *c)
{
	struct clock_summary s = {c->channel, c->readings, NAN, NAN, NAN, NAN};
	double mean_t = 0, mean_o = 0, tt = 0, to = 0;

	if (c->readings == 0)
		return s;
	for (int64_t i = 0; i < c->readings; i++) {
		mean_t += (c->time[i] - c->time[0]) / (double)c->readings;
		mean_o += c->offset[i] / (double)c->readings;
	}
	for (int64_t i = 0; i < c->readings; i++) {
		double t = c->time[i] - c->time[0] - mean_t;

		tt += t * t;
		to += t * (c->offset[i] - mean_o);
	}
	s.drift = tt > 0 ? 86400 * to / tt : NAN;
	qsort(c->offset, (size_t)c->readings, sizeof(*c->offset), compare);
	s.least = c->offset[0];
	s.most = c->offset[c->readings - 1];
	s.median = (c->offset[(c->readings - 1) / 2] + c->offset[c->readings / 2]) / 2;
	return s;
}

int meters_evaluate(struct meters_evaluation *out, struct run_reader *reader, const struct evaluation_options *options,
	struct error *e)
{
	static const struct evaluation_options none = {0};
	struct meters_evaluation *ev = out;

	*ev = (struct meters_evaluation){.verdict = VERDICT_NONE};
	options = options ? options : &none;
	if (meters_settings_read(&ev->settings, options->settings, e) < 0 ||
		stored_run_read_definitions(&ev->run, reader, e) < 0 || begin(ev, options->settings, e) < 0 ||
		meters_walk(&ev->walk, &ev->run, reader, e) < 0 || sum_up(ev, e) < 0 ||
		measure_skews(ev, e) < 0)
		goto fail;
	for (int c = 0; c < ev->walk.clocks; c++)
		ev->clock[ev->clocks++] = summarise(&ev->walk.clock[c]);
	ev->limit = options->limit ? options->limit : ev->run.limit;
	ev->limits = options->limit ? options->limits : ev->run.limits;
	ev->limit_file = options->limit_file;
	if (meters_judge(ev, e) < 0)
		goto fail;
	return 0;
fail:
	meters_evaluation_free(ev);
	return -1;
}

void meters_evaluation_free(struct meters_evaluation *ev)
{
	for (int p = 0; p < ev->walk.pumps; p++)
		meters_pump_free(&ev->walk.pump[p]);
	meters_walk_free(&ev->walk);
	free(ev->walk.pump);
	free(ev->whole);
	free(ev->day);
	free(ev->check);
	free(ev->skew);
	free(ev->result);
	stored_run_free(&ev->run);
	*ev = (struct meters_evaluation){.verdict = VERDICT_NONE};
}

int meters_check_settings(const char *settings, struct error *e)
{
	struct meters_settings unused;
	const char *at = settings;
	bool any = false;
	char dut[48];

	if (meters_settings_read(&unused, settings, e) < 0)
		return -1;
	while (evaluation_settings_dut(&at, dut, sizeof(dut))) {
		any = true;
		if (meters_settings_read_of(&unused, settings, dut, e) < 0)
			return -1;
	}
	/* Where some have their own, what counts for all need not be whole; the run's heat pumps show that. */
	return any ? 0 : meters_settings_read_of(&unused, settings, "", e);
}

int meters_evaluate_run(struct report *out, const char *run_path, const char *folder, const struct evaluation_options *options,
	struct error *e)
{
	struct run_reader *reader = NULL;
	struct meters_evaluation *ev = calloc(1, sizeof(*ev));
	int status = -1;

	if (!ev)
		return error_set(e, ERROR_SYSTEM, "out of memory while evaluating %s", run_path);
	if (run_reader_open(&reader, run_path, e) < 0 || meters_evaluate(ev, reader, options, e) < 0)
		goto out;
	status = meters_report(out, ev, folder, options, e);
	meters_evaluation_free(ev);
out:
	run_reader_close(reader);
	free(ev);
	return status;
}
