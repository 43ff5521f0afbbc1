#include "daq/cli/live_plot.h"

#include "analytics/core/plot.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/cli/live_panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INK "#1c2530"
#define SOFT "#5b6774"

/* What the run is at: what colour it is told in, and the words. */
static const char *state_of(const struct live_data *data, char *out, size_t size)
{
	const char *verdict = data->summary.verdict;

	switch (data->state) {
	case LIVE_RUNNING:
		text_copy(out, size, "running");
		return "#0072b2";
	case LIVE_CUT:
		text_copy(out, size, "incomplete: no clean end");
		return "#b93a00";
	default:
		break;
	}
	if (strcmp(verdict, "complete") == 0 && data->evaluation[0])
		snprintf(out, size, "ended: %s", data->evaluation);
	else
		snprintf(out, size, "ended: %s", verdict);
	if (strcmp(verdict, "complete") != 0 || strcmp(data->evaluation, "failed") == 0)
		return "#b93a00";
	return strcmp(data->evaluation, "undecided") == 0 ? "#8a6100" : "#00735c";
}

static void add_label(struct text *t, const char *words, double x, double y, const char *rest)
{
	text_add(t, "set label ");
	plot_quote(t, words);
	text_add(t, " at screen %g, screen %g %s\n", x, y, rest);
}

static void add_title(struct text *t, const struct live_view *v)
{
	const struct live_data *data = v->data;
	const struct run_step *step = live_data_step(data);
	char words[320], state[300], time[32];
	const char *colour = state_of(data, state, sizeof(state));
	double line = 1.0 / v->lines;

	live_clock(time, sizeof(time), data->to);
	add_label(t, data->name, v->left, 1 - (v->letters ? 0.5 : 1.1) * line,
		"left font 'sans-serif:Bold,13' tc rgb '" INK "'");
	snprintf(words, sizeof(words), "left font ',11' tc rgb '%s'", colour);
	if (step)
		snprintf(words, sizeof(words), "step %lld  %s", (long long)step->number, step->name);
	else
		snprintf(words, sizeof(words), "%d steps", data->steps);
	if (data->summary.about.origin == ORIGIN_SIMULATED)
		snprintf(words + strlen(words), sizeof(words) - strlen(words), "   (simulated)");
	add_label(
		t, words, v->left, 1 - (v->letters ? 1.5 : 2.6) * line, "left font ',11' tc rgb '" SOFT "'");
	snprintf(words, sizeof(words), "right font 'sans-serif:Bold,12' tc rgb '%s'", colour);
	add_label(t, state, 1 - v->edge, 1 - (v->letters ? 0.5 : 1.1) * line, words);
	add_label(t, time, 1 - v->edge, 1 - (v->letters ? 1.5 : 2.6) * line,
		"right font ',11' tc rgb '" SOFT "'");
}

/* Where there are more units than can be read one above the other. */
static void add_omitted(struct text *t, const struct live_view *v)
{
	struct text words = TEXT_INIT;

	if (v->shown == v->panels)
		return;
	text_add(&words, "not shown:");
	for (int p = v->shown; p < v->panels; p++)
		for (int i = 0; i < v->panel[p].count; i++)
			text_add(&words, " %s", v->data->series[v->panel[p].series[i]].channel.name);
	if (words.length > (size_t)v->columns / 2)
		snprintf(words.data + v->columns / 2 - 4, 4, "...");
	add_label(
		t, words.data ? words.data : "", v->left, 0.5 / v->lines, "left font ',9' tc rgb '" SOFT "'");
	text_free(&words);
}

static void add_dress(struct text *t, const struct live_view *v)
{
	text_add(t, "reset\n%sset datafile missing 'NaN'\nset multiplot\nset key off\n",
		v->ascii ? "" : "set encoding utf8\n");
	if (v->letters)
		text_add(t, "set border 3\nset tics nomirror scale 0.5\n");
	else
		text_add(t,
			"set border 3 lc rgb '#8b96a1' lw 0.8\nset tics nomirror out scale 0.5 tc rgb '" INK
			"' font ',10'\nset grid y lc rgb '#dfe4ea' lw 0.6 lt 1\n");
	text_add(t, "set lmargin at screen %g\nset rmargin at screen %g\nset y2range [0:1]\n", v->left,
		v->right);
}

static void view_of(struct live_view *v, const struct live_data *data, const struct live_canvas *canvas)
{
	double least = 10;

	*v = (struct live_view){.data = data,
		.columns = canvas->columns,
		.lines = canvas->lines,
		.letters = canvas->letters,
		.ascii = canvas->ascii};
	v->edge = 1.5 / v->columns;
	v->left = (v->letters ? 12.0 : 12.5) / v->columns;
	v->right = 1 - fmin(29.0, 0.32 * v->columns) / v->columns;
	v->top = 1 - (v->letters ? 3.5 : 4.6) / v->lines;
	v->bottom = (v->letters ? 3.5 : 4.0) / v->lines;
	v->from = data->from;
	v->to = fmax(data->to, data->from + least);
}

int live_plot(
	struct text *script, const struct live_data *data, const struct live_canvas *canvas, struct error *e)
{
	struct live_view *v = malloc(sizeof(*v));

	if (!v)
		return error_set(e, ERROR_SYSTEM, "no memory for the picture");
	view_of(v, data, canvas);
	live_panels_sort(v);
	add_dress(script, v);
	add_title(script, v);
	add_omitted(script, v);
	live_panels_add(script, v);
	text_add(script, "unset multiplot\n");
	free(v);
	return script->failed ? error_set(e, ERROR_SYSTEM, "no memory for the picture") : 0;
}
