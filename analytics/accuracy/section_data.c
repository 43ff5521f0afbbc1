/* 3 and 4: how much of the data counts, why the rest does not, and how well the reference itself is known. */
#include "analytics/accuracy/accuracy_page.h"


#include <math.h>
#include <stdio.h>
#include <string.h>

static double share(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

static void counted_row(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	const double *s = c->seconds_by_reason;
	struct row row = {.n = 0};
	double all = 0;
	int days = 0;

	for (int k = 0; k < EXCLUSIONS; k++)
		all += s[k];
	for (int k = 0; k < c->days && c->day; k++)
		days += c->day[k].covered > 0;
	row_who(&row, p->a, c->model, c->pump);
	row_fixed(&row, s[INCLUDED] / 3600, 1);
	row_fixed(&row, share(s[INCLUDED], all), 1);
	row_fixed(&row, s[EXCLUDED_LISTED] / 3600, 1);
	row_fixed(&row, s[EXCLUDED_OVERLAP] / 3600, 1);
	row_count(&row, c->rows_by_reason[EXCLUDED_BACKWARDS]);
	row_count(&row, c->rows_by_reason[EXCLUDED_GAP]);
	row_fixed(&row, s[EXCLUDED_COMMISSIONING] / 3600, 1);
	row_fixed(&row, s[EXCLUDED_INPUTS] / 3600, 1);
	row_fixed(&row, s[EXCLUDED_REFERENCE] / 3600, 1);
	row_count(&row, days);
	row_add(&p->r, t, &row);
}

/* On the page those that are shown in full; also what could not be compared has its reasons. */
static void counted_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "#counts|h", "#counts|%", "#listed|h", "#overlap|h", "#backwards|rows", "#gaps|rows",
		"#commissioning|h", "#no input|h", "#no reference|h", "#days", NULL};
	struct report_table *t = report_table(&p->r, "counted", "What counts, and what does not", columns);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Each row has one reason, the first that holds: on the list of test installations; inside an earlier run; its time does not go on; "
			"nothing follows within the bridge (a gap, which nothing fills); commissioning; the model has no value; the reference has none. "
			"Rows before a gap and rows that do not go on stand for no time. Days: with anything that counts.");
	for (int i = 0; i < p->a->comparisons; i++)
		if (p->a->comparison[i].pump >= 0 && (p->a->comparison[i].model == p->model || p->a->comparison[i].model == p->heat))
			counted_row(p, t, &p->a->comparison[i]);
	if (t)
		t->aside = t->rows > PAGE_ROWS;
	t = report_table(&p->r, "counted_each", "The same of every model", columns);
	for (int i = 0; i < p->a->comparisons; i++)
		if (p->a->comparison[i].pump >= 0)
			counted_row(p, t, &p->a->comparison[i]);
	if (t)
		t->aside = true;
}

static void absent_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "why not", NULL};
	struct report_table *t = NULL;

	for (int i = 0; i < p->a->comparisons; i++) {
		const struct comparison *c = &p->a->comparison[i];
		struct row row = {.n = 0};

		if (c->there)
			continue;
		if (!t)
			t = report_table(&p->r, "not_compared", "What could not be compared", columns);
		row_who(&row, p->a, c->model, c->pump);
		row_text(&row, c->why[0] ? c->why : "nothing counts");
		row_add(&p->r, t, &row);
	}
}

static void rules_text(const struct comparison *c, const struct model *m, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (int k = 0; k < m->rules && used < size; k++) {
		const struct model_rule *rule = &m->rule[k];

		if (c->rule_used[k] == 0)
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%s by %s%s%s, %lld rows", used ? "; " : "", m->input[rule->fills].name,
			model_rule_names[rule->kind], rule->kind == MODEL_RULE_CRANKCASE ? " " : "",
			rule->kind == MODEL_RULE_CRANKCASE ? model_variant_names[rule->variant] : "", (long long)c->rule_used[k]);
	}
}

static void levels_row(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	double seconds[3], all = 0;
	struct row row = {.n = 0};
	char rules[300];

	for (int k = 0; k < 3; k++)
		all += seconds[k] = page_level(c, k).seconds;
	rules_text(c, &p->a->model[c->model].model, rules, sizeof(rules));
	row_who(&row, p->a, c->model, c->pump);
	for (int k = MODEL_ALL_INPUTS; k >= MODEL_LTE; k--)
		row_fixed(&row, share(seconds[k], all), 1);
	row_count(&row, c->floored);
	row_count(&row, c->outside_range);
	row_text(&row, rules);
	row_add(&p->r, t, &row);
}

static void levels_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "#all inputs|%", "#substituted|%", "#LTE counters|%", "#floored|rows",
		"#outside its range|rows", "rules that filled", NULL};
	struct report_table *t = page_joined(p, "levels", "What the models had to go by", columns, levels_row);

	if (t)
		text_copy(t->text, sizeof(t->text),
			"Share of the time that counts, by availability: 2 all inputs, 1 heater flags substituted, 0 counters of an LTE connection. Floored: the "
			"sum was below the model's floor. Outside: an input was where the model was never proved.");
	page_aside(p, "levels_each", "The same of each heat pump", columns, levels_row);
}

