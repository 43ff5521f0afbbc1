/*
 * bench_mbus.c - constructors of an M-Bus, on a serial line or behind a gateway, and what is checked of a meter on one.
 */
#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/device/mbus_master.h"

#include <string.h>

/* clang-format off */
#define BUS(field) offsetof(struct bus_form, bus.field)
#define COMMON \
	{"name", SETTING_TEXT, BUS(words.name), 32, .help = "letters, digits, _ and -"}, \
	{"baud", SETTING_INTEGER, BUS(bytes.baud), .min = 300, .max = 38400, .fallback = "2400", .help = "of the meters: 300, 2400, 9600"}, \
	{"response_timeout", SETTING_DURATION, BUS(bytes.response_timeout), .min = 0, .max = 60, .fallback = "0 s", .help = "how long to wait for the first byte of an answer; 0: 330 bit times and 200 ms, behind a gateway 500 ms more"}, \
	{"retries", SETTING_INTEGER, BUS(retries), .min = 0, .max = MBUS_RETRIES_MAX, .fallback = "1", .help = "how often a request that was not answered well is repeated at once"}, \
	{"retry_after", SETTING_DURATION, BUS(retry_after), .min = 0.1, .max = 3600, .fallback = "10 s", .help = "how long a silent meter, or a port that is gone, is left alone"}
static const struct setting mbus_rows[] = {
	COMMON,
	{"port", SETTING_TEXT, BUS(bytes.port), 128, .help = "device file of the level converter, 8E1; a name below /dev/serial/by-id/ stays the same"},
	SETTING_END
};
static const struct setting mbus_tcp_rows[] = {
	COMMON,
	{"host", SETTING_TEXT, BUS(bytes.host), 128, .help = "address or name of the gateway, which must pass bytes on unchanged"},
	{"tcp_port", SETTING_INTEGER, BUS(bytes.tcp_port), .min = 1, .max = 65535, .help = "TCP port"},
	SETTING_END
};
/* clang-format on */

const struct shape bench_shape_mbus = {"mbus", "M-Bus meters on a level converter. Returns the bus, for `device{ bus = ... }`.",
	mbus_rows, NULL};
const struct shape bench_shape_mbus_tcp = {"mbus_tcp", "The same behind a gateway.", mbus_tcp_rows, NULL};

static int check_port(const struct bench *bench, const char *port, const char *source, struct error *e)
{
	for (int i = 0; i < bench->buses; i++) {
		const struct bench_bus *other = &bench->bus[i];
		const char *its = other->kind == BUS_WORDS ? other->words.port : other->bytes.port;

		if (strcmp(its, port) == 0)
			return error_set(e, ERROR_CONFIG, "%s: mbus.port: %s is bus '%s' already (%s)", source, port, other->words.name,
				other->source);
	}
	return 0;
}

static int build(lua_State *L, struct bench_reader *reader, const struct shape *shape, enum bytes_kind kind, const char *source,
	struct error *e)
{
	struct bus_form form = {.parity = 0};
	struct bytes_config *bytes = &form.bus.bytes;

	form.bus.kind = BUS_MBUS;
	bytes->kind = kind;
	if (settings_from_lua(L, 1, shape, &form, source, shape->name, e) != 0)
		return -1;
	if (kind == BYTES_SERIAL && check_port(reader->bench, bytes->port, source, e) != 0)
		return -1;
	bytes->parity = 'E';
	bytes->data_bits = 8;
	bytes->stop_bits = 1;
	if (bytes->response_timeout == 0)
		bytes->response_timeout = mbus_response_time(bytes->baud, kind == BYTES_TCP);
	form.bus.words.parity = 'N';
	form.bus.words.response_timeout = bytes->response_timeout;
	text_copy(bytes->name, sizeof(bytes->name), form.bus.words.name);
	return bench_add_bus(L, reader, &form, source, shape->name, e);
}

int bench_build_mbus(lua_State *L, void *self, const char *source, struct error *e)
{
	return build(L, self, &bench_shape_mbus, BYTES_SERIAL, source, e);
}

int bench_build_mbus_tcp(lua_State *L, void *self, const char *source, struct error *e)
{
	return build(L, self, &bench_shape_mbus_tcp, BYTES_TCP, source, e);
}

int bench_check_meter(const struct bench *bench, const struct bench_device *device, const char *source, struct error *e)
{
	const char *secondary = device->on_mbus.secondary;
	struct mbus_address address;
	struct error why = ERROR_INIT;

	if (bench->bus[device->bus].kind != BUS_MBUS) {
		if (secondary[0] || device->on_mbus.reset >= 0)
			return error_set(e, ERROR_CONFIG, "%s: device.%s: bus '%s' is no M-Bus", source,
				secondary[0] ? "secondary" : "application_reset", bench->bus[device->bus].words.name);
		return 0;
	}
	if ((device->unit < 0) == !secondary[0])
		return error_set(e, ERROR_CONFIG, "%s: device: a meter has either unit = its primary address (0 to %d) or secondary = its "
			"number", source, MBUS_PRIMARY_MAX);
	if (device->unit > MBUS_PRIMARY_MAX)
		return error_set(e, ERROR_CONFIG, "%s: device.unit = %d is no primary address: 0 to %d", source, device->unit,
			MBUS_PRIMARY_MAX);
	if (secondary[0] && mbus_address_parse(secondary, &address, &why) != 0)
		return error_set(e, ERROR_CONFIG, "%s: device.secondary: %s", source, why.text);
	for (int d = 0; secondary[0] && d < bench->devices; d++)
		if (bench->device[d].bus == device->bus && strncmp(bench->device[d].on_mbus.secondary, secondary, 8) == 0)
			return error_set(e, ERROR_CONFIG, "%s: device.secondary: meter %.8s of bus '%s' is '%s' already (%s)", source, secondary,
				bench->bus[device->bus].words.name, bench->device[d].name, bench->device[d].source);
	return 0;
}
