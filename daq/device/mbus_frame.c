#include "daq/device/mbus_frame.h"

#include "daq/base/error.h"

#include <stdbool.h>
#include <string.h>

enum { START_SHORT = 0x10, START_LONG = 0x68, SINGLE = 0xE5, STOP = 0x16, SHORT_SIZE = 5, AROUND = 6, LEAST = 3 };

static uint8_t sum_of(const uint8_t *bytes, size_t count)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum;
}

static enum mbus_found nothing(struct error *e, int at, const char *expected, unsigned came)
{
	error_set(e, ERROR_DATA, "byte %d: expected %s, %02Xh came", at, expected, came);
	return MBUS_FOUND_NOTHING;
}

static enum mbus_found cut(struct error *e, size_t have, size_t whole)
{
	if (whole)
		error_set(e, ERROR_DATA, "byte %zu: the frame is cut short: it has %zu bytes by its lengths, %zu came", have, whole, have);
	else
		error_set(e, ERROR_DATA, "byte %zu: the frame is cut short within its first bytes", have);
	return MBUS_FOUND_CUT;
}

/* Checksum and stop of a frame of `size` bytes whose C is at `c`. */
static enum mbus_found check_end(const uint8_t *bytes, size_t size, size_t c, struct error *e)
{
	uint8_t sum = sum_of(bytes + c, size - 2 - c);

	if (bytes[size - 2] != sum) {
		error_set(e, ERROR_DATA, "byte %zu: wrong checksum: %02Xh came, the bytes before it add up to %02Xh", size - 2,
			bytes[size - 2], sum);
		return MBUS_FOUND_CHECKSUM;
	}
	if (bytes[size - 1] != STOP) {
		error_set(e, ERROR_DATA, "byte %zu: expected the stop 16h, %02Xh came", size - 1, bytes[size - 1]);
		return MBUS_FOUND_CHECKSUM;
	}
	return MBUS_FOUND_FRAME;
}

static void take(struct mbus_frame *out, enum mbus_frame_kind kind, const uint8_t *bytes, size_t size, size_t c)
{
	out->kind = kind;
	out->size = (int)size;
	out->c = kind == MBUS_ACK ? -1 : bytes[c];
	out->a = kind == MBUS_ACK ? -1 : bytes[c + 1];
	out->ci = kind == MBUS_LONG ? bytes[c + 2] : -1;
	memcpy(out->data, bytes, size);
}

static enum mbus_found parse_short(const uint8_t *bytes, size_t have, struct mbus_frame *out, struct error *e)
{
	enum mbus_found found;

	if (have < SHORT_SIZE)
		return cut(e, have, SHORT_SIZE);
	found = check_end(bytes, SHORT_SIZE, 1, e);
	if (found == MBUS_FOUND_FRAME)
		take(out, MBUS_SHORT, bytes, SHORT_SIZE, 1);
	return found;
}

static enum mbus_found parse_long(const uint8_t *bytes, size_t have, struct mbus_frame *out, struct error *e)
{
	size_t size = have > 1 ? (size_t)bytes[1] + AROUND : 0;
	enum mbus_found found;

	if (have > 1 && bytes[1] < LEAST)
		return nothing(e, 1, "a length of 3 or more", bytes[1]);
	if (have > 2 && bytes[2] != bytes[1])
		return nothing(e, 2, "the same length again", bytes[2]);
	if (have > 3 && bytes[3] != START_LONG)
		return nothing(e, 3, "the second start 68h", bytes[3]);
	if (have < 4 || have < size)
		return cut(e, have, have < 4 ? 0 : size);
	found = check_end(bytes, size, 4, e);
	if (found == MBUS_FOUND_FRAME)
		take(out, MBUS_LONG, bytes, size, 4);
	return found;
}

