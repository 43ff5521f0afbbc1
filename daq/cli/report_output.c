#include "daq/cli/report_output.h"

#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void cli_find_run(char *out, size_t size, const char *run)
{
	const char *results = getenv("HEATBENCH_RESULTS");
	struct stat there;

	text_copy(out, size, run);
	if (stat(run, &there) == 0 || strchr(run, '/'))
		return;
	snprintf(out, size, "%s/%s", results && *results ? results : "results", run);
	if (stat(out, &there) < 0)
		text_copy(out, size, run);
}

int cli_write_report(const struct report *r, const char *folder, struct error *e)
{
	static const struct {
		const char *file;
		int (*write)(const struct report *, const char *, struct error *);
	} writers[] = {
		{"report.html", report_html}, {"report.json", report_json}, {"junit.xml", report_junit}};
	char path[4608];

	for (size_t i = 0; i < sizeof(writers) / sizeof(*writers); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, writers[i].file);
		if (writers[i].write(r, path, e) < 0)
			return -1;
	}
	return 0;
}

/* printf counts bytes where a screen counts characters. */
static int wide(int width, const char *text)
{
	return width + (int)strlen(text) - text_width(text);
}

static void print_row(const struct report_result *r)
{
	char value[48], U[48], set[32], limit[64];

	snprintf(set, sizeof(set), "%g", r->set_point);
	report_value(value, sizeof(value), r->value, r->U);
	report_uncertainty(U, sizeof(U), r->U);
	report_limit(limit, sizeof(limit), r->min, r->max);
	printf("  %-10s %-10s %6s  %-14s %-14s %*s \xc2\xb1 %-*s %-*s %-*s %s%s%s\n", verdict_name(r->verdict), r->dut,
		isnan(r->set_point) ? "" : set, r->valve, r->quantity, wide(10, value), value, wide(8, U), U, wide(5, r->unit),
		r->unit, wide(16, limit), limit, r->note[0] ? "(" : "", r->note, r->note[0] ? ")" : "");
}

void cli_print_report(const struct report *r, const char *folder)
{
	bool any = false;

	if (r->banner[0])
		printf("%s\n", r->banner);
	for (int i = 0; i < r->results; i++)
		any |= r->result[i].verdict != VERDICT_NONE;
	for (int v = VERDICT_FAILED; v >= VERDICT_NONE;
		v--) /* without any limit the values are what there is to see */
		for (int i = 0; i < r->results; i++)
			if ((int)r->result[i].verdict == v && (!any || v != VERDICT_NONE))
				print_row(&r->result[i]);
	for (int i = 0; i < r->figures; i++)
		if (!r->figure[i].svg)
			printf("figure %s is missing: %s\n", r->figure[i].name, r->figure[i].missing);
	printf("%s%s: %s\n", verdict_name(r->verdict), r->incomplete ? ", incomplete" : "",
		r->verdict_sentence);
	printf("report: %s/report.html\n", folder);
}

int cli_print_json(const struct report *r, struct error *e)
{
	char *text = report_json_text(r, e);

	if (!text)
		return -1;
	puts(text);
	free(text);
	return 0;
}

enum exit_status cli_status(enum verdict v)
{
	return v == VERDICT_PASSED ? EXIT_PASSED : v == VERDICT_FAILED ? EXIT_FAILED : EXIT_UNDECIDED;
}
