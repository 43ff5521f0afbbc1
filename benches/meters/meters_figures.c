/* Energy and COP by day, coverage by day, one day's power. */
#include "benches/meters/meters_report.h"

#include "analytics/core/figures.h"
#include "analytics/core/plot.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>

enum { DAY = 86400 };

static void dress(struct text *t, const char *y)
{
	text_add(t, "reset\nset border 3 lc rgb '#8b96a1' lw 0.8\nset tics nomirror scale 0.5 tc rgb '#1c2530'\n"
		    "set grid y lc rgb '#dfe4ea' lw 0.6 lt 1\nset datafile missing 'NaN'\n"
		    "set key at graph 0, graph 1.03 left bottom horizontal Left reverse samplen 1.5 spacing 1.2 width 1 font ',12'\n"
		    "set lmargin 9\nset rmargin 3\nset tmargin 2.5\nset bmargin 2.5\nset xdata time\nset timefmt '%%s'\n"
		    "set ylabel '%s' offset 0.5,0\n", y);
}

/* Days on the axis, with room for the marks of all pumps. */
static void day_axis(struct text *t, const struct meters_evaluation *ev)
{
	int64_t first = ev->day[0].day, last = first, step;

	for (int i = 0; i < ev->days; i++) {
		first = ev->day[i].day < first ? ev->day[i].day : first;
		last = ev->day[i].day > last ? ev->day[i].day : last;
	}
	step = (last - first) / 12 + 1;
	text_add(t, "set format x '%%d %%b'\nset xrange ['%lld':'%lld']\nset xtics %lld, %lld\n", (long long)first * DAY, (long long)(last + 1) * DAY,
		(long long)first * DAY + DAY / 2, (long long)step * DAY);
}

/* Where in the day a pump's mark stands, so that they do not hide each other. */
static double place(const struct meters_evaluation *ev, int pump)
{
	return DAY * (0.5 + 0.7 * (pump - (ev->walk.pumps - 1) / 2.0) / (ev->walk.pumps + 1));
}

typedef struct meters_value (*meters_pick)(const struct meters_period *);

static struct meters_value electric(const struct meters_period *d)
{
	return d->electric;
}

static struct meters_value heat_of(const struct meters_period *d)
{
	return d->heat;
}

/* A day on which next to nothing ran has a quotient that says nothing and hides the others. */
static struct meters_value cop(const struct meters_period *d)
{
	struct meters_value v = d->cop;

	if (!(v.value > 0) || v.U > v.value)
		v.value = v.U = NAN;
	return v;
}

/* Blocks $<name><pump>: instant, value, U (0 where not known), decided. Returns how many values there are. */
static int day_blocks(struct text *t, const struct meters_evaluation *ev, const char *name, meters_pick pick)
{
	int n = 0;

	for (int p = 0; p < ev->walk.pumps; p++) {
		int first, end;

		meters_days_of(ev, p, &first, &end);
		text_add(t, "$%s%d << EOD\n0 NaN NaN 0\n", name, p);
		for (int i = first; i < end; i++) {
			struct meters_value v = pick(&ev->day[i]);

			if (!isfinite(v.value))
				continue;
			text_add(t, "%.0f %.6g %.6g %d\n", (double)ev->day[i].day * DAY + place(ev, p), v.value, isnan(v.U) ? 0 : v.U,
				ev->day[i].decided);
			n++;
		}
		text_add(t, "EOD\n");
	}
	return n;
}

static void plot_days(struct text *t, const struct meters_evaluation *ev, const char *name, bool key)
{
	text_add(t, "plot ");
	for (int p = 0; p < ev->walk.pumps; p++) {
		const char *colour = figures_colour(p);

		text_add(t, "%s$%s%d using 1:($2-$3):(0):(2*$3) with vectors nohead lw 2.5 lc rgb '%s' notitle, "
			    "$%s%d using 1:($4 > 0 ? $2 : NaN) with points pt 7 ps 0.55 lc rgb '%s' ", p ? ", " : "", name, p, colour, name, p, colour);
		if (key) {
			text_add(t, "title ");
			plot_quote(t, ev->walk.pump[p].name);
		} else {
			text_add(t, "notitle");
		}
		text_add(t, ", $%s%d using 1:($4 > 0 ? NaN : $2) with points pt 6 ps 0.7 lw 1.6 lc rgb '%s' notitle", name, p, colour);
	}
	text_add(t, "\n");
}

