#include "daq/device/mbus_telegram.h"

#include "daq/base/error.h"
#include "daq/device/mbus_value.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CI_LOW_FIRST = 0x72, CI_HIGH_FIRST = 0x76, CI_FIXED = 0x73, CI_ERROR = 0x70, HEADER = 12 };
enum { DIF_MAKERS = 0x0F, DIF_MORE = 0x1F, DIF_FILLER = 0x2F, EXTENDED = 0x80, DIFES = 10, RECORDS = 4096 };

/* What is left of a frame's data. */
struct cursor {
	const uint8_t *bytes; /* the whole frame */
	int at, end;
	bool high_first;
};

static int premature(const struct cursor *c, const char *what, struct error *e)
{
	return error_set(e, ERROR_DATA, "byte %d: expected %s, the telegram's data end here", c->end, what);
}

/* The next `size` bytes, low first. */
static void low_first(const struct cursor *c, int at, int size, uint8_t *out)
{
	for (int i = 0; i < size; i++)
		out[i] = c->bytes[c->high_first ? at + size - 1 - i : at + i];
}

static int read_header(struct cursor *c, struct mbus_header *h, struct error *e)
{
	uint8_t two[2];
	int maker;

	if (c->end - c->at < HEADER)
		return error_set(e, ERROR_DATA, "byte %d: expected the 12 bytes of the header, %d came", c->at, c->end - c->at);
	low_first(c, c->at, 4, h->raw);
	low_first(c, c->at + 4, 2, h->raw + 4);
	for (int i = 0; i < 8; i++)
		h->id[i] = "0123456789ABCDEF"[h->raw[3 - i / 2] >> (i % 2 ? 0 : 4) & 0xF];
	maker = h->raw[4] | h->raw[5] << 8;
	for (int i = 0; i < 3; i++)
		h->manufacturer[i] = (char)('@' + (maker >> (10 - 5 * i) & 0x1F));
	h->raw[6] = c->bytes[c->at + 6];
	h->raw[7] = c->bytes[c->at + 7];
	h->version = h->raw[6];
	h->medium = h->raw[7];
	h->access = c->bytes[c->at + 8];
	h->status = c->bytes[c->at + 9];
	low_first(c, c->at + 10, 2, two);
	h->signature = two[0] | two[1] << 8;
	if (h->signature >> 8 & 0x1F)
		return error_set(e, ERROR_DATA, "byte %d: the telegram is encrypted (mode %d): only plain ones are read", c->at + 10,
			h->signature >> 8 & 0x1F);
	c->at += HEADER;
	return 0;
}

/* DIF and DIFEs: storage gets bit 6 of the DIF, then four bits of each DIFE; tariff two, subunit one (EN 13757-3, 6.3). */
static int read_dib(struct cursor *c, struct mbus_record *r, struct error *e)
{
	uint8_t byte = c->bytes[c->at++];

	r->function = (enum mbus_function)(byte >> 4 & 3);
	r->storage = byte >> 6 & 1;
	for (int i = 0; byte & EXTENDED; i++) {
		if (c->at == c->end)
			return premature(c, "a DIFE", e);
		if (i == DIFES)
			return error_set(e, ERROR_DATA, "byte %d: more than %d DIFEs", c->at, DIFES);
		byte = c->bytes[c->at++];
		r->storage |= (int64_t)(byte & 0xF) << (1 + 4 * i);
		r->tariff |= (byte >> 4 & 3) << (2 * i);
		r->subunit |= (byte >> 6 & 1) << i;
	}
	return 0;
}

static void to_hex(const uint8_t *bytes, int size, struct mbus_record *r)
{
	char *out = r->text, *end = r->text + sizeof(r->text);

	for (int i = 0; i < size && end - out > 4; i++)
		out += snprintf(out, (size_t)(end - out), "%s%02X", i ? " " : "", bytes[i]);
	r->content = MBUS_BYTES;
}

double mbus_record_scaled(const struct mbus_record *r, int decades)
{
	const struct mbus_meaning *m = &r->meaning;
	int exponent = m->exponent + decades;
	double value = exponent < 0 ? r->raw / pow(10, -exponent) : r->raw * pow(10, exponent);

	return value * m->factor + m->shift * pow(10, decades);
}

