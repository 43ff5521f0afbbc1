#include "benches/pump/figures.h"

#include "analytics/core/plot.h"
#include "daq/base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void pump_figures_dress(struct text *t, const char *y, bool zero)
{
	text_add(t, "set border 3 lc rgb '#8b96a1' lw 0.8\nset tics nomirror scale 0.5 tc rgb '#1c2530'\n"
		    "set grid y lc rgb '#dfe4ea' lw 0.6 lt 1\nset datafile missing 'NaN'\n"
		    "set lmargin at screen 0.12\nset rmargin at screen 0.97\nset tmargin at screen 0.84\nset "
		    "bmargin at screen 0.15\n"
		    "set key at screen 0.11, screen 0.98 left top horizontal Left reverse samplen 2.5 "
		    "spacing 1.25 width 2 maxrows 2 font ',12'\n"
		    "set xlabel 'duty / \xe2\x80\xb0 (iPWM1: lower runs faster)'\n");
	text_add(t,
		"set ylabel '%s'\nset yrange [%s:*]\nset xrange [*:*] noextend\nset offsets graph 0.03, "
		"graph 0.03, graph 0.06, 0\n",
		y, zero ? "0" : "*");
}

/* Duty, value and U of every point of one device and valve position, in the order of duty. */
static int points(struct text *t, const struct pump_evaluation *ev, const char *dut, const char *valve,
	enum pump_quantity q, const char *block)
{
	double last = -INFINITY;
	int n = 0;

	text_add(t, "$%s << EOD\n", block);
	for (;;) {
		const struct pump_point *next = NULL;

		for (int i = 0; i < ev->points; i++) {
			const struct pump_point *p = &ev->point[i];

			if (strcmp(p->dut, dut) == 0 && strcmp(p->valve, valve) == 0 && p->set_point > last &&
				(!next || p->set_point < next->set_point))
				next = p;
		}
		if (!next)
			break;
		last = next->set_point;
		if (!next->quantity[q].known)
			continue;
		text_add(t, "%g %.8g %.6g\n", next->set_point, next->quantity[q].value,
			next->quantity[q].total.U);
		n++;
	}
	text_add(t, "EOD\n");
	return n;
}

/* The valve positions that occur, in order of appearance. */
static int valves(const struct pump_evaluation *ev, const char **out, int most)
{
	int n = 0;

	for (int i = 0; i < ev->points; i++) {
		bool seen = false;

		for (int j = 0; j < n && !seen; j++)
			seen = strcmp(out[j], ev->point[i].valve) == 0;
		if (!seen && n < most)
			out[n++] = ev->point[i].valve;
	}
	return n;
}

enum look { LOOK_FILLED, LOOK_REFERENCE };

/* Bars first, then the line with its marks; `title` NULL: not in the key. */
static void curve(struct text *t, int *curves, const char *block, const char *colour, int valve,
	enum look look, const char *title)
{
	static const int filled[] = {7, 5, 9, 13, 11, 15}, hollow[] = {6, 4, 8, 12, 10, 14};
	int shape = look == LOOK_REFERENCE ? 2 : valve % 2 ? hollow[valve % 6] : filled[valve % 6];

	bool reference = look == LOOK_REFERENCE;

	text_add(t, "%s$%s using 1:($2-$3):(0):(2*$3) with vectors nohead lw 3.2 lc rgb '%s' notitle",
		(*curves)++ ? ", " : "plot ", block, reference ? "#5b6774" : colour);
	text_add(t, ", $%s using 1:2 with linespoints pt %d ps %s lw %s dt %s lc rgb '%s' ", block, shape,
		reference ? "0.5" : "0.65", reference ? "0.9" : "1.7", valve % 2 ? "(7,4)" : "1",
		reference ? "#5b6774" : colour);
	if (title) {
		text_add(t, "title ");
		plot_quote(t, title);
	} else {
		text_add(t, "notitle");
	}
}

/* One curve per device, valve position and quantity. False where nothing is known. */
static bool over_duty(
	struct text *script, const struct pump_evaluation *ev, const enum pump_quantity *quantity, int n)
{
	const char *valve[8];
	int positions = valves(ev, valve, 8), curves = 0, references = 0;
	struct text t = TEXT_INIT;
	char block[48], title[160];

