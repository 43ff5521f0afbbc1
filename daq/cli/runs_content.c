#include "daq/cli/runs_content.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/cli/runs.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void runs_content_free(struct runs_content *c)
{
	free(c->segment);
	free(c->dut);
	free(c->device);
	free(c->certificate);
	free(c->channel);
	free(c->quality);
	free(c->limit);
	free(c->group);
	free(c->step);
	free(c->mark);
	free(c->event);
	free(c->health);
}

static int count_quality(struct runs_content *c, struct run_reader *reader, const char *group, struct error *e)
{
	struct run_table t;

	if (run_reader_table(reader, group, &t, e) != 0)
		return -1;
	for (int i = 0; i < t.columns; i++) {
		struct runs_quality *q = &c->quality[t.channel[i]];

		q->rows = t.rows;
		for (int64_t r = 0; r < t.rows; r++) {
			bool missing = isnan(t.value[i][r]);

			q->missing += missing;
			if (t.quality[i][r] != QUALITY_GOOD ? t.quality[i][r] < QUALITY_COUNT : !missing)
				q->count[t.quality[i][r]]++;
		}
	}
	run_table_free(&t);
	return 0;
}

static int read_definitions(struct runs_content *c, struct run_reader *reader, struct error *e)
{
	if (run_reader_summary(reader, &c->summary, e) != 0 ||
		run_reader_segments(reader, &c->segment, &c->segments, e) != 0 ||
		run_reader_duts(reader, &c->dut, &c->duts, e) != 0 ||
		run_reader_devices(reader, &c->device, &c->devices, e) != 0 ||
		run_reader_certificates(reader, &c->certificate, &c->certificates, e) != 0 ||
		run_reader_channels(reader, &c->channel, &c->channels, e) != 0 ||
		run_reader_limits(reader, &c->limit, &c->limits, e) != 0 ||
		run_reader_groups(reader, &c->group, &c->groups, e) != 0)
		return -1;
	c->quality = calloc((size_t)c->channels + 1, sizeof(*c->quality));
	return c->quality ? 0 : error_set(e, ERROR_SYSTEM, "no memory to count qualities");
}

static int read_happenings(struct runs_content *c, struct run_reader *reader, struct error *e)
{
	if (run_reader_steps(reader, &c->step, &c->steps, e) != 0 ||
		run_reader_marks(reader, &c->mark, &c->marks, e) != 0 ||
		run_reader_events(reader, &c->event, &c->events, e) != 0 ||
		run_reader_health(reader, &c->health, &c->healths, e) != 0)
		return -1;
	for (int i = 0; i < c->groups; i++)
		if (count_quality(c, reader, c->group[i].group, e) != 0)
			return -1;
	return 0;
}

int runs_content_read(struct runs_content *out, const char *path, struct error *e)
{
	struct run_reader *reader = NULL;
	int result = -1;

	memset(out, 0, sizeof(*out));
	if (run_reader_open(&reader, path, e) != 0)
		return -1;
	text_copy(out->path, sizeof(out->path), run_reader_path(reader));
	runs_evaluation(out->path, out->evaluation, sizeof(out->evaluation));
	if (read_definitions(out, reader, e) == 0 && read_happenings(out, reader, e) == 0 &&
		run_reader_digest(reader, out->digest, e) == 0)
		result = 0;
	run_reader_close(reader);
	if (result != 0)
		runs_content_free(out);
	return result;
}
