/*
 * mbus_frames.h - telegrams for tests: answers of real meters (from the test frames of libmbus), and ones made by hand.
 */
#ifndef HEATBENCH_TESTS_DEVICE_MBUS_FRAMES_H
#define HEATBENCH_TESTS_DEVICE_MBUS_FRAMES_H

#include "tests/check.h"

#include "daq/device/mbus_telegram.h"

#include <stdio.h>
#include <stdlib.h>

static inline void assert_sentence(const struct error *e, const char *words)
{
	if (!strstr(e->text, words))
		fail_msg("\"%s\" does not say \"%s\"", e->text, words);
}

/* Elvaco CMa10, temperature and humidity, address 11. */
#define ELVACO \
	"68 53 53 68 08 0B 72 61 15 01 24 96 15 16 00 3F 00 00 00 01 FD 1B 02 02 FC 03 48 52 25 74 22 15 22 FC 03 48 52 25 74 24 " \
	"0D 12 FC 03 48 52 25 74 C3 1C 02 65 2E 08 22 65 5C 05 12 65 A2 0B 01 72 18 42 65 2C 08 82 01 65 1F 08 0C 78 61 15 01 24 " \
	"03 FD 0F 00 00 04 1F BD 16"
/* Sensus PolluTherm, address 8: its only telegram of two, "more records follow". */
#define POLLUTHERM \
	"68 42 42 68 08 08 72 76 00 05 21 18 4E 31 04 51 00 00 00 0C 07 64 08 00 00 0C 14 92 98 79 00 0C 7B 02 03 00 00 0C 2C 58 " \
	"54 00 00 0A 5A 55 07 0A 5E 94 05 0B 60 76 60 01 0C 78 76 00 05 21 0C FD 10 76 00 05 21 1F B3 16"
/* Minol Minocal C2, address 2. */
#define MINOCAL \
	"68 EF EF 68 08 02 72 84 50 42 31 4D 6A 81 04 24 27 00 00 04 06 03 00 00 00 02 FD 17 00 00 84 04 6D 00 00 A1 11 84 04 06 " \
	"03 00 00 00 84 05 06 00 00 00 00 04 13 49 00 00 00 04 3B 00 00 00 00 54 3B 2B 00 00 00 54 6D 1E 08 61 19 04 2D 00 00 00 " \
	"00 94 01 2D 14 00 00 00 94 01 6D 1E 08 61 19 02 59 D9 07 02 5D 87 07 04 6D 35 0B 8D 11 82 80 01 6C 81 11 84 80 01 06 03 " \
	"00 00 00 C2 80 01 6C 61 1C C4 80 01 06 03 00 00 00 82 81 01 6C 61 1B 84 81 01 06 03 00 00 00 C2 81 01 6C 61 1A C4 81 01 " \
	"06 03 00 00 00 82 82 01 6C 61 19 84 82 01 06 00 00 00 00 C2 82 01 6C 61 18 C4 82 01 06 00 00 00 00 82 83 01 6C 61 17 84 " \
	"83 01 06 00 00 00 00 C2 83 01 6C 61 16 C4 83 01 06 00 00 00 00 92 80 01 6C 81 11 94 80 01 3B 01 00 00 00 94 80 01 2D 00 " \
	"00 00 00 8E 16"
/* The record set of a Multical 403: 1234 kWh, 56.78 m3, 10000 h, 4500 W, 800 l/h, 35.00 and 30.00 degC, 5.00 K. */
#define HEAT_HEADER "78 56 34 12 2D 2C 35 04 07 00 00 00 "
#define HEAT_RECORDS \
	"04 06 D2 04 00 00 04 14 2E 16 00 00 04 22 10 27 00 00 04 2D 2D 00 00 00 04 3B 20 03 00 00 02 59 AC 0D 02 5D B8 0B 02 61 F4 01"

static inline int hex_bytes(const char *text, uint8_t *out)
{
	int n = 0;

	for (char *end; *text; text = end) {
		out[n] = (uint8_t)strtol(text, &end, 16);
		if (end == text)
			break;
		n++;
	}
	return n;
}

/* A telegram of these data bytes; returns its size. */
static inline int seal(uint8_t *out, int a, int ci, const char *text)
{
	uint8_t data[300];
	int n = hex_bytes(text, data);

	return mbus_frame_long(out, MBUS_RSP_UD, a, ci, data, n);
}

static inline void frame_of(const uint8_t *bytes, int size, struct mbus_frame *out)
{
	struct error e = ERROR_INIT;

	if (mbus_frame_parse(bytes, (size_t)size, out, &e) != MBUS_FOUND_FRAME)
		fail_msg("%s", e.text);
}

/* Decodes a whole frame given in hex. */
static inline void read_hex(const char *text, struct mbus_telegram *t)
{
	uint8_t bytes[300];
	struct mbus_frame frame;
	struct error e = ERROR_INIT;

	frame_of(bytes, hex_bytes(text, bytes), &frame);
	if (mbus_telegram_add(t, &frame, &e) != 0)
		fail_msg("%s", e.text);
}

/* Decodes records behind an ordinary header. */
static inline int read_records_of(const char *text, struct mbus_telegram *t, struct error *e)
{
	char all[1200];
	uint8_t bytes[300];
	struct mbus_frame frame;

	snprintf(all, sizeof(all), "%s%s", HEAT_HEADER, text);
	frame_of(bytes, seal(bytes, 5, 0x72, all), &frame);
	return mbus_telegram_add(t, &frame, e);
}

#endif
