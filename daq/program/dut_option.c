#include "daq/program/dut_option.h"

#include "daq/acquire/bench.h"
#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"

#include <string.h>

static int find_dut(const struct bench *bench, const char *name, const char *text, struct error *e)
{
	const char *names[BENCH_DUTS + 1], *near;
	int d = bench_find_dut(bench, name);

	if (d >= 0)
		return d;
	for (int i = 0; i < bench->duts; i++)
		names[i] = bench->dut[i].name;
	names[bench->duts] = NULL;
	near = nearest_name(name, names);
	return error_set(e, ERROR_USAGE, "--dut %s: the bench has no device under test '%s'%s%s%s", text, name, near ? " (did you mean '" : "",
		near ? near : "", near ? "'?)" : "");
}

/* "serial=4711" */
static int take(struct bench_dut *dut, char *part, const char *text, struct error *e)
{
	char *value = strchr(part, '=');

	if (value)
		*value++ = '\0';
	if (value && strcmp(part, "serial") == 0)
		text_copy(dut->serial, sizeof(dut->serial), value);
	else if (value && strcmp(part, "firmware") == 0)
		text_copy(dut->firmware, sizeof(dut->firmware), value);
	else
		return error_set(e, ERROR_USAGE, "--dut %s: what is '%s'? expected serial=... or firmware=...", text, part);
	return 0;
}

int dut_option_apply(struct bench *bench, const char *text, struct error *e)
{
	char copy[256], *rest, *save = NULL;
	int d;

	if (!text_copy(copy, sizeof(copy), text))
		return error_set(e, ERROR_USAGE, "--dut %s is too long", text);
	rest = strchr(copy, ':');
	if (!rest)
		return error_set(e, ERROR_USAGE, "--dut %s: expected NAME:serial=...,firmware=...", text);
	*rest++ = '\0';
	d = find_dut(bench, copy, text, e);
	if (d < 0)
		return -1;
	for (char *part = strtok_r(rest, ",", &save); part; part = strtok_r(NULL, ",", &save))
		if (take(&bench->dut[d], part, text, e) < 0)
			return -1;
	return 0;
}