static void energy_figure(struct text *t, struct report *r, const struct meters_evaluation *ev)
{
	plot_begin(t, "energy.svg", "energy", 1040, 560);
	if (day_blocks(t, ev, "electric", electric) + day_blocks(t, ev, "heat", heat_of) == 0)
		return;
	text_add(t, "set multiplot layout 2,1\n");
	dress(t, "electricity / kWh");
	day_axis(t, ev);
	text_add(t, "set yrange [0:*]\n");
	plot_days(t, ev, "electric", true);
	dress(t, "heat / kWh");
	day_axis(t, ev);
	plot_days(t, ev, "heat", false);
	text_add(t, "unset multiplot\n");
	figures_announce(r, "energy", "Energy and heat by day.", false,
		"Bars are the intervals that the meters' classes permit (some are smaller than their mark). Open marks: days that are not covered "
		"as far as they have to be, and hold less than a whole day's energy.");
}

static void cop_figure(struct text *t, struct report *r, const struct meters_evaluation *ev)
{
	plot_begin(t, "cop.svg", "cop", 1040, 360);
	if (day_blocks(t, ev, "cop", cop) == 0)
		return;
	dress(t, "COP");
	day_axis(t, ev);
	text_add(t, "set offsets 0, 0, graph 0.08, graph 0.06\n");
	plot_days(t, ev, "cop", true);
	figures_announce(r, "cop", "Coefficient of performance by day.", false, "Heat over electricity of the day, with its interval; open marks as above. "
		"Left out: days on which the interval is wider than the value.");
}

/* Two rows a pump: electricity above heat. */
static void coverage_figure(struct text *t, struct report *r, const struct meters_evaluation *ev)
{
	int rows = 2 * ev->walk.pumps;

	plot_begin(t, "coverage.svg", "coverage", 1040, 90 + 26 * rows);
	text_add(t, "$coverage << EOD\n");
	for (int i = 0; i < ev->days; i++) {
		const struct meters_period *d = &ev->day[i];
		double at = (double)d->day * DAY + DAY / 2.0;

		if (!isnan(d->electric_covered))
			text_add(t, "%.0f %d %.6g\n", at, rows - 2 * d->pump, fmin(100, d->electric_covered));
		if (!isnan(d->heat_covered))
			text_add(t, "%.0f %d %.6g\n", at, rows - 2 * d->pump - 1, fmin(100, d->heat_covered));
	}
	text_add(t, "EOD\n");
	dress(t, "");
	day_axis(t, ev);
	text_add(t, "unset grid\nset lmargin 18\nset rmargin 12\nset border 0\nset yrange [0.4:%d.6]\nset ytics (", rows);
	for (int p = 0; p < ev->walk.pumps; p++) {
		text_add(t, "%s", p ? ", " : "");
		plot_quote(t, ev->walk.pump[p].name);
		text_add(t, " %g, 'heat' %d", (double)rows - 2 * p, rows - 2 * p - 1);
	}
	text_add(t, ") scale 0\nset cbrange [0:100]\nset cblabel 'covered / %%' offset -0.5,0\nset cbtics scale 0.3\n"
		    "set colorbox user origin screen 0.92, graph 0 size screen 0.015, graph 1\n"
		    "set palette defined (0 '#d55e00', 50 '#f3c77a', 90 '#b9d7ea', 99 '#56a0cf', 100 '#0072b2')\n"
		    "set style fill solid 1 noborder\nunset key\n"
		    "plot $coverage using 1:2:(%g):(0.42):3 with boxxyerror lc palette notitle\n", 0.47 * DAY);
	figures_announce(r, "coverage", "Coverage by day.", false,
		"Share of each UTC day with good samples: of each heat pump its electricity (at its name) and its heat below.");
}

static int day_power(struct text *t, const struct meters_evaluation *ev, int pump, int quantity, const char *name, int64_t day)
{
	const struct integral *x = &ev->walk.pump[pump].quantity[quantity < 0 ? 0 : quantity];
	int n = 0;

	text_add(t, "$%s%d << EOD\n0 NaN\n", name, pump);
	for (int64_t i = day * CELLS_A_DAY; i < (day + 1) * CELLS_A_DAY && quantity >= 0; i++) {
		const struct cell *c = integral_cell(x, i);

		if (!c || c->seconds < 0.5 * CELL_SECONDS) {
			text_add(t, "\n"); /* the line is broken where nothing is known */
			continue;
		}
		text_add(t, "%.0f %.6g\n", ((double)i + 0.5) * CELL_SECONDS, 3600 * c->amount / c->seconds);
		n++;
	}
	text_add(t, "EOD\n");
	return n;
}

static int shape_of(const struct meters_pump *p, enum meters_quantity power, enum meters_quantity flow, enum meters_quantity counter)
{
	return p->quantity[power].used ? (int)power : p->quantity[flow].used ? (int)flow : p->quantity[counter].used ? (int)counter : -1;
}

