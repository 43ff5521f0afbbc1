#include "daq/device/scale.h"

#include "daq/base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct scale_driver *const scale_drivers[] = {&scale_mt_sics, &scale_kern_kcp, &scale_sartorius_sbi};
const int scale_driver_count = sizeof(scale_drivers) / sizeof(scale_drivers[0]);

const struct scale_driver *scale_driver_find(const char *name)
{
	for (int i = 0; i < scale_driver_count; i++)
		if (strcmp(scale_drivers[i]->name, name) == 0)
			return scale_drivers[i];
	return NULL;
}

double scale_unit_kg(const char *unit)
{
	static const struct {
		const char *unit;
		double kg;
	} units[] = {{"g", 1e-3}, {"kg", 1}, {"mg", 1e-6}, {"t", 1e3}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].unit, unit) == 0)
			return units[i].kg;
	return NAN;
}

static const struct {
	const char *name;
	enum quality quality;
} states[SCALE_STATES] = {
	[SCALE_STABLE] = {"stable", QUALITY_GOOD},
	[SCALE_DYNAMIC] = {"dynamic", QUALITY_SUSPECT},
	[SCALE_OVERLOAD] = {"overload", QUALITY_RANGE},
	[SCALE_UNDERLOAD] = {"underload", QUALITY_RANGE},
	[SCALE_NOT_EXECUTABLE] = {"not executable", QUALITY_EXCEPTION},
	[SCALE_FAULT] = {"fault", QUALITY_EXCEPTION},
	[SCALE_FOREIGN_UNIT] = {"foreign unit", QUALITY_EXCEPTION},
	[SCALE_DONE] = {"done", QUALITY_GOOD},
	[SCALE_OTHER_ANSWER] = {"other answer", QUALITY_CHECKSUM},
	[SCALE_GARBLED] = {"garbled", QUALITY_CHECKSUM},
	[SCALE_NO_ANSWER] = {"no answer", QUALITY_TIMEOUT},
};

enum quality scale_state_quality(enum scale_state state)
{
	return (unsigned)state < SCALE_STATES ? states[state].quality : QUALITY_CHECKSUM;
}

const char *scale_state_name(enum scale_state state)
{
	return (unsigned)state < SCALE_STATES ? states[state].name : "?";
}

void scale_reply_set(struct scale_reply *reply, enum scale_state state, const char *text)
{
	memset(reply, 0, sizeof(*reply));
	reply->state = state;
	reply->weight = reply->resolution = NAN;
	if (text)
		text_copy(reply->text, sizeof(reply->text), text);
}

void scale_parse(const struct scale_driver *driver, enum scale_ask ask, const char *line, const char *blank_unit,
	struct scale_reply *reply)
{
	scale_reply_set(reply, SCALE_GARBLED, "no reply of this dialect");
	for (const char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return;
	driver->parse(ask, line, blank_unit, reply);
}

/* Digits of a weight as text without blanks and brackets. */
struct digits {
	char text[24];
	int length, count, decimals, unverified;
	bool point, open, closed;
};

/* One character behind blanks and sign; false: it must not stand there. */
static bool add_character(struct digits *d, char c)
{
	if (d->closed || d->length == (int)sizeof(d->text) - 1)
		return false;
	if (c == '[' && !d->open && d->count > 0)
		return d->open = true;
	if (c == ']' && d->open && d->unverified > 0)
		return d->closed = true;
	if (c == '.' && !d->point && d->count > 0)
		d->point = true;
	else if (isdigit((unsigned char)c)) {
		d->count++;
		d->decimals += d->point;
		d->unverified += d->open;
	} else
		return false;
	d->text[d->length++] = c;
	return true;
}

/* Blanks, sign, blanks, digits, blanks. A point with nothing behind it is none: some scales show "12." in steps of 1. */
static bool read_number(const char *number, size_t length, struct digits *d)
{
	size_t i = 0;

	memset(d, 0, sizeof(*d));
	while (i < length && number[i] == ' ')
		i++;
	if (i < length && (number[i] == '+' || number[i] == '-'))
		d->text[d->length++] = number[i++];
	while (i < length && number[i] == ' ')
		i++;
	while (i < length && number[i] != ' ')
		if (!add_character(d, number[i++]))
			return false;
	while (i < length && number[i] == ' ')
		i++;
	return i == length && d->count > 0 && d->open == d->closed;
}

void scale_reply_weight(struct scale_reply *reply, enum scale_state state, const char *number, size_t length,
	const char *unit, const char *blank_unit)
{
	struct digits d;
	double kg = scale_unit_kg(*unit ? unit : blank_unit);

	scale_reply_set(reply, SCALE_GARBLED, "no number where the weight should be");
	if (!read_number(number, length, &d))
		return;
	scale_reply_set(reply, state, NULL);
	reply->decimals = d.decimals;
	reply->unverified = d.unverified;
	reply->width = (int)length;
	reply->padded = number[0] == ' ';
	text_copy(reply->unit, sizeof(reply->unit), unit);
	if (isnan(kg)) {
		if (*unit)
			reply->state = SCALE_FOREIGN_UNIT;
		text_copy(reply->text, sizeof(reply->text), *unit ? "the unit is none of mass" : "the unit is not known");
		return;
	}
	reply->weight = strtod(d.text, NULL) * kg;
	reply->resolution = pow(10, -d.decimals) * kg;
}
