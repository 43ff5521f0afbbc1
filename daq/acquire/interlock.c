#include "daq/acquire/interlock.h"

#include "daq/base/units.h"

#include <math.h>
#include <stdio.h>

void interlocks_begin(struct interlocks *self, nanos now)
{
	for (int i = 0; i < BENCH_INTERLOCKS; i++)
		self->good_at[i] = now;
}

int interlocks_look(struct interlocks *self, const struct bench *bench, const struct board_value *values, nanos now,
	char *why, size_t size)
{
	for (int i = 0; i < bench->interlocks; i++) {
		const struct bench_interlock *lock = &bench->interlock[i];
		const struct bench_channel *c = &bench->channel[lock->channel];
		const struct board_value *v = &values[lock->channel];
		bool good = v->quality == QUALITY_GOOD && !isnan(v->value);
		char unit[24];

		unit_label(c->unit, unit);
		if (good)
			self->good_at[i] = v->at > self->good_at[i] ? v->at : self->good_at[i];
		if (good && (v->value < lock->min || v->value > lock->max)) {
			snprintf(why, size, "interlock: %s = %g%s is %s %g%s%s%s (%s)", c->name, v->value, unit,
				v->value < lock->min ? "below" : "above", v->value < lock->min ? lock->min : lock->max, unit,
				lock->because[0] ? ": " : "", lock->because, lock->source);
			return i;
		}
		if (lock->blind > 0 && now - self->good_at[i] > lock->blind) {
			snprintf(why, size, "interlock: %s has given no good value for %.1f s%s%s (%s)", c->name,
				(double)(now - self->good_at[i]) / 1e9, lock->because[0] ? ": cannot tell whether " : "",
				lock->because, lock->source);
			return i;
		}
	}
	return -1;
}
