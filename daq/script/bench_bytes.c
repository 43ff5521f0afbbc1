/*
 * bench_bytes.c - constructors of what speaks in lines of text: serial ports, serial servers, and the scale on one.
 */
#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/device/scale.h"
#include "daq/device/scale_points.h"

#include <string.h>

static const char *const parities[] = {"N", "E", "O", NULL};

struct scale_form {
	struct bench_device device;
	struct bench_reader *reader;
};

/* clang-format off */
#define BUS(field) offsetof(struct bus_form, bus.field)
#define FORM(field) offsetof(struct scale_form, field)
#define COMMON \
	{"name", SETTING_TEXT, BUS(words.name), 32, .help = "letters, digits, _ and -"}, \
	{"response_timeout", SETTING_DURATION, BUS(bytes.response_timeout), .min = 0.02, .max = 60, .fallback = "1 s", .help = "how long an answer may take"}, \
	{"retry_after", SETTING_DURATION, BUS(retry_after), .min = 0.1, .max = 3600, .fallback = "5 s", .help = "how long a port that is gone is left alone"}
static const struct setting serial_rows[] = {
	COMMON,
	{"port", SETTING_TEXT, BUS(bytes.port), 128, .help = "device file; a name below /dev/serial/by-id/ stays the same"},
	{"baud", SETTING_INTEGER, BUS(bytes.baud), .min = 300, .max = 1000000, .help = "bits per second"},
	{"parity", SETTING_CHOICE, offsetof(struct bus_form, parity), .choices = parities, .fallback = "N", .help = "none, even, odd"},
	{"data_bits", SETTING_INTEGER, BUS(bytes.data_bits), .min = 7, .max = 8, .fallback = "8", .help = "of a character"},
	{"stop_bits", SETTING_INTEGER, BUS(bytes.stop_bits), .min = 1, .max = 2, .fallback = "1", .help = "of a character"},
	{"handshake", SETTING_SWITCH, BUS(bytes.handshake), .fallback = "false", .help = "RTS/CTS"},
	SETTING_END
};
static const struct setting serial_tcp_rows[] = {
	COMMON,
	{"host", SETTING_TEXT, BUS(bytes.host), 128, .help = "address or name of the serial server"},
	{"tcp_port", SETTING_INTEGER, BUS(bytes.tcp_port), .min = 1, .max = 65535, .help = "TCP port"},
	SETTING_END
};
static const struct setting scale_rows[] = {
	{"name", SETTING_TEXT, FORM(device.name), 32, .help = "letters, digits, _ and -"},
	{"protocol", SETTING_TEXT, FORM(device.on_bytes.protocol), 24, .fallback = "mt-sics", .help = "what it speaks: mt-sics (Mettler), kern-kcp, sartorius-sbi"},
	{"unit", SETTING_TEXT, FORM(device.on_bytes.unit), 8, .fallback = "", .help = "that it displays, for scales that leave it out while the weight moves: g, kg"},
	{"late_max", SETTING_DURATION, FORM(device.late_max), .min = 0.01, .max = 60, .fallback = "1 s", .help = "how late an answer may come after its time-out"},
	SETTING_END
};
/* clang-format on */

const struct shape bench_shape_serial = {"serial", "A serial line with a scale. Returns the bus, for `scale{ bus = ... }`.",
	serial_rows, NULL};
const struct shape bench_shape_serial_tcp = {"serial_tcp", "The same behind a serial server.", serial_tcp_rows, NULL};

static int build_bytes(lua_State *L, struct bench_reader *reader, const struct shape *shape, enum bytes_kind kind,
	const char *source, struct error *e)
{
	struct bus_form form = {.parity = 0};

	form.bus.kind = BUS_BYTES;
	form.bus.bytes.kind = kind;
	if (settings_from_lua(L, 1, shape, &form, source, shape->name, e) != 0)
		return -1;
	form.bus.bytes.parity = bench_parities[form.parity];
	form.bus.words.parity = 'N';
	form.bus.words.response_timeout = form.bus.bytes.response_timeout;
	text_copy(form.bus.bytes.name, sizeof(form.bus.bytes.name), form.bus.words.name);
	return bench_add_bus(L, reader, &form, source, shape->name, e);
}

