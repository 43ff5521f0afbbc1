/*
 * bench_documents.c - constructors of what gives documents: a feed over HTTP, registers of Redis.
 */
#include "daq/script/bench_reader.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/device/document_points.h"

#include <string.h>
#include <strings.h>

/* clang-format off */
#define BUS(field) offsetof(struct bus_form, bus.field)
#define COMMON(clock_by_default) \
	{"name", SETTING_TEXT, BUS(words.name), 32, .help = "letters, digits, _ and -"}, \
	{"time", SETTING_TEXT, BUS(time_key), 96, .fallback = clock_by_default, .help = "key of its own time stamp, ms since 1970; \"\": it has none, and neither its clock nor its age is measured"}, \
	{"response_timeout", SETTING_DURATION, BUS(words.response_timeout), .min = 0.05, .max = 60, .fallback = "3 s", .help = "for the whole of a fetch: connecting, asking and the last byte"}, \
	{"retry_after", SETTING_DURATION, BUS(retry_after), .min = 0.1, .max = 3600, .fallback = "10 s", .help = "how long it is left alone after two fetches without an answer"}
static const struct setting http_rows[] = {
	COMMON("time.ts"),
	{"url", SETTING_TEXT, BUS(documents.url), 256, .help = "of the document: \"http://cic1:8080/beta/feed/data.json\""},
	SETTING_END
};
static const struct setting redis_rows[] = {
	COMMON(""),
	{"host", SETTING_TEXT, BUS(documents.host), 128, .help = "address or name"},
	{"tcp_port", SETTING_INTEGER, BUS(documents.tcp_port), .min = 1, .max = 65535, .fallback = "6379", .help = "TCP port"},
	{"database", SETTING_INTEGER, BUS(documents.database), .min = 0, .max = 65535, .fallback = "0", .help = "number of the database"},
	{"password", SETTING_TEXT, BUS(documents.password), 64, .fallback = "", .help = "where one is asked for; it is stored with the run, like the rest of this file"},
	SETTING_END
};
/* clang-format on */

const struct shape bench_shape_http_feed = {"http_feed",
	"A document fetched over HTTP, like a CiC's feed. Returns the bus, for `device{ bus = ... }` with a `document_map`.",
	http_rows, NULL};
const struct shape bench_shape_redis = {"redis",
	"Keys of a Redis server. Returns the bus, for `device{ bus = ... }` with a `document_map`.", redis_rows, NULL};

static int build(lua_State *L, struct bench_reader *reader, const struct shape *shape, enum documents_kind kind,
	struct bus_form *form, const char *source, struct error *e)
{
	struct bench_bus *bus = &form->bus;

	bus->kind = BUS_DOCUMENTS;
	bus->documents.kind = kind;
	if (settings_from_lua(L, 1, shape, form, source, shape->name, e) != 0)
		return -1;
	bus->words.parity = 'N';
	bus->documents.response_timeout = bus->words.response_timeout;
	text_copy(bus->documents.name, sizeof(bus->documents.name), bus->words.name);
	if (kind == DOCUMENTS_HTTP && strncasecmp(bus->documents.url, "http://", 7) != 0 &&
		strncasecmp(bus->documents.url, "https://", 8) != 0)
		return error_set(e, ERROR_CONFIG, "%s: %s.url = \"%s\": expected http://HOST:PORT/PATH", source, shape->name,
			bus->documents.url);
	return bench_add_bus(L, reader, form, source, shape->name, e);
}

int bench_build_http_feed(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bus_form form = {.parity = 0};

	return build(L, self, &bench_shape_http_feed, DOCUMENTS_HTTP, &form, source, e);
}

int bench_build_redis(lua_State *L, void *self, const char *source, struct error *e)
{
	struct bus_form form = {.parity = 0};

	return build(L, self, &bench_shape_redis, DOCUMENTS_REDIS, &form, source, e);
}

int bench_check_document_channel(const struct bench *bench, const struct bench_channel *c, struct error *e)
{
	const struct bench_device *device = &bench->device[c->device];
	const struct bench_bus *bus = &bench->bus[device->bus];

	if (bus->kind != BUS_DOCUMENTS || bus->time_key[0] ||
		document_point_of(&device->map->row[c->reg]) == DOCUMENT_POINT_NONE)
		return 0;
	return error_set(e, ERROR_CONFIG, "%s: channel '%s': %s.%s needs the document's own time stamp, and bus '%s' names none (time)",
		c->source, c->name, device->name, device->map->row[c->reg].name, bus->words.name);
}
