#include "daq/recording/recording_importing.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether column `i` has a channel of device `d` (devices: of the bench) in line `k` of m->to. */
static bool importing_fills(const struct importing *m, int k, int i, int d)
{
	if (m->map->column[i].shared)
		return d == m->duts.count && (!m->wide || m->rows[k].has[i]);
	return m->wide ? m->rows[k].dut_of[i] == d : k == d;
}

/* Another column that became the same channel of device `d`: there it goes as well. */
static int importing_same(const struct importing *m, int lines, int i, int d)
{
	for (int k = 0; k < lines; k++)
		for (int other = 0; other < m->map->columns; other++)
			if (m->to[k * m->map->columns + other] >= 0 && importing_fills(m, k, other, d) &&
				strcmp(m->map->column[other].channel, m->map->column[i].channel) == 0)
				return m->to[k * m->map->columns + other];
	return -1;
}

/* Gives every column of every device its channel: device by device, the bench's own last. */
int importing_channels(struct importing *m, struct error *e)
{
	int lines = m->wide ? m->import->files : m->duts.count, columns = m->map->columns;

	m->to = calloc((size_t)lines * (size_t)columns + 1, sizeof(*m->to));
	if (!m->to)
		return error_set(e, ERROR_SYSTEM, "no memory for the channels of %d recordings", m->import->files);
	memset(m->to, -1, (size_t)lines * (size_t)columns * sizeof(*m->to));
	m->channels = 1;
	for (int d = 0; d <= m->duts.count; d++)
		for (int i = 0; i < columns; i++)
			for (int k = 0; k < lines; k++) {
				int same = importing_fills(m, k, i, d) ? importing_same(m, lines, i, d) : -1;

				if (importing_fills(m, k, i, d))
					m->to[k * columns + i] = same >= 0 ? same : m->channels++;
			}
	m->value = calloc((size_t)m->channels, sizeof(*m->value));
	m->quality = calloc((size_t)m->channels, sizeof(*m->quality));
	return m->value && m->quality ? 0 : error_set(e, ERROR_SYSTEM, "no memory for %d channels", m->channels);
}

/* The channel of column `i`, for one device or (dut -1) the bench. */
static int importing_define_channel(struct importing *m, int i, int dut, struct error *e)
{
	const struct recording_column *column = &m->map->column[i];
	struct run_channel c = {.group = "scan", .device = -1, .origin = ORIGIN_IMPORTED, .uncertainty = NAN, .certificate = -1};

	if (dut < 0) {
		text_copy(c.name, sizeof(c.name), column->channel);
	} else {
		snprintf(c.name, sizeof(c.name), "%.24s_%.22s", m->duts.name[dut], column->channel);
		text_copy(c.dut, sizeof(c.dut), m->duts.name[dut]);
	}
	text_copy(c.quantity, sizeof(c.quantity), column->quantity);
	text_copy(c.unit, sizeof(c.unit), column->unit);
	text_copy(c.kind, sizeof(c.kind), column->kind);
	text_copy(c.role, sizeof(c.role), column->channel);
	c.resolution = column->resolution;
	return run_define_channel(m->run, &c, e);
}

int importing_define_channels(struct importing *m, struct error *e)
{
	struct run_channel time = {.name = "time", .quantity = "time", .unit = "s", .kind = "gauge", .group = "scan",
		.role = "time", .device = -1, .origin = ORIGIN_IMPORTED, .resolution = NAN, .uncertainty = NAN,
		.certificate = -1};
	int lines = m->wide ? m->import->files : m->duts.count, columns = m->map->columns;

	if (run_define_channel(m->run, &time, e) != 0)
		return -1;
	for (int d = 0, next = 1; d <= m->duts.count; d++) /* the bench's own come last */
		for (int i = 0; i < columns; i++)
			for (int k = 0; k < lines; k++) {
				if (m->to[k * columns + i] != next || !importing_fills(m, k, i, d))
					continue;
				if (importing_define_channel(m, i, d < m->duts.count ? d : -1, e) != 0)
					return -1;
				next++;
			}
	return run_define_group(m->run, "scan", 1, e);
}

static bool importing_share(const struct importing *m, int a, int b)
{
	int columns = m->map->columns;

	for (int i = 0; i < columns; i++)
		for (int k = 0; k < columns; k++)
			if (m->to[a * columns + i] >= 0 && m->to[a * columns + i] == m->to[b * columns + k])
				return true;
	return false;
}

int importing_refuse_overlap(const struct importing *m, struct error *e)
{
	for (int b = 1; b < m->import->files && m->wide; b++)
		for (int a = 0; a < b; a++) {
			const struct recording_rows *x = &m->rows[a], *y = &m->rows[b];
			double shorter = fmin(x->time[x->count - 1] - x->time[0], y->time[y->count - 1] - y->time[0]);
			double both = fmin(x->time[x->count - 1], y->time[y->count - 1]) - y->time[0];

			if (both > shorter / 2 && importing_share(m, a, b))
				return error_set(e, ERROR_DATA, "%s and %s hold the same device at the same times: if it is another one, say what "
					"it is called (--recording FILE.csv,hp1=hp3)", m->from[a]->path, m->from[b]->path);
		}
	return 0;
}
