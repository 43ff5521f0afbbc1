#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int read_from(lua_State *L, void *base, const char *where, struct error *e)
{
	struct channel_form *form = base;
	struct bench_handle handle;

	if (bench_handle_read(L, form->reader->bench, HANDLE_REGISTER, &handle, where, e) != 0)
		return -1;
	form->channel.device = handle.index;
	form->channel.reg = handle.reg;
	return 0;
}

static const struct special channel_specials[] = {
	{"from", true, read_from, "device.register", "where it comes from, or the same as text: \"odu.flow\""},
	{.name = NULL}};
const struct shape bench_shape_channel = {"channel", "One measured or set value: a column of the run.",
	channel_rows, channel_specials};

int bench_build_channel(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct channel_form *form = &reader->channel[reader->channels];
	struct bench_channel *c = &form->channel;

	if (bench_check_room(reader->channels, BENCH_CHANNELS, "channels", source, e) != 0)
		return -1;
	memset(form, 0, sizeof(*form));
	form->reader = reader;
	if (settings_from_lua(L, 1, &bench_shape_channel, form, source, "channel", e) != 0 ||
		bench_check_name(c->name, true, source, "channel", e) != 0)
		return -1;
	for (int i = 0; i < reader->channels; i++) /* columns of a database know no case */
		if (strcasecmp(reader->channel[i].channel.name, c->name) == 0)
			return bench_name_twice(source, "channel", c->name, reader->channel[i].channel.source, e);
	if (strcasecmp(c->name, "tick") == 0)
		return error_set(e, ERROR_CONFIG, "%s: channel.name = \"tick\": the run has a column of that name", source);
	text_copy(c->source, sizeof(c->source), source);
	reader->channels++;
	return 0;
}

static int read_identity_device(lua_State *L, const struct dut_form *form, const char *what, int *device,
	const char *where, struct error *e)
{
	const struct register_map *map;
	struct bench_handle handle;

	if (bench_handle_read(L, form->reader->bench, HANDLE_DEVICE, &handle, where, e) != 0)
		return -1;
	map = form->reader->bench->device[handle.index].map;
	for (int i = 0; i < map->identities; i++)
		if (strcmp(map->identity_name[i], what) == 0) {
			*device = handle.index;
			return 0;
		}
	return error_set(e, ERROR_CONFIG, "%s: map %s cannot tell '%s'", where, map->name, what);
}

static int read_serial_from(lua_State *L, void *base, const char *where, struct error *e)
{
	struct dut_form *form = base;

	return read_identity_device(L, form, "serial", &form->dut.serial_device, where, e);
}

static int read_firmware_from(lua_State *L, void *base, const char *where, struct error *e)
{
	struct dut_form *form = base;

	return read_identity_device(L, form, "firmware", &form->dut.firmware_device, where, e);
}

static const struct special dut_specials[] = {
	{"serial_from", false, read_serial_from, "device", "whose identity tells the serial number; else it is typed"},
	{"firmware_from", false, read_firmware_from, "device", "whose identity tells the firmware; else it is typed"},
	{.name = NULL}};
const struct shape bench_shape_dut = {"dut", "A device under test.", dut_rows, dut_specials};

int bench_build_dut(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct bench *bench = reader->bench;
	struct dut_form form = {.dut = {.serial_device = -1, .firmware_device = -1}, .reader = reader};
	int old;

	if (settings_from_lua(L, 1, &bench_shape_dut, &form, source, "dut", e) != 0 ||
		bench_check_name(form.dut.name, false, source, "dut", e) != 0 ||
		bench_check_room(bench->duts, BENCH_DUTS, "devices under test", source, e) != 0)
		return -1;
	old = bench_find_dut(bench, form.dut.name);
	if (old >= 0)
		return bench_name_twice(source, "dut", form.dut.name, bench->dut[old].source, e);
	text_copy(form.dut.source, sizeof(form.dut.source), source);
	bench->dut[bench->duts++] = form.dut;
	return 0;
}

const struct shape bench_shape_limit = {"limit",
	"What a result must keep. At least one of `min` and `max`; every limit that fits a step counts.",
	limit_rows, NULL};

