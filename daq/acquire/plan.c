#include "daq/acquire/plan.h"

#include "daq/base/error.h"
#include "daq/device/mbus_master.h"

#include <stdio.h>
#include <string.h>

/* Reply turnaround assumed where nothing was measured: what meters and controllers take at 9600 to 19200 baud. */
#define TURNAROUND_NS (15 * NANOS_PER_MS)
/* Lines are read from memory that a thread of the wire keeps. */
#define LINES_TIME_NS (100000)
/* A scale's request and reply: "S\r\n" and 18 characters, or an SBI line of 22. */
#define BYTES_CHARACTERS 26
/* A fetch over a local network, from a small server that makes the document when it is asked. */
#define DOCUMENT_TIME_NS (50 * NANOS_PER_MS)
/* A CiC's feed with all its keys has about 2 KB; room for a longer one. */
#define DOCUMENT_BYTES 4096
/* A telegram is 60 to 261 bytes long, and which it will be is not known before it came. */
#define MBUS_BYTES 250

static int group_for(struct plan *plan, int every)
{
	int g;

	for (g = 0; g < plan->groups; g++)
		if (plan->group[g].every == every)
			return g;
	if (g == PLAN_GROUPS)
		return -1;
	plan->groups++;
	plan->group[g].every = every;
	if (every == 1)
		snprintf(plan->group[g].name, sizeof(plan->group[g].name), "scan");
	else
		snprintf(plan->group[g].name, sizeof(plan->group[g].name), "scan_%d", every);
	return g;
}

static int sort_into_groups(struct plan *plan, const struct bench *bench, struct error *e)
{
	for (int c = 0; c < bench->channels; c++) {
		int g = group_for(plan, bench->channel[c].every);

		if (g < 0)
			return error_set(e, ERROR_CONFIG, "%s: channel '%s' makes more than %d different rates",
				bench->channel[c].source, bench->channel[c].name, PLAN_GROUPS);
		plan->group_of[c] = g;
		plan->column_of[c] = plan->group[g].channels;
		plan->group[g].channel[plan->group[g].channels++] = c;
	}
	return 0;
}

/* Which channels a block serves. */
static int fill_poll(struct plan_poll *poll, const struct bench *bench, int group_every, struct error *e)
{
	for (int c = 0; c < bench->channels; c++) {
		const struct bench_channel *channel = &bench->channel[c];

		if (channel->device != poll->device || channel->output || channel->every != group_every)
			continue;
		for (int r = 0; r < poll->read.rows; r++) {
			if (poll->read.row[r] != channel->reg)
				continue;
			if (poll->channels == PLAN_POLL_CHANNELS)
				return error_set(e, ERROR_CONFIG, "%s: more than %d channels from one block of %s",
					channel->source, PLAN_POLL_CHANNELS, bench->device[poll->device].name);
			poll->channel[poll->channels] = c;
			poll->at[poll->channels++] = poll->read.at[r];
			break;
		}
	}
	return 0;
}

static int plan_device(struct plan *plan, const struct bench *bench, int device, int group, int *blocks,
	struct error *e)
{
	const struct register_map *map = bench->device[device].map;
	struct register_block found[64];
	int wanted[BENCH_CHANNELS], n = 0, count;

	for (int c = 0; c < bench->channels; c++)
		if (bench->channel[c].device == device && !bench->channel[c].output && plan->group_of[c] == group)
			wanted[n++] = bench->channel[c].reg;
	if (n == 0)
		return 0;
	count = register_coalesce(map, wanted, n, found, 64, e);
	if (count < 0)
		return -1;
	for (int i = 0; i < count; i++) {
		struct plan_poll *poll;

		if (plan->polls == PLAN_POLLS)
			return error_set(e, ERROR_CONFIG, "%s: device '%s' makes more than %d reads",
				bench->device[device].source, bench->device[device].name, PLAN_POLLS);
		poll = &plan->poll[plan->polls++];
		*poll = (struct plan_poll){.bus = bench->device[device].bus, .device = device, .group = group,
			.block = (*blocks)++, .read = found[i]};
		if (fill_poll(poll, bench, plan->group[group].every, e) != 0)
			return -1;
	}
	return 0;
}

