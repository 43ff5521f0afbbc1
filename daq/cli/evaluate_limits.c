#include "daq/cli/evaluate_limits.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/bench_file.h"

#include <stdlib.h>
#include <string.h>

/* What limits may name: devices under test and what is measured. */
static int describe_run(struct bench *bench, const char *run_path, struct error *e)
{
	struct run_reader *reader = NULL;
	struct run_dut *dut = NULL;
	struct run_channel *channel = NULL;
	int duts = 0, channels = 0, status = -1;

	if (run_reader_open(&reader, run_path, e) < 0)
		return -1;
	if (run_reader_duts(reader, &dut, &duts, e) < 0 ||
		run_reader_channels(reader, &channel, &channels, e) < 0)
		goto out;
	for (int i = 0; i < duts && bench->duts < BENCH_DUTS; i++) {
		struct bench_dut *d = &bench->dut[bench->duts++];

		text_copy(d->name, sizeof(d->name), dut[i].name);
		text_copy(d->kind, sizeof(d->kind), dut[i].kind);
	}
	for (int i = 0; i < channels && bench->channels < BENCH_CHANNELS; i++) {
		struct bench_channel *c = &bench->channel[bench->channels++];

		text_copy(c->name, sizeof(c->name), channel[i].name);
		text_copy(c->quantity, sizeof(c->quantity), channel[i].quantity);
		text_copy(c->unit, sizeof(c->unit), channel[i].unit);
		text_copy(c->role, sizeof(c->role), channel[i].role);
		c->output = strcmp(channel[i].kind, "setpoint") == 0; /* whose unit is that of set points */
		c->dut = -1;
		for (int d = 0; d < bench->duts; d++)
			if (strcmp(bench->dut[d].name, channel[i].dut) == 0)
				c->dut = d;
	}
	status = 0;
out:
	free(dut);
	free(channel);
	run_reader_close(reader);
	return status;
}

static void take(struct run_limit *to, const struct bench_limit *from, const struct bench *bench)
{
	*to = (struct run_limit){.set_point = from->set_point, .min = from->min, .max = from->max};
	text_copy(to->dut, sizeof(to->dut), from->dut >= 0 ? bench->dut[from->dut].name : "");
	text_copy(to->quantity, sizeof(to->quantity), from->quantity);
	text_copy(to->valve, sizeof(to->valve), from->valve);
	text_copy(to->unit, sizeof(to->unit), from->unit);
	text_copy(to->rule, sizeof(to->rule), from->rule);
	text_copy(to->source, sizeof(to->source), from->source);
}

int evaluate_limits_read(
	struct run_limit **out, int *count, const char *run_path, const char *file, struct error *e)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct run_limit *limit = NULL;
	int status = -1;

	if (!bench)
		return error_set(e, ERROR_SYSTEM, "out of memory while reading %s", file);
	if (describe_run(bench, run_path, e) < 0 || bench_file_limits(bench, file, e) < 0)
		goto out;
	limit = calloc((size_t)bench->limits + 1, sizeof(*limit));
	if (!limit) {
		error_set(e, ERROR_SYSTEM, "out of memory while reading %s", file);
		goto out;
	}
	for (int i = 0; i < bench->limits; i++)
		take(&limit[i], &bench->limit[i], bench);
	*out = limit;
	*count = bench->limits;
	status = 0;
out:
	bench_free(bench);
	return status;
}
