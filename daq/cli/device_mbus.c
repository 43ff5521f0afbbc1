/* device_mbus.c - M-Bus meters while they are being wired: which there are, and all that one says. */
#include "daq/cli/device.h"
#include "daq/cli/device_decode.h"

#include "daq/base/text.h"
#include "daq/device/mbus_master.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In a scan nobody is expected to be late; what is shows as noise before the next answer. */
#define SCAN_LATE (50 * NANOS_PER_MS)

enum { USUAL_BAUD = 2400 };

/* clang-format off */
static const struct setting options[] = {
	{"on", SETTING_TEXT, DEVICE(on), 256, .fallback = "", .help = "serial:PATH?baud=2400 or tcp:HOST:PORT?baud=2400", .placeholder = "LINE"},
	{"unit", SETTING_TEXT, DEVICE(unit), 16, .fallback = "0-250", .help = "primary addresses: 5 or 0-20", .placeholder = "A-B"},
	{"secondary", SETTING_TEXT, DEVICE(secondary), 24, .fallback = "", .help = "instead: the meter's number, 8 digits, or 16 characters as device decode prints them", .placeholder = "NUMBER"},
	{"timeout", SETTING_DURATION, DEVICE(timeout), .min = 0, .max = 60, .fallback = "0 s", .help = "how long to wait for the first byte of an answer; 0: as the standard has it"},
	{"json", SETTING_SWITCH, DEVICE(json), .fallback = "false", .help = "print JSON"},
	SETTING_END
};
/* clang-format on */

struct search {
	const struct device_options *o;
	struct clock *clock;
	struct clock_seat *seat;
	struct bytes *wire;
	struct mbus_master master;
	struct mbus_reading reading;
	json_t *list; /* NULL: text */
	int found, broken;
	bool all; /* everything that it says */
};

static int refuse_line(const char *text, const char *why, struct error *e)
{
	return error_set(e, ERROR_USAGE, "--on '%s': %s: expected serial:PATH?baud=2400 or tcp:HOST:PORT?baud=2400", text, why);
}

static int parse_line(const char *text, struct bytes_config *out, struct error *e)
{
	struct bytes_config c = {.name = "line", .baud = USUAL_BAUD, .parity = 'E', .data_bits = 8, .stop_bits = 1};
	char copy[256], *query, *port;

	text_copy(copy, sizeof(copy), text);
	query = strchr(copy, '?');
	if (query) {
		*query++ = '\0';
		if (strncmp(query, "baud=", 5) != 0)
			return refuse_line(text, "unknown key", e);
		c.baud = (int)strtol(query + 5, &query, 10);
		if (*query || c.baud < 300 || c.baud > 38400)
			return refuse_line(text, "the baud rate is not from 300 to 38400", e);
	}
	if (strncmp(copy, "serial:", 7) == 0) {
		c.kind = BYTES_SERIAL;
		if (!copy[7] || !text_copy(c.port, sizeof(c.port), copy + 7))
			return refuse_line(text, "no path", e);
	} else if (strncmp(copy, "tcp:", 4) == 0) {
		c.kind = BYTES_TCP;
		port = strrchr(copy + 4, ':');
		if (!port || port == copy + 4)
			return refuse_line(text, "no port", e);
		*port++ = '\0';
		c.tcp_port = (int)strtol(port, &port, 10);
		if (*port || c.tcp_port < 1 || c.tcp_port > 65535 || !text_copy(c.host, sizeof(c.host), copy + 4))
			return refuse_line(text, "no host and TCP port", e);
	} else {
		return refuse_line(text, text[0] ? "neither of the two" : "missing", e);
	}
	*out = c;
	return 0;
}

static int open_line(struct search *s, const struct bytes_config *c, struct error *e)
{
	struct mbus_master_config config = {.baud = c->baud, .response_timeout = c->response_timeout, .gateway = c->kind == BYTES_TCP};

	s->clock = clock_open_system(1);
	s->seat = s->clock ? clock_join(s->clock, "device") : NULL;
	if (!s->seat)
		return error_set(e, ERROR_SYSTEM, "no memory for a clock");
	config.retries = s->all ? 1 : 0;
	if (bytes_open(&s->wire, c, s->seat, e) != 0)
		return -1;
	mbus_master_init(&s->master, &config, s->wire);
	return 0;
}

static void close_line(struct search *s)
{
	mbus_telegram_free(&s->reading.telegram);
	bytes_close(s->wire);
	clock_leave(s->seat);
	if (s->clock)
		clock_close(s->clock);
	json_decref(s->list);
}

