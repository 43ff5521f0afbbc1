/* Tables of a whole meter: lines, agreement, correction. */
#include "benches/flow/flow_report.h"

#include "analytics/core/table_row.h"
#include "daq/base/text.h"

#include <math.h>

static const char *method_of(const struct flow_whole *w)
{
	return w->method == FLOW_GRAVIMETRIC ? "scale" : "meter";
}

static void p_cell(struct row *row, double p)
{
	if (p < 0.001)
		row_text(row, "< 0.001");
	else
		row_fixed(row, p, 3);
}

static void line_row(struct report *r, struct report_table *t, const struct flow_evaluation *ev,
	const struct flow_whole *w, const char *kind, const struct line_fit *f)
{
	struct stats_interval slope = line_fit_slope(f, FLOW_LEVEL), intercept = line_fit_intercept(f, FLOW_LEVEL);
	struct row row = {.n = 0};

	row_text(&row, ev->run.dut[w->dut].name);
	row_text(&row, method_of(w));
	row_text(&row, kind);
	row_value(&row, slope.value, slope.U);
	p_cell(&row, f->p_slope);
	row_value(&row, intercept.value, intercept.U);
	p_cell(&row, f->p_intercept);
	row_number(&row, f->residual_sd);
	row_count(&row, (long long)f->n);
	report_row(r, t, row.cell);
}

static void lines_table(struct report *r, const struct flow_evaluation *ev)
{
	static const char *const columns[] = {"under test", "reference", "line", "#slope", "#\xc2\xb1 U|95 %", "#p slope 1",
		"#intercept|l/h", "#\xc2\xb1 U|95 %", "#p intercept 0", "#residual sd|l/h", "#n", NULL};
	struct report_table *t = report_table(r, "regression", "Reading over reference", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Straight lines through all trials. Deming's takes both to err (ratio of the variances as set, 1 without), "
			"with intervals by the jackknife; the ordinary one takes the reference to be exact. p: chance of such a slope "
			"or intercept where reading = reference.");
	for (int i = 0; i < ev->wholes; i++) {
		line_row(r, t, ev, &ev->whole[i], "Deming", &ev->whole[i].deming);
		line_row(r, t, ev, &ev->whole[i], "ordinary", &ev->whole[i].ordinary);
	}
}

static void agreement_row(struct report *r, struct report_table *t, const struct flow_evaluation *ev,
	const struct flow_whole *w, const char *unit, const struct agreement *a)
{
	struct stats_interval bias = stats_interval(a->bias, a->bias_u, a->dof, FLOW_LEVEL);
	double limit_U = stats_coverage_factor(FLOW_LEVEL, a->dof) * a->limit_u;
	char text[32];
	struct row row = {.n = 0};

	row_text(&row, ev->run.dut[w->dut].name);
	row_text(&row, method_of(w));
	row_text(&row, unit);
	row_value(&row, bias.value, bias.U);
	row_number(&row, a->within);
	row_number(&row, a->between);
	row_number(&row, a->low);
	row_number(&row, a->high);
	row_text(&row, report_uncertainty(text, sizeof(text), limit_U));
	row_count(&row, (long long)a->pairs);
	row_count(&row, (long long)a->subjects);
	report_row(r, t, row.cell);
}

static void agreement_table(struct report *r, const struct flow_evaluation *ev)
{
	static const char *const columns[] = {"under test", "reference", "in", "#mean difference", "#\xc2\xb1 U|95 %",
		"#sd within", "#sd between", "#lower limit", "#upper limit", "#\xc2\xb1 U|of a limit", "#pairs", "#set points", NULL};
	struct report_table *t = report_table(r, "agreement", "Limits of agreement", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Bland and Altman (2007) with repeated pairs, set points as subjects: between the limits lie 95 % of the "
			"differences to be expected. Within: from trial to trial at one set point; between: from set point to set "
			"point.");
	for (int i = 0; i < ev->wholes; i++) {
		agreement_row(r, t, ev, &ev->whole[i], "l/h", &ev->whole[i].absolute);
		agreement_row(r, t, ev, &ev->whole[i], "%", &ev->whole[i].relative);
	}
}

static void correction_table(struct report *r, const struct flow_evaluation *ev)
{
	static const char *const columns[] = {"under test", "reference", "#gain", "#\xc2\xb1 U|95 %", "#offset|l/h",
		"#\xc2\xb1 U|95 %", "called for", "#rms error|%", "#corrected|%", "#worst point|%", "#corrected|%", "#residual sd|%", NULL};
	struct report_table *t = report_table(r, "correction", "Correction proposed", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"true = gain \xc3\x97 reading + offset, by least squares of the relative residuals. Called for: gain differs from 1 "
			"or offset from 0 by more than its interval. What remains is of the same trials that it was found from: "
			"prove it with others.");
	for (int i = 0; i < ev->wholes; i++) {
		const struct flow_correction *c = &ev->whole[i].correction;
		struct row row = {.n = 0};

		row_text(&row, ev->run.dut[ev->whole[i].dut].name);
		row_text(&row, method_of(&ev->whole[i]));
		row_value(&row, c->gain.value, c->gain.U);
		row_value(&row, c->offset.value, c->offset.U);
		row_text(&row, !c->fit.known ? "\xe2\x80\x93" : c->called_for ? "yes" : "no");
		row_number(&row, c->rms_before);
		row_number(&row, c->rms);
		row_number(&row, c->worst_before);
		row_number(&row, c->worst);
		row_number(&row, c->residual_sd);
		report_row(r, t, row.cell);
	}
}

void flow_report_wholes(struct report *r, const struct flow_evaluation *ev)
{
	if (ev->wholes == 0)
		return;
	lines_table(r, ev);
	agreement_table(r, ev);
	correction_table(r, ev);
}
