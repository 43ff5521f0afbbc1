#include "daq/device/pulse.h"

#include <math.h>
#include <string.h>

void pulse_init(struct pulse *p, const struct pulse_config *config, bool level, nanos now)
{
	memset(p, 0, sizeof(*p));
	p->config = *config;
	p->stable = level;
	p->since = now;
}

static void count(struct pulse *p, nanos at)
{
	p->total++;
	if (p->interval++ == 0) {
		/* For an interval that gets no second one; a time that was taken for a standstill tells
		 * nothing. */
		p->has_rate = p->total > 1 && at - p->last < p->config.zero_after;
		if (p->has_rate)
			p->rate = 1e9 / (double)(at - p->last);
		p->first = at;
	}
	p->last = at;
}

/* The pending level has lasted: the burst is over. */
static void settle(struct pulse *p)
{
	bool rose = p->pending_level && (!p->stable || p->missed);

	p->bounces += p->burst_edges - (p->pending_level != p->stable);
	p->stable = p->pending_level;
	p->pending = p->missed = false;
	if (rose)
		count(p, p->burst_at);
}

static void feed(struct pulse *p, const struct edge *edge)
{
	bool before = p->pending ? p->pending_level : p->stable;

	if (p->pending && edge->at - p->pending_at >= p->config.width_min)
		settle(p);
	if (!p->pending) {
		/* Two edges of a kind that are far apart: the level between them lasted, and its edge was
		 * lost. */
		p->missed = edge->rising == before;
		p->burst_at = edge->at;
		p->burst_edges = 0;
	}
	p->burst_edges++;
	p->pending = true;
	p->pending_level = edge->rising;
	p->pending_at = edge->at;
}

void pulse_feed(struct pulse *p, const struct edge *edges, int n)
{
	for (int i = 0; i < n; i++)
		feed(p, &edges[i]);
}

void pulse_lost(struct pulse *p, uint64_t lost_edges)
{
	p->lost = lost_edges;
}

static void read_rate(struct pulse *p, nanos now, struct pulse_reading *out)
{
	nanos silent = now - (p->total ? p->last : p->since);

	out->bound = silent > 0 ? 1e9 / (double)silent : INFINITY;
	if (p->interval >= 2 && p->last > p->first) {
		out->periods = p->interval - 1;
		p->rate = (double)out->periods * 1e9 / (double)(p->last - p->first);
		p->has_rate = true;
	} else if (p->interval == 1 && p->has_rate) {
		out->periods = 1;
	}
	out->first = p->first;
	out->last = p->last;
	if (p->interval > 0) {
		out->rate = p->has_rate ? p->rate : NAN;
		out->rate_quality = p->has_rate ? QUALITY_GOOD : QUALITY_GAP;
	} else if (silent >= p->config.zero_after) {
		p->has_rate = false;
		out->rate = 0;
	} else {
		out->rate = p->has_rate ? fmin(p->rate, out->bound) : NAN;
		out->rate_quality = p->has_rate ? QUALITY_STALE : QUALITY_GAP;
	}
}

void pulse_read(struct pulse *p, nanos now, struct pulse_reading *out)
{
	memset(out, 0, sizeof(*out));
	if (p->pending && now - p->pending_at >= p->config.width_min)
		settle(p);
	out->lost = p->lost - p->lost_before;
	read_rate(p, now, out);
	out->total = p->total;
	if (p->config.rate_max > 0 && out->rate > p->config.rate_max)
		out->rate_quality = QUALITY_RANGE;
	if (out->lost > 0) {
		out->total_quality = QUALITY_SUSPECT;
		if (out->rate_quality == QUALITY_GOOD)
			out->rate_quality = QUALITY_SUSPECT;
	}
	p->lost_before = p->lost;
	p->interval = 0;
}
