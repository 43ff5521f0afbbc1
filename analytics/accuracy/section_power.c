/* 6: errors of power by the time that it is the mean of. */
#include "analytics/accuracy/accuracy_page.h"

static void power_rows(struct accuracy_page *p, struct report_table *t, const struct comparison *c)
{
	for (int s = 0; s < SPANS; s++) {
		struct row row = {.n = 0};

		row_who(&row, p->a, c->model, c->pump);
		row_text(&row, span_names[s]);
		row_count(&row, (long long)page_sum(c, (enum span)s).n);
		for (int m = METRIC_BIAS; m <= METRIC_R2; m++)
			row_metric(&row, &c->metric[s][m], m == METRIC_R2 ? 4 : 2);
		row_add(&p->r, t, &row);
	}
}

void accuracy_section_power(struct accuracy_page *p)
{
	static const char *const columns[] = {"model", "heat pump", "mean over", "#n", "~bias|W", "~MAE|W", "~RMSE|W", "~NMBE|%", "~CV(RMSE)|%", "~R\xc2\xb2", NULL};

	report_section(&p->r, "Errors of power",
		"Error = model - reference, of means over stretches of local time that are covered; the longer the mean, the less of skew and transitions is left in "
		"it, and what remains is bias. NMBE and CV(RMSE) as in ASHRAE Guideline 14, with n in the denominator: the model was not fitted to these data.");
	page_joined(p, "power_errors", "By averaging time, all heat pumps together", columns, power_rows);
	page_aside(p, "power_errors_each", "By averaging time, of each heat pump", columns, power_rows);
}