static void set_number(struct mbus_record *r, bool valid, const double *raw)
{
	r->content = MBUS_NUMBER;
	r->valid = valid;
	if (!valid) {
		snprintf(r->why, sizeof(r->why), "the meter marks it invalid");
		return;
	}
	r->raw = *raw;
	r->value = mbus_record_scaled(r, 0);
}

static void set_date(struct mbus_record *r, const uint8_t *low, int size)
{
	char text[24] = "";

	r->content = MBUS_TIME;
	r->valid = mbus_date(low, size, &r->value, text);
	if (!r->valid)
		snprintf(r->why, sizeof(r->why), "no valid date");
	snprintf(r->text, sizeof(r->text), "%s", text);
}

static void set_text(struct mbus_record *r, const struct cursor *c, int size)
{
	for (int i = 0; i < size && i + 1 < (int)sizeof(r->text); i++) {
		uint8_t b = c->bytes[c->high_first ? c->at + i : c->at + size - 1 - i];

		r->text[i] = (char)(isprint(b) ? b : '?');
		r->text[i + 1] = '\0';
	}
	r->content = MBUS_TEXT;
	r->valid = true;
}

/* Variable length (EN 13757-3, LVAR): text, BCD of either sign, binary. Its type is in the length's range. */
static int read_variable(struct cursor *c, struct mbus_record *r, struct error *e)
{
	int code, size;
	uint8_t low[64];
	double value = 0;

	if (c->at == c->end)
		return premature(c, "the length of a value of variable length", e);
	code = c->bytes[c->at++];
	size = code < 0xC0 ? code : code < 0xE0 ? code & 0xF : code < 0xF0 ? code - 0xE0 : code < 0xF5 ? 4 * (code - 0xEC)
		: code == 0xF5 ? 48 : code == 0xF6 ? 64 : -1;
	if (size < 0)
		return error_set(e, ERROR_DATA, "byte %d: %02Xh is no length of a value (00h to F6h)", c->at - 1, (unsigned)code);
	if (c->end - c->at < size)
		return premature(c, "the rest of a value of variable length", e);
	if (code < 0xC0) {
		set_text(r, c, size);
	} else {
		low_first(c, c->at, size, low);
		if (code < 0xE0 && size >= 1 && size <= 6) {
			bool valid = mbus_bcd(low, size, &value);

			value = code < 0xD0 ? value : -value;
			set_number(r, valid, &value);
		} else if (code < 0xF0 && size >= 1 && size <= 8 && code >= 0xE0) {
			set_number(r, mbus_signed(low, size, &value), &value);
		} else {
			to_hex(c->bytes + c->at, size, r);
			r->valid = true;
		}
	}
	c->at += size;
	return 0;
}

static int read_data(struct cursor *c, int dif, struct mbus_record *r, struct error *e)
{
	static const int sizes[] = {0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6, 0};
	int type = dif & 0xF, size = sizes[type];
	uint8_t low[8];
	double value = 0;

	if (type == 0xD)
		return read_variable(c, r, e);
	if (c->end - c->at < size)
		return premature(c, "the rest of a value", e);
	low_first(c, c->at, size, low);
	c->at += size;
	if (size == 0)
		r->content = MBUS_NOTHING;
	else if (type >= 9)
		set_number(r, mbus_bcd(low, size, &value), &value);
	else if (type == 5)
		set_number(r, mbus_real(low, &value), &value);
	else if (r->meaning.number == MBUS_DATE)
		set_date(r, low, size);
	else if (r->meaning.number == MBUS_UNSIGNED)
		set_number(r, mbus_unsigned(low, size, &value), &value);
	else
		set_number(r, mbus_signed(low, size, &value), &value);
	return 0;
}

/* Data that only the maker knows, to the end of the telegram. */
static void read_makers(struct cursor *c, struct mbus_record *r)
{
	r->meaning.factor = 1;
	snprintf(r->meaning.remark, sizeof(r->meaning.remark), "maker's data");
	to_hex(c->bytes + c->at + 1, c->end - c->at - 1, r);
	r->valid = true;
	c->at = c->end;
}

