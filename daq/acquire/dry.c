#include "daq/acquire/dry.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void dry_say(struct dry *dry, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void dry_say(struct dry *dry, const char *format, ...)
{
	char text[256];
	va_list args;

	if (!dry->say)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	dry->say(dry->say_self, dry->elapsed, text);
}

double dry_nominal(const struct bench *bench, int channel)
{
	const struct bench_channel *c = &bench->channel[channel];
	const struct register_row *row = &bench->device[c->device].map->row[c->reg];

	if (!isnan(c->nominal))
		return c->nominal;
	if (!isnan(row->nominal))
		return row->nominal * c->gain + c->offset;
	if (isfinite(c->min) && isfinite(c->max))
		return (c->min + c->max) / 2;
	return 0;
}

static double dry_value(struct dry *dry, int channel)
{
	if (dry->bench->channel[channel].output)
		return dry->output[channel];
	return dry_nominal(dry->bench, channel);
}

static int dry_set(void *self, int channel, double value, struct error *e)
{
	struct dry *dry = self;
	const struct bench_channel *c = &dry->bench->channel[channel];
	char unit[24];

	if (!(value >= c->min && value <= c->max))
		return error_set(e, ERROR_LIMIT, "%s = %g %s is outside %g to %g %s (%s)", c->name, value, c->unit,
			c->min, c->max, c->unit, c->source);
	dry->touched[channel] = true;
	dry->output[channel] = value;
	dry->elapsed += dry->transaction;
	dry_say(dry, "    set %s = %g%s", c->name, value, unit_label(c->unit, unit));
	return 0;
}

static int dry_wait(void *self, nanos duration, struct error *e)
{
	struct dry *dry = self;

	(void)e;
	dry_say(dry, "    hold %g s", (double)duration / 1e9);
	dry->elapsed += duration;
	return 0;
}

static int dry_step(void *self, const struct target_step *step, struct error *e)
{
	struct dry *dry = self;

	if (++dry->steps > DRY_STEPS)
		return error_set(e, ERROR_LIMIT, "more than %d steps: does the procedure end?", DRY_STEPS);
	dry->step = *step;
	dry_say(dry, "step %d: %s", dry->steps, step->name);
	return 0;
}

static int dry_measure(void *self, const char *name, nanos duration, struct measurement *out, struct error *e)
{
	struct dry *dry = self;
	int n = (int)((duration + dry->bench->tick / 2) / dry->bench->tick);

	if (n < 1)
		return error_set(e, ERROR_LIMIT, "a measurement of %g s is shorter than the bench's tick of %g s",
			(double)duration / 1e9, (double)dry->bench->tick / 1e9);
	for (int c = 0; c < dry->bench->channels; c++) {
		double v = dry_value(dry, c);

		out[c] = (struct measurement){.mean = v, .sd = 0, .min = v, .max = v, .last = v,
			.good = n / dry->bench->channel[c].every};
	}
	if (dry->measured)
		dry->measured(dry->measured_self, &dry->step, name, duration);
	dry_say(dry, "    measure %g s, %d samples", (double)duration / 1e9, n);
	dry->elapsed += duration;
	return 0;
}

static int dry_settle(void *self, int channel, double band, nanos window, nanos limit, struct error *e)
{
	struct dry *dry = self;
	const struct bench_channel *c = &dry->bench->channel[channel];

	(void)limit;
	(void)e;
	dry_say(dry, "    settle %s to within %g %s over %g s", c->name, band, c->unit, (double)window / 1e9);
	dry->elapsed += window;
	return 0;
}

static int dry_read(void *self, int channel, double *value, enum quality *quality, struct error *e)
{
	(void)e;
	*value = dry_value(self, channel);
	*quality = QUALITY_GOOD;
	return 0;
}

static int dry_ask(void *self, const char *prompt, char *answer, size_t size, struct error *e)
{
	struct dry *dry = self;

	(void)e;
	dry->asks++;
	dry_say(dry, "    ask \"%s\"", prompt);
	text_copy(answer, size, "");
	return 0;
}

static int dry_note(void *self, const char *text, struct error *e)
{
	(void)e;
	dry_say(self, "    note \"%s\"", text);
	return 0;
}

void dry_target(struct dry *dry, const struct bench *bench, struct target *out)
{
	memset(dry, 0, sizeof(*dry));
	dry->bench = bench;
	for (int c = 0; c < bench->channels; c++)
		dry->output[c] = dry_nominal(bench, c);
	*out = (struct target){
		.bench = bench,
		.self = dry,
		.set = dry_set,
		.wait = dry_wait,
		.step = dry_step,
		.measure = dry_measure,
		.settle = dry_settle,
		.read = dry_read,
		.ask = dry_ask,
		.note = dry_note,
	};
}
