/* device_decode.c - a recorded M-Bus telegram, as hex in a file, printed as records. */
#include "daq/cli/device.h"
#include "daq/cli/device_decode.h"

#include "daq/base/text.h"
#include "daq/cli/columns.h"
#include "daq/device/mbus_telegram.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct setting options[] = {
	{"mbus", SETTING_TEXT, DEVICE(mbus), 256, .fallback = "", .help = "file with the bytes of M-Bus frames in hex, '#' begins a remark; - reads standard input", .placeholder = "FILE"},
	{"json", SETTING_SWITCH, DEVICE(json), .fallback = "false", .help = "print JSON"},
	SETTING_END
};
/* clang-format on */

/* Pairs of hex digits; blanks and remarks count for nothing. The caller frees. */
static int parse_hex(const char *text, const char *path, uint8_t **out, size_t *size, struct error *e)
{
	uint8_t *bytes = calloc(strlen(text) / 2 + 1, 1);
	size_t n = 0, digits = 0;
	int line = 1;

	if (!bytes)
		return error_set(e, ERROR_SYSTEM, "no memory for %s", path);
	for (const char *p = text; *p; p++) {
		if (*p == '#')
			p += strcspn(p, "\n");
		line += *p == '\n';
		if (!*p)
			break;
		if (isspace((unsigned char)*p))
			continue;
		if (!isxdigit((unsigned char)*p)) {
			free(bytes);
			return error_set(e, ERROR_DATA, "%s:%d: behind byte %zu: expected hex digits, '%c' came", path, line, n,
				isprint((unsigned char)*p) ? *p : '?');
		}
		bytes[n] = (uint8_t)(bytes[n] << 4 | (isdigit((unsigned char)*p) ? *p - '0' : tolower((unsigned char)*p) - 'a' + 10));
		n += digits++ % 2;
	}
	if (digits % 2 || digits == 0) {
		free(bytes);
		return error_set(e, ERROR_DATA, digits ? "%s: ends with half a byte, byte %zu" : "%s: holds no bytes", path, n);
	}
	*out = bytes;
	*size = n;
	return 0;
}

static json_t *hex_json(const uint8_t *bytes, int size)
{
	struct text hex = TEXT_INIT;
	json_t *out;

	for (int i = 0; i < size; i++)
		text_add(&hex, "%s%02X", i ? " " : "", bytes[i]);
	out = json_string(hex.data ? hex.data : "");
	text_free(&hex);
	return out;
}

static json_t *record_json(const struct mbus_record *r, const struct mbus_frame *frame)
{
	const struct mbus_meaning *m = &r->meaning;
	json_t *out = json_pack("{s:i, s:s, s:I, s:i, s:i, s:o, s:s, s:b, s:s, s:s}", "byte", r->at, "function",
		mbus_function_name(r->function), "storage", (json_int_t)r->storage, "tariff", r->tariff, "subunit", r->subunit,
		"quantity", m->quantity ? json_string(m->quantity) : json_null(), "unit", m->unit, "valid", (int)r->valid, "remark",
		m->remark, "why", r->why);

	json_object_set_new(out, "value", isnan(r->value) ? json_null() : json_real(r->value));
	json_object_set_new(out, "text", r->text[0] ? json_string(r->text) : json_null());
	json_object_set_new(out, "vife", hex_json(m->vife, m->vifes));
	json_object_set_new(out, "raw", hex_json(frame->data + r->at, r->size));
	return out;
}

static json_t *telegram_json(const struct mbus_telegram *t, const struct mbus_frame *frame)
{
	const struct mbus_header *h = &t->header;
	json_t *records = json_array(), *out;
	char words[128], address[17];

	mbus_header_address(h, address);
	for (int i = 0; i < t->records; i++)
		json_array_append_new(records, record_json(&t->record[i], frame));
	out = json_pack("{s:i, s:i, s:s, s:s, s:i, s:i, s:s, s:i, s:i, s:s, s:i, s:s, s:b, s:o}", "address", frame->a, "ci", frame->ci, "id",
		h->id, "manufacturer", h->manufacturer, "version", h->version, "medium", h->medium, "medium_name",
		mbus_medium_name(h->medium), "access", h->access, "status", h->status, "status_words",
		mbus_status_words(h->status, words, sizeof(words)), "signature", h->signature, "secondary", address, "more",
		(int)t->more, "records", records);
	return out;
}

/* "0.09", "2014-03-12T14:23", the maker's bytes, or why there is none. */
static void value_words(const struct mbus_record *r, char *out, size_t size)
{
	if (!r->valid && r->why[0])
		snprintf(out, size, "(%s)", r->why);
	else if (r->text[0])
		snprintf(out, size, "%s", r->text);
	else if (r->content == MBUS_NUMBER)
		snprintf(out, size, "%.12g", r->value);
	else
		snprintf(out, size, "-");
}

