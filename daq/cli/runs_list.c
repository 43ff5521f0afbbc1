#include "daq/cli/runs.h"

#include "daq/cli/columns.h"
#include "daq/cli/runs_words.h"
#include "daq/store/reader.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct listed {
	struct run_summary summary;
	char evaluation[32];
	char trouble[512]; /* why the rest is not known */
};

static void read_run(const char *path, struct listed *out)
{
	struct error e = ERROR_INIT;
	struct run_reader *reader = NULL;

	memset(out, 0, sizeof(*out));
	if (run_reader_open(&reader, path, &e) != 0 || run_reader_summary(reader, &out->summary, &e) != 0)
		snprintf(out->trouble, sizeof(out->trouble), "%s", e.text);
	else
		runs_evaluation(path, out->evaluation, sizeof(out->evaluation));
	run_reader_close(reader);
}

static void add_row(struct columns *table, const char *name, const struct listed *run)
{
	char start[32], span[32], scans[32];
	const struct run_about *about = &run->summary.about;

	words_utc(about->utc, start, sizeof(start));
	words_span(words_duration(&run->summary), span, sizeof(span));
	snprintf(scans, sizeof(scans), "%lld", (long long)run->summary.scans);
	if (run->trouble[0]) {
		columns_row(table, (const char *[]){name, "?", "", "", "", "", "", "unreadable", ""});
		return;
	}
	columns_row(table, (const char *[]){name, about->bench, about->label, origin_name(about->origin), start, span,
				   scans, run->summary.verdict, run->evaluation[0] ? run->evaluation : "-"});
}

static json_t *pack_run(const char *name, const struct listed *run)
{
	const struct run_about *about = &run->summary.about;
	char start[32];

	words_utc(about->utc, start, sizeof(start));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:f, s:I, s:i, s:s, s:s, s:s}", "name", name, "bench", about->bench,
		"label", about->label, "origin", origin_name(about->origin), "start", start, "duration_s",
		(double)words_duration(&run->summary) / 1e9, "scans", (json_int_t)run->summary.scans, "segments",
		run->summary.segments, "verdict", run->summary.verdict, "why", run->summary.why, "evaluation",
		run->evaluation);
}

/* Packing fails on text that is not UTF-8: the run is listed nevertheless. */
static void add_json(json_t *list, const char *name, const struct listed *run)
{
	json_t *entry = run->trouble[0] ? NULL : pack_run(name, run);

	if (!entry)
		entry = json_pack("{s:s, s:s}", "name", name, "error",
			run->trouble[0] ? run->trouble : "holds text that is not UTF-8");
	json_array_append_new(list, entry);
}

static void print_one(const struct runs_options *options, const char *run, struct columns *table, json_t *list)
{
	struct error e = ERROR_INIT;
	struct listed listed;
	char path[4400];
	const char *slash = strrchr(run, '/');
	const char *name = slash && slash[1] ? slash + 1 : run;

	if (runs_find(options, run, path, sizeof(path), &e) != 0) {
		memset(&listed, 0, sizeof(listed));
		snprintf(listed.trouble, sizeof(listed.trouble), "%s", e.text);
	} else {
		read_run(path, &listed);
	}
	if (listed.trouble[0])
		fprintf(stderr, "heatbench runs: %s\n", listed.trouble);
	if (options->json)
		add_json(list, name, &listed);
	else
		add_row(table, name, &listed);
}

static int carry_out_list(const struct runs_options *options, struct error *e)
{
	struct columns *table = columns_new("llllllrll");
	char **names = NULL, **name = options->run;
	json_t *list = json_array();
	int result = -1;

	if (!table || !list) {
		error_set(e, ERROR_SYSTEM, "no memory for the list of runs");
		goto out;
	}
	if (options->runs == 0) {
		if (runs_names(options, &names, e) != 0)
			goto out;
		name = names;
	}
	columns_row(table, (const char *[]){"NAME", "BENCH", "LABEL", "ORIGIN", "START", "DURATION", "SCANS",
				   "VERDICT", "EVALUATION"});
	for (; *name; name++)
		print_one(options, *name, table, list);
	if (options->json) {
		json_dumpf(list, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else {
		columns_print(table, 0, stdout);
	}
	result = EXIT_PASSED;
out:
	runs_free_names(names);
	columns_free(table);
	json_decref(list);
	return result;
}

const struct runs_command runs_list = {
	.name = "list",
	.arguments = "[RUN...]",
	.help = "one line for each run, with the verdict of its newest evaluation",
	.carry_out = carry_out_list,
};
