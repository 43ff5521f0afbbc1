#include "analytics/accuracy/accuracy_page.h"

#include "analytics/core/figures.h"
#include "analytics/core/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void plain_label(const struct accuracy_model *m, char out[PAGE_LABEL])
{
	if (m->reported)
		snprintf(out, PAGE_LABEL, "reported %s by the CiC", m->model.target == MODEL_HEAT_POWER ? "heat" : "power");
	else
		snprintf(out, PAGE_LABEL, "%s %s", m->model.name, m->model.version);
}

const char *page_model(const struct accuracy *a, int model, char out[PAGE_LABEL])
{
	char other[PAGE_LABEL];
	int before = 0;

	plain_label(&a->model[model], out);
	for (int i = 0; i < model; i++) {
		plain_label(&a->model[i], other);
		before += strcmp(other, out) == 0;
	}
	if (before) {
		size_t used = strlen(out);

		snprintf(out + used, PAGE_LABEL - used, " #%d", before + 1);
	}
	return out;
}

const char *page_pump(const struct accuracy *a, int pump)
{
	return pump < 0 ? "all" : a->study.pump[pump].name;
}

const char *page_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

const struct comparison *page_there(const struct accuracy *a, int model, int pump)
{
	const struct comparison *c = model < 0 ? NULL : accuracy_comparison(a, model, pump);

	return c && c->there ? c : NULL;
}

bool page_few(const struct accuracy *a)
{
	return a->study.pumps <= PAGE_MANY;
}

struct error_sums page_sum(const struct comparison *c, enum span span)
{
	struct error_sums s = {.n = 0};

	for (int i = 0; i < c->days; i++)
		error_sums_join(&s, &c->day[i].span[span]);
	return s;
}

struct error_sums page_level(const struct comparison *c, int level)
{
	struct error_sums s = {.n = 0};

	for (int i = 0; i < c->days; i++)
		error_sums_join(&s, &c->day[i].level[level]);
	return s;
}

void row_metric(struct row *row, const struct interval *v, int places)
{
	row_interval(row, v->value, v->low, v->high, places);
}

void row_sums(struct row *row, const struct error_sums *s, enum metric metric, int places)
{
	row_fixed(row, metric_of(s, metric), places);
}

void row_who(struct row *row, const struct accuracy *a, int model, int pump)
{
	char label[PAGE_LABEL];

	row_text(row, page_model(a, model, label));
	row_text(row, page_pump(a, pump));
}

struct report_table *page_joined(struct accuracy_page *p, const char *name, const char *title, const char *const *columns, page_rows rows)
{
	struct report_table *t = report_table(&p->r, name, title, columns);

	for (int m = 0; m < p->a->models; m++)
		if (page_there(p->a, m, -1))
			rows(p, t, page_there(p->a, m, -1));
	return t;
}

void page_aside(struct accuracy_page *p, const char *name, const char *title, const char *const *columns, page_rows rows)
{
	struct report_table *t = report_table(&p->r, name, title, columns);

	for (int i = 0; i < p->a->comparisons; i++)
		if (p->a->comparison[i].there)
			rows(p, t, &p->a->comparison[i]);
	if (t)
		t->aside = true;
}

void page_tables(struct accuracy_page *p, const char *name, const char *title, const char *const *columns, page_rows rows)
{
	const struct comparison *c = page_there(p->a, p->model, -1);
	char each[64], long_title[96];
	struct report_table *t;

	if (!c)
		return;
	t = report_table(&p->r, name, title, columns);
	rows(p, t, c);
	if (t)
		t->aside = t->rows > PAGE_ROWS;
	snprintf(each, sizeof(each), "%s_each", name);
	snprintf(long_title, sizeof(long_title), "%s, of each model and heat pump", title);
	page_aside(p, each, long_title, columns, rows);
}

void page_figure(struct accuracy_page *p, const char *name, int width, int height)
{
	char file[64];

	snprintf(file, sizeof(file), "%s.svg", name);
	plot_begin(&p->script, file, name, width, height);
}

void page_axes(struct accuracy_page *p, const char *x, const char *y)
{
	text_add(&p->script, "reset\nset encoding utf8\nset border 3 lc rgb '#8b96a1' lw 0.8\nset tics nomirror scale 0.5 tc rgb '" PAGE_INK "'\n"
			     "set grid y lc rgb '" PAGE_PALE "' lw 0.6 lt 1\nset datafile missing 'NaN'\n"
			     "set key at graph 0, graph 1.02 left bottom horizontal Left reverse samplen 1.6 spacing 1.15 width 1 font ',12'\n"
			     "set lmargin 9\nset rmargin 2.5\nset tmargin 2.6\nset bmargin %g\n"
			     "set xlabel '%s' offset 0,0.4\nset ylabel '%s' offset 0.8,0\n", *x ? 3.1 : 2.0, x, y);
}

void page_days_axis(struct accuracy_page *p, int width)
{
	const struct calendar *c = &p->a->study.calendar;
	int step = 1 + c->days * 62 / (width - 100);

	text_add(&p->script, "set xrange [0:%d]\nset xtics scale 0.5 (", c->days);
	for (int i = 0; i < c->days; i += step)
		text_add(&p->script, "%s'%s' %g", i ? ", " : "", c->day[i].name + (c->days > 300 ? 0 : 5), i + 0.5);
	text_add(&p->script, ")\n");
}

const char *page_colour(const struct accuracy *a, int pump)
{
	return page_few(a) ? figures_colour(pump) : "#b4bcc5";
}

double page_place(const struct accuracy *a, int pump)
{
	return pump < 0 ? 0.5 : 0.5 + 0.8 * (pump - (a->study.pumps - 1) / 2.0) / (a->study.pumps + 1);
}

int page_dashes(const struct accuracy *a, int pump)
{
	return page_few(a) ? 1 + pump / 6 * 2 : 1;
}

int page_mark(int pump)
{
	static const int marks[] = {7, 5, 9, 11, 13, 3};

	return marks[pump % 6];
}

void page_title(struct accuracy_page *p, const char *title, bool key)
{
	text_add(&p->script, key ? " title " : " notitle");
	if (key)
		plot_quote(&p->script, title);
}

void page_tic(struct accuracy_page *p, const char *name, double at)
{
	char twice[2 * PAGE_LABEL];
	size_t n = 0;

	for (; *name && n + 2 < sizeof(twice); name++) {
		twice[n++] = *name;
		if (*name == '%')
			twice[n++] = '%';
	}
	twice[n] = '\0';
	plot_quote(&p->script, twice);
	text_add(&p->script, " %g", at);
}

void page_data(struct accuracy_page *p, const char *name, int number)
{
	text_add(&p->script, "$%s%d << EOD\n", name, number);
}

void page_data_end(struct accuracy_page *p)
{
	text_add(&p->script, "EOD\n");
}