int bench_build_limit(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct limit_form *form = &reader->limit[reader->limits];

	if (bench_check_room(reader->limits, BENCH_LIMITS, "limits", source, e) != 0)
		return -1;
	memset(form, 0, sizeof(*form));
	if (settings_from_lua(L, 1, &bench_shape_limit, form, source, "limit", e) != 0)
		return -1;
	text_copy(form->limit.source, sizeof(form->limit.source), source);
	text_copy(form->limit.rule, sizeof(form->limit.rule), bench_rules[form->rule]);
	reader->limits++;
	return 0;
}

const struct shape bench_shape_safe = {"safe",
	"One step to the safe state; they are taken in the order of the file, on every way out of a run.", safe_rows,
	NULL};

int bench_build_safe(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct safe_form *form = &reader->safe[reader->safes];

	if (bench_check_room(reader->safes, BENCH_SAFE, "steps to the safe state", source, e) != 0)
		return -1;
	memset(form, 0, sizeof(*form));
	if (settings_from_lua(L, 1, &bench_shape_safe, form, source, "safe", e) != 0)
		return -1;
	text_copy(form->safe.source, sizeof(form->safe.source), source);
	reader->safes++;
	return 0;
}

static int read_points(lua_State *L, void *base, const char *where, struct error *e)
{
	struct bench_certificate *c = &((struct certificate_form *)base)->certificate;
	lua_Integer n = lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : -1;

	if (n < 1 || n > 32)
		return error_set(e, ERROR_CONFIG, "%s: expected 1 to 32 pairs like {{0, 0.1}, {100, 0.3}}", where);
	for (lua_Integer i = 1; i <= n; i++) {
		int reading = 0, correction = 0;

		if (lua_rawgeti(L, -1, i) == LUA_TTABLE) {
			lua_rawgeti(L, -1, 1);
			lua_rawgeti(L, -2, 2);
			c->reading[i - 1] = lua_tonumberx(L, -2, &reading);
			c->correction[i - 1] = lua_tonumberx(L, -1, &correction);
			lua_pop(L, 2);
		}
		lua_pop(L, 1);
		if (!reading || !correction || !isfinite(c->reading[i - 1]) || !isfinite(c->correction[i - 1]))
			return error_set(e, ERROR_CONFIG, "%s[%d]: expected {reading, correction}", where, (int)i);
		if (i > 1 && !(c->reading[i - 1] > c->reading[i - 2]))
			return error_set(e, ERROR_CONFIG, "%s[%d]: readings must grow", where, (int)i);
	}
	c->points = (int)n;
	return 0;
}

static const struct special certificate_specials[] = {
	{"points", false, read_points, "{{reading, correction}, ...}", "what to add at which reading, in `unit`"},
	{.name = NULL}};
const struct shape bench_shape_certificate = {"certificate", "A calibration, for channels to refer to.",
	certificate_rows, certificate_specials};

/* Compared as texts later, so the form matters. */
static int check_date(const char *date, const char *source, const char *key, struct error *e)
{
	int year, month, day, n = 0;

	if (strlen(date) == 10 && sscanf(date, "%4d-%2d-%2d%n", &year, &month, &day, &n) == 3 && n == 10 &&
		year > 1900 && month >= 1 && month <= 12 && day >= 1 && day <= 31)
		return 0;
	return error_set(e, ERROR_CONFIG, "%s: certificate.%s = \"%s\": expected a date like 2024-05-31", source, key,
		date);
}

int bench_build_certificate(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct bench *bench = reader->bench;
	struct certificate_form form = {.unit = ""};
	struct bench_certificate *c = &form.certificate;

	if (settings_from_lua(L, 1, &bench_shape_certificate, &form, source, "certificate", e) != 0 ||
		bench_check_room(bench->certificates, BENCH_CERTIFICATES, "certificates", source, e) != 0 ||
		check_date(c->date, source, "date", e) != 0 || check_date(c->due, source, "due", e) != 0 ||
		bench_quantity(form.U, bench_difference_unit(form.unit), &c->U, source, "certificate.U", e) != 0)
		return -1;
	for (int i = 0; i < bench->certificates; i++)
		if (strcmp(bench->certificate[i].id, c->id) == 0)
			return bench_name_twice(source, "certificate", c->id, bench->certificate[i].source, e);
	if (!(c->U > 0))
		return error_set(e, ERROR_CONFIG, "%s: certificate.U must be above 0", source);
	text_copy(c->source, sizeof(c->source), source);
	text_copy(reader->certificate_unit[bench->certificates], 16, form.unit);
	bench->certificate[bench->certificates++] = *c;
	return 0;
}
