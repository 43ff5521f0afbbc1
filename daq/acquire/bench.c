#include "daq/acquire/bench.h"

#include "daq/base/settings.h"

#include <stdlib.h>
#include <string.h>

int bench_find_channel(const struct bench *bench, const char *name)
{
	for (int i = 0; i < bench->channels; i++)
		if (strcmp(bench->channel[i].name, name) == 0)
			return i;
	return -1;
}

int bench_find_dut(const struct bench *bench, const char *name)
{
	for (int i = 0; i < bench->duts; i++)
		if (strcmp(bench->dut[i].name, name) == 0)
			return i;
	return -1;
}

int bench_find_bus(const struct bench *bench, const char *name)
{
	for (int i = 0; i < bench->buses; i++)
		if (strcmp(bench->bus[i].words.name, name) == 0)
			return i;
	return -1;
}

static double correction_at(const struct bench_certificate *c, double reading)
{
	int i = 1;

	if (c->points == 0)
		return 0;
	if (c->points == 1 || reading <= c->reading[0])
		return c->correction[0];
	while (i < c->points - 1 && reading > c->reading[i])
		i++;
	if (reading >= c->reading[i])
		return c->correction[i];
	return c->correction[i - 1] + (c->correction[i] - c->correction[i - 1]) * (reading - c->reading[i - 1]) /
					      (c->reading[i] - c->reading[i - 1]);
}

double bench_reading(const struct bench *bench, const struct bench_channel *channel, double decoded)
{
	double value = decoded * channel->gain + channel->offset;

	return channel->certificate < 0 ? value : value + correction_at(&bench->certificate[channel->certificate], value);
}

const char *bench_nearest_channel(const struct bench *bench, const char *word)
{
	const char *names[BENCH_CHANNELS + 1];

	for (int i = 0; i < bench->channels; i++)
		names[i] = bench->channel[i].name;
	names[bench->channels] = NULL;
	return nearest_name(word, names);
}

void bench_free(struct bench *bench)
{
	if (!bench)
		return;
	for (int i = 0; i < bench->maps; i++)
		register_map_free(bench->map[i]);
	free(bench);
}
