#include "daq/cli/live_trace.h"

#include "daq/base/text.h"

#include <math.h>

#define ROW 0.045 /* height of a row of marks, as a part of the panel */

enum { COLUMNS = 1500 };

/* Draws a line through samples. Within one column of the screen only the lowest and the highest are kept, in
 * the order in which they came. */
struct pen {
	struct text *line, *lone;
	double width; /* of a column, s; 0: every sample is drawn */
	double column;
	int held; /* samples in the present column */
	double low_time, low, high_time, high;
	double last_time, last;
	int64_t drawn; /* since the pen was put down */
	bool steps;
};

static void pen_point(struct pen *pen, double time, double value)
{
	text_add(pen->line, "%.10g %.7g\n", time, value);
	pen->drawn++;
}

static void pen_flush(struct pen *pen)
{
	bool low_first = pen->low_time <= pen->high_time;

	if (!pen->held)
		return;
	pen_point(pen, low_first ? pen->low_time : pen->high_time, low_first ? pen->low : pen->high);
	if (pen->low_time < pen->high_time || pen->high_time < pen->low_time)
		pen_point(pen, low_first ? pen->high_time : pen->low_time, low_first ? pen->high : pen->low);
	pen->held = 0;
}

/* Where a value stays, its beginning and its end are enough. */
static void pen_step(struct pen *pen, double time, double value)
{
	if (!pen->held || value < pen->last || value > pen->last) {
		pen_point(pen, time, value);
		pen->held = 1;
	} else {
		pen->held = 2;
	}
}

static void pen_sample(struct pen *pen, double time, double value)
{
	double column = pen->width > 0 ? floor(time / pen->width) : time;

	if (pen->held && (column < pen->column || column > pen->column))
		pen_flush(pen);
	if (!pen->held || value < pen->low) {
		pen->low = value;
		pen->low_time = time;
	}
	if (!pen->held || value > pen->high) {
		pen->high = value;
		pen->high_time = time;
	}
	pen->column = column;
	pen->held++;
}

static void pen_to(struct pen *pen, double time, double value)
{
	if (pen->steps)
		pen_step(pen, time, value);
	else
		pen_sample(pen, time, value);
	pen->last_time = time;
	pen->last = value;
}

static void pen_lift(struct pen *pen)
{
	if (pen->steps && pen->held == 2)
		pen_point(pen, pen->last_time, pen->last);
	else if (!pen->steps)
		pen_flush(pen);
	if (pen->drawn == 1)
		text_add(pen->lone, "%.10g %.7g\n", pen->last_time, pen->last);
	if (pen->drawn)
		text_add(pen->line, "\n");
	pen->held = 0;
	pen->drawn = 0;
}

/* Marks lie in one row, no more than one in a column. */
static void mark(struct text *marks, double time, double *last, double width, int row)
{
	if (time - *last < width)
		return;
	text_add(marks, "%.10g %.3f\n", time, ROW * row);
	*last = time;
}

static void add_blocks(struct text *script, int n, const struct text *const block[3])
{
	for (int i = 0; i < 3; i++)
		text_add(script, "$%c%d << EOD\n%s-1 NaN\nEOD\n", "lpb"[i], n,
			block[i] -> data ? block[i] -> data : "");
}

static void note(struct live_trace *trace, double value, bool good)
{
	if (!good) {
		trace->bad++;
		return;
	}
	trace->good++;
	trace->lowest = fmin(trace->lowest, value);
	trace->highest = fmax(trace->highest, value);
}

struct live_trace live_trace_add(
	struct text *script, const struct live_data *data, const struct live_series *series, int n, int row)
{
	struct live_trace trace = {INFINITY, -INFINITY, NAN, QUALITY_GOOD, 0, 0, false};
	struct text line = TEXT_INIT, lone = TEXT_INIT, marks = TEXT_INIT;
	int64_t rows = live_data_rows(data, series);
	double width = rows > 2 * COLUMNS ? (double)data->span / 1e9 / COLUMNS : 0, marked = -INFINITY,
	       before = NAN;
	struct pen pen = {.line = &line, .lone = &lone, .width = width, .steps = series->steps};

	for (int64_t i = 0; i < rows; i++) {
		double time = live_data_time(data, series, i), value = live_data_value(data, series, i);
		bool good;

		trace.last = value;
		trace.quality = live_data_quality(data, series, i);
		good = trace.quality == QUALITY_GOOD && isfinite(value);
		if (time < data->from - 1e-9)
			continue;
		note(&trace, value, good);
		if (!good || time - before > data->ring[series->ring].pause)
			pen_lift(&pen);
		if (good)
			pen_to(&pen, time, value);
		else
			mark(&marks, time, &marked, width, row);
		before = time;
	}
	pen_lift(&pen);
	trace.lone = lone.length > 0;
	add_blocks(script, n, (const struct text *const[3]){&line, &lone, &marks});
	script->failed = script->failed || line.failed || lone.failed || marks.failed;
	text_free(&line);
	text_free(&lone);
	text_free(&marks);
	return trace;
}
