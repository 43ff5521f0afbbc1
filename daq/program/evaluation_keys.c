#include "daq/program/evaluation_keys.h"

#include "daq/acquire/bench.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int unknown(const char *source, const char *path, const char *what, const char *name, const char *near, struct error *e)
{
	return error_set(e, ERROR_CONFIG, "%s: evaluation%s: %s '%s'%s%s%s", source, path, what, name, near ? " (did you mean '" : "",
		near ? near : "", near ? "'?)" : "");
}

static bool among(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

static int try_value(const struct setting *rows, const struct setting *row, const char *value, const char *where, struct error *e)
{
	struct setting_value v = {.kind = VALUE_TEXT, .text = value};
	void *scratch = calloc(1, settings_size(rows));
	int result;

	if (!scratch)
		return error_set(e, ERROR_SYSTEM, "%s: no memory", where);
	result = settings_assign(row, scratch, &v, where, e);
	free(scratch);
	return result;
}

int evaluation_key_check(const struct setting *rows, const char *name, const char *value, const char *const *duts,
	const char *source, struct error *e)
{
	char dut[48] = "", path[64] = "", where[320];
	const char *key = strchr(name, '.');
	const struct setting *row;

	if (key) {
		snprintf(dut, sizeof(dut), "%.*s", (int)(key - name), name);
		snprintf(path, sizeof(path), ".%s", dut);
	}
	key = key ? key + 1 : name;
	row = settings_find(rows, key);
	if (dut[0] && duts && !among(duts, dut))
		return unknown(source, "", "no device under test is called", dut, nearest_name(dut, duts), e);
	if (!row)
		return unknown(source, path, "unknown key", key, settings_nearest(rows, key), e);
	if (dut[0] && !row->each)
		return error_set(e, ERROR_CONFIG, "%s: evaluation%s: '%s' counts for all devices under test: say it outside of %s", source, path,
			key, dut);
	snprintf(where, sizeof(where), "%s: evaluation%s.%s", source, path, key);
	return try_value(rows, row, value, where, e);
}

static int check_together(int (*together)(const char *settings, struct error *e), const struct bench *bench, struct error *e)
{
	struct error inner = ERROR_INIT;
	struct text all = {.data = NULL};
	int result = -1;

	for (int i = 0; i < bench->settings; i++)
		text_add(&all, "%s%s=%s", i ? "," : "", bench->setting[i].name, bench->setting[i].value);
	if (all.failed)
		error_set(e, ERROR_SYSTEM, "no memory for the settings");
	else if (together(all.data, &inner) != 0)
		error_set(e, ERROR_CONFIG, "%s: evaluation: %s", bench->setting[0].source, inner.text);
	else
		result = 0;
	text_free(&all);
	return result;
}

int evaluation_keys_check(const struct setting *rows, int (*together)(const char *settings, struct error *e), const struct bench *bench,
	struct error *e)
{
	const char *duts[BENCH_DUTS + 1] = {NULL};

	for (int d = 0; d < bench->duts; d++)
		duts[d] = bench->dut[d].name;
	for (int i = 0; i < bench->settings; i++) {
		const struct bench_setting *s = &bench->setting[i];

		if (evaluation_key_check(rows, s->name, s->value, duts, s->source, e) != 0)
			return -1;
	}
	return together && bench->settings > 0 ? check_together(together, bench, e) : 0;
}

static int parse_one(struct run_setting *s, const struct setting *rows, char *part, struct error *e)
{
	char *value = strchr(part, '=');

	if (!value)
		return error_set(e, ERROR_USAGE, "--set %s: expected KEY=VALUE", part);
	*value++ = '\0';
	memset(s, 0, sizeof(*s));
	if (!text_copy(s->name, sizeof(s->name), part) || !text_copy(s->value, sizeof(s->value), value))
		return error_set(e, ERROR_USAGE, "--set %s is too long", part);
	text_copy(s->source, sizeof(s->source), "--set");
	return evaluation_key_check(rows, s->name, s->value, NULL, "--set", e);
}

int evaluation_keys_parse(struct run_setting *out, int *count, int most, const struct setting *rows, const char *text,
	struct error *e)
{
	char copy[1024], *part, *save = NULL;

	if (!text_copy(copy, sizeof(copy), text))
		return error_set(e, ERROR_USAGE, "--set %s is too long", text);
	for (part = strtok_r(copy, ",", &save); part; part = strtok_r(NULL, ",", &save)) {
		if (*count == most)
			return error_set(e, ERROR_USAGE, "--set: more than %d settings", most);
		if (parse_one(&out[*count], rows, part + strspn(part, " "), e) != 0)
			return -1;
		++*count;
	}
	return 0;
}