static int read_record(struct cursor *c, struct mbus_record *r, struct error *e)
{
	int dif = c->bytes[c->at], n;

	r->at = c->at;
	r->value = NAN;
	if ((dif & 0xF) == 0xF && dif != DIF_MAKERS && dif != DIF_MORE)
		return error_set(e, ERROR_DATA, "byte %d: %02Xh is no DIF that a meter sends", c->at, (unsigned)dif);
	if (dif == DIF_MAKERS || dif == DIF_MORE) {
		read_makers(c, r);
		return 0;
	}
	if (read_dib(c, r, e) != 0)
		return -1;
	n = mbus_meaning_read(c->bytes + c->at, (size_t)(c->end - c->at), c->high_first, c->at, &r->meaning, e);
	if (n < 0)
		return -1;
	c->at += n;
	if (read_data(c, dif, r, e) != 0)
		return -1;
	if (r->meaning.trouble[0] && r->content != MBUS_NOTHING) {
		r->valid = false;
		r->value = NAN;
	}
	if (r->meaning.trouble[0])
		snprintf(r->why, sizeof(r->why), "the meter reports: %s", r->meaning.trouble);
	r->size = c->at - r->at;
	return 0;
}

static struct mbus_record *new_record(struct mbus_telegram *t, struct error *e)
{
	if (t->records == t->room) {
		int room = t->room ? 2 * t->room : 32;
		struct mbus_record *more = room > RECORDS ? NULL : realloc(t->record, (size_t)room * sizeof(*more));

		if (!more) {
			error_set(e, ERROR_SYSTEM, "no memory for %d records of a telegram", room);
			return NULL;
		}
		t->record = more;
		t->room = room;
	}
	t->record[t->records] = (struct mbus_record){.at = 0};
	return &t->record[t->records];
}

static int read_records(struct cursor *c, struct mbus_telegram *t, struct error *e)
{
	t->more = false;
	while (c->at < c->end) {
		struct mbus_record *r;

		if (c->bytes[c->at] == DIF_FILLER) {
			c->at++;
			continue;
		}
		r = new_record(t, e);
		if (!r)
			return -1;
		t->more = c->bytes[c->at] == DIF_MORE;
		if (read_record(c, r, e) != 0)
			return -1;
		r->size = c->at - r->at;
		t->records += !(t->more && r->size == 1); /* a 1Fh alone says only that more follow */
	}
	return 0;
}

static int check_frame(const struct mbus_frame *frame, struct error *e)
{
	if (frame->kind != MBUS_LONG)
		return error_set(e, ERROR_DATA, "byte 0: expected a long frame (68h), this is %s",
			frame->kind == MBUS_ACK ? "an acknowledgement (E5h)" : "a short one (10h)");
	if ((frame->c & MBUS_FROM_MASTER) || (frame->c & 0xF) != MBUS_RSP_UD)
		return error_set(e, ERROR_DATA, "byte 4: expected the C field of a meter's data (08h), %02Xh came", (unsigned)frame->c);
	if (frame->ci == CI_ERROR)
		return error_set(e, ERROR_DEVICE, "the meter reports an application error (CI 70h, code %02Xh)",
			frame->size > 9 ? (unsigned)frame->data[MBUS_USER_DATA] : 0U);
	if (frame->ci != CI_LOW_FIRST && frame->ci != CI_HIGH_FIRST)
		return error_set(e, ERROR_DATA, "byte 6: expected CI 72h or 76h (variable data with a long header), %02Xh came%s",
			(unsigned)frame->ci, frame->ci == CI_FIXED ? ": the fixed data structure is not read" : "");
	return 0;
}

int mbus_telegram_add(struct mbus_telegram *t, const struct mbus_frame *frame, struct error *e)
{
	struct cursor c = {frame->data, MBUS_USER_DATA, frame->size - 2, frame->ci == CI_HIGH_FIRST};
	struct mbus_header header = {.version = 0};
	char expected[17], came[17];

	if (check_frame(frame, e) != 0 || read_header(&c, &header, e) != 0)
		return -1;
	if (t->frames && !mbus_header_same(&t->header, &header)) {
		mbus_header_address(&t->header, expected);
		mbus_header_address(&header, came);
		return error_set(e, ERROR_DATA, "byte %d: the telegram before was of meter %s, this one is of %s", MBUS_USER_DATA,
			expected, came);
	}
	t->header = header;
	if (read_records(&c, t, e) != 0)
		return -1;
	t->frames++;
	return 0;
}

void mbus_telegram_clear(struct mbus_telegram *t)
{
	t->frames = t->records = 0;
	t->more = false;
}

void mbus_telegram_free(struct mbus_telegram *t)
{
	free(t->record);
	*t = (struct mbus_telegram){.frames = 0};
}
