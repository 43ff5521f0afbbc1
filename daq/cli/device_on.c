/* device_on.c - which line and which units: the words of --on, --unit and --registers. */
#include "daq/cli/device.h"

#include "daq/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char expected[] = "expected rtu:PATH?baud=9600&parity=N&stop=1 or tcp:HOST:PORT";

static int take_whole(const char *text, int min, int max, int *out)
{
	char *end;
	long v = strtol(text, &end, 0);

	if (end == text || *end || v < min || v > max)
		return -1;
	*out = (int)v;
	return 0;
}

static int take_key(const char *key, const char *value, struct words_config *c, struct error *e)
{
	static const char *const keys[] = {"baud", "parity", "stop", NULL};
	const char *near;

	if (strcmp(key, "baud") == 0) {
		if (take_whole(value, 300, 1000000, &c->baud) == 0)
			return 0;
		return error_set(e, ERROR_USAGE, "--on: baud=%s: expected a whole number from 300 to 1000000", value);
	}
	if (strcmp(key, "parity") == 0) {
		c->parity = value[0] >= 'a' ? (char)(value[0] - 'a' + 'A') : value[0];
		if (strlen(value) == 1 && strchr("NEO", c->parity))
			return 0;
		return error_set(e, ERROR_USAGE, "--on: parity=%s: expected N, E or O", value);
	}
	if (strcmp(key, "stop") == 0) {
		if (take_whole(value, 1, 2, &c->stop_bits) == 0)
			return 0;
		return error_set(e, ERROR_USAGE, "--on: stop=%s: expected 1 or 2", value);
	}
	near = nearest_name(key, keys);
	return error_set(e, ERROR_USAGE, "--on: unknown key '%s'%s%s%s: %s", key, near ? " (did you mean '" : "",
		near ? near : "", near ? "'?)" : "", expected);
}

static int take_rtu(char *text, struct words_config *c, struct error *e)
{
	char *query = strchr(text, '?');

	if (query)
		*query++ = '\0';
	if (!text[0] || !text_copy(c->port, sizeof(c->port), text))
		return error_set(e, ERROR_USAGE, "--on: rtu: needs the path of a serial port: %s", expected);
	while (query && *query) {
		char *next = strchr(query, '&'), *equals = strchr(query, '=');

		if (next)
			*next++ = '\0';
		if (!equals || (next && equals > next))
			return error_set(e, ERROR_USAGE, "--on: '%s' has no value: %s", query, expected);
		*equals = '\0';
		if (take_key(query, equals + 1, c, e) != 0)
			return -1;
		query = next;
	}
	return 0;
}

static int take_tcp(char *text, struct words_config *c, struct error *e)
{
	char *port = strrchr(text, ':'), *bracket = strrchr(text, ']');

	if (port && (!bracket || port > bracket)) {
		*port++ = '\0';
		if (take_whole(port, 1, 65535, &c->tcp_port) != 0)
			return error_set(e, ERROR_USAGE, "--on: '%s' is no TCP port: %s", port, expected);
	}
	if (text[0] == '[' && bracket) { /* [::1] */
		*bracket = '\0';
		text++;
	}
	if (!text[0] || !text_copy(c->host, sizeof(c->host), text))
		return error_set(e, ERROR_USAGE, "--on: tcp: needs an address or a name: %s", expected);
	return 0;
}

int device_on_parse(const char *text, nanos timeout, struct words_config *out, struct error *e)
{
	struct words_config c = {.name = "line", .baud = 9600, .parity = 'N', .data_bits = 8, .stop_bits = 1,
		.tcp_port = 502, .response_timeout = timeout};
	char copy[256];
	int result;

	text_copy(copy, sizeof(copy), text);
	if (!text[0])
		return error_set(e, ERROR_USAGE, "--on is missing: %s", expected);
	if (strncmp(copy, "rtu:", 4) == 0) {
		c.kind = WORDS_RTU;
		result = take_rtu(copy + 4, &c, e);
	} else if (strncmp(copy, "tcp:", 4) == 0) {
		c.kind = WORDS_TCP;
		result = take_tcp(copy + 4, &c, e);
	} else {
		return error_set(e, ERROR_USAGE, "--on: what is '%s'? %s", text, expected);
	}
	if (result == 0)
		*out = c;
	return result;
}

const char *device_on_words(const struct words_config *c, char *out, size_t size)
{
	if (c->kind == WORDS_TCP)
		snprintf(out, size, "%s:%d", c->host, c->tcp_port);
	else
		snprintf(out, size, "%s, %d 8%c%d", c->port, c->baud, c->parity, c->stop_bits);
	return out;
}

int device_range_parse(const char *text, const char *option, int min, int max, int *first, int *last, struct error *e)
{
	char copy[32], *dash;

	if (!text[0])
		return 0;
	text_copy(copy, sizeof(copy), text);
	dash = strchr(copy, '-');
	if (dash)
		*dash++ = '\0';
	if (take_whole(copy, min, max, first) != 0 || take_whole(dash ? dash : copy, min, max, last) != 0 || *last < *first)
		return error_set(e, ERROR_USAGE, "%s %s: expected a number or a range like %d-%d, from %d to %d", option,
			text, min, min + 9 < max ? min + 9 : max, min, max);
	return 0;
}

int device_print_json(json_t *json, int flags, struct error *e)
{
	if (!json || json_dumpf(json, stdout, flags | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12)) != 0)
		if (!json || !ferror(stdout))
			return error_set(e, ERROR_SYSTEM, "no memory for the output");
	putchar('\n');
	return 0;
}
