#include "analytics/core/report.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Text for an attribute or element; control characters, which XML cannot hold, become spaces. */
static void xml(struct text *t, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			text_add(t, "&amp;");
			break;
		case '<':
			text_add(t, "&lt;");
			break;
		case '>':
			text_add(t, "&gt;");
			break;
		case '"':
			text_add(t, "&quot;");
			break;
		default:
			text_add(t, "%c", (unsigned char)*s < ' ' ? ' ' : *s);
		}
	}
}

static void name(struct text *t, const struct report_result *r)
{
	char number[32];

	xml(t, r->quantity);
	if (!isnan(r->set_point)) {
		snprintf(number, sizeof(number), " at %g ", r->set_point);
		xml(t, number);
		xml(t, r->set_point_unit);
	}
	if (r->valve[0]) {
		text_add(t, ", ");
		xml(t, r->valve);
	}
}

static void outcome(struct text *t, const struct report_result *r)
{
	char value[32], U[32], limit[64];

	report_value(value, sizeof(value), r->value, r->U);
	report_uncertainty(U, sizeof(U), r->U);
	report_limit(limit, sizeof(limit), r->min, r->max);
	text_add(t, "%s \xc2\xb1 %s ", value, U);
	xml(t, r->unit);
	text_add(t, ", limit %s, ", limit);
	xml(t, decision_rule_name(r->rule));
	if (r->note[0]) {
		text_add(t, "; ");
		xml(t, r->note);
	}
}

/* Pipelines know passed, failed and skipped: undecided is a failure of the kind "undecided", because
 * nothing that was to be shown has been shown; without a limit a case is skipped. */
static void one_case(struct text *t, const struct report *r, const struct report_result *result)
{
	text_add(t, "    <testcase classname=\"");
	xml(t, r->bench);
	text_add(t, ".");
	xml(t, result->dut);
	text_add(t, "\" name=\"");
	name(t, result);
	text_add(t, "\" time=\"0\">");
	if (result->verdict == VERDICT_NONE)
		text_add(t, "<skipped message=\"no limit\"/>");
	if (result->verdict == VERDICT_FAILED || result->verdict == VERDICT_UNDECIDED) {
		text_add(t, "<failure type=\"%s\" message=\"", verdict_name(result->verdict));
		outcome(t, result);
		text_add(t, "\"/>");
	}
	if (result->verdict == VERDICT_PASSED) {
		text_add(t, "<system-out>");
		outcome(t, result);
		text_add(t, "</system-out>");
	}
	text_add(t, "</testcase>\n");
}

/* The whole is a case too: a run without limits or without a clean end must not look green. */
static void whole_case(struct text *t, const struct report *r)
{
	text_add(t, "    <testcase classname=\"");
	xml(t, r->bench);
	text_add(t, "\" name=\"verdict of the run\" time=\"0\">");
	if (r->verdict != VERDICT_PASSED) {
		text_add(t, "<failure type=\"%s\" message=\"", verdict_name(r->verdict));
		xml(t, r->verdict_sentence);
		text_add(t, "\"/>");
	}
	text_add(t, "</testcase>\n");
}

int report_junit(const struct report *r, const char *path, struct error *e)
{
	struct text t = TEXT_INIT;
	int failures = r->verdict != VERDICT_PASSED, skipped = 0, status;

	for (int i = 0; i < r->results; i++) {
		failures +=
			r->result[i].verdict == VERDICT_FAILED || r->result[i].verdict == VERDICT_UNDECIDED;
		skipped += r->result[i].verdict == VERDICT_NONE;
	}
	text_add(&t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"");
	xml(&t, r->title);
	text_add(&t, "\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"0\">\n",
		r->results + 1, failures, skipped);
	whole_case(&t, r);
	for (int i = 0; i < r->results; i++)
		one_case(&t, r, &r->result[i]);
	text_add(&t, "  </testsuite>\n</testsuites>\n");
	status = t.failed ? error_set(e, ERROR_SYSTEM, "out of memory while writing %s", path)
			  : text_write_file(path, t.data, t.length, e);
	text_free(&t);
	return status;
}
