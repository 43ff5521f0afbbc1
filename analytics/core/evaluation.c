#include "analytics/core/evaluation.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int assign(const struct setting *rows, void *base, char *part, const char *what, struct error *e)
{
	char *value = strchr(part, '='), where[96];
	struct setting_value v = {.kind = VALUE_TEXT};
	const struct setting *row;

	if (value)
		*value++ = '\0';
	row = settings_find(rows, part);
	if (!row || !value) {
		const char *near = settings_nearest(rows, part);

		return error_set(e, ERROR_CONFIG, "%s: what is '%s'%s? expected KEY=VALUE%s%s%s", what, part,
			value || !row ? "" : " without a value", near ? " (did you mean '" : "", near ? near : "",
			near ? "'?)" : "");
	}
	snprintf(where, sizeof(where), "%s: %s", what, row->name);
	v.text = value;
	return settings_assign(row, base, &v, where, e);
}

int evaluation_settings(const struct setting *rows, void *base, const char *text, const char *what, struct error *e)
{
	char *copy = strdup(text ? text : ""), *part, *save = NULL;
	int result = 0;

	if (!copy)
		return error_set(e, ERROR_SYSTEM, "%s: no memory", what);
	for (part = strtok_r(copy, ",", &save); part && result == 0; part = strtok_r(NULL, ",", &save))
		result = assign(rows, base, part + strspn(part, " "), what, e);
	free(copy);
	return result;
}

int evaluation_settings_of(struct text *out, struct run_reader *reader, struct error *e)
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