int plan_make(struct plan *plan, const struct bench *bench, struct error *e)
{
	memset(plan, 0, sizeof(*plan));
	if (sort_into_groups(plan, bench, e) != 0)
		return -1;
	for (int d = 0; d < bench->devices; d++) {
		int blocks = 0;

		for (int g = 0; g < plan->groups; g++)
			if (plan_device(plan, bench, d, g, &blocks, e) != 0)
				return -1;
	}
	return 0;
}

/* A meter with a secondary address is selected before each reading: 17 characters, and its acknowledgement. */
static nanos mbus_time(const struct bench *bench, const struct plan_poll *poll)
{
	int baud = bench->bus[poll->bus].bytes.baud;
	nanos select = bench->device[poll->device].on_mbus.secondary[0] ? mbus_reading_time(baud, 13) : 0;

	return select + mbus_reading_time(baud, MBUS_BYTES);
}

/* Time on the wire of one read, with silence before the request and before the reply. */
static nanos poll_time(const struct bench *bench, const struct plan_poll *poll)
{
	const struct words_config *words = &bench->bus[poll->bus].words;

	if (bench->bus[poll->bus].kind == BUS_LINES)
		return LINES_TIME_NS;
	if (bench->bus[poll->bus].kind == BUS_BYTES)
		return BYTES_CHARACTERS * bytes_character_time(&bench->bus[poll->bus].bytes) + TURNAROUND_NS;
	if (bench->bus[poll->bus].kind == BUS_DOCUMENTS)
		return DOCUMENT_TIME_NS;
	if (bench->bus[poll->bus].listen_only)
		return 0; /* another master's time */
	if (bench->bus[poll->bus].kind == BUS_MBUS)
		return mbus_time(bench, poll);
	return words_request_time(words, poll->read.function, poll->read.count) +
	       words_reply_time(words, poll->read.function, poll->read.count) + 7 * words_character_time(words) +
	       TURNAROUND_NS;
}

double plan_bus_load(const struct plan *plan, const struct bench *bench, int bus)
{
	double load = 0;

	for (int p = 0; p < plan->polls; p++)
		if (plan->poll[p].bus == bus)
			load += (double)poll_time(bench, &plan->poll[p]) /
				((double)bench->tick * plan->group[plan->poll[p].group].every);
	return load;
}

nanos plan_round_time(const struct plan *plan, const struct bench *bench, int bus, int device)
{
	nanos time = 0;

	for (int p = 0; p < plan->polls; p++)
		if (plan->poll[p].bus == bus && (device < 0 || plan->poll[p].device == device))
			time += poll_time(bench, &plan->poll[p]);
	return time;
}

int plan_heaviest_device(const struct plan *plan, const struct bench *bench, int bus, double *share)
{
	double of[BENCH_DEVICES] = {0}, all = plan_bus_load(plan, bench, bus);
	int heaviest = -1;

	for (int p = 0; p < plan->polls; p++)
		if (plan->poll[p].bus == bus)
			of[plan->poll[p].device] += (double)poll_time(bench, &plan->poll[p]) /
						    ((double)bench->tick * plan->group[plan->poll[p].group].every);
	for (int d = 0; d < bench->devices; d++)
		if (of[d] > 0 && (heaviest < 0 || of[d] > of[heaviest]))
			heaviest = d;
	*share = heaviest >= 0 && all > 0 ? of[heaviest] / all : 0;
	return heaviest;
}

double plan_raw_bytes(const struct bench *bench, const struct plan_poll *poll)
{
	switch (bench->bus[poll->bus].kind) {
	case BUS_DOCUMENTS:
		return DOCUMENT_BYTES;
	case BUS_MBUS:
		return MBUS_BYTES;
	default:
		return 2.0 * poll->read.count;
	}
}

double plan_bytes_per_second(const struct plan *plan, const struct bench *bench, bool keep_raw)
{
	double tick = (double)bench->tick / 1e9, bytes = 0;

	/* A wide row costs about 10 bytes a value; a block its stamps (about 55 bytes) and its raw words. */
	for (int g = 0; g < plan->groups; g++)
		bytes += (8 + 10.0 * plan->group[g].channels) / (tick * plan->group[g].every);
	for (int p = 0; keep_raw && p < plan->polls; p++)
		bytes += (55 + plan_raw_bytes(bench, &plan->poll[p])) / (tick * plan->group[plan->poll[p].group].every);
	return bytes;
}
