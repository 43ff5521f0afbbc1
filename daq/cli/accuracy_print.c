/* What a study found, as a table on a terminal: a line for each model and heat pump. */
#include "daq/cli/accuracy_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "0.153 [0.066 … 0.479]"; without an interval only the value; a dash. */
static const char *with_interval(char *out, size_t size, const struct interval *v)
{
	if (isnan(v->value))
		snprintf(out, size, "\xe2\x80\x93");
	else if (isnan(v->low) || isnan(v->high))
		snprintf(out, size, "%.3g", v->value);
	else
		snprintf(out, size, "%.3g [%.3g \xe2\x80\xa6 %.3g]", v->value, v->low, v->high);
	return out;
}

/* Pads by what is seen: three bytes of a dash or dots are one sign. */
static void cell(const char *text, int width)
{
	int seen = 0;

	for (const char *c = text; *c; c++)
		seen += (*c & 0xc0) != 0x80;
	printf("%s%*s", text, seen < width ? width - seen : 0, "");
}

static enum verdict verdict_of(const struct accuracy *a, int model, int pump, bool *not_resolvable)
{
	enum verdict worst = VERDICT_NONE;

	*not_resolvable = false;
	for (int i = 0; i < a->verdicts; i++) {
		const struct accuracy_verdict *v = &a->verdict_row[i];

		if (v->model != model || v->pump != pump)
			continue;
		worst = verdict_worse(worst, v->verdict);
		*not_resolvable |= v->not_resolvable;
	}
	return worst;
}

static void print_line(const struct accuracy *a, int model, int pump)
{
	const struct comparison *c = accuracy_comparison(a, model, pump);
	bool not_resolvable;
	enum verdict v = verdict_of(a, model, pump, &not_resolvable);
	char text[96];

	printf("  ");
	cell(pump < 0 ? "all" : a->study.pump[pump].name, 10);
	if (!c->there) {
		printf("%s\n", c->why);
		return;
	}
	cell(with_interval(text, sizeof(text), &c->metric[SPAN_SAMPLE][METRIC_ENERGY]), 26);
	cell(with_interval(text, sizeof(text), &c->metric[SPAN_SAMPLE][METRIC_RMSE]), 24);
	cell(with_interval(text, sizeof(text), &c->metric[SPAN_HOUR][METRIC_CVRMSE]), 24);
	if (isnan(c->skew.skew))
		cell("\xe2\x80\x93", 16);
	else {
		snprintf(text, sizeof(text), "%.2f \xc2\xb1 %.2f", c->skew.skew, c->skew.u);
		cell(text, 16);
	}
	printf("%s%s\n", verdict_name(v), v == VERDICT_UNDECIDED && not_resolvable ? ", not resolvable" : "");
}

void accuracy_print(const struct accuracy *a, const struct report *r, const char *folder)
{
	if (r->banner[0])
		printf("%s\n", r->banner);
	for (int m = 0; m < a->models; m++) {
		printf("%s %s\n  ", a->model[m].model.name, a->model[m].model.version);
		cell("", 10);
		cell("energy error / %", 26);
		cell("RMSE / W", 24);
		cell("hourly CV(RMSE) / %", 24);
		cell("skew / s", 16);
		printf("verdict\n");
		for (int p = 0; p < a->study.pumps; p++)
			print_line(a, m, p);
		print_line(a, m, -1);
	}
	for (int i = 0; i < r->figures; i++)
		if (!r->figure[i].svg)
			printf("figure %s is missing: %s\n", r->figure[i].name, r->figure[i].missing);
	printf("%s: %s\n", verdict_name(r->verdict), r->verdict_sentence);
	printf("report: %s/report.html\n", folder);
}
