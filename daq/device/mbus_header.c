/* mbus_header.c - who a meter is and how it is: the fixed header's fields in words. */
#include "daq/device/mbus_telegram.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct { int code; const char *name; } media[] = {
	{0x00, "other"}, {0x01, "oil"}, {0x02, "electricity"}, {0x03, "gas"}, {0x04, "heat (volume measured in the return)"},
	{0x05, "steam"}, {0x06, "warm water"}, {0x07, "water"}, {0x08, "heat cost allocator"}, {0x09, "compressed air"},
	{0x0A, "cooling (volume measured in the return)"}, {0x0B, "cooling (volume measured in the flow)"},
	{0x0C, "heat (volume measured in the flow)"}, {0x0D, "heat and cooling"}, {0x0E, "bus or system"}, {0x0F, "unknown"},
	{0x14, "calorific value"}, {0x15, "hot water"}, {0x16, "cold water"}, {0x17, "hot and cold water"}, {0x18, "pressure"},
	{0x19, "A/D converter"}, {0x1A, "smoke detector"}, {0x1B, "room sensor"}, {0x1C, "gas detector"},
	{0x20, "breaker"}, {0x21, "valve"}, {0x25, "customer display"}, {0x28, "waste water"}, {0x29, "waste"},
	{0x31, "communication controller"}, {0x36, "radio converter"}, {0x37, "radio converter"}};
/* clang-format on */

const char *mbus_medium_name(int medium)
{
	for (size_t i = 0; i < sizeof(media) / sizeof(media[0]); i++)
		if (media[i].code == medium)
			return media[i].name;
	return "other";
}

const char *mbus_function_name(enum mbus_function function)
{
	static const char *const names[] = {[MBUS_INSTANTANEOUS] = "instantaneous", [MBUS_MAXIMUM] = "maximum",
		[MBUS_MINIMUM] = "minimum", [MBUS_DURING_ERROR] = "during error"};

	return names[function];
}

const char *mbus_status_words(int status, char *out, size_t size)
{
	static const char *const application[] = {NULL, "busy", "application error", "abnormal condition"};
	static const struct { int bit; const char *words; } bits[] = {{MBUS_STATUS_PERMANENT, "permanent error"},
		{MBUS_STATUS_TEMPORARY, "temporary error"}, {MBUS_STATUS_POWER_LOW, "power low"}, {0x20, "maker's bit 5"},
		{0x40, "maker's bit 6"}, {0x80, "maker's bit 7"}};
	const char *first = application[status & MBUS_STATUS_APPLICATION];

	snprintf(out, size, "%s", first ? first : "");
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		size_t have = strlen(out);

		if (status & bits[i].bit)
			snprintf(out + have, size - have, "%s%s", have ? ", " : "", bits[i].words);
	}
	return out;
}

bool mbus_status_bad(int status)
{
	return status & (MBUS_STATUS_APPLICATION | MBUS_STATUS_PERMANENT | MBUS_STATUS_TEMPORARY);
}

bool mbus_header_same(const struct mbus_header *a, const struct mbus_header *b)
{
	return memcmp(a->raw, b->raw, sizeof(a->raw)) == 0;
}

void mbus_header_address(const struct mbus_header *header, char out[17])
{
	snprintf(out, 17, "%s%02X%02X%02X%02X", header->id, header->raw[4], header->raw[5], header->raw[6], header->raw[7]);
}
