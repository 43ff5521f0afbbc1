#include "daq/script/bench_file.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/bench_reader.h"

#include <stdlib.h>
#include <string.h>

static const struct constructor bench_constructors[] = {
	{"bench", bench_build_bench},
	{"modbus_rtu", bench_build_rtu},
	{"modbus_tcp", bench_build_tcp},
	{"lines", bench_build_lines},
	{"device", bench_build_device},
	{"serial", bench_build_serial},
	{"serial_tcp", bench_build_serial_tcp},
	{"scale", bench_build_scale},
	{"http_feed", bench_build_http_feed},
	{"redis", bench_build_redis},
	{"mbus", bench_build_mbus},
	{"mbus_tcp", bench_build_mbus_tcp},
	{"relay", bench_build_relay},
	{"pwm_output", bench_build_pwm},
	{"pulse_input", bench_build_pulses},
	{"pwm_feedback", bench_build_feedback},
	{"channel", bench_build_channel},
	{"dut", bench_build_dut},
	{"limit", bench_build_limit},
	{"safe", bench_build_safe},
	{"interlock", bench_build_interlock},
	{"certificate", bench_build_certificate},
	{"evaluation", bench_build_evaluation},
	{.name = NULL},
};

static const struct constructor limit_constructors[] = {{"limit", bench_build_limit}, {.name = NULL}};

static const struct shape *const shapes[] = {&bench_shape_bench, &bench_shape_rtu, &bench_shape_tcp,
	&bench_shape_lines, &bench_shape_device, &bench_shape_relay, &bench_shape_pwm, &bench_shape_pulses,
	&bench_shape_feedback, &bench_shape_serial, &bench_shape_serial_tcp, &bench_shape_scale, &bench_shape_mbus,
	&bench_shape_mbus_tcp, &bench_shape_http_feed,
	&bench_shape_redis, &bench_shape_channel, &bench_shape_dut, &bench_shape_limit, &bench_shape_safe, &bench_shape_interlock,
	&bench_shape_certificate, &bench_shape_evaluation};

static struct bench_reader *reader_open(const char *path, struct error *e)
{
	struct bench_reader *reader = calloc(1, sizeof(*reader));

	if (!reader) {
		error_set(e, ERROR_SYSTEM, "no memory to read %s", path);
		return NULL;
	}
	if (!text_copy(reader->path, sizeof(reader->path), path)) {
		error_set(e, ERROR_CONFIG, "the path %s is longer than %zu characters", path, sizeof(reader->path) - 1);
		free(reader);
		return NULL;
	}
	source_files_begin(&reader->files);
	return reader;
}

static int run(struct bench_reader *reader, const struct constructor *constructors, struct error *e)
{
	int result = -1;

	if (data_file_open(&reader->file, &reader->files, constructors, reader, e) == 0)
		result = data_file_run(&reader->file, reader->path, e);
	data_file_close(&reader->file);
	return result;
}

static void note_files(struct bench_reader *reader)
{
	struct bench *bench = reader->bench;

	text_copy(bench->file, sizeof(bench->file), reader->path);
	source_files_digest(&reader->files, bench->digest);
	bench->files = reader->files.count;
	for (int i = 0; i < bench->files; i++)
		text_copy(bench->used[i], sizeof(bench->used[i]), reader->files.path[i]);
}

int bench_file_read(struct bench **out, const char *path, struct error *e)
{
	struct bench_reader *reader = reader_open(path, e);
	int result = -1;

	if (!reader)
		return -1;
	reader->bench = calloc(1, sizeof(*reader->bench));
	if (!reader->bench) {
		error_set(e, ERROR_SYSTEM, "no memory for the bench of %s", path);
		goto out;
	}
	if (run(reader, bench_constructors, e) != 0 || bench_resolve(reader, e) != 0)
		goto out;
	note_files(reader);
	*out = reader->bench;
	reader->bench = NULL;
	result = 0;
out:
	bench_free(reader->bench);
	free(reader);
	return result;
}

int bench_file_limits(struct bench *bench, const char *path, struct error *e)
{
	struct bench_reader *reader = reader_open(path, e);
	int result = -1;

	if (!reader)
		return -1;
	if (run(reader, limit_constructors, e) == 0) {
		if (reader->limits == 0)
			error_set(e, ERROR_CONFIG, "%s: holds no limit{...}", path);
		else
			result = bench_resolve_limits(reader, bench, e);
	}
	free(reader);
	return result;
}

void bench_file_help(FILE *to)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		settings_help(shapes[i], to);
}
