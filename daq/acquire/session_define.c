/*
 * session_define.c - what a run is told of the bench: devices under test, devices, certificates, limits, channels; and
 * whether they are the ones expected.
 */
#include "daq/acquire/session_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a device said of itself under `what`, or NULL. */
static const char *identity_value(const struct session *session, int device, const char *what)
{
	if (device < 0)
		return NULL;
	for (int i = 0; i < session->identity[device].count; i++)
		if (strcmp(session->identity[device].what[i], what) == 0)
			return session->identity[device].value[i];
	return NULL;
}

/* Before anything is made: whether these are the devices under test that the bench file or the command line names. */
int session_check_duts(const struct session *session, struct error *e)
{
	for (int i = 0; i < session->bench->duts; i++) {
		const struct bench_dut *d = &session->bench->dut[i];
		const char *serial = identity_value(session, d->serial_device, "serial");
		const char *firmware = identity_value(session, d->firmware_device, "firmware");

		if (serial && d->serial[0] && strcmp(serial, d->serial) != 0)
			return error_set(e, ERROR_DEVICE, "%s: the serial number of '%s' reads %s, expected %s", d->source,
				d->name, serial, d->serial);
		if (firmware && d->firmware[0] && strcmp(firmware, d->firmware) != 0)
			return error_set(e, ERROR_DEVICE, "%s: the firmware of '%s' reads %s, expected %s", d->source, d->name,
				firmware, d->firmware);
	}
	return 0;
}

static int define_duts(struct session *session, struct run *run, struct error *e)
{
	for (int i = 0; i < session->bench->duts; i++) {
		const struct bench_dut *d = &session->bench->dut[i];
		const char *serial = identity_value(session, d->serial_device, "serial");
		const char *firmware = identity_value(session, d->firmware_device, "firmware");
		struct run_dut dut = {.serial_origin = serial ? session->setup.origin : ORIGIN_TYPED,
			.firmware_origin = firmware ? session->setup.origin : ORIGIN_TYPED};

		text_copy(dut.name, sizeof(dut.name), d->name);
		text_copy(dut.kind, sizeof(dut.kind), d->kind);
		text_copy(dut.profile, sizeof(dut.profile), d->profile);
		text_copy(dut.serial, sizeof(dut.serial), serial ? serial : d->serial);
		text_copy(dut.firmware, sizeof(dut.firmware), firmware ? firmware : d->firmware);
		if (run_define_dut(run, &dut, e) != 0)
			return -1;
	}
	return 0;
}

