/*
 * runs_content.h - everything of one run in memory, for `heatbench runs show`.
 */
#ifndef HEATBENCH_CLI_RUNS_CONTENT_H
#define HEATBENCH_CLI_RUNS_CONTENT_H

#include "daq/store/reader.h"

struct runs_quality {
	int64_t rows, missing; /* missing: no value, whatever the quality */
	int64_t count[QUALITY_COUNT]; /* good: only where there is a value */
};

struct runs_content {
	char path[4400], evaluation[32], digest[65];
	struct run_summary summary;
	struct run_segment *segment;
	struct run_dut *dut;
	struct run_device *device;
	struct run_certificate *certificate;
	struct run_channel *channel;
	struct runs_quality *quality; /* [channels] */
	struct run_limit *limit;
	struct run_rate *group;
	struct run_step *step;
	struct run_mark *mark;
	struct run_event *event;
	struct run_health *health;
	int segments, duts, devices, certificates, channels, limits, groups, steps, marks, events, healths;
};

int runs_content_read(struct runs_content *out, const char *path, struct error *e);
void runs_content_free(struct runs_content *content);

/* The two ways to show it, on stdout. */
void runs_show_text(const struct runs_content *content);
int runs_show_json(const struct runs_content *content, struct error *e);

#endif
