/*
 * document_clock.h - how the clock of whoever makes a document goes against ours, by the time stamp in the document.
 *
 * offset = time stamp - UTC at the middle of the fetch. A document lies ready for a while before it is fetched, so the offset
 * is the difference of the clocks minus the document's age, at most one period of the feed: the largest offset of some fetches
 * is the difference. A document whose time stamp has not moved since the fetch before says nothing new: stale.
 */
#ifndef HEATBENCH_ACQUIRE_DOCUMENT_CLOCK_H
#define HEATBENCH_ACQUIRE_DOCUMENT_CLOCK_H

#include "daq/base/clock.h"

/* Worth telling: once when it begins. */
enum document_news { CLOCK_NO_NEWS, CLOCK_WENT_BACK, CLOCK_JUMPED, CLOCK_IS_FAR, CLOCK_IS_NEAR };

struct document_clock {
	bool seen, far;
	double stamp;  /* ms since 1970 */
	nanos mid;     /* when it was first seen: bench time of that fetch's middle */
	double offset; /* s, of that fetch; NaN: not known */
	double age;    /* s, since then; NaN: not known */
	bool stale;
	enum document_news news;
	double jump; /* s, with CLOCK_WENT_BACK and CLOCK_JUMPED: how much more it went than ours */
};

/* Whether a number can be ms since 1970 at all. */
bool document_clock_plausible(double stamp);

/* A document with this time stamp was fetched, in the middle at bench time `mid`, which is UTC `utc`. */
void document_clock_take(struct document_clock *clock, double stamp, nanos mid, nanos utc);

/* A document without a time stamp. */
void document_clock_lost(struct document_clock *clock);

#endif
