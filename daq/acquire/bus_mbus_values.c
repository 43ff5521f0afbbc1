#include "daq/acquire/bus_mbus.h"

#include "daq/acquire/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Where a long frame has its access number, which differs in each telegram. */
enum { AT_ACCESS = MBUS_USER_DATA + 8 };

const char *mbus_meter_address(const struct bench_device *config, char *out, size_t size)
{
	if (config->on_mbus.secondary[0])
		snprintf(out, size, "secondary address %s", config->on_mbus.secondary);
	else
		snprintf(out, size, "primary address %d", config->unit);
	return out;
}

/* FNV-1a over the telegrams but for their access numbers and checksums: the same for a meter whose values stand still. */
static uint64_t digest_of(const struct mbus_reading *r)
{
	uint64_t digest = 0xCBF29CE484222325u;
	size_t begin = 0;

	while (begin < r->size) {
		size_t size = (size_t)r->raw[begin + 1] + 6;

		for (size_t i = 0; i < size && begin + i < r->size; i++)
			if (i != AT_ACCESS && i != size - 2)
				digest = (digest ^ r->raw[begin + i]) * 0x100000001B3u;
		begin += size;
	}
	return digest;
}

void mbus_meter_keep(struct bus *bus, const struct plan_poll *poll, struct mbus_meter *meter, int64_t tick)
{
	const struct mbus_reading *r = &meter->reading;
	enum keep_raw keep = bus->setup.bench->device[poll->device].keep_raw;
	struct record_block head = {.device = poll->device, .block = poll->block, .status = meter->quality, .tick = tick,
		.before = r->before, .after = r->after, .last = r->last, .half_width = r->half_width};
	uint64_t digest = digest_of(r);

	if (keep == KEEP_AUTO)
		keep = bus->setup.keep_raw ? KEEP_ALWAYS : KEEP_ON_CHANGE;
	if (keep == KEEP_NEVER || (keep == KEEP_ON_CHANGE && meter->quality == QUALITY_GOOD && digest == meter->kept))
		return;
	if (meter->quality == QUALITY_GOOD)
		meter->kept = digest;
	ring_push(bus->setup.journal->ring, RECORD_BLOCK, &head, sizeof(head), r->raw, r->size, false);
}

/* A change of the meter's own status is said once. */
static void say_status(struct bus *bus, int device, struct mbus_meter *meter)
{
	int status = meter->reading.telegram.header.status;
	char words[128];

	if (status == meter->status)
		return;
	meter->status = status;
	mbus_status_words(status, words, sizeof(words));
	journal_event(bus->setup.journal, mbus_status_bad(status) ? LOG_WARNING : LOG_INFO, bus->setup.bench->device[device].name,
		"meter status %02Xh: %s", (unsigned)status, words[0] ? words : "no error");
}

static void say_absent(struct bus *bus, int device, struct mbus_meter *meter, const struct register_row *row)
{
	journal_event(bus->setup.journal, LOG_WARNING, bus->setup.bench->device[device].name,
		"its telegram has no record for '%s' (key \"%s\")", row->name, row->key);
	meter->told_absent = true;
}

/* One value of a good or suspect reading. */
static enum quality value_of(struct bus *bus, int channel, struct mbus_meter *meter, double *value)
{
	const struct bench_channel *c = &bus->setup.bench->channel[channel];
	const struct register_row *row = &bus->setup.bench->device[c->device].map->row[c->reg];
	const struct mbus_telegram *t = &meter->reading.telegram;
	enum mbus_outcome outcome = mbus_key_value(&meter->key[c->reg], t, row->unit, value);
	enum quality quality = meter->quality;

	if (outcome == MBUS_KEY_ABSENT)
		return QUALITY_GAP;
	if (outcome == MBUS_KEY_INVALID)
		return QUALITY_EXCEPTION;
	*value = bench_reading(bus->setup.bench, c, *value * row->scale + row->offset);
	if (mbus_status_bad(t->header.status) && meter->key[c->reg].field == MBUS_FIELD_RECORD && quality == QUALITY_GOOD)
		quality = QUALITY_SUSPECT;
	if (quality == QUALITY_GOOD && !(*value >= c->min && *value <= c->max))
		quality = QUALITY_RANGE;
	return quality == QUALITY_GOOD ? bus_judge_history(bus, channel, *value) : quality;
}

void mbus_meter_values(struct bus *bus, const struct plan_poll *poll, struct mbus_meter *meter, double *values,
	uint8_t *qualities)
{
	bool usable = meter->quality == QUALITY_GOOD || meter->quality == QUALITY_SUSPECT, told = meter->told_absent;

	if (usable)
		say_status(bus, poll->device, meter);
	for (int i = 0; i < poll->channels; i++) {
		const struct bench_channel *c = &bus->setup.bench->channel[poll->channel[i]];

		values[i] = NAN;
		qualities[i] = (uint8_t)meter->quality;
		if (!usable)
			continue;
		qualities[i] = (uint8_t)value_of(bus, poll->channel[i], meter, &values[i]);
		if (qualities[i] == QUALITY_GAP && !told)
			say_absent(bus, poll->device, meter, &bus->setup.bench->device[poll->device].map->row[c->reg]);
	}
}
