#include "analytics/core/evaluation.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int unknown(const struct setting *rows, const char *part, bool without_value, const char *what, struct error *e)
{
	const char *near = settings_nearest(rows, part);

	return error_set(e, ERROR_CONFIG, "%s: what is '%s'%s? expected KEY=VALUE%s%s%s", what, part,
		without_value ? " without a value" : "", near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* One "KEY=VALUE" or "DUT.KEY=VALUE", where it is of `dut` ("": of all). */
static int assign(const struct setting *rows, void *base, char *part, const char *dut, const char *what, struct error *e)
{
	char *value = strchr(part, '='), *key = part, *point, where[128];
	struct setting_value v = {.kind = VALUE_TEXT};
	const struct setting *row;

	if (value)
		*value++ = '\0';
	point = strchr(part, '.');
	if (point) {
		*point = '\0';
		key = point + 1;
	}
	row = settings_find(rows, key);
	if (!row || !value)
		return unknown(rows, key, row && !value, what, e);
	if (point && !row->each)
		return error_set(e, ERROR_CONFIG, "%s: %s counts for all devices under test, not for '%s' alone", what, key, part);
	if (strcmp(point ? part : "", dut) != 0)
		return 0;
	snprintf(where, sizeof(where), "%s: %s%s%s", what, dut, point ? "." : "", row->name);
	v.text = value;
	return settings_assign(row, base, &v, where, e);
}

static int assign_all(const struct setting *rows, void *base, const char *text, const char *dut, const char *what, struct error *e)
{
	char *copy = strdup(text ? text : ""), *part, *save = NULL;
	int result = 0;

	if (!copy)
		return error_set(e, ERROR_SYSTEM, "%s: no memory", what);
	for (part = strtok_r(copy, ",", &save); part && result == 0; part = strtok_r(NULL, ",", &save))
		result = assign(rows, base, part + strspn(part, " "), dut, what, e);
	free(copy);
	return result;
}

int evaluation_run_settings(struct text *out, struct run_reader *reader, struct error *e)
{
	struct run_setting *own = NULL;
	int count = 0;

	if (run_reader_settings(reader, &own, &count, e) < 0)
		return -1;
	text_add(out, "%s", "");
	for (int i = 0; i < count; i++)
		text_add(out, "%s%s=%s", out->length ? "," : "", own[i].name, own[i].value);
	free(own);
	return out->failed ? error_set(e, ERROR_SYSTEM, "no memory for the settings") : 0;
}

int evaluation_settings(const struct setting *rows, void *base, const char *text, const char *what, struct error *e)
{
	return assign_all(rows, base, text, "", what, e);
}

int evaluation_settings_of(const struct setting *rows, void *base, const char *text, const char *dut, const char *what,
	struct error *e)
{
	return assign_all(rows, base, text, "", what, e) < 0 || assign_all(rows, base, text, dut, what, e) < 0 ? -1 : 0;
}

bool evaluation_settings_dut(const char **at, char *dut, size_t size)
{
	while (*at && **at) {
		const char *part = *at + strspn(*at, ", "), *end = part + strcspn(part, ",");
		size_t name = strcspn(part, ".=,");

		*at = end;
		if (part[name] == '.' && name < size) {
			memcpy(dut, part, name);
			dut[name] = '\0';
			return true;
		}
	}
	return false;
}
