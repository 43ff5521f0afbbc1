/*
 * quality.h - how far a value may be trusted, and where it came from.
 *
 * Quality travels with every value from the wire to the report. Bad is never written as zero:
 * a value that is not known is NaN in memory and NULL in the store, and its quality says why.
 */
#ifndef HEATBENCH_BASE_QUALITY_H
#define HEATBENCH_BASE_QUALITY_H

enum quality {
	QUALITY_GOOD = 0,
	QUALITY_STALE,	   /* older than its period: the last known value, not measured in this scan */
	QUALITY_SUSPECT,   /* came, but the bus was not known to be in step (see daq/acquire/bus.h) */
	QUALITY_TIMEOUT,   /* no answer */
	QUALITY_CHECKSUM,  /* an answer that failed its check, or too short */
	QUALITY_EXCEPTION, /* the device refused, or marked the value invalid */
	QUALITY_RANGE,	   /* outside what the channel can plausibly be */
	QUALITY_ROLLBACK,  /* a counter went back */
	QUALITY_GAP,	   /* nobody asked: a missed tick, a bus in back-off */
	QUALITY_COUNT
};

enum origin { ORIGIN_MEASURED = 0, ORIGIN_SIMULATED, ORIGIN_IMPORTED, ORIGIN_TYPED, ORIGIN_COUNT };

/* "good", "stale", ... ; "measured", ... ; "?" outside the range. */
const char *quality_name(enum quality q);
const char *origin_name(enum origin o);

/* The inverse; -1 for an unknown name. */
int quality_parse(const char *name);
int origin_parse(const char *name);

#endif
