#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/script/map_file.h"

#include <string.h>

const struct shape bench_shape_bench = {"bench",
	"The bench itself, once, at the end of the file: `return bench{ ... }`.", bench_rows, NULL};

int bench_build_bench(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;

	if (reader->source[0])
		return error_set(e, ERROR_CONFIG, "%s: bench: there is one already (%s)", source, reader->source);
	if (settings_from_lua(L, 1, &bench_shape_bench, reader->bench, source, "bench", e) != 0 ||
		bench_check_name(reader->bench->name, false, source, "bench", e) != 0)
		return -1;
	text_copy(reader->source, sizeof(reader->source), source);
	lua_pushboolean(L, 1);
	return 1;
}

int bench_add_bus(lua_State *L, struct bench_reader *reader, struct bus_form *form, const char *source,
	const char *what, struct error *e)
{
	struct bench *bench = reader->bench;
	const char *name = form->bus.words.name;
	int old = bench_find_bus(bench, name);

	if (bench_check_name(name, false, source, what, e) != 0 ||
		bench_check_room(bench->buses, BENCH_BUSES, "buses", source, e) != 0)
		return -1;
	if (old >= 0)
		return bench_name_twice(source, what, name, bench->bus[old].source, e);
	text_copy(form->bus.source, sizeof(form->bus.source), source);
	bench->bus[bench->buses] = form->bus;
	bench_handle_push(L, reader, HANDLE_BUS, bench->buses++);
	return 1;
}

const struct shape bench_shape_rtu = {"modbus_rtu",
	"A serial line with Modbus devices. Returns the bus, for `device{ bus = ... }`.", rtu_rows, NULL};
const struct shape bench_shape_tcp = {"modbus_tcp",
	"Modbus devices behind a network address. Returns the bus, for `device{ bus = ... }`.", tcp_rows, NULL};

int bench_build_rtu(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct bus_form form = {.parity = 0};

	form.bus.words.kind = WORDS_RTU;
	if (settings_from_lua(L, 1, &bench_shape_rtu, &form, source, "modbus_rtu", e) != 0)
		return -1;
	form.bus.words.parity = bench_parities[form.parity];
	for (int i = 0; i < reader->bench->buses; i++)
		if (reader->bench->bus[i].kind == BUS_WORDS &&
			strcmp(reader->bench->bus[i].words.port, form.bus.words.port) == 0)
			return error_set(e, ERROR_CONFIG, "%s: modbus_rtu.port: %s is bus '%s' already (%s)", source,
				form.bus.words.port, reader->bench->bus[i].words.name, reader->bench->bus[i].source);
	return bench_add_bus(L, reader, &form, source, "modbus_rtu", e);
}

int bench_build_tcp(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bus_form form = {.parity = 0};

	form.bus.words.kind = WORDS_TCP;
	form.bus.words.parity = 'N';
	form.bus.words.data_bits = 8;
	form.bus.words.stop_bits = 1;
	if (settings_from_lua(L, 1, &bench_shape_tcp, &form, source, "modbus_tcp", e) != 0)
		return -1;
	return bench_add_bus(L, self, &form, source, "modbus_tcp", e);
}

static int read_bus(lua_State *L, void *base, const char *where, struct error *e)
{
	struct device_form *form = base;
	struct bench_handle handle;
	enum bench_bus_kind kind;

	if (bench_handle_read(L, form->reader->bench, HANDLE_BUS, &handle, where, e) != 0)
		return -1;
	kind = form->reader->bench->bus[handle.index].kind;
	if (kind == BUS_LINES || kind == BUS_BYTES)
		return error_set(e, ERROR_CONFIG, "%s: bus '%s' carries %s, not registers", where,
			form->reader->bench->bus[handle.index].words.name, kind == BUS_LINES ? "lines" : "text");
	form->device.bus = handle.index;
	return 0;
}

/* A map says what a bus of its kind gives. */
static int check_kind(const struct device_form *form, const char *where, struct error *e)
{
	static const enum map_kind fits[] = {[BUS_WORDS] = MAP_REGISTERS, [BUS_DOCUMENTS] = MAP_DOCUMENT, [BUS_MBUS] = MAP_MBUS};
	const struct bench_bus *bus = &form->reader->bench->bus[form->device.bus];
	enum map_kind kind = form->device.map->kind;

	if (kind == fits[bus->kind])
		return 0;
	return error_set(e, ERROR_CONFIG, "%s: map '%s' is of %s, and bus '%s' gives %s", where, form->device.map->name,
		map_kind_name(kind), bus->words.name, map_kind_name(fits[bus->kind]));
}

static int find_map(lua_State *L, void *base, const char *where, struct error *e)
{
	struct device_form *form = base;
	struct bench *bench = form->reader->bench;
	struct error inner = ERROR_INIT;
	struct register_map *map;
	const char *name = lua_tostring(L, -1);

	if (lua_type(L, -1) != LUA_TSTRING)
		return error_set(e, ERROR_CONFIG, "%s: expected the name of a map", where);
	for (int i = 0; i < bench->maps && !form->device.map; i++)
		if (strcmp(bench->map[i]->name, name) == 0 && !form->word_order && !bench->map[i]->reordered)
			form->device.map = bench->map[i];
	if (form->device.map)
		return 0;
	if (bench_check_room(bench->maps, BENCH_DEVICES, "maps", where, e) != 0)
		return -1;
	if (map_file_read_beside(&map, name, form->reader->path, &form->reader->files, &inner) != 0)
		return error_set(e, inner.code, "%s: %s", where, inner.text);
	if (form->word_order)
		register_map_order(map, (enum word_order)(form->word_order - 1));
	bench->map[bench->maps++] = map;
	form->device.map = map;
	return 0;
}

