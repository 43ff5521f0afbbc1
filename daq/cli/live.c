/*
 * heatbench-live - a run as it goes on: its channels in a gnuplot window. Only reads the run.
 */
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/cli/live_data.h"
#include "daq/cli/live_gnuplot.h"
#include "daq/cli/live_plot.h"
#include "daq/cli/live_terminal.h"
#include "daq/cli/runs.h"
#include "daq/program/options.h"
#include "daq/program/program_path.h"
#include "daq/store/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct live_options {
	nanos every, span, patience;
	struct setting_list channel;
	char terminal[256], output[1024], results[1024];
	bool once;
};

#define OFFSET(field) offsetof(struct live_options, field)
#define SIZE(field) sizeof(((struct live_options *)0)->field)

/* clang-format off */
static const struct setting options_table[] = {
	{.name = "every", .type = SETTING_DURATION, .offset = OFFSET(every), .min = 0.1, .max = 3600, .fallback = "1 s",
		.help = "time from one picture to the next"},
	{.name = "span", .type = SETTING_DURATION, .offset = OFFSET(span), .min = 1, .max = 86400, .fallback = "10 min",
		.help = "how much of the run is shown"},
	{.name = "channel", .type = SETTING_LIST, .offset = OFFSET(channel), .fallback = "",
		.placeholder = "NAME", .help = "only this channel; may be given again"},
	{.name = "terminal", .type = SETTING_TEXT, .offset = OFFSET(terminal), .size = SIZE(terminal), .fallback = "",
		.help = "gnuplot terminal and its options (default: the first of qt, wxt, x11)"},
	{.name = "output", .type = SETTING_TEXT, .offset = OFFSET(output), .size = SIZE(output), .fallback = "",
		.placeholder = "FILE", .help = "draws into a file: .svg, .png, .pdf, or as --terminal says"},
	{.name = "once", .type = SETTING_SWITCH, .offset = OFFSET(once), .fallback = "no",
		.help = "one picture of what is there, and ends"},
	{.name = "patience", .type = SETTING_DURATION, .offset = OFFSET(patience), .min = 0.1, .max = 600,
		.fallback = "15 s", .help = "how long gnuplot may take for a picture"},
	{.name = "results", .type = SETTING_TEXT, .offset = OFFSET(results), .size = SIZE(results), .fallback = "",
		.placeholder = "DIR", .help = "folder of the runs (default $HEATBENCH_RESULTS, else ./results)"},
	SETTING_END,
};
/* clang-format on */

static const struct command command = {
	.name = "heatbench live", .usage = "[RUN] [OPTION...]",
	.purpose = "Shows a run as it goes on, or one that has ended. RUN is a run's folder or its name below the results\n"
		   "folder; without it, the newest one.",
	.options = options_table,
	.epilogue = "It ends when the run has ended, its window is closed, or by Ctrl-C.\n"
		    "exit status: 0 done, 2 could not be done, 4 stopped by the user"};

enum { LOOKS_MAX = 5 }; /* in vain, one after the other */

struct live {
	struct live_options options;
	struct live_data data;
	struct live_gnuplot *gnuplot;
	struct live_terminal terminal;
};

/* When something was last written to a run. */
static nanos written_at(const char *results, const char *name)
{
	static const char *const files[] = {"run.db", "run.db-wal"};
	nanos newest = 0;

	for (int i = 0; i < 2; i++) {
		char path[4400];
		struct stat st;

		snprintf(path, sizeof(path), "%.4000s/%.300s/%s", results, name, files[i]);
		if (stat(path, &st) == 0 && st.st_mtim.tv_sec * NANOS_PER_S + st.st_mtim.tv_nsec > newest)
			newest = st.st_mtim.tv_sec * NANOS_PER_S + st.st_mtim.tv_nsec;
	}
	return newest;
}

static int newest_run(const struct runs_options *where, char *out, size_t size, struct error *e)
{
	nanos newest = 0;
	char **names;

	if (runs_names(where, &names, e) != 0)
		return -1;
	for (int i = 0; names[i]; i++) {
		nanos at = written_at(where->results, names[i]);

		if (at <= newest)
			continue;
		newest = at;
		snprintf(out, size, "%s/%s", where->results, names[i]);
	}
	runs_free_names(names);
	return newest ? 0 : error_set(e, ERROR_USAGE, "there is no run below %s; heatbench live RUN names one elsewhere",
		where->results);
}

static int open_run(struct live *live, const struct setting_list *words, struct error *e)
{
	struct live_options *o = &live->options;
	struct runs_options where = {.results = results_folder(o->results)};
	char folder[4400];

	if (words->count > 1)
		return error_set(e, ERROR_USAGE, "one run at a time: what is '%s'?", words->item[1]);
	if (words->count ? runs_find(&where, words->item[0], folder, sizeof(folder), e) != 0
			 : newest_run(&where, folder, sizeof(folder), e) != 0)
		return -1;
	return live_data_open(&live->data, folder, o->span, &o->channel, e);
}