/* A text of a device as JSON has it: what it says of itself may hold anything. */
static void quote(const char *text, char *out, size_t size)
{
	size_t n = 0;

	for (; *text && n + 7 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20) {
			n += (size_t)snprintf(out + n, size - n, "\\u%04x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			out[n++] = '\\';
		out[n++] = (char)c;
	}
	out[n] = '\0';
}

/* {"firmware":"2.1","serial":"4711"}, in the order of the names. Returns false where it does not fit. */
static bool identity_text(const struct bus_identity *identity, char *out, size_t size)
{
	const char *last = "";
	size_t used = (size_t)snprintf(out, size, "{");

	for (int n = 0; n < identity->count && used < size; n++) {
		char value[6 * 64 + 8];
		int next = -1;

		for (int i = 0; i < identity->count; i++)
			if (strcmp(identity->what[i], last) > 0 &&
				(next < 0 || strcmp(identity->what[i], identity->what[next]) < 0))
				next = i;
		last = identity->what[next];
		quote(identity->value[next], value, sizeof(value));
		used += (size_t)snprintf(out + used, size - used, "%s\"%s\":\"%s\"", n ? "," : "", last, value);
	}
	if (used < size)
		used += (size_t)snprintf(out + used, size - used, "}");
	return used < size;
}

static void line_address(const struct line_config *line, char *out, size_t size)
{
	snprintf(out, size, "%s %s %d%s", line->chip, line->kind == LINE_PWM ? "channel" : "line", line->offset,
		line->active_low ? ", inverted" : "");
}

static void bytes_address(const struct bytes_config *b, char *out, size_t size)
{
	if (b->kind == BYTES_SERIAL)
		snprintf(out, size, "serial:%.80s?baud=%d&parity=%c", b->port, b->baud, b->parity);
	else
		snprintf(out, size, "tcp:%.80s:%d", b->host, b->tcp_port);
}

static void meter_address(const struct bytes_config *b, const struct bench_device *d, char *out, size_t size)
{
	size_t have;

	bytes_address(b, out, size);
	have = strlen(out);
	if (d->on_mbus.secondary[0])
		snprintf(out + have, size - have, " meter %s", d->on_mbus.secondary);
	else
		snprintf(out + have, size - have, " unit %d", d->unit);
}

static int define_devices(struct session *session, struct run *run, struct error *e)
{
	for (int i = 0; i < session->bench->devices; i++) {
		const struct bench_device *d = &session->bench->device[i];
		const struct words_config *w = &session->bench->bus[d->bus].words;
		struct run_device device = {.driver = ""};

		text_copy(device.name, sizeof(device.name), d->name);
		text_copy(device.driver, sizeof(device.driver),
			session->bench->bus[d->bus].kind == BUS_LINES	      ? "line"
			: session->bench->bus[d->bus].kind == BUS_BYTES     ? d->on_bytes.protocol
			: session->bench->bus[d->bus].kind == BUS_DOCUMENTS ? "document"
			: session->bench->bus[d->bus].kind == BUS_MBUS      ? "M-Bus"
			: session->bench->bus[d->bus].listen_only	      ? "listener"
									      : "register map");
		text_copy(device.map, sizeof(device.map), d->map->name);
		if (session->bench->bus[d->bus].kind == BUS_LINES)
			line_address(&session->bench->bus[d->bus].lines.line[d->on_line.line], device.address,
				sizeof(device.address));
		else if (session->bench->bus[d->bus].kind == BUS_BYTES)
			bytes_address(&session->bench->bus[d->bus].bytes, device.address, sizeof(device.address));
		else if (session->bench->bus[d->bus].kind == BUS_DOCUMENTS)
			documents_address(&session->bench->bus[d->bus].documents, device.address, sizeof(device.address));
		else if (session->bench->bus[d->bus].kind == BUS_MBUS)
			meter_address(&session->bench->bus[d->bus].bytes, d, device.address, sizeof(device.address));
		else if (w->kind == WORDS_RTU)
			snprintf(device.address, sizeof(device.address), "rtu:%.80s?baud=%d&parity=%c unit %d", w->port,
				w->baud, w->parity, d->unit);
		else
			snprintf(device.address, sizeof(device.address), "tcp:%.80s:%d unit %d", w->host, w->tcp_port, d->unit);
		if (!identity_text(&session->identity[i], device.identity, sizeof(device.identity)))
			return error_set(e, ERROR_CONFIG, "%s: the identity of '%s' is too long to store", d->source, d->name);
		if (run_define_device(run, &device, e) != 0)
			return -1;
	}
	return 0;
}

static int define_certificates(struct session *session, struct run *run, struct error *e)
{
	for (int i = 0; i < session->bench->certificates; i++) {
		const struct bench_certificate *c = &session->bench->certificate[i];
		struct run_certificate certificate = {.U = c->U, .k = c->k};
		struct text points = TEXT_INIT;
		int result;

		text_copy(certificate.id, sizeof(certificate.id), c->id);
		text_copy(certificate.laboratory, sizeof(certificate.laboratory), c->laboratory);
		text_copy(certificate.date, sizeof(certificate.date), c->date);
		text_copy(certificate.due, sizeof(certificate.due), c->due);
		text_copy(certificate.file, sizeof(certificate.file), c->file);
		text_add(&points, "[");
		for (int p = 0; p < c->points; p++)
			text_add(&points, "%s[%.17g,%.17g]", p ? "," : "", c->reading[p], c->correction[p]);
		text_add(&points, "]");
		if (points.failed || !text_copy(certificate.points, sizeof(certificate.points), points.data))
			result = error_set(e, ERROR_CONFIG, "%s: certificate %s has too many points", c->source, c->id);
		else
			result = run_define_certificate(run, &certificate, e);
		text_free(&points);
		if (result != 0)
			return -1;
	}
	return 0;
}

static int define_limits(struct session *session, struct run *run, struct error *e)
{
	for (int i = 0; i < session->bench->limits; i++) {
		const struct bench_limit *l = &session->bench->limit[i];
		struct run_limit limit = {.set_point = l->set_point, .min = l->min, .max = l->max};

		if (l->dut >= 0)
			text_copy(limit.dut, sizeof(limit.dut), session->bench->dut[l->dut].name);
		text_copy(limit.quantity, sizeof(limit.quantity), l->quantity);
		text_copy(limit.valve, sizeof(limit.valve), l->valve);
		text_copy(limit.unit, sizeof(limit.unit), l->unit);
		text_copy(limit.rule, sizeof(limit.rule), l->rule);
		text_copy(limit.source, sizeof(limit.source), l->source);
		if (run_define_limit(run, &limit, e) != 0)
			return -1;
	}
	return 0;
}

static int define_settings(struct session *session, struct run *run, struct error *e)
{
	for (int i = 0; i < session->bench->settings; i++) {
		const struct bench_setting *s = &session->bench->setting[i];
		struct run_setting setting = {.name = ""};

		text_copy(setting.name, sizeof(setting.name), s->name);
		text_copy(setting.value, sizeof(setting.value), s->value);
		text_copy(setting.source, sizeof(setting.source), s->source);
		if (run_define_setting(run, &setting, e) != 0)
			return -1;
	}
	return 0;
}

static int define_channels(struct session *session, struct run *run, struct error *e)
{
	const struct bench *bench = session->bench;

	for (int i = 0; i < bench->channels; i++) {
		const struct bench_channel *c = &bench->channel[i];
		struct run_channel channel = {.device = c->device, .certificate = c->certificate,
			.origin = c->output ? ORIGIN_TYPED : session->setup.origin, .resolution = c->resolution,
			.uncertainty = c->uncertainty};

		if (c->output)
			channel.origin = session->setup.origin; /* acknowledged by the device */
		text_copy(channel.name, sizeof(channel.name), c->name);
		text_copy(channel.quantity, sizeof(channel.quantity), c->quantity);
		text_copy(channel.unit, sizeof(channel.unit), c->unit);
		text_copy(channel.kind, sizeof(channel.kind), register_kind_name(c->kind));
		text_copy(channel.group, sizeof(channel.group), session->plan.group[session->plan.group_of[i]].name);
		text_copy(channel.role, sizeof(channel.role), c->role);
		if (c->dut >= 0)
			text_copy(channel.dut, sizeof(channel.dut), bench->dut[c->dut].name);
		if (run_define_channel(run, &channel, e) != 0)
			return -1;
	}
	return 0;
}

int session_define(struct session *session, struct run *run, struct error *e)
{
	if (define_duts(session, run, e) != 0 || define_devices(session, run, e) != 0 ||
		define_certificates(session, run, e) != 0 || define_limits(session, run, e) != 0 || define_settings(session, run, e) != 0 ||
		define_channels(session, run, e) != 0)
		return -1;
	for (int g = 0; g < session->plan.groups; g++)
		if (run_define_group(run, session->plan.group[g].name, session->plan.group[g].every, e) < 0)
			return -1;
	return 0;
}

int session_same_devices(struct session *session, const char *path, struct error *e)
{
	struct run_reader *record = NULL;
	struct run_device *then = NULL;
	char now[sizeof(then->identity)];
	int count = 0, result = -1;

	if (run_reader_open(&record, path, e) != 0 || run_reader_devices(record, &then, &count, e) != 0)
		goto out;
	for (int i = 0; i < count && i < session->bench->devices; i++)
		if (!identity_text(&session->identity[i], now, sizeof(now)) || strcmp(then[i].identity, now) != 0) {
			error_set(e, ERROR_DEVICE, "%s: '%s' is another device than the run was begun with: it was %s, it is %s",
				session->bench->device[i].source, then[i].name, then[i].identity, now);
			goto out;
		}
	result = 0;
out:
	free(then);
	run_reader_close(record);
	return result;
}
