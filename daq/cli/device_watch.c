#include "daq/cli/device_watch.h"

#include "daq/base/units.h"
#include "daq/cli/device.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INTERVALS = 4096 };

/* How one register moves. An interval lies between two changes that were seen. */
struct movement {
	int good, bad, changes, intervals;
	double sum, min, max, last, interval[INTERVALS];
	nanos changed_at;
};

static void move(struct movement *m, const struct device_reading *r)
{
	if (!r->valid) {
		m->bad++;
		return;
	}
	if (m->good && r->value != m->last) {
		/* The first change begins somewhere inside an interval: only from the second on one is whole. */
		if (m->changes && m->intervals < INTERVALS)
			m->interval[m->intervals++] = (double)(r->at - m->changed_at) / 1e9;
		m->changes++;
		m->changed_at = r->at;
	}
	if (!m->good)
		m->changed_at = r->at;
	m->min = m->good && m->min < r->value ? m->min : r->value;
	m->max = m->good && m->max > r->value ? m->max : r->value;
	m->sum += r->value;
	m->last = r->value;
	m->good++;
}

static double median(double *v, int n)
{
	for (int i = 1; i < n; i++)
		for (int k = i; k > 0 && v[k] < v[k - 1]; k--) {
			double swap = v[k];

			v[k] = v[k - 1];
			v[k - 1] = swap;
		}
	return n ? (v[(n - 1) / 2] + v[n / 2]) / 2 : NAN;
}

static void print_round(const struct device_watch *w, const struct movement *m, double seconds)
{
	char value[32], note[96], unit[24];

	printf("%9.2f s", seconds);
	for (int i = 0; i < w->count; i++) {
		const struct register_row *row = &w->map->row[w->rows[i]];

		device_reading_value(row, &w->readings[i], value, sizeof(value));
		device_reading_note(row, &w->readings[i], note, sizeof(note));
		printf("  %s %s%s%s%s%s", row->name, value, unit_label(row->unit, unit), note[0] ? " (" : "", note,
			note[0] ? ")" : "");
	}
	if (w->count == 1 && m->good)
		printf("  min %.6g mean %.6g max %.6g  changed %.2f s ago", m->min, m->sum / m->good, m->max,
			(double)(device_line_now(&w->line) - m->changed_at) / 1e9);
	putchar('\n');
}

static int print_round_json(const struct device_watch *w, const struct movement *m, double seconds, struct error *e)
{
	json_t *list = json_array(), *all = json_pack("{s:f, s:o}", "seconds", seconds, "registers", list);
	int result;

	for (int i = 0; i < w->count; i++)
		json_array_append_new(list, device_reading_json(&w->map->row[w->rows[i]], &w->readings[i]));
	if (w->count == 1 && m->good)
		json_object_set_new(all, "movement", json_pack("{s:f, s:f, s:f, s:i, s:f}", "min", m->min, "mean",
			m->sum / m->good, "max", m->max, "changes", m->changes, "changed_s_ago",
			(double)(device_line_now(&w->line) - m->changed_at) / 1e9));
	result = device_print_json(all, JSON_COMPACT, e);
	json_decref(all);
	return result;
}

/* Polling faster than the meter refreshes repeats old values: this is how fast it does. */
static void print_sum(const struct device_watch *w, struct movement *m, nanos every)
{
	char unit[24];

	if (w->count != 1 || !m->good)
		return;
	printf("\n%s: %d readings, %d without a value; min %.9g, mean %.9g, max %.9g%s\n", w->map->row[w->rows[0]].name,
		m->good, m->bad, m->min, m->sum / m->good, m->max, unit_label(w->map->row[w->rows[0]].unit, unit));
	if (m->intervals)
		printf("It changed %d times, in the middle every %.2f s (asked every %.2f s): it refreshes no slower than that.\n",
			m->changes, median(m->interval, m->intervals), (double)every / 1e9);
	else
		printf("It changed %d time%s: too few to say how fast it refreshes.\n", m->changes, m->changes == 1 ? "" : "s");
}

static bool is_over(const struct device_options *o, nanos start, nanos now)
{
	return device_stopped || ferror(stdout) || (o->span && now - start >= o->span);
}

int device_watch(struct device_watch *w, const struct device_options *o, struct error *e)
{
	struct movement m = {.good = 0};
	nanos start = device_line_now(&w->line), tick;
	int answers = 0, result = 0;

	for (tick = 0; result == 0 && !is_over(o, start, device_line_now(&w->line));) {
		double seconds = (double)(device_line_now(&w->line) - start) / 1e9;

		result = device_readings_take(&w->line, w->unit, w->map, w->rows, w->count, w->readings, e);
		if (result != 0 || device_stopped)
			break;
		move(&m, &w->readings[0]);
		for (int i = 0; i < w->count; i++)
			answers += w->readings[i].status == WIRE_OK;
		if (o->json)
			result = print_round_json(w, &m, seconds, e);
		else
			print_round(w, &m, seconds);
		fflush(stdout);
		/* Rounds that a slow device cost are left out, not made up. */
		tick = (device_line_now(&w->line) - start) / o->watch + 1;
		device_line_wait(&w->line, start + tick * o->watch);
	}
	if (result != 0 && !device_stopped)
		return -1;
	if (!o->json)
		print_sum(w, &m, o->watch);
	if (answers == 0)
		return error_set(e, ERROR_DEVICE, "unit %d gave no value", w->unit);
	return EXIT_PASSED;
}
