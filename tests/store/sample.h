/*
 * sample.h - a run with known content, and a scratch folder to put it in.
 */
#ifndef HEATBENCH_TESTS_STORE_SAMPLE_H
#define HEATBENCH_TESTS_STORE_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daq/base/error.h"
#include "daq/store/reader.h"

#include <ftw.h>
#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAMPLE_CHANNELS = 3 };

#define must(call)                                                                      \
	do {                                                                            \
		if ((call) < 0)                                                         \
			fail_msg("%s: %s", #call, e.text);                              \
	} while (0)

__attribute__((unused)) static int scratch_remove_entry(const char *path, const struct stat *st, int kind,
	struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

__attribute__((unused)) static int scratch_make(void **state)
{
	const char *base = getenv("TMPDIR");
	char path[512];

	snprintf(path, sizeof(path), "%s/heatbench-store-XXXXXX", base ? base : "/tmp");
	*state = mkdtemp(path) ? strdup(path) : NULL;
	return *state ? 0 : -1;
}

__attribute__((unused)) static int scratch_remove(void **state)
{
	nftw(*state, scratch_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return 0;
}

__attribute__((unused)) static struct run_about sample_about(void)
{
	struct run_about about = {.bench = "pump", .label = "sample", .procedure = "sweep.lua", .operator = "R. Visser",
		.host = "rig-2", .software = "heatbench 0.1.0", .command = "heatbench pump --virtual",
		.time_zone = "Europe/Amsterdam", .clock_state = "synchronised, 0.4 ms", .origin = ORIGIN_SIMULATED,
		.seed = 42, .utc = INT64_C(1700000000) * NANOS_PER_S + 5, .period = NANOS_PER_S};

	return about;
}

/* What the sample's channel c holds at a tick. */
__attribute__((unused)) static double sample_value(int64_t tick, int c)
{
	if (c == 2 && tick % 5 == 3)
		return NAN;
	return c == 0 ? (double)tick : 0.1 * (double)tick + c;
}

__attribute__((unused)) static enum quality sample_quality(int64_t tick, int c)
{
	return c == 2 && tick % 5 == 3 ? QUALITY_TIMEOUT : QUALITY_GOOD;
}

__attribute__((unused)) static int sample_put(struct run *run, int64_t tick, struct error *e)
{
	double value[SAMPLE_CHANNELS];
	uint8_t quality[SAMPLE_CHANNELS];

	for (int c = 0; c < SAMPLE_CHANNELS; c++) {
		value[c] = sample_value(tick, c);
		quality[c] = (uint8_t)sample_quality(tick, c);
	}
	return run_put_scan(run, 0, tick, value, quality, SAMPLE_CHANNELS, e);
}

__attribute__((unused)) static struct run_channel sample_channel(const char *name, const char *group)
{
	struct run_channel c = {.quantity = "flow", .unit = "l/h", .kind = "gauge", .device = -1,
		.origin = ORIGIN_SIMULATED, .resolution = NAN, .uncertainty = NAN, .certificate = -1};

	snprintf(c.name, sizeof(c.name), "%s", name);
	snprintf(c.group, sizeof(c.group), "%s", group);
	return c;
}

/* A new run with three channels and its first segment begun. */
__attribute__((unused)) static struct run *sample_begin(const char *results)
{
	static const char *const names[SAMPLE_CHANNELS] = {"duty", "flow", "power"};
	struct run_segment segment = {.boot_id = "boot", .bench_digest = "digest", .utc = sample_about().utc};
	struct run_about about = sample_about();
	struct error e = ERROR_INIT;
	struct run *run = NULL;

	must(run_create(&run, results, &about, 0, &e));
	for (int c = 0; c < SAMPLE_CHANNELS; c++) {
		struct run_channel channel = sample_channel(names[c], "scan");

		must(run_define_channel(run, &channel, &e));
	}
	must(run_define_group(run, "scan", 1, &e));
	must(run_begin_segment(run, &segment, &e));
	return run;
}

/* A finished run of `ticks` scans; its path in `path`. */
__attribute__((unused)) static void sample_finished(const char *results, int64_t ticks, char *path, size_t size)
{
	struct error e = ERROR_INIT;
	struct run *run = sample_begin(results);

	snprintf(path, size, "%s", run_path(run));
	for (int64_t tick = 0; tick < ticks; tick++)
		must(sample_put(run, tick, &e));
	must(run_finish(run, sample_about().utc + ticks * NANOS_PER_S, "complete", "", &e));
}

/* Reads a run and holds every value against the sample; returns how many rows there were. */
__attribute__((unused)) static int64_t sample_compare(const char *path)
{
	struct run_reader *reader = NULL;
	struct error e = ERROR_INIT;
	struct run_table t;
	int64_t rows;

	must(run_reader_open(&reader, path, &e));
	must(run_reader_table(reader, "scan", &t, &e));
	for (int64_t i = 0; i < t.rows; i++) {
		assert_int_equal(t.tick[i], i);
		for (int c = 0; c < SAMPLE_CHANNELS; c++) {
			double want = sample_value(i, c);

			assert_true(isnan(want) ? isnan(t.value[c][i]) : want == t.value[c][i]);
			assert_int_equal(t.quality[c][i], sample_quality(i, c));
		}
	}
	rows = t.rows;
	run_table_free(&t);
	run_reader_close(reader);
	return rows;
}

/* A new run without anything in it. */
__attribute__((unused)) static struct run *sample_empty(const char *results)
{
	struct run_about about = sample_about();
	struct error e = ERROR_INIT;
	struct run *run = NULL;

	must(run_create(&run, results, &about, 0, &e));
	return run;
}

/* Ends it; its path in `path`. */
__attribute__((unused)) static void sample_finish(struct run *run, char *path, size_t size)
{
	struct error e = ERROR_INIT;

	snprintf(path, size, "%s", run_path(run));
	must(run_finish(run, sample_about().utc + NANOS_PER_S, "complete", "", &e));
}

/* Reads with SQLite alone, as any tool would. */
__attribute__((unused)) static void sample_query(const char *path, const char *sql, char *out, size_t size)
{
	char file[4200];
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;

	snprintf(file, sizeof(file), "%s/run.db", path);
	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	snprintf(out, size, "%s", sqlite3_column_text(s, 0) ? (const char *)sqlite3_column_text(s, 0) : "NULL");
	sqlite3_finalize(s);
	sqlite3_close(db);
}

#endif
