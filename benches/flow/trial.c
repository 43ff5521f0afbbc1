#include "benches/flow/trial.h"

#include "daq/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void flow_row_add(struct flow_rows *rows, const char *name, double value, enum distribution distribution,
	double divisor, double sensitivity, double dof, bool random)
{
	struct flow_row *r = &rows->row[rows->n];

	if (!(fabs(value * sensitivity) > 1e-6) || rows->n == FLOW_ROWS)
		return;
	*r = (struct flow_row){{"", fabs(value), distribution, divisor, fabs(sensitivity), dof}, random};
	text_copy(r->row.name, sizeof(r->row.name), name);
	rows->n++;
}

void flow_say(char why[240], const char *format, ...)
{
	char text[240];
	size_t used = strlen(why);
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (!strstr(why, text) && used + 3 < 240) {
		strcpy(why + used, used ? "; " : "");
		text_copy(why + strlen(why), 240 - strlen(why), text);
	}
}

struct flow_trial flow_trial_new(int step, int dut, enum flow_method method)
{
	struct flow_trial t = {.step = step, .dut = dut, .method = method, .reference = NAN, .reading = NAN, .error = NAN,
		.temperature = NAN, .volume = NAN, .volume_reading = NAN, .pulses = NAN, .k_factor = NAN};
	struct flow_samples *s = &t.samples;

	s->n_reading = s->n_reference = s->mean = s->median = s->volume_error = s->from = s->to = NAN;
	s->mean_reading = s->median_reading = s->mean_reference = s->median_reference = NAN;
	s->sd_reading = s->sd_reference = NAN;
	s->paired = s->pooled = (struct ttest){NAN, NAN, NAN, NAN, NAN};
	return t;
}

double flow_instrument(const struct stored_run *run, int channel, double *divisor, bool *expired)
{
	const struct run_channel *c = channel < 0 ? NULL : &run->channel[channel];
	const struct run_certificate *paper = c && c->certificate >= 0 ? &run->certificate[c->certificate] : NULL;

	*divisor = 2;
	if (paper)
		*expired |= stored_run_expired(run, paper);
	if (c && !isnan(c->uncertainty))
		return c->uncertainty;
	if (!paper || !(paper->U > 0) || !(paper->k > 0))
		return NAN;
	*divisor = paper->k;
	return paper->U;
}
