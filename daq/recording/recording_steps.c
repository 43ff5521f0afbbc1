#include "daq/recording/recording_importing.h"

#include "daq/base/text.h"

#include <math.h>
#include <string.h>

/* NaN where the row does not say it, or says it doubtfully: then the set point before it goes on. */
static double importing_set_point(const struct importing *m, const struct recording_rows *r, int i)
{
	int slot = m->set_point < 0 ? -1 : r->slot[m->set_point];
	size_t k = (size_t)i * (size_t)r->columns + (size_t)slot;

	return slot < 0 || r->quality[k] != QUALITY_GOOD ? NAN : r->value[k];
}

/* "wilo open 100"; where all devices are measured at once the step is the bench's, "100 run 2". */
static void importing_step_name(struct importing *m, const struct run_step *step, int dut, struct text *name)
{
	if (m->shared == 0 && !m->wide)
		text_add(name, "%s%s%s", m->duts.name[dut], step->valve[0] ? " " : "", step->valve);
	if (!isnan(step->set_point))
		text_add(name, "%s%g", name->length ? " " : "", step->set_point);
	if (m->shared || m->wide)
		text_add(name, "%srun %d", name->length ? " " : "", m->file + 1);
}

static int importing_put_step(struct importing *m, const char *valve, double set,
	int dut, int64_t first, int64_t last, struct error *e)
{
	struct run_step step = {.number = ++m->steps, .set_point = set, .first_tick = first, .last_tick = last,
		.done = 1};
	struct text name = TEXT_INIT;
	int result;

	text_copy(step.valve, sizeof(step.valve), valve);
	importing_step_name(m, &step, dut, &name);
	text_copy(step.name, sizeof(step.name), name.failed ? "" : name.data ? name.data : "");
	if (m->shared == 0 && !m->wide)
		text_copy(step.dut, sizeof(step.dut), m->duts.name[dut]);
	text_copy(step.unit, sizeof(step.unit), m->set_point < 0 ? "" : m->map->column[m->set_point].unit);
	result = run_put_step(m->run, &step, e);
	text_free(&name);
	return result;
}

/* One past the last row of the stretch of one pump that begins at `first`. */
static int importing_stretch(const struct recording_rows *r, int first)
{
	int end = first + 1;

	while (end < r->count && r->dut[end] == r->dut[first])
		end++;
	return end;
}

/* Whether the set point changes at most rows: then it is no sequence of steps. */
static bool importing_excited(const struct importing *m, const struct recording_rows *r, int first, int end)
{
	int pairs = 0, changes = 0;

	for (int i = first + 1; i < end; i++) {
		double before = importing_set_point(m, r, i - 1), now = importing_set_point(m, r, i);

		pairs += !isnan(before) && !isnan(now);
		changes += !isnan(before) && !isnan(now) && before != now;
	}
	return pairs + 1 >= EXCITATION_LEAST && 2 * changes > pairs;
}

/* A stretch of one pump, cut where its set point changes. */
static int importing_cut(struct importing *m, const struct recording_rows *r, const char *valve, int64_t tick,
	int first, int end, struct error *e)
{
	double set = importing_set_point(m, r, first);

	for (int i = first + 1; i <= end; i++) {
		double now = i < end ? importing_set_point(m, r, i) : NAN;

		if (i < end && (isnan(now) || isnan(set) || now == set)) {
			set = isnan(set) ? now : set;
			continue;
		}
		if (importing_put_step(m, valve, set, r->dut[first], tick + first, tick + i - 1, e) != 0)
			return -1;
		first = i;
		set = now;
	}
	return 0;
}

int importing_put_steps(struct importing *m, const struct recording_rows *r, const char *valve,
	int64_t tick, struct error *e)
{
	for (int first = 0, end; first < r->count; first = end) {
		int status;

		end = importing_stretch(r, first);
		if (importing_excited(m, r, first, end))
			status = importing_put_step(m, valve, NAN, r->dut[first], tick + first, tick + end - 1, e);
		else
			status = importing_cut(m, r, valve, tick, first, end, e);
		if (status != 0)
			return -1;
	}
	return 0;
}