static void progress(const struct search *s, int address, int last)
{
	if (isatty(STDERR_FILENO) && !s->list)
		fprintf(stderr, "\r\033[K");
	if (isatty(STDERR_FILENO) && !s->list && address >= 0)
		fprintf(stderr, "address %d of %d, %d found ", address, last, s->found);
}

static void print_summary(const struct search *s, const struct mbus_slave *slave)
{
	const struct mbus_header *h = &s->reading.telegram.header;
	char address[17];

	mbus_header_address(h, address);
	printf("address %d: meter %s of %s, version %d, %s; %d records; secondary %s\n", slave->address.primary, h->id, h->manufacturer,
		h->version, mbus_medium_name(h->medium), s->reading.telegram.records, address);
	fflush(stdout);
}

static int ask(struct search *s, struct mbus_slave *slave, const char *name, struct error *e)
{
	const struct mbus_reading *r = &s->reading;

	mbus_master_read(&s->master, slave, &s->reading);
	if (r->status == WIRE_GONE)
		return error_set(e, ERROR_DEVICE, "the line is gone: %s", r->detail);
	progress(s, -1, 0);
	if (r->status == WIRE_OK) {
		s->found++;
		if (s->list || s->all)
			return device_decode_show(r->raw, r->size, name, s->list, e);
		print_summary(s, slave);
	} else if (r->status != WIRE_TIMEOUT || strstr(r->detail, "noise")) {
		s->broken++;
		fprintf(stderr, "heatbench device: %s: %s\n", name, r->detail);
	}
	return 0;
}

static int ask_range(struct search *s, struct error *e)
{
	int from = 0, to = MBUS_PRIMARY_MAX, result = 0;
	char name[32];

	if (device_range_parse(s->o->unit, "--unit", 0, MBUS_PRIMARY_MAX, &from, &to, e) != 0)
		return -1;
	for (int a = from; a <= to && result == 0 && !device_stopped; a++) {
		struct mbus_slave slave = {.address = {.primary = a}, .reset = -1, .late_max = s->all ? NANOS_PER_S : SCAN_LATE};

		progress(s, a, to);
		snprintf(name, sizeof(name), "address %d", a);
		result = ask(s, &slave, name, e);
	}
	progress(s, -1, 0);
	return result;
}

static int ask_selected(struct search *s, struct error *e)
{
	struct mbus_slave slave = {.reset = -1};

	if (mbus_address_parse(s->o->secondary, &slave.address, e) != 0)
		return -1;
	return ask(s, &slave, s->o->secondary, e);
}

static int say_nobody(const struct search *s, const char *line, struct error *e)
{
	return error_set(e, ERROR_DEVICE, "no meter answers on %s%s: is the bus powered (two wires with about 36 V between them), is the baud "
		"rate the meters' (300, 2400, 9600), is the address theirs, is another master on the bus?", line,
		s->broken ? ", but something garbled comes" : "");
}

static int carry_out(const struct device_options *o, struct error *e)
{
	struct search s = {.o = o, .all = o->secondary[0] || !strchr(o->unit, '-')};
	struct bytes_config config;
	int result;

	if (parse_line(o->on, &config, e) != 0)
		return -1;
	config.response_timeout = o->timeout ? o->timeout : mbus_response_time(config.baud, config.kind == BYTES_TCP);
	s.list = o->json ? json_array() : NULL;
	result = open_line(&s, &config, e);
	if (result == 0)
		result = o->secondary[0] ? ask_selected(&s, e) : ask_range(&s, e);
	if (result == 0 && s.list)
		result = device_print_json(s.list, JSON_INDENT(1), e);
	if (result == 0 && s.found == 0 && !device_stopped)
		result = say_nobody(&s, o->on, e);
	close_line(&s);
	return result < 0 ? -1 : device_stopped ? EXIT_STOPPED : EXIT_PASSED;
}

const struct device_command device_mbus = {
	.name = "mbus",
	.arguments = "--on LINE [--unit A-B | --secondary N]",
	.help = "which M-Bus meters answer, and all records of one",
	.options = options,
	.epilogue = "A range of addresses gives a line for each meter, one address all its records. A meter is only asked for its data; a\n"
		    "battery meter may answer a limited number of readings a day. docs/mbus.md goes through it.\n"
		    "exit status: 0 somebody answered; 2 nobody did; 4 stopped by the user.",
	.carry_out = carry_out,
};
