/*
 * pwm_feedback.h - edges of a circulator's feedback output -> duty and frequency. Pure.
 *
 * 75 Hz nominal (VDMA 24224; Grundfos 75 Hz +-5 %; BENCHES A2, A3); 60 to 90 Hz are taken. At 75 Hz 1 % duty
 * is 133 us, so one period read by an ordinary thread is not enough: at least 16 are averaged, each from
 * rising to rising edge. The output is an open collector with a pull-up: no edges means low (shorted, or 0 %)
 * or high (cable break, unpowered pump, or 100 %), and the level tells which (Taco 00e uses 0 % and 100 % as
 * wiring diagnostics in just this way).
 */
#ifndef HEATBENCH_DEVICE_PWM_FEEDBACK_H
#define HEATBENCH_DEVICE_PWM_FEEDBACK_H

#include "daq/base/quality.h"
#include "daq/wire/lines.h"

enum { PWM_FEEDBACK_PERIODS = 16, PWM_FEEDBACK_ROOM = 64 };

#define PWM_FEEDBACK_LOWEST 60.0 /* Hz */
#define PWM_FEEDBACK_HIGHEST 90.0

/* Without an edge for so long there is no signal: 12 periods at 60 Hz. */
#define PWM_FEEDBACK_SILENCE (200 * NANOS_PER_MS)

struct pwm_feedback {
	struct period {
		nanos length, high;
	} period[PWM_FEEDBACK_ROOM]; /* ring of the latest */
	int first, count;
	bool level, seen;
	nanos since; /* since when there has been a look at the line */
	nanos rose, fell, last;
	bool rising_known, falling_known;
	uint64_t broken; /* periods thrown away because edges did not alternate */
};

enum pwm_feedback_state {
	PWM_FEEDBACK_OK,
	PWM_FEEDBACK_WAITING,	/* fewer than 16 periods since it came back */
	PWM_FEEDBACK_LOW,	/* no edges, level low: shorted, or 0 % */
	PWM_FEEDBACK_HIGH,	/* no edges, level high: cable break, no power, or 100 % */
	PWM_FEEDBACK_FREQUENCY, /* edges, but not those of a circulator */
};

struct pwm_feedback_reading {
	enum pwm_feedback_state state;
	enum quality quality; /* good, gap (waiting), timeout (no edges), range (frequency) */
	double duty;	      /* 0..1, logical high; NaN unless OK */
	double frequency;     /* Hz; NaN without 16 periods */
	int periods;	      /* averaged over */
};

void pwm_feedback_init(struct pwm_feedback *f, bool level, nanos now);
void pwm_feedback_feed(struct pwm_feedback *f, const struct edge *edges, int count);

/* Averages over the periods since the latest reading and the 16 before it, at most the latest
 * PWM_FEEDBACK_ROOM. */
void pwm_feedback_read(struct pwm_feedback *f, nanos now, struct pwm_feedback_reading *out);

/* "ok", "waiting", "low: shorted, or 0 %" ... */
const char *pwm_feedback_state_name(enum pwm_feedback_state state);

#endif