/* A whole file takes the place of the one before: whoever looks at it never sees half a picture. */
static int show_file(const struct live *live, struct error *e)
{
	char part[1100];

	if (!live->options.output[0])
		return 0;
	live_terminal_part(part, sizeof(part), live->options.output);
	if (rename(part, live->options.output) == 0)
		return 0;
	return error_set_errno(e, ERROR_IO, "cannot write %s", live->options.output);
}

static enum live_event draw(struct live *live, struct error *e)
{
	enum live_event event = LIVE_FAILED;
	struct text script = TEXT_INIT;

	live_terminal_begin(&live->terminal, &script, live->options.output);
	if (live_plot(&script, &live->data, &live->terminal.canvas, e) == 0) {
		live_terminal_end(&live->terminal, &script, live->options.output);
		event = live_gnuplot_do(live->gnuplot, script.data, script.length, NULL, e);
	}
	text_free(&script);
	if (event == LIVE_DONE && show_file(live, e) != 0)
		event = LIVE_FAILED;
	return event;
}

/* A look may meet a run that is just being closed; only one that goes wrong again and again is an error. */
static enum live_event look(struct live *live, int *vain, struct error *e)
{
	struct error why = ERROR_INIT;

	if (live_data_look(&live->data, &why) == 0) {
		*vain = 0;
		return LIVE_DONE;
	}
	if (++*vain < LOOKS_MAX && why.code != ERROR_USAGE && why.code != ERROR_SYSTEM && !live->options.once)
		return LIVE_DONE;
	error_set(e, why.code, "%s", why.text);
	return LIVE_FAILED;
}

static void say_ended(const struct live *live)
{
	const struct run_summary *s = &live->data.summary;
	/* Pictures made of letters go to stdout too. */
	FILE *to = live->terminal.on_stdout ? stderr : stdout;

	if (live->data.state == LIVE_CUT)
		fprintf(to, "the run has no clean end, and nobody writes it: %s (heatbench runs recover closes it)\n",
			live->data.folder);
	else
		fprintf(to, "the run has ended: %s%s%s: %s\n", s->verdict, s->why[0] ? ": " : "", s->why, live->data.folder);
	fflush(to);
}

/* Pictures until the run ends, the window is closed, or somebody stops it. */
static enum live_event watch(struct live *live, struct error *e)
{
	int64_t next = clock_wall_ms();
	int every = (int)(live->options.every / NANOS_PER_MS), vain = 0;
	enum live_event event;

	for (;;) {
		event = look(live, &vain, e);
		if (event == LIVE_DONE && !vain)
			event = draw(live, e);
		if (event != LIVE_DONE)
			return event;
		if (!vain && live->data.state != LIVE_RUNNING && !live->options.once)
			say_ended(live);
		if (live->options.once || (!vain && live->data.state != LIVE_RUNNING))
			return live_terminal_leave(&live->terminal, live->gnuplot, e);
		next += every;
		if (next < clock_wall_ms())
			next = clock_wall_ms(); /* a slow terminal: pictures are left out, not made up */
		event = live_gnuplot_wait(live->gnuplot, (int)(next - clock_wall_ms()), e);
		if (event != LIVE_DONE)
			return event;
	}
}

static enum live_event carry_out(struct live *live, const struct setting_list *words, struct error *e)
{
	struct live_options *o = &live->options;
	enum live_event event;

	if (open_run(live, words, e) != 0 ||
		live_gnuplot_open(&live->gnuplot, (int)(o->patience / NANOS_PER_MS), e) != 0)
		return LIVE_FAILED;
	event = live_terminal_open(&live->terminal, live->gnuplot, o->terminal, o->output, e);
	return event == LIVE_DONE ? watch(live, e) : event;
}

int main(int argc, char **argv)
{
	struct live *live = calloc(1, sizeof(*live));
	struct setting_list words = {.count = 0};
	struct error e = ERROR_INIT;
	enum live_event event;
	int parsed;

	if (!live)
		return EXIT_UNABLE;
	parsed = options_parse(&command, argc, argv, &live->options, &words, &e);
	event = parsed < 0 ? LIVE_FAILED : parsed > 0 ? LIVE_DONE : carry_out(live, &words, &e);
	live_gnuplot_close(live->gnuplot);
	if (event == LIVE_FAILED)
		fprintf(stderr, "%s%s\n", strncmp(e.text, "heatbench", 9) == 0 ? "" : "heatbench live: ", e.text);
	live_data_close(&live->data);
	free(live);
	if (fflush(stdout) != 0 && event == LIVE_DONE)
		return EXIT_UNABLE;
	return event == LIVE_FAILED ? EXIT_UNABLE : event == LIVE_STOPPED ? EXIT_STOPPED : EXIT_PASSED;
}
