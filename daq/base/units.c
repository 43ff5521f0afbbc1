#include "daq/base/units.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <udunits2.h>

/* Words of the field and what UDUNITS calls them. `kind` keeps apart what UDUNITS would convert: apparent
 * and reactive power from active power, a temperature from a difference, counts from pure numbers. */
struct alias {
	const char *word, *udunits;
	char kind;
};

static const struct alias aliases[] = {
	{"", "1", 0},		   {"1", "1", 0},	      {"%", "0.01", 0},	       {"permille", "0.001", 0},
	{"‰", "0.001", 0},	   {"W", "W", 'P'},	      {"mW", "mW", 'P'},       {"kW", "kW", 'P'},
	{"MW", "MW", 'P'},	   {"VA", "W", 'S'},	      {"kVA", "kW", 'S'},      {"var", "W", 'Q'},
	{"kvar", "kW", 'Q'},	   {"Wh", "W.h", 'E'},	      {"kWh", "kW.h", 'E'},    {"MWh", "MW.h", 'E'},
	{"J", "J", 'E'},	   {"kJ", "kJ", 'E'},	      {"MJ", "MJ", 'E'},       {"GJ", "GJ", 'E'},
	{"varh", "W.h", 'q'},	   {"kvarh", "kW.h", 'q'},    {"l/h", "l.h-1", 0},     {"l/min", "l.min-1", 0},
	{"l/s", "l.s-1", 0},	   {"m3/h", "m3.h-1", 0},     {"m³/h", "m3.h-1", 0},   {"l", "l", 0},
	{"ml", "ml", 0},	   {"m3", "m3", 0},	      {"m³", "m3", 0},	       {"imp", "1", 'i'},
	{"imp/l", "l-1", 'i'},	   {"imp/kWh", "kW-1.h-1", 'i'}, {"rpm", "min-1", 'n'}, {"Hz", "Hz", 0},
	{"kHz", "kHz", 0},	   {"degC", "degC", 'T'},     {"°C", "degC", 'T'},     {"K", "K", 'D'},
	{"bar", "bar", 0},	   {"mbar", "mbar", 0},	      {"Pa", "Pa", 0},	       {"kPa", "kPa", 0},
	{"hPa", "hPa", 0},	   {"deg", "degree", 0},      {"Bd", "s-1", 'b'},  {"W/permille", "1000 W", 'g'},
};

static ut_system *unit_system;
static pthread_mutex_t unit_lock = PTHREAD_MUTEX_INITIALIZER;

static const struct alias *find_alias(const char *word)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(aliases[i].word, word) == 0)
			return &aliases[i];
	return NULL;
}

/* UDUNITS takes numbers and shifts for parts of a unit: "s 3" is 3 s and "K @ 273.15" a temperature. Here a digit
 * only follows what it is the exponent of: "m3", "l.h-1", "m^2". */
static bool is_word(const char *text)
{
	static const char *const shifts[] = {" since ", " after ", " from ", " ref ", "@"};

	for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++)
		if (strstr(text, shifts[i]))
			return false;
	for (const char *p = text; *p; p++) {
		const char *before = p;

		if (!isdigit((unsigned char)*p))
			continue;
		while (before > text && strchr("0123456789+-^", before[-1]))
			before--;
		if (before == text || !(isalpha((unsigned char)before[-1]) || (unsigned char)before[-1] >= 0x80))
			return false;
	}
	return true;
}

/* With the lock held. The caller frees with ut_free. */
static ut_unit *parse_unit(const char *word, char *kind)
{
	const struct alias *alias = find_alias(word);
	ut_unit *unit;

	if (!unit_system) {
		ut_set_error_message_handler(ut_ignore);
		unit_system = ut_read_xml(NULL);
		if (!unit_system)
			return NULL;
	}
	unit = ut_parse(unit_system, alias ? alias->udunits : word, UT_UTF8);
	if (!unit)
		return NULL;
	*kind = alias ? alias->kind : 0;
	if (!alias && !is_word(word)) {
		ut_free(unit);
		return NULL;
	}
	return unit;
}

bool unit_known(const char *unit)
{
	ut_unit *u;
	char kind;

	pthread_mutex_lock(&unit_lock);
	u = parse_unit(unit, &kind);
	if (u)
		ut_free(u);
	pthread_mutex_unlock(&unit_lock);
	return u != NULL;
}

const char *unit_label(const char *unit, char room[24])
{
	if (!unit[0] || strcmp(unit, "1") == 0)
		room[0] = '\0';
	else
		snprintf(room, 24, " %s", unit);
	return room;
}

int unit_convert(double value, const char *from, const char *to, double *out, struct error *e)
{
	ut_unit *a = NULL, *b = NULL;
	cv_converter *converter = NULL;
	char kind_a = 0, kind_b = 0;
	int result = -1;

	if (strcmp(from, to) == 0) {
		*out = value;
		return 0;
	}
	pthread_mutex_lock(&unit_lock);
	a = parse_unit(from, &kind_a);
	b = parse_unit(to, &kind_b);
	if (!a || !b) {
		error_set(e, ERROR_CONFIG, "'%s' is not a unit that is known here", a ? to : from);
		goto out;
	}
	if (kind_a == kind_b && ut_are_convertible(a, b))
		converter = ut_get_converter(a, b);
	if (!converter) {
		error_set(e, ERROR_CONFIG, "a value in '%s' cannot be given in '%s'", from, to);
		goto out;
	}
	*out = cv_convert_double(converter, value);
	result = 0;
out:
	if (converter)
		cv_free(converter);
	if (a)
		ut_free(a);
	if (b)
		ut_free(b);
	pthread_mutex_unlock(&unit_lock);
	return result;
}

int quantity_parse(const char *text, double *value, char *unit, size_t size, struct error *e)
{
	char *end;
	double v;
	size_t n;

	v = strtod(text, &end);
	if (end == text)
		return error_set(e, ERROR_CONFIG, "'%s' is not a number with a unit", text);
	if (!isfinite(v))
		return error_set(e, ERROR_CONFIG, "'%s' is not a finite number", text);
	while (*end == ' ')
		end++;
	n = strlen(end);
	while (n && end[n - 1] == ' ')
		n--;
	if (n >= size)
		return error_set(e, ERROR_CONFIG, "'%s' has no unit that is known here", text);
	memcpy(unit, end, n);
	unit[n] = '\0';
	if (!unit_known(unit)) {
		int result = error_set(e, ERROR_CONFIG, "'%s' is not a unit that is known here (in '%s')", unit,
			text);

		unit[0] = '\0';
		return result;
	}
	*value = v;
	return 0;
}

int quantity_read(const char *text, const char *unit, double *out, struct error *e)
{
	char given[32];
	double v;

	if (quantity_parse(text, &v, given, sizeof(given), e) != 0)
		return -1;
	if (given[0] == '\0' && strcmp(unit, "1") != 0 && unit[0] != '\0')
		return error_set(e, ERROR_CONFIG, "'%s' has no unit: expected one like '%s %s'", text, text, unit);
	return unit_convert(v, given, unit, out, e);
}
