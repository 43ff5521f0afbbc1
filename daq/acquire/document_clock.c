#include "daq/acquire/document_clock.h"

#include <math.h>

/* More than a feed's period and a slow fetch can explain. */
#define JUMP_S 30
/* Set wrong, and not slow (as the range of document_points.c). */
#define FAR_S 60

bool document_clock_plausible(double stamp)
{
	return stamp >= 0 && stamp < 9e15;
}

void document_clock_lost(struct document_clock *clock)
{
	clock->news = CLOCK_NO_NEWS;
	clock->offset = clock->age = NAN;
}

void document_clock_take(struct document_clock *clock, double stamp, nanos mid, nanos utc)
{
	double moved = (stamp - clock->stamp) / 1e3;
	bool was_far = clock->far;

	clock->news = CLOCK_NO_NEWS;
	clock->stale = clock->seen && moved == 0;
	if (clock->stale) {
		clock->age = (double)(mid - clock->mid) / 1e9;
		return;
	}
	/* In two parts: a double does not hold ns since 1970 to better than 256 ns. */
	clock->offset = stamp / 1e3 - (double)(utc / NANOS_PER_S) - (double)(utc % NANOS_PER_S) / 1e9;
	clock->age = 0;
	clock->jump = moved - (double)(mid - clock->mid) / 1e9;
	clock->far = fabs(clock->offset) > FAR_S;
	if (clock->seen && moved < 0)
		clock->news = CLOCK_WENT_BACK;
	else if (clock->seen && fabs(clock->jump) > JUMP_S)
		clock->news = CLOCK_JUMPED;
	else if (clock->far != was_far)
		clock->news = clock->far ? CLOCK_IS_FAR : CLOCK_IS_NEAR;
	clock->stamp = stamp;
	clock->mid = mid;
	clock->seen = true;
}