	for (int d = 0; d < ev->run.duts; d++)
		for (int v = 0; v < positions; v++)
			for (int i = 0; i < n; i++) {
				snprintf(block, sizeof(block), "d%dv%dq%d", d, v, (int)quantity[i]);
				if (points(script, ev, ev->run.dut[d].name, valve[v], quantity[i], block) ==
					0)
					continue;
				if (quantity[i] ==
					PUMP_POWER) { /* one word for all of them: each lies beside its read-back */
					curve(&t, &curves, block, figures_colour(d), v, LOOK_REFERENCE,
						references++ ? NULL : "reference");
					continue;
				}
				snprintf(title, sizeof(title), "%s%s%s", ev->run.dut[d].name,
					valve[v][0] ? ", " : "", valve[v]);
				curve(&t, &curves, block, figures_colour(d), v, LOOK_FILLED, title);
			}
	if (positions > 2) /* the key takes a row more */
		text_add(script, "set key maxrows 3\nset tmargin at screen 0.78\n");
	if (curves)
		text_add(script, "%s\n", t.data);
	text_free(&t);
	return curves > 0;
}

static bool ratios(struct text *script, const struct pump_evaluation *ev)
{
	struct text t = TEXT_INIT;
	char block[32];
	int curves = 0;

	for (int d = 0; d < ev->run.duts; d++) {
		int n = 0;

		snprintf(block, sizeof(block), "r%d", d);
		text_add(script, "$%s << EOD\n", block);
		for (int i = 0; i < ev->ratios; i++)
			if (strcmp(ev->ratio[i].open->dut, ev->run.dut[d].name) == 0 &&
				!isnan(ev->ratio[i].flow.value)) {
				text_add(script, "%g %.8g %.6g\n", ev->ratio[i].open->set_point,
					ev->ratio[i].flow.value, ev->ratio[i].flow.U);
				n++;
			}
		text_add(script, "EOD\n");
		if (n)
			curve(&t, &curves, block, figures_colour(d), 0, LOOK_FILLED,
				ev->run.dut[d].name);
	}
	if (curves)
		text_add(script, "set yrange [*<0.6:0.8<*]\n%s\n", t.data);
	text_free(&t);
	return curves > 0;
}

/* Then the figure of its dynamics shows the same. */
static bool only_excitation(const struct pump_evaluation *ev, const char *dut)
{
	int steps = 0, excited = 0;

	for (int i = 0; i < ev->steps; i++)
		if (strcmp(ev->step[i].step->dut, dut) == 0) {
			steps++;
			excited += ev->step[i].excitation;
		}
	return steps > 0 && excited == steps;
}

static void script_traces(struct text *t, struct report *r, const struct pump_evaluation *ev)
{
	char name[32], file[64], title[128];

	for (int d = 0; d < ev->run.duts; d++) {
		if (only_excitation(ev, ev->run.dut[d].name))
			continue;
		snprintf(name, sizeof(name), "trace%d", d + 1);
		snprintf(file, sizeof(file), "%s.svg", name);
		snprintf(title, sizeof(title), "Traces of %s.", ev->run.dut[d].name);
		plot_begin(t, file, name, 1040, 520);
		pump_figures_trace(t, ev, d);
		figures_announce(r, name, title, false,
			"Steps shaded in turn, their set points above; tinted: the settled window that is "
			"averaged. Crosses at the "
			"foot: readings that were not good, which enter nothing.");
	}
}

static void script_curves(struct text *t, struct report *r, const struct pump_evaluation *ev)
{
	static const enum pump_quantity flow[] = {PUMP_FLOW}, power[] = {PUMP_FEEDBACK, PUMP_POWER};

	plot_begin(t, "flow.svg", "flow", 1040, 460);
	pump_figures_dress(t, "flow / (l/h)", true);
	if (over_duty(t, ev, flow, 1))
		figures_announce(r, "flow", "Flow against duty.", false,
			"Settled means; bars are expanded uncertainties at 95 % (many are smaller than their "
			"mark).");
	plot_begin(t, "power.svg", "power", 1040, 460);
	pump_figures_dress(t, "power / W", true);
	if (over_duty(t, ev, power, 2))
		figures_announce(r, "power", "Power against duty.", false,
			"The pump's own read-back, and the reference meter where there is one; bars as "
			"above.");
	plot_begin(t, "ratio.svg", "ratio", 1040, 380);
	pump_figures_dress(t, "flow throttled / open", false);
	if (ratios(t, ev))
		figures_announce(r, "ratio", "Valve against valve.", false,
			"Flow throttled over flow open at the same duty. Through a fixed valve it should "
			"hardly depend on speed "
			"(affinity laws). The sensor's proportional error cancels.");
}

void pump_figures(struct report *report, const struct pump_evaluation *ev, const char *folder)
{
	struct text script = TEXT_INIT;

	script_traces(&script, report, ev);
	script_curves(&script, report, ev);
	pump_figures_models(&script, report, ev);
	pump_figures_curves(&script, report, ev);
	figures_draw(report, &script, folder);
	text_free(&script);
}