enum mbus_found mbus_frame_parse(const uint8_t *bytes, size_t have, struct mbus_frame *out, struct error *e)
{
	if (have == 0)
		return cut(e, 0, 0);
	switch (bytes[0]) {
	case SINGLE:
		take(out, MBUS_ACK, bytes, 1, 0);
		return MBUS_FOUND_FRAME;
	case START_SHORT:
		return parse_short(bytes, have, out, e);
	case START_LONG:
		return parse_long(bytes, have, out, e);
	default:
		return nothing(e, 0, "the start of a frame (68h, 10h or E5h)", bytes[0]);
	}
}

int mbus_frame_short(uint8_t *out, int c, int a)
{
	const uint8_t frame[SHORT_SIZE] = {START_SHORT, (uint8_t)c, (uint8_t)a, (uint8_t)(c + a), STOP};

	memcpy(out, frame, sizeof(frame));
	return SHORT_SIZE;
}

int mbus_frame_long(uint8_t *out, int c, int a, int ci, const uint8_t *data, int size)
{
	uint8_t length = (uint8_t)(size + LEAST);
	const uint8_t head[MBUS_USER_DATA] = {START_LONG, length, length, START_LONG, (uint8_t)c, (uint8_t)a, (uint8_t)ci};

	memcpy(out, head, sizeof(head));
	if (size)
		memcpy(out + MBUS_USER_DATA, data, (size_t)size);
	out[MBUS_USER_DATA + size] = sum_of(out + 4, length);
	out[MBUS_USER_DATA + size + 1] = STOP;
	return length + AROUND;
}

static void drop(struct mbus_reader *r, size_t count)
{
	r->have -= count;
	memmove(r->data, r->data + count, r->have);
}

void mbus_reader_put(struct mbus_reader *r, const uint8_t *data, size_t size)
{
	size_t room = sizeof(r->data) - r->have, n = size < room ? size : room;

	memcpy(r->data + r->have, data, n);
	r->have += n;
	r->noise += (long)(size - n);
}

enum mbus_found mbus_reader_next(struct mbus_reader *r, struct mbus_frame *frame, struct error *e)
{
	while (r->have) {
		struct error why = ERROR_INIT;
		enum mbus_found found = mbus_frame_parse(r->data, r->have, frame, &why);
		/* Five bytes that happen to begin with 10h are no broken frame unless they end like one. */
		bool broken = found == MBUS_FOUND_CHECKSUM && (r->data[0] == START_LONG || r->data[SHORT_SIZE - 1] == STOP);

		if (found == MBUS_FOUND_CUT)
			return MBUS_FOUND_NOTHING;
		if (found == MBUS_FOUND_FRAME) {
			drop(r, (size_t)frame->size);
			return found;
		}
		r->noise++;
		drop(r, 1);
		if (broken) {
			error_set(e, why.code, "%s", why.text);
			return found;
		}
	}
	return MBUS_FOUND_NOTHING;
}

enum mbus_found mbus_reader_end(struct mbus_reader *r, struct mbus_frame *frame, struct error *e)
{
	enum mbus_found found = mbus_reader_next(r, frame, e);
	struct error why = ERROR_INIT;

	if (found != MBUS_FOUND_NOTHING || r->have == 0)
		return found;
	mbus_frame_parse(r->data, r->have, frame, &why);
	while (r->have) {
		r->noise++;
		drop(r, 1);
		found = mbus_reader_next(r, frame, e);
		if (found == MBUS_FOUND_FRAME && frame->kind != MBUS_ACK) /* an E5 among the rest of a frame is a byte of it */
			return found;
	}
	error_set(e, why.code, "%s", why.text);
	return MBUS_FOUND_CUT;
}

int mbus_reader_missing(const struct mbus_reader *r)
{
	if (r->have == 0)
		return 0;
	if (r->data[0] == START_LONG && r->have >= 2)
		return r->data[1] + AROUND > (int)r->have ? r->data[1] + AROUND - (int)r->have : 0;
	return r->data[0] == START_LONG ? AROUND + LEAST - (int)r->have : SHORT_SIZE - (int)r->have;
}
