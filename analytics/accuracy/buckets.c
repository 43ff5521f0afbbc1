#include "analytics/accuracy/buckets.h"

#include <math.h>

void bucket_flush(struct bucket *b, double day_length, bucket_full full, void *self)
{
	double length = b->length > 0 ? fmin(b->length, day_length - (double)b->index * b->length) : day_length;

	/* A thousandth of a second is what adding up many rows may lose. */
	if (b->day >= 0 && b->seconds > 0 && b->seconds >= b->share * length - 1e-3)
		full(self, b->day, b->index, b->seconds, b->reference_j / b->seconds, b->estimate_j / b->seconds);
	b->seconds = b->reference_j = b->estimate_j = 0;
	b->day = -1;
}

void bucket_take(struct bucket *b, int day, double day_length, double from, double seconds, double reference, double estimate,
	bucket_full full, void *self)
{
	while (seconds > 0) {
		int64_t index = b->length > 0 ? (int64_t)(from / b->length) : 0;
		double left = b->length > 0 ? (double)(index + 1) * b->length - from : seconds, part = fmin(seconds, left);

		if (b->day != day || b->index != index) {
			bucket_flush(b, day_length, full, self);
			b->day = day;
			b->index = index;
		}
		b->seconds += part;
		b->reference_j += reference * part;
		b->estimate_j += estimate * part;
		from = part < seconds ? (double)(index + 1) * b->length : from;
		seconds -= part;
	}
}
