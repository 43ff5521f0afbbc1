#include "daq/device/pwm_feedback.h"

#include <math.h>
#include <string.h>

void pwm_feedback_init(struct pwm_feedback *f, bool level, nanos now)
{
	memset(f, 0, sizeof(*f));
	f->level = level;
	f->since = now;
}

static void restart(struct pwm_feedback *f)
{
	f->first = f->count = 0;
	f->rising_known = f->falling_known = false;
}

static void add(struct pwm_feedback *f, nanos length, nanos high)
{
	if (f->count == PWM_FEEDBACK_ROOM) {
		f->first = (f->first + 1) % PWM_FEEDBACK_ROOM;
		f->count--;
	}
	f->period[(f->first + f->count++) % PWM_FEEDBACK_ROOM] = (struct period){length, high};
}

static void feed(struct pwm_feedback *f, const struct edge *edge)
{
	if (f->seen && edge->at - f->last > PWM_FEEDBACK_SILENCE)
		restart(f);
	if (f->seen && edge->rising == f->level) { /* the edge between was lost: this period is not one */
		f->rising_known = f->falling_known = false;
		f->broken++;
	}
	f->seen = true;
	f->level = edge->rising;
	f->last = edge->at;
	if (!edge->rising) {
		f->fell = edge->at;
		f->falling_known = f->rising_known;
		return;
	}
	if (f->rising_known && f->falling_known)
		add(f, edge->at - f->rose, f->fell - f->rose);
	f->rose = edge->at;
	f->rising_known = true;
	f->falling_known = false;
}

void pwm_feedback_feed(struct pwm_feedback *f, const struct edge *edges, int count)
{
	for (int i = 0; i < count; i++)
		feed(f, &edges[i]);
}

/* Sums of the periods whose length is within 30 % of `typical` (0: all); returns how many. */
static int sum(const struct pwm_feedback *f, double typical, nanos *length, nanos *high)
{
	int n = 0;

	*length = *high = 0;
	for (int i = 0; i < f->count; i++) {
		const struct period *p = &f->period[(f->first + i) % PWM_FEEDBACK_ROOM];

		if (typical > 0 && fabs((double)p->length - typical) > 0.3 * typical)
			continue;
		*length += p->length;
		*high += p->high;
		n++;
	}
	return n;
}

/* Where two edges were lost together those around them still alternate; such a period is twice as long. */
static void average(const struct pwm_feedback *f, struct pwm_feedback_reading *out)
{
	nanos length, high;
	int n = sum(f, 0, &length, &high);

	n = sum(f, (double)length / n, &length, &high);
	out->periods = n;
	if (n < PWM_FEEDBACK_PERIODS)
		return;
	out->frequency = n * 1e9 / (double)length;
	if (out->frequency < PWM_FEEDBACK_LOWEST || out->frequency > PWM_FEEDBACK_HIGHEST) {
		out->state = PWM_FEEDBACK_FREQUENCY;
		out->quality = QUALITY_RANGE;
		return;
	}
	out->state = PWM_FEEDBACK_OK;
	out->quality = QUALITY_GOOD;
	out->duty = (double)high / (double)length;
}

/* Keeps the latest 16, so that a fast reader still averages and a slow one does not reach back further than
 * it must. */
static void forget(struct pwm_feedback *f)
{
	int surplus = f->count - PWM_FEEDBACK_PERIODS;

	if (surplus <= 0)
		return;
	f->first = (f->first + surplus) % PWM_FEEDBACK_ROOM;
	f->count -= surplus;
}

void pwm_feedback_read(struct pwm_feedback *f, nanos now, struct pwm_feedback_reading *out)
{
	nanos silent = now - (f->seen ? f->last : f->since);

	*out = (struct pwm_feedback_reading){
		.state = PWM_FEEDBACK_WAITING, .quality = QUALITY_GAP, .duty = NAN, .frequency = NAN};
	if (silent > PWM_FEEDBACK_SILENCE) {
		restart(f);
		out->state = f->level ? PWM_FEEDBACK_HIGH : PWM_FEEDBACK_LOW;
		out->quality = QUALITY_TIMEOUT;
	} else if (f->count >= PWM_FEEDBACK_PERIODS) {
		average(f, out);
		forget(f);
	} else {
		out->periods = f->count;
	}
}

const char *pwm_feedback_state_name(enum pwm_feedback_state state)
{
	static const char *const names[] = {
		[PWM_FEEDBACK_OK] = "ok",
		[PWM_FEEDBACK_WAITING] = "waiting for 16 periods",
		[PWM_FEEDBACK_LOW] = "no edges, low: shorted, or 0 %",
		[PWM_FEEDBACK_HIGH] = "no edges, high: cable break, no power, or 100 %",
		[PWM_FEEDBACK_FREQUENCY] = "not the frequency of a circulator",
	};

	return (unsigned)state < sizeof(names) / sizeof(*names) ? names[state] : "?";
}