static int read_map(lua_State *L, void *base, const char *where, struct error *e)
{
	return find_map(L, base, where, e) == 0 ? check_kind(base, where, e) : -1;
}

static int add_expectation(lua_State *L, struct bench_device *device, const char *where, struct error *e)
{
	const struct register_map *map = device->map;
	const char *names[9] = {NULL}, *near, *what;
	int i = device->expects;

	if (lua_type(L, -2) != LUA_TSTRING || !lua_isstring(L, -1))
		return error_set(e, ERROR_CONFIG, "%s: expected { serial = \"...\", ... }", where);
	what = lua_tostring(L, -2);
	for (int k = 0; k < map->identities; k++)
		names[k] = map->identity_name[k];
	for (int k = 0; k < map->identities && i < BENCH_EXPECT; k++) {
		if (strcmp(names[k], what) != 0)
			continue;
		lua_pushvalue(L, -1); /* lua_tostring changes the value in place */
		text_copy(device->expect[i].what, sizeof(device->expect[i].what), what);
		text_copy(device->expect[i].value, sizeof(device->expect[i].value), lua_tostring(L, -1));
		lua_pop(L, 1);
		device->expects++;
		return 0;
	}
	near = nearest_name(what, names);
	return error_set(e, ERROR_CONFIG, "%s: map %s cannot tell '%s'%s%s%s", where, map->name, what,
		near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static int read_identity(lua_State *L, void *base, const char *where, struct error *e)
{
	struct device_form *form = base;

	if (!lua_istable(L, -1))
		return error_set(e, ERROR_CONFIG, "%s: expected { serial = \"...\", ... }", where);
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (add_expectation(L, &form->device, where, e) != 0) {
			lua_pop(L, 2);
			return -1;
		}
		lua_pop(L, 1);
	}
	return 0;
}

/* In this order: the identity needs the map. */
static const struct special device_specials[] = {
	{"bus", true, read_bus, "bus", "what modbus_rtu, modbus_tcp, mbus, mbus_tcp, http_feed or redis returned, or its name"},
	{"map", true, read_map, "name", "register map: its name (a wrong one is answered with those that are known), or a path"},
	{"identity", false, read_identity, "{ serial = ..., firmware = ... }",
		"what the device must say of itself, else the bench refuses to start"},
	{.name = NULL}};
const struct shape bench_shape_device = {"device",
	"One unit on a bus. Returns the device: `odu.flow` is its register `flow`.", device_rows, device_specials};

/* A feed is one device's; of Redis several may have their keys. */
static int check_document_device(const struct bench *bench, const struct bench_device *device, const char *source,
	struct error *e)
{
	const struct bench_bus *bus = &bench->bus[device->bus];

	if (device->unit >= 0)
		return error_set(e, ERROR_CONFIG, "%s: device.unit: documents have no units", source);
	for (int i = 0; i < bench->devices && bus->documents.kind == DOCUMENTS_HTTP; i++)
		if (bench->device[i].bus == device->bus)
			return error_set(e, ERROR_CONFIG, "%s: device: the document of bus '%s' is '%s' already (%s)", source,
				bus->words.name, bench->device[i].name, bench->device[i].source);
	return 0;
}

static int check_device(const struct bench *bench, const struct bench_device *device, const char *source,
	struct error *e)
{
	for (int i = 0; i < bench->devices; i++) {
		const struct bench_device *other = &bench->device[i];

		if (strcmp(other->name, device->name) == 0)
			return bench_name_twice(source, "device", device->name, other->source, e);
		if (bench->bus[device->bus].kind == BUS_DOCUMENTS)
			continue;
		if (other->bus == device->bus && other->unit == device->unit && device->unit >= 0)
			return error_set(e, ERROR_CONFIG, "%s: device: unit %d of bus '%s' is '%s' already (%s)", source,
				device->unit, bench->bus[device->bus].words.name, other->name, other->source);
	}
	if (bench->bus[device->bus].kind == BUS_MBUS || device->on_mbus.secondary[0] || device->on_mbus.reset >= 0)
		return bench_check_meter(bench, device, source, e);
	if (bench->bus[device->bus].kind == BUS_DOCUMENTS)
		return check_document_device(bench, device, source, e);
	if (device->unit < 0)
		return error_set(e, ERROR_CONFIG, "%s: device: 'unit' is missing (Modbus unit: 1 to 247 on RTU)", source);
	if (bench->bus[device->bus].words.kind == WORDS_RTU && (device->unit < 1 || device->unit > 247))
		return error_set(e, ERROR_CONFIG, "%s: device.unit = %d is outside 1 to 247", source, device->unit);
	return 0;
}

int bench_build_device(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bench_reader *reader = self;
	struct bench *bench = reader->bench;
	struct device_form form = {.reader = reader, .device.unit = -1};

	if (settings_from_lua(L, 1, &bench_shape_device, &form, source, "device", e) != 0 ||
		bench_check_name(form.device.name, false, source, "device", e) != 0 ||
		bench_check_room(bench->devices, BENCH_DEVICES, "devices", source, e) != 0 ||
		check_device(bench, &form.device, source, e) != 0)
		return -1;
	if (form.device.unit < 0)
		form.device.unit = 0;
	form.device.keep_raw = (enum keep_raw)form.keep_raw;
	text_copy(form.device.source, sizeof(form.device.source), source);
	bench->device[bench->devices] = form.device;
	bench_handle_push(L, reader, HANDLE_DEVICE, bench->devices++);
	return 1;
}
