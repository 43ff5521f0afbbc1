/* device_document.c - a feed or the keys of a Redis server, read once. */
#include "daq/cli/device_document.h"

#include "daq/base/text.h"
#include "daq/cli/columns.h"
#include "daq/cli/device.h"
#include "daq/device/document.h"
#include "daq/device/document_points.h"
#include "daq/script/map_file.h"
#include "daq/wire/documents.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 256 };

static const char time_key[] = "time.ts";

struct session {
	struct register_map *map;
	struct documents_config config;
	struct clock *clock;
	struct clock_seat *seat;
	struct documents *wire;
	struct documents_reply reply;
	struct document *document;
};

bool device_document_is(const char *on)
{
	return strncmp(on, "http://", 7) == 0 || strncmp(on, "https://", 8) == 0 || strncmp(on, "redis://", 8) == 0;
}

/* A whole number behind `mark`, where that stands next; false: something else does. */
static bool take_number(const char **text, char mark, int min, int max, int *out)
{
	char *end;
	long number;

	if (**text != mark)
		return true;
	number = strtol(*text + 1, &end, 10);
	if (end == *text + 1 || number < min || number > max)
		return false;
	*out = (int)number;
	*text = end;
	return true;
}

/* HOST[:PORT][/DATABASE] */
static int take_redis(const char *text, struct documents_config *c, struct error *e)
{
	size_t length = strcspn(text, ":/");
	const char *rest = text + length;

	if (length == 0 || length >= sizeof(c->host) || !take_number(&rest, ':', 1, 65535, &c->tcp_port) ||
		!take_number(&rest, '/', 0, 65535, &c->database) || *rest)
		return error_set(e, ERROR_USAGE, "--on: 'redis://%s': expected redis://HOST:PORT or redis://HOST:PORT/DATABASE", text);
	snprintf(c->host, sizeof(c->host), "%.*s", (int)length, text);
	return 0;
}

static int configure(struct session *s, const struct device_options *o, struct error *e)
{
	s->config = (struct documents_config){.name = "line", .tcp_port = 6379, .response_timeout = o->timeout};
	if (o->watch)
		return error_set(e, ERROR_USAGE, "--watch is for registers: a document is read once");
	if (strncmp(o->on, "redis://", 8) == 0) {
		s->config.kind = DOCUMENTS_REDIS;
		return take_redis(o->on + 8, &s->config, e);
	}
	if (!text_copy(s->config.url, sizeof(s->config.url), o->on))
		return error_set(e, ERROR_USAGE, "--on: the address is longer than %zu characters", sizeof(s->config.url) - 1);
	return 0;
}

static int read_map(struct session *s, const char *name, struct error *e)
{
	if (!name[0])
		return error_set(e, ERROR_USAGE, "--map is missing: the name of a map (heatbench device maps lists them) or a file");
	if (map_file_read(&s->map, name, e) != 0)
		return -1;
	if (s->map->kind != MAP_DOCUMENT)
		return error_set(e, ERROR_USAGE, "--map %s is of %s, and this is a document", name, map_kind_name(s->map->kind));
	return 0;
}

static int fetch(struct session *s, const char *on, struct error *e)
{
	const char *keys[KEYS];
	int n = 0;

	for (int i = 0; i < s->map->rows && n < KEYS; i++)
		if (document_point_of(&s->map->row[i]) == DOCUMENT_POINT_NONE)
			keys[n++] = s->map->row[i].key;
	documents_fetch(s->wire, keys, n, &s->reply);
	if (s->reply.status != WIRE_OK)
		return error_set(e, ERROR_DEVICE, "%s gives no document: %s%s", on, s->reply.detail,
			s->reply.status == WIRE_TIMEOUT ? " (--timeout gives it longer)" : "");
	return document_parse(&s->document, s->reply.body, s->reply.size, e);
}

/* Its clock minus ours in the middle of the fetch; NaN where it tells none. */
static double offset_of(struct session *s)
{
	nanos utc = clock_utc(s->clock, s->reply.last - (s->reply.last - s->reply.before) / 2);
	double stamp;

	if (document_number(s->document, time_key, &stamp) != DOCUMENT_VALUE)
		return NAN;
	return stamp / 1e3 - (double)(utc / NANOS_PER_S) - (double)(utc % NANOS_PER_S) / 1e9;
}

