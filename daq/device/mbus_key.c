#include "daq/device/mbus_key.h"

#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"
#include "daq/base/units.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {"storage", "tariff", "subunit", "function", "vife", "nth", NULL};
enum { WORD_STORAGE, WORD_TARIFF, WORD_SUBUNIT, WORD_FUNCTION, WORD_VIFE, WORD_NTH };

static const struct { const char *name; enum mbus_field field; } fields[] = {{"status", MBUS_FIELD_STATUS},
	{"access", MBUS_FIELD_ACCESS}, {"id", MBUS_FIELD_ID}};

static int parse_quantity(const char *name, const char *text, struct mbus_key *out, struct error *e)
{
	const char *names[128], *near;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].name, name) == 0) {
			out->field = fields[i].field;
			out->quantity = fields[i].name;
			out->unit = "1";
			return 0;
		}
	out->quantity = mbus_quantity_find(name, &out->unit);
	if (out->quantity)
		return 0;
	mbus_quantity_names(names);
	near = nearest_name(name, names);
	return error_set(e, ERROR_CONFIG, "key '%s': '%s' is no quantity of M-Bus%s%s%s", text, name, near ? " (did you mean '" : "",
		near ? near : "", near ? "'?)" : "");
}

static int parse_number(const char *value, const char *text, const char *word, long most, long *out, struct error *e)
{
	char *end = NULL;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (errno || end == value || *end || n < 0 || n > most)
		return error_set(e, ERROR_CONFIG, "key '%s': %s = '%s': expected a number from 0 to %ld", text, word, value, most);
	*out = n;
	return 0;
}

static int parse_function(const char *value, const char *text, struct mbus_key *out, struct error *e)
{
	for (int f = MBUS_INSTANTANEOUS; f <= MBUS_MINIMUM; f++) {
		const char *name = mbus_function_name((enum mbus_function)f);

		if (strcmp(value, name) != 0 && !(strlen(value) == 3 && strncmp(value, name, 3) == 0))
			continue;
		out->function = (enum mbus_function)f;
		return 0;
	}
	return error_set(e, ERROR_CONFIG, "key '%s': function = '%s': expected instantaneous, maximum or minimum", text, value);
}

static int parse_vife(const char *value, const char *text, struct mbus_key *out, struct error *e)
{
	size_t length = strlen(value);

	if (length == 0 || length % 2 || length > 2 * MBUS_VIFES || strspn(value, "0123456789abcdefABCDEF") != length)
		return error_set(e, ERROR_CONFIG, "key '%s': vife = '%s': expected pairs of hex digits, at most %d", text, value,
			MBUS_VIFES);
	for (out->vifes = 0; value[2 * out->vifes]; out->vifes++) {
		const char pair[3] = {value[2 * out->vifes], value[2 * out->vifes + 1], '\0'};

		out->vife[out->vifes] = (uint8_t)(strtol(pair, NULL, 16) & 0x7F);
	}
	return 0;
}

static int parse_word(char *word, const char *text, struct mbus_key *out, struct error *e)
{
	char *value = strchr(word, '=');
	long n = 0;
	int which = 0;

	if (value)
		*value++ = '\0';
	while (words[which] && strcmp(words[which], word) != 0)
		which++;
	if (!value || !words[which])
		return error_set(e, ERROR_CONFIG, "key '%s': '%s': expected storage=, tariff=, subunit=, function=, vife= or nth=", text,
			word);
	if (which == WORD_FUNCTION)
		return parse_function(value, text, out, e);
	if (which == WORD_VIFE)
		return parse_vife(value, text, out, e);
	if (parse_number(value, text, word, which == WORD_NTH ? 1000 : 1 << 20, &n, e) != 0)
		return -1;
	if (which == WORD_NTH && n == 0)
		return error_set(e, ERROR_CONFIG, "key '%s': nth = 0: the first is 1", text);
	if (which == WORD_STORAGE)
		out->storage = n;
	else
		*(which == WORD_TARIFF ? &out->tariff : which == WORD_SUBUNIT ? &out->subunit : &out->nth) = (int)n;
	return 0;
}