static void add_record(struct columns *table, const struct mbus_record *r)
{
	const struct mbus_meaning *m = &r->meaning;
	char at[16], value[600], storage[24], tariff[16], subunit[16];

	value_words(r, value, sizeof(value));
	snprintf(at, sizeof(at), "%d", r->at);
	snprintf(storage, sizeof(storage), "%lld", (long long)r->storage);
	snprintf(tariff, sizeof(tariff), "%d", r->tariff);
	snprintf(subunit, sizeof(subunit), "%d", r->subunit);
	columns_row(table, (const char *[]){at, m->quantity ? m->quantity : "-", value,
				   r->content == MBUS_TIME || strcmp(m->unit, "1") == 0 ? "" : m->unit, mbus_function_name(r->function),
				   storage, tariff, subunit, m->remark});
}

static void print_telegram(const struct mbus_telegram *t, const struct mbus_frame *frame)
{
	const struct mbus_header *h = &t->header;
	struct columns *table = columns_new("rlrllrrrl");
	char words[128], address[17];

	mbus_header_address(h, address);
	mbus_status_words(h->status, words, sizeof(words));
	printf("meter %s of %s, version %d, %s\n", h->id, h->manufacturer, h->version, mbus_medium_name(h->medium));
	printf("primary address %d, secondary %s, access number %d\n", frame->a, address, h->access);
	printf("status %02Xh%s%s\n\n", (unsigned)h->status, words[0] ? ": " : "", words);
	columns_row(table, (const char *[]){"BYTE", "QUANTITY", "VALUE", "UNIT", "FUNCTION", "STORAGE", "TARIFF", "SUBUNIT", ""});
	for (int i = 0; i < t->records; i++)
		add_record(table, &t->record[i]);
	columns_print(table, 0, stdout);
	columns_free(table);
	if (t->more)
		printf("\nmore records follow in the next telegram\n");
}

/* A link frame that is no telegram, in words. */
static void print_frame(const struct mbus_frame *frame)
{
	if (frame->kind == MBUS_ACK)
		printf("acknowledgement (E5h)\n");
	else
		printf("%s frame: C %02Xh, address %d\n", frame->kind == MBUS_SHORT ? "short" : "control", (unsigned)frame->c, frame->a);
}

static bool is_telegram(const struct mbus_frame *frame)
{
	return frame->kind == MBUS_LONG && !(frame->c & MBUS_FROM_MASTER);
}

/* One frame at `at` of the file; its size, or -1. */
static int show_frame(const uint8_t *bytes, size_t size, size_t at, const char *path, json_t *list, struct error *e)
{
	struct mbus_telegram t = {.frames = 0};
	struct mbus_frame frame;
	struct error why = ERROR_INIT;
	int result = -1;

	if (mbus_frame_parse(bytes + at, size - at, &frame, &why) != MBUS_FOUND_FRAME ||
		(is_telegram(&frame) && mbus_telegram_add(&t, &frame, &why) != 0)) {
		if (at)
			error_set(e, why.code, "%s: frame that begins at byte %zu of the file: %s", path, at, why.text);
		else
			error_set(e, why.code, "%s: %s", path, why.text);
		goto out;
	}
	result = frame.size;
	if (list)
		json_array_append_new(list, is_telegram(&frame) ? telegram_json(&t, &frame)
								: json_pack("{s:i, s:i, s:n}", "c", frame.c, "address", frame.a, "records"));
	else if (is_telegram(&frame))
		print_telegram(&t, &frame);
	else
		print_frame(&frame);
out:
	mbus_telegram_free(&t);
	return result;
}

int device_decode_show(const uint8_t *bytes, size_t size, const char *from, json_t *list, struct error *e)
{
	int n = 0;

	for (size_t at = 0; at < size && n >= 0; at += n > 0 ? (size_t)n : 0) {
		if (at && !list)
			printf("\n");
		n = show_frame(bytes, size, at, from, list, e);
	}
	return n < 0 ? -1 : 0;
}

static int show_file(const uint8_t *bytes, size_t size, const char *path, bool json, struct error *e)
{
	json_t *list = json ? json_array() : NULL;
	int result = device_decode_show(bytes, size, path, list, e);

	if (result == 0 && json)
		result = device_print_json(list, JSON_INDENT(1), e);
	json_decref(list);
	return result < 0 ? -1 : EXIT_PASSED;
}

static int carry_out(const struct device_options *o, struct error *e)
{
	const char *path = strcmp(o->mbus, "-") == 0 ? "/dev/stdin" : o->mbus;
	char *text = NULL;
	uint8_t *bytes = NULL;
	size_t size = 0;
	int result = -1;

	if (!o->mbus[0])
		return error_set(e, ERROR_USAGE, "which telegram? --mbus FILE.hex, the bytes of a frame in hex");
	if (text_read_file(path, &text, NULL, e) == 0 && parse_hex(text, o->mbus, &bytes, &size, e) == 0)
		result = show_file(bytes, size, o->mbus, o->json, e);
	free(bytes);
	free(text);
	return result;
}

const struct device_command device_decode = {
	.name = "decode",
	.arguments = "--mbus FILE [--json]",
	.help = "the records of a recorded M-Bus telegram",
	.options = options,
	.epilogue = "Every frame of the file is printed; a wrong checksum, a missing byte or a record that does not fit is an error\n"
		    "with the byte and what was expected there. docs/mbus.md explains the columns.\n"
		    "exit status: 0 done; 2 the file is no telegram.",
	.carry_out = carry_out,
};
