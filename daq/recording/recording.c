#include "daq/recording/recording.h"

#include "daq/recording/recording_importing.h"
#include "daq/recording/recording_left_out.h"
#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"
#include "daq/store/reader.h"
#include "daq/store/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void importing_free(struct importing *m)
{
	for (int i = 0; m->rows && i < m->import->files; i++)
		recording_rows_free(&m->rows[i]);
	free(m->rows);
	free(m->from);
	free(m->to);
	free(m->value);
	free(m->quality);
}

const char *recording_file_dut(const struct recording_file *file, const char *dut)
{
	for (int i = 0; i < file->names; i++)
		if (strcmp(file->name[i].from, dut) == 0)
			return file->name[i].to;
	return dut;
}

/* In the order of their beginnings. */
static void importing_sort(struct importing *m)
{
	for (int i = 1; i < m->import->files; i++)
		for (int k = i; k > 0 && m->rows[k].time[0] < m->rows[k - 1].time[0]; k--) {
			struct recording_rows rows = m->rows[k];
			const struct recording_file *from = m->from[k];

			m->rows[k] = m->rows[k - 1];
			m->from[k] = m->from[k - 1];
			m->rows[k - 1] = rows;
			m->from[k - 1] = from;
		}
}

/* What was said of a device that no file holds was meant for another one. */
static int importing_settings(const struct importing *m, struct error *e)
{
	const char *names[RECORDING_DUTS + 1] = {NULL};

	for (int d = 0; d < m->duts.count; d++)
		names[d] = m->duts.name[d];
	for (int i = 0; i < m->import->settings; i++) {
		const struct run_setting *s = &m->import->setting[i];
		const char *point = strchr(s->name, '.'), *near;
		char dut[80];
		int d = 0;

		if (!point)
			continue;
		snprintf(dut, sizeof(dut), "%.*s", (int)(point - s->name), s->name);
		while (names[d] && strcmp(names[d], dut) != 0)
			d++;
		near = nearest_name(dut, names);
		if (!names[d])
			return error_set(e, ERROR_DATA, "%s: %s: the recordings hold no '%s'%s%s%s", s->source, s->name, dut,
				near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
	}
	return 0;
}

static int importing_read(struct importing *m, struct error *e)
{
	const struct recording_import *import = m->import;

	if (import->files < 1)
		return error_set(e, ERROR_DATA, "there is no recording to import");
	m->rows = calloc((size_t)import->files, sizeof(*m->rows));
	m->from = calloc((size_t)import->files, sizeof(*m->from));
	if (!m->rows || !m->from)
		return error_set(e, ERROR_SYSTEM, "no memory for %d recordings", import->files);
	for (int i = 0; i < import->files; i++) {
		m->from[i] = &import->file[i];
		if (recording_rows_read(&m->rows[i], &import->file[i], m->map, &m->duts, e) != 0)
			return -1;
	}
	m->wide = recording_map_wide(m->map);
	if (m->wide && m->duts.count == 0)
		return error_set(e, ERROR_DATA, "%s has no column of any device that the map knows", import->file[0].path);
	if (m->wide)
		importing_sort(m);
	m->set_point = -1;
	for (int i = 0; i < m->map->columns; i++) {
		if (strcmp(m->map->column[i].channel, m->map->set_point) == 0)
			m->set_point = i;
		m->shared += m->map->column[i].shared;
	}
	if (importing_settings(m, e) != 0)
		return -1;
	return importing_channels(m, e) != 0 ? -1 : importing_refuse_overlap(m, e);
}

static nanos importing_nanos(double seconds)
{
	double whole = floor(seconds);

	return (nanos)whole * NANOS_PER_S + llround((seconds - whole) * 1e9);
}

static int importing_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Median distance of neighbouring rows, to the millisecond: loggers jitter, rates do not. */
static nanos importing_period(const struct importing *m)
{
	size_t room = 0, n = 0;
	double *step, median = 1;

	for (int f = 0; f < m->import->files; f++)
		room += (size_t)m->rows[f].count;
	step = calloc(room + 1, sizeof(*step));
	for (int f = 0; step && f < m->import->files; f++)
		for (int i = 1; i < m->rows[f].count; i++)
			if (m->rows[f].time[i] > m->rows[f].time[i - 1])
				step[n++] = m->rows[f].time[i] - m->rows[f].time[i - 1];
	if (n) {
		qsort(step, n, sizeof(*step), importing_compare);
		median = step[n / 2];
	}
	free(step);
	return llround(median * 1e3) > 0 ? llround(median * 1e3) * NANOS_PER_MS : NANOS_PER_MS;
}

static int importing_create(struct importing *m, const struct run_about *about, const char *results,
	struct error *e)
{
	int64_t bytes = 1000000;
	struct stat st;

	m->about = *about;
	m->about.origin = ORIGIN_IMPORTED;
	if (m->about.utc == 0)
		m->about.utc = importing_nanos(m->rows[0].time[0]);
	if (m->about.period == 0)
		m->about.period = importing_period(m);
	for (int f = 0; f < m->import->files; f++) {
		bytes += (int64_t)m->rows[f].count * m->channels * 12;
		bytes += stat(m->import->file[f].path, &st) == 0 ? (int64_t)st.st_size : 0;
	}
	return run_create(&m->run, results, &m->about, bytes, e);
}

static void importing_number(char *name, size_t size, int number)
{
	char plain[512];

	text_copy(plain, sizeof(plain), name);
	snprintf(name, size, "%d-%s", number, plain);
}

/* Two recordings in different folders may have the same name. */
static int importing_keep(struct importing *m, struct error *e)
{
	const struct recording_import *import = m->import;
	char name[600];

	for (int f = 0; f < import->files; f++) {
		const char *slash = strrchr(import->file[f].path, '/');
		struct error taken = ERROR_INIT;

		snprintf(name, sizeof(name), "%s", slash ? slash + 1 : import->file[f].path);
		utf8_repair(name);
		if (run_add_file(m->run, import->file[f].path, name, &taken) == 0)
			continue;
		if (taken.code == ERROR_DATA)
			importing_number(name, sizeof(name), f + 1);
		if (run_add_file(m->run, import->file[f].path, name, e) != 0)
			return -1;
	}
	if (!import->map_path || !import->map_path[0])
		return 0;
	if (file_digest(import->map_path, m->digest, e) != 0)
		return -1;
	return run_add_file(m->run, import->map_path, "recording-map.lua", e);
}

static int importing_define(struct importing *m, struct error *e)
{
	for (int d = 0; d < m->duts.count; d++) {
		struct run_dut dut = {.serial_origin = ORIGIN_TYPED, .firmware_origin = ORIGIN_TYPED};

		text_copy(dut.name, sizeof(dut.name), m->duts.name[d]);
		text_copy(dut.kind, sizeof(dut.kind), m->map->dut_kind);
		text_copy(dut.profile, sizeof(dut.profile), m->map->dut_profile);
		if (run_define_dut(m->run, &dut, e) != 0)
			return -1;
	}
	for (int i = 0; i < m->import->limits; i++)
		if (run_define_limit(m->run, &m->import->limit[i], e) != 0)
			return -1;
	for (int i = 0; i < m->import->settings; i++)
		if (run_define_setting(m->run, &m->import->setting[i], e) != 0)
			return -1;
	return importing_define_channels(m, e);
}

static int importing_put_rows(struct importing *m, const struct recording_rows *r, int64_t first, struct error *e)
{
	for (int i = 0; i < r->count; i++) {
		const int *to = m->to + (size_t)(m->wide ? m->file : r->dut[i]) * (size_t)m->map->columns;

		for (int c = 0; c < m->channels; c++)
			m->value[c] = NAN;
		memset(m->quality, QUALITY_GOOD, (size_t)m->channels);
		m->value[0] = r->time[i];
		for (int c = 0; c < m->map->columns; c++) {
			size_t from = (size_t)i * (size_t)r->columns + (size_t)r->slot[c];

			if (to[c] < 0 || r->slot[c] < 0)
				continue;
			m->value[to[c]] = r->value[from];
			m->quality[to[c]] = r->quality[from];
		}
		if (run_put_scan(m->run, 0, first + i, m->value, m->quality, m->channels, e) != 0)
			return -1;
	}
	return 0;
}

static int importing_put_notes(struct importing *m, const struct recording_rows *r, const char *path, int64_t first,
	struct error *e)
{
	const char *slash = strrchr(path, '/');
	struct recording_left_out left;
	char text[400];

	for (int i = 0; i < r->notes; i++) {
		const struct recording_note *note = &r->note[i];
		const char *level = recording_note_text(note, text, sizeof(text));
		double at = r->time[note->row < 0 ? 0 : note->row] - m->rows[0].time[0];

		if (run_put_event(m->run, importing_nanos(at), note->row < 0 ? -1 : first + note->row, level,
			    slash ? slash + 1 : path, text, e) != 0)
			return -1;
	}
	for (int at = 0; recording_rows_left_out(r, m->map, &at, &left);)
		if (run_put_event(m->run, importing_nanos(r->time[0] - m->rows[0].time[0]), -1, "warning", slash ? slash + 1 : path,
			    recording_left_out_text(text, sizeof(text), &left), e) != 0)
			return -1;
	if (!r->left_out)
		return 0;
	snprintf(text, sizeof(text), "%d of %d rows were left out", r->left_out, r->records);
	return run_put_event(m->run, importing_nanos(r->time[0] - m->rows[0].time[0]), -1, "warning",
		slash ? slash + 1 : path, text, e);
}

static int importing_put_file(struct importing *m, int f, int64_t first, struct error *e)
{
	const struct recording_file *file = m->from[f];
	const struct recording_rows *r = &m->rows[f];
	struct run_segment segment = {.utc = importing_nanos(r->time[0]), .first_tick = first};

	segment.monotonic_zero = segment.utc - importing_nanos(m->rows[0].time[0]);
	text_copy(segment.bench_digest, sizeof(segment.bench_digest), m->digest);
	if (run_begin_segment(m->run, &segment, e) < 0 || importing_put_rows(m, r, first, e) != 0 ||
		importing_put_steps(m, r, file->valve, first, e) != 0 ||
		importing_put_notes(m, r, file->path, first, e) != 0)
		return -1;
	return run_commit(m->run, e);
}

static int importing_write(struct importing *m, struct error *e)
{
	int64_t tick = 0;

	if (importing_keep(m, e) != 0 || importing_define(m, e) != 0)
		return -1;
	for (int f = 0; f < m->import->files; f++) {
		m->file = f;
		if (importing_put_file(m, f, tick, e) != 0)
			return -1;
		tick += m->rows[f].count;
	}
	return 0;
}

int recording_import(const struct recording_import *import, const struct run_about *about, const char *results,
	char *run_path_out, size_t size, struct error *e)
{
	struct importing m = {.import = import, .map = import->map};
	char path[4096] = "";
	nanos end = 0;
	int result = -1;

	if (importing_read(&m, e) != 0 || importing_create(&m, about, results, e) != 0)
		goto out;
	text_copy(path, sizeof(path), run_path(m.run));
	if (importing_write(&m, e) != 0)
		goto out;
	for (int f = 0; f < import->files; f++) {
		nanos last = importing_nanos(m.rows[f].time[m.rows[f].count - 1]);

		end = last > end ? last : end;
	}
	result = run_finish(m.run, end, "complete", "", e);
	m.run = NULL;
	if (result == 0 && !text_copy(run_path_out, size, path))
		result = error_set(e, ERROR_SYSTEM, "the path %.100s... is too long", path);
out:
	run_abandon(m.run);
	importing_free(&m);
	return result;
}