int mbus_key_parse(const char *text, struct mbus_key *out, struct error *e)
{
	struct mbus_key key = {.nth = 1};
	char copy[128], *rest = copy, *word;

	if (!text_copy(copy, sizeof(copy), text))
		return error_set(e, ERROR_CONFIG, "key '%.40s...' is too long", text);
	word = strtok_r(rest, " \t", &rest);
	if (!word)
		return error_set(e, ERROR_CONFIG, "key '%s': expected a quantity (energy, volume, power, flow ...)", text);
	if (parse_quantity(word, text, &key, e) != 0)
		return -1;
	while ((word = strtok_r(rest, " \t", &rest)))
		if (parse_word(word, text, &key, e) != 0)
			return -1;
	*out = key;
	return 0;
}

/* Whether it is the record but for its function. */
static bool alike(const struct mbus_key *key, const struct mbus_record *r)
{
	const struct mbus_meaning *m = &r->meaning;

	return m->quantity && strcmp(m->quantity, key->quantity) == 0 && r->storage == key->storage && r->tariff == key->tariff &&
	       r->subunit == key->subunit && m->vifes == key->vifes && memcmp(m->vife, key->vife, (size_t)m->vifes) == 0;
}

/* Whether one of `from` is a power of ten of `to`, as l/h of m3/h. */
static bool decades_between(const char *from, const char *to, int *decades)
{
	double zero = NAN, one = NAN;

	if (unit_convert(0, from, to, &zero, NULL) != 0 || unit_convert(1, from, to, &one, NULL) != 0 || zero != 0 || !(one > 0))
		return false;
	*decades = (int)lround(log10(one));
	return fabs(one / pow(10, *decades) - 1) < 1e-12;
}

static enum mbus_outcome record_value(const struct mbus_record *r, const char *unit, double *out)
{
	double value = NAN;
	int decades;

	if (!r->valid || (r->content != MBUS_NUMBER && r->content != MBUS_TIME) ||
		unit_convert(r->value, r->meaning.unit, unit, &value, NULL) != 0)
		return MBUS_KEY_INVALID;
	*out = r->content == MBUS_NUMBER && decades_between(r->meaning.unit, unit, &decades) ? mbus_record_scaled(r, decades) : value;
	return MBUS_KEY_VALUE;
}

static enum mbus_outcome header_value(const struct mbus_key *key, const struct mbus_header *h, double *out)
{
	if (key->field == MBUS_FIELD_ID && strspn(h->id, "0123456789") != strlen(h->id))
		return MBUS_KEY_INVALID;
	*out = key->field == MBUS_FIELD_STATUS ? h->status : key->field == MBUS_FIELD_ACCESS ? h->access : strtod(h->id, NULL);
	return MBUS_KEY_VALUE;
}

enum mbus_outcome mbus_key_value(const struct mbus_key *key, const struct mbus_telegram *t, const char *unit, double *out)
{
	enum mbus_outcome outcome = MBUS_KEY_ABSENT;
	int seen = 0;

	*out = NAN;
	if (key->field != MBUS_FIELD_RECORD)
		return header_value(key, &t->header, out);
	for (int i = 0; i < t->records; i++) {
		const struct mbus_record *r = &t->record[i];

		if (!alike(key, r))
			continue;
		if (r->function == MBUS_DURING_ERROR)
			outcome = MBUS_KEY_INVALID;
		else if (r->function == key->function && ++seen == key->nth)
			return record_value(r, unit, out);
	}
	return outcome;
}

int mbus_key_check(const char *text, const char *unit, struct error *e)
{
	struct mbus_key key;
	struct error why = ERROR_INIT;
	double one;

	if (mbus_key_parse(text, &key, e) != 0)
		return -1;
	if (unit_convert(1, key.unit, unit, &one, &why) != 0)
		return error_set(e, ERROR_CONFIG, "key '%s': %s", text, why.text);
	return 0;
}

int mbus_key_show(const char *text, const char *unit, const uint8_t *bytes, size_t size, double *out, struct error *e)
{
	struct mbus_telegram t = {.frames = 0};
	struct mbus_frame frame;
	struct mbus_key key;
	int result = -1;

	if (mbus_key_parse(text, &key, e) != 0)
		return -1;
	if (mbus_frame_parse(bytes, size, &frame, e) != MBUS_FOUND_FRAME || mbus_telegram_add(&t, &frame, e) != 0)
		goto out;
	result = 0;
	if (mbus_key_value(&key, &t, unit, out) != MBUS_KEY_VALUE)
		result = error_set(e, ERROR_DATA, "the telegram of meter %s has no value for key '%s'", t.header.id, text);
out:
	mbus_telegram_free(&t);
	return result;
}