/* One point: `text` for people, and a remark. Returns whether there is a value. */
static bool read_point(struct session *s, const struct register_row *row, double *value, char text[64], char note[96])
{
	enum document_found found;
	double raw = NAN;

	note[0] = '\0';
	if (document_point_of(row) != DOCUMENT_POINT_NONE) {
		*value = document_point_of(row) == DOCUMENT_POINT_OFFSET ? offset_of(s) : NAN;
		snprintf(text, 64, isnan(*value) ? "-" : "%.3f", *value);
		return !isnan(*value);
	}
	found = document_number(s->document, row->key, &raw);
	*value = found == DOCUMENT_VALUE ? raw * row->scale + row->offset : NAN;
	if (found == DOCUMENT_VALUE)
		snprintf(text, 64, "%.10g", *value);
	else if (!document_text(s->document, row->key, text, 64))
		text_copy(text, 64, "-");
	if (found != DOCUMENT_VALUE)
		text_copy(note, 96, document_found_name(found));
	else if (*value < row->min || *value > row->max)
		snprintf(note, 96, "outside %g to %g", row->min, row->max);
	return found == DOCUMENT_VALUE;
}

static int print_json(struct session *s, const struct device_options *o, struct error *e)
{
	json_t *list = json_array(), *all;
	int result;

	for (int i = 0; i < s->map->rows; i++) {
		const struct register_row *row = &s->map->row[i];
		char text[64], note[96];
		double value;
		bool valid = read_point(s, row, &value, text, note);

		if (strcmp(row->name, document_points[DOCUMENT_POINT_AGE].name) != 0)
			json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s}", "register", row->name, "key",
				row->key, "value", valid ? json_real(value) : json_null(), "text", text, "unit", row->unit,
				"quantity", row->quantity, "note", note));
	}
	all = json_pack("{s:s, s:s, s:b, s:i, s:f, s:o}", "on", o->on, "map", s->map->name, "verified",
		register_map_verified(s->map), "bytes", (int)s->reply.size, "fetch", (double)(s->reply.last - s->reply.before) / 1e9,
		"registers", list);
	result = device_print_json(all, JSON_INDENT(1), e);
	json_decref(all);
	return result;
}

static void print_table(struct session *s)
{
	struct columns *table = columns_new("lrlll");

	columns_row(table, (const char *[]){"POINT", "VALUE", "UNIT", "KEY", "NOTE"});
	for (int i = 0; i < s->map->rows; i++) {
		const struct register_row *row = &s->map->row[i];
		char text[64], note[96];
		double value;

		read_point(s, row, &value, text, note);
		if (strcmp(row->name, document_points[DOCUMENT_POINT_AGE].name) != 0)
			columns_row(table, (const char *[]){row->name, text, strcmp(row->unit, "1") ? row->unit : "", row->key, note});
	}
	columns_print(table, 0, stdout);
	columns_free(table);
	printf("\n%zu bytes in %.0f ms\n", s->reply.size, (double)(s->reply.last - s->reply.before) / 1e6);
	if (!register_map_verified(s->map))
		printf("Map %s is unverified: no document from a real device shows that it is right.\n", s->map->name);
}

int device_document_read(const struct device_options *o, struct error *e)
{
	struct session s = {.map = NULL};
	int result = -1;

	if (configure(&s, o, e) != 0 || read_map(&s, o->map, e) != 0)
		goto out;
	s.clock = clock_open_system(1);
	s.seat = s.clock ? clock_join(s.clock, "device") : NULL;
	if (!s.seat) {
		error_set(e, ERROR_SYSTEM, "no memory for a clock");
		goto out;
	}
	if (documents_open(&s.wire, &s.config, s.seat, e) != 0 || fetch(&s, o->on, e) != 0)
		goto out;
	result = EXIT_PASSED;
	if (o->json)
		result = print_json(&s, o, e) == 0 ? EXIT_PASSED : -1;
	else
		print_table(&s);
out:
	document_free(s.document);
	documents_close(s.wire);
	clock_leave(s.seat);
	clock_close(s.clock);
	register_map_free(s.map);
	return result;
}