static void plot_power(struct text *t, const struct meters_evaluation *ev, const char *name, bool key)
{
	text_add(t, "plot ");
	for (int p = 0; p < ev->walk.pumps; p++) {
		text_add(t, "%s$%s%d using 1:2 with lines lw 1.4 lc rgb '%s' ", p ? ", " : "", name, p, figures_colour(p));
		if (key) {
			text_add(t, "title ");
			plot_quote(t, ev->walk.pump[p].name);
		} else {
			text_add(t, "notitle");
		}
	}
	text_add(t, "\n");
}

static void hour_axis(struct text *t, int64_t day)
{
	text_add(t, "set format x '%%H:%%M'\nset xrange ['%lld':'%lld']\nset xtics %lld, 10800\n", (long long)day * DAY, (long long)(day + 1) * DAY,
		(long long)day * DAY);
}

static void power_figure(struct text *t, struct report *r, const struct meters_evaluation *ev)
{
	int64_t day = meters_drawn_day(ev);
	char name[16], title[80];
	int n = 0;

	if (day < 0)
		return;
	plot_begin(t, "power.svg", "power", 1040, 560);
	for (int p = 0; p < ev->walk.pumps; p++) {
		const struct meters_pump *m = &ev->walk.pump[p];

		n += day_power(t, ev, p, shape_of(m, ELECTRIC_POWER, ELECTRIC_POWER, ELECTRIC_COUNTER), "pe", day);
		n += day_power(t, ev, p, shape_of(m, HEAT_POWER, HEAT_FLOW, HEAT_COUNTER), "ph", day);
	}
	if (n == 0)
		return;
	text_add(t, "set multiplot layout 2,1\n");
	dress(t, "electricity / kW");
	hour_axis(t, day);
	plot_power(t, ev, "pe", true);
	dress(t, "heat / kW");
	hour_axis(t, day);
	text_add(t, "set xzeroaxis lc rgb '#8b96a1' lw 0.8 lt 1\n");
	plot_power(t, ev, "ph", false);
	text_add(t, "unset multiplot\n");
	snprintf(title, sizeof(title), "Power on %s (UTC).", meters_day_name(name, day));
	figures_announce(r, "power", title, false,
		"Means of five minutes; nothing is drawn where less than half of them was covered. Heat below zero: a defrost takes it from the house.");
}

static int skew_block(struct text *t, const struct meters_evaluation *ev, int i)
{
	const struct skew *s = &ev->skew[i].skew;

	text_add(t, "$skew%d << EOD\n0 NaN\n", i);
	for (size_t k = 0; k < s->points; k++)
		text_add(t, "%.6g %.6g\n", s->curve[k].skew, s->curve[k].rmse);
	text_add(t, "EOD\n");
	return s->points > 0;
}

static void plot_skews(struct text *t, const struct meters_evaluation *ev)
{
	static const char *const dashes[VIEWS] = {"1", "1", "2"};

	text_add(t, "plot ");
	for (int i = 0; i < ev->skews; i++) {
		const struct meters_skew *s = &ev->skew[i];
		char title[96];

		snprintf(title, sizeof(title), "%s, %s", ev->walk.pump[s->pump].name, meters_view_names[s->view]);
		text_add(t, "%s$skew%d using 1:2 with lines lw 1.6 dt %s lc rgb '%s' title ", i ? ", " : "", i, dashes[s->view],
			figures_colour(s->pump));
		plot_quote(t, title);
	}
	text_add(t, "\n");
}

static void skew_figure(struct text *t, struct report *r, const struct meters_evaluation *ev)
{
	int n = 0;

	plot_begin(t, "skew.svg", "skew", 1040, 420);
	for (int i = 0; i < ev->skews; i++)
		n += skew_block(t, ev, i);
	if (n == 0)
		return;
	dress(t, "RMSE / W");
	text_add(t, "set xdata\nset format x '%%g'\nset xlabel 'shift of the CiC against the meter / s'\nset bmargin 3.8\nset autoscale x\n"
		    "set xrange [*:*] noextend\nset yrange [0:*]\nset key outside right top vertical Left reverse\nset rmargin 30\n");
	plot_skews(t, ev);
	figures_announce(r, "skew", "How well the CiC's power fits the meter's when it is shifted.", false,
		"Around the steps of the meter. The lowest point is the skew; what a curve gains from 0 to there is what the skew costs.");
}

void meters_figures(struct report *r, const struct meters_evaluation *ev, const char *folder)
{
	struct text script = TEXT_INIT;

	if (ev->days > 0) {
		energy_figure(&script, r, ev);
		cop_figure(&script, r, ev);
		coverage_figure(&script, r, ev);
		power_figure(&script, r, ev);
	}
	if (ev->skews > 0)
		skew_figure(&script, r, ev);
	figures_draw(r, &script, folder);
	text_free(&script);
}