static void registers_table(struct accuracy_page *p)
{
	static const char *const columns[] = {"heat pump", "#resets, jumps", "#registers say nothing|h", "channels with rows missing", NULL};
	struct report_table *t = report_table(&p->r, "channels", "Registers and missing values", columns);

	for (int i = 0; i < p->a->study.pumps; i++) {
		const struct study_pump *pump = &p->a->study.pump[i];
		struct row row = {.n = 0};
		char missing[300] = "";
		size_t used = 0;

		for (int k = 0; k < ROLES && used < sizeof(missing); k++)
			if (pump->column[k] && pump->missing[k] > 0 && pump->rows > 0)
				used += (size_t)snprintf(missing + used, sizeof(missing) - used, "%s%s %.3g %%", used ? ", " : "",
					meters_roles[k].name, share((double)pump->missing[k], (double)pump->rows));
		row_text(&row, pump->name);
		row_count(&row, pump->resets);
		row_fixed(&row, pump->lost_s / 3600, 2);
		row_text(&row, missing[0] ? missing : "none");
		row_add(&p->r, t, &row);
	}
}

void accuracy_section_data(struct accuracy_page *p)
{
	report_section(&p->r, "Data", "");
	report_fact(&p->r, "Exclusions", "test installations", "%s", p->a->exclude_file[0] ? page_base(p->a->exclude_file) : "no list was given");
	for (int k = INCLUDED + 1; k < EXCLUSIONS; k++)
		if (p->a->study.rows_by_reason[k] > 0)
			report_fact(&p->r, "Exclusions", exclusion_names[k], "%lld rows, %.1f h", (long long)p->a->study.rows_by_reason[k],
				p->a->study.seconds_by_reason[k] / 3600);
	absent_table(p);
	counted_table(p);
	levels_table(p);
	registers_table(p);
}

static const char *class_of(const struct meters_settings *s, bool heat, char out[64])
{
	static const char *const electric[] = {"not said", "A", "B", "C"};

	if (!heat)
		snprintf(out, 64, "%s", electric[s->electric_class]);
	else if (s->heat_class > 0)
		snprintf(out, 64, "%d, qp %g m\xc2\xb3/h", s->heat_class, s->qp);
	else
		snprintf(out, 64, "not said");
	return out;
}

static const char *boundary_of(const struct accuracy *a, const struct study_pump *pump)
{
	int first = pump->run && pump->rows > 0 ? pump->run[0] : 0;

	return first < a->study.runs && a->study.run[first].boundary[0] ? a->study.run[first].boundary : "not said: taken as the heat pump alone";
}

/* Mean reference power, W. */
static double mean_power(const struct comparison *c)
{
	struct error_sums s = page_sum(c, SPAN_SAMPLE);

	return s.seconds > 0 ? s.reference_j / s.seconds : NAN;
}

static void budget_row(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	const struct study_pump *pump = &p->a->study.pump[c->pump];
	bool heat = p->a->model[c->model].model.target == MODEL_HEAT_POWER, slope = heat ? pump->heat_from_register : pump->electric_from_register;
	double power = mean_power(c), permitted = isnan(c->permitted) ? NAN : c->permitted;
	struct row row = {.n = 0};
	char class[64], text[160];

	row_text(&row, pump->name);
	row_text(&row, heat ? "heat" : "electricity");
	row_text(&row, pump->settings ? class_of(pump->settings, heat, class) : "not said");
	row_fixed(&row, power, 0);
	row_fixed(&row, permitted, 2);
	row_fixed(&row, permitted * power / 100, 1);
	row_fixed(&row, heat ? 0 : pump->own_w, 2);
	row_fixed(&row, heat ? 0 : share(pump->own_w, power), 2);
	row_text(&row, slope ? "slope of the register: no finer than its digit" : "power");
	row_number(&row, pump->meter[heat ? STUDY_HEAT : STUDY_ELECTRIC].resolution);
	if (heat && pump->settings)
		snprintf(text, sizeof(text), "flow sensor in the %s, convention %s", heat_sensor_names[pump->settings->flow_sensor],
			heat_convention_names[pump->settings->convention]);
	row_text(&row, heat ? pump->settings ? text : "" : boundary_of(p->a, pump));
	row_add(&p->r, t, &row);
}

void accuracy_section_budget(struct accuracy_page *p)
{
	static const char *const columns[] = {"heat pump", "reference", "class", "#mean power|W", "#permitted|%", "#permitted|W", "#taken off|W",
		"#taken off|%", "from", "#digit|W or kWh", "boundary, installation", NULL};
	const int models[] = {p->model, p->heat};
	struct report_table *t;

	report_section(&p->r, "How well the reference is known",
		"Permitted: what the meter's class allows it to be off at the powers, flows and temperature differences of this study, weighted by energy (electricity: "
		"MID 2014/32/EU annex V; heat: EN 1434-1, flow sensor, temperature pair and calculator added). It is systematic and does not shrink with "
		"time. Taken off: what the meter draws itself or measures besides the heat pump, as the bench file says.");
	t = report_table(&p->r, "budget", "Budget of the reference", columns);
	for (int m = 0; m < 2; m++)
		for (int i = 0; i < p->a->study.pumps && models[m] >= 0 && (m == 0 || models[1] != models[0]); i++)
			if (page_there(p->a, models[m], i))
				budget_row(p, t, page_there(p->a, models[m], i));
	for (int i = 0; i < p->a->study.pumps; i++)
		if (page_there(p->a, p->model, i) && isnan(page_there(p->a, p->model, i)->permitted))
			report_note(&p->r, "", "%s: the class of the reference was not said (evaluation{...} of the bench file, or --set): it was taken as true. "
				"How far that may be wrong is not known.", p->a->study.pump[i].name);
}