int bench_build_serial(lua_State *L, void *self, const char *source, struct error *e)
{
	return build_bytes(L, self, &bench_shape_serial, BYTES_SERIAL, source, e);
}

int bench_build_serial_tcp(lua_State *L, void *self, const char *source, struct error *e)
{
	return build_bytes(L, self, &bench_shape_serial_tcp, BYTES_TCP, source, e);
}

static int read_bus(lua_State *L, void *base, const char *where, struct error *e)
{
	struct scale_form *form = base;
	const struct bench *bench = form->reader->bench;
	struct bench_handle handle;

	if (bench_handle_read(L, bench, HANDLE_BUS, &handle, where, e) != 0)
		return -1;
	if (bench->bus[handle.index].kind != BUS_BYTES)
		return error_set(e, ERROR_CONFIG, "%s: bus '%s' is no serial line for a scale", where,
			bench->bus[handle.index].words.name);
	for (int d = 0; d < bench->devices; d++)
		if (bench->device[d].bus == handle.index)
			return error_set(e, ERROR_CONFIG, "%s: '%s' is on bus '%s' already, and a serial line has one scale",
				where, bench->device[d].name, bench->bus[handle.index].words.name);
	form->device.bus = handle.index;
	return 0;
}

static int read_identity(lua_State *L, void *base, const char *where, struct error *e)
{
	struct bench_device *device = &((struct scale_form *)base)->device;

	if (!lua_istable(L, -1))
		return error_set(e, ERROR_CONFIG, "%s: expected { serial = \"...\" }", where);
	lua_getfield(L, -1, "serial");
	if (lua_type(L, -1) == LUA_TSTRING) {
		text_copy(device->expect[0].what, sizeof(device->expect[0].what), "serial");
		text_copy(device->expect[0].value, sizeof(device->expect[0].value), lua_tostring(L, -1));
		device->expects = 1;
	}
	lua_pop(L, 1);
	return device->expects ? 0 : error_set(e, ERROR_CONFIG, "%s: expected { serial = \"...\" }", where);
}

static const struct special scale_specials[] = {
	{"bus", true, read_bus, "bus", "what `serial` or `serial_tcp` returned, or its name"},
	{"identity", false, read_identity, "{ serial = ... }", "what the scale must say of itself, else the bench refuses to start"},
	{.name = NULL}};
const struct shape bench_shape_scale = {"scale",
	"A scale; its points are `weight` (kg) and `state`, and what can be set: `tare` and `zero`.", scale_rows, scale_specials};

static int unknown_protocol(const struct scale_form *form, const char *source, struct error *e)
{
	const char *names[16] = {NULL}, *near;

	for (int i = 0; i < scale_driver_count && i < 15; i++)
		names[i] = scale_drivers[i]->name;
	near = nearest_name(form->device.on_bytes.protocol, names);
	return error_set(e, ERROR_CONFIG, "%s: scale.protocol: no scale speaks '%s'%s%s%s", source,
		form->device.on_bytes.protocol, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

int bench_build_scale(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct bench *bench = reader->bench;
	struct scale_form form = {.reader = reader};

	if (settings_from_lua(L, 1, &bench_shape_scale, &form, source, "scale", e) != 0 ||
		bench_check_name(form.device.name, false, source, "scale", e) != 0 ||
		bench_check_room(bench->devices, BENCH_DEVICES, "devices", source, e) != 0)
		return -1;
	for (int d = 0; d < bench->devices; d++)
		if (strcmp(bench->device[d].name, form.device.name) == 0)
			return bench_name_twice(source, "scale", form.device.name, bench->device[d].source, e);
	if (!scale_driver_find(form.device.on_bytes.protocol))
		return unknown_protocol(&form, source, e);
	form.device.map = &scale_map;
	text_copy(form.device.source, sizeof(form.device.source), source);
	bench->device[bench->devices] = form.device;
	bench_handle_push(L, reader, HANDLE_DEVICE, bench->devices++);
	return 1;
}
