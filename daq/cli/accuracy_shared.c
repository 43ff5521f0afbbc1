#include "daq/cli/accuracy.h"

#include "analytics/accuracy/accuracy.h"
#include "analytics/core/evaluation.h"
#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/cli/report_output.h"
#include "daq/program/program_path.h"
#include "daq/store/reader.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char shipped[] = "analytics/accuracy/models";

/* The folder of the shipped models: from here, or beside the folder that the program lies in. */
static int models_folder(char *out, size_t size, struct error *e)
{
	char program[PATH_MAX - 64], *end;

	text_copy(out, size, shipped);
	if (access(out, R_OK) == 0)
		return 0;
	if (program_path(program, sizeof(program), "heatbench", e) < 0)
		return -1;
	for (int up = 0; up < 2; up++) {
		end = strrchr(program, '/');
		if (end)
			*end = 0;
	}
	snprintf(out, size, "%s/%s", program, shipped);
	return 0;
}

enum { SHIPPED_MOST = 64 };

/* Names of the shipped models, NULL-terminated; to be freed with their texts. */
static int list_models(char *name[SHIPPED_MOST + 1], const char *folder)
{
	struct dirent **entry = NULL;
	int n = scandir(folder, &entry, NULL, alphasort), count = 0;

	for (int i = 0; i < n; i++) {
		size_t length = strlen(entry[i]->d_name);

		if (length > 5 && strcmp(entry[i]->d_name + length - 5, ".json") == 0 && count < SHIPPED_MOST)
			name[count++] = strndup(entry[i]->d_name, length - 5);
		free(entry[i]);
	}
	free(entry);
	name[count] = NULL;
	return count;
}

static int unknown_model(const char *given, const char *folder, struct error *e)
{
	char *name[SHIPPED_MOST + 1];
	struct text known = TEXT_INIT;
	int count = list_models(name, folder);
	const char *near = nearest_name(given, (const char *const *)name);

	for (int i = 0; i < count; i++)
		text_add(&known, "%s, ", name[i]);
	error_set(e, ERROR_USAGE, "there is no model file %s, and no shipped model of that name%s%s%s (there are %sreported)", given,
		near ? "; did you mean " : "", near ? near : "", near ? "?" : "", known.data ? known.data : "");
	for (int i = 0; i < count; i++)
		free(name[i]);
	text_free(&known);
	return -1;
}

int accuracy_find_model(char *out, size_t size, const char *given, struct error *e)
{
	char folder[PATH_MAX];

	text_copy(out, size, given);
	if (strcmp(given, "reported") == 0 || strchr(given, '/') || access(given, R_OK) == 0)
		return 0;
	if (models_folder(folder, sizeof(folder), e) < 0)
		return -1;
	snprintf(out, size, "%s/%s%s", folder, given, strstr(given, ".json") ? "" : ".json");
	if (access(out, R_OK) == 0)
		return 0;
	return unknown_model(given, folder, e);
}

int accuracy_find_runs(struct accuracy_runs *out, const struct setting_list *words, struct error *e)
{
	if (words->count == 0)
		return error_set(e, ERROR_USAGE, "which runs? see --help");
	if (words->count > ACCURACY_RUNS)
		return error_set(e, ERROR_USAGE, "%d runs: at most %d", words->count, ACCURACY_RUNS);
	for (int i = 0; i < words->count; i++) {
		cli_find_run(out->name[i], sizeof(out->name[i]), words->item[i]);
		out->path[i] = out->name[i];
	}
	out->count = words->count;
	return 0;
}

static int make(const char *folder, struct error *e)
{
	return mkdir(folder, 0777) < 0 && errno != EEXIST ? error_set_errno(e, ERROR_IO, "cannot make %s", folder) : 0;
}

int accuracy_folder(char *out, size_t size, const char *given, const char *const *run, int runs, const char *what, struct error *e)
{
	const char *results = results_folder("");
	time_t now = time(NULL);
	struct tm utc;
	char stamp[32];

	if (given && *given) {
		text_copy(out, size, given);
		return make(out, e);
	}
	if (runs == 1)
		return run_new_evaluation(run[0], out, size, e);
	gmtime_r(&now, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H%M%SZ", &utc);
	snprintf(out, size, "%s/%s-%s", results, stamp, what);
	return make(results, e) < 0 ? -1 : make(out, e);
}

int accuracy_split_settings(const struct setting_list *set, struct accuracy_settings *own, char *rest, size_t size, struct error *e)
{
	struct text mine = TEXT_INIT, others = TEXT_INIT;
	int result = -1;

	for (int i = 0; i < set->count; i++) {
		char name[64];
		bool is_other;

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(set->item[i], "="), set->item[i]);
		is_other = !settings_find(accuracy_settings_rows, name) && settings_find(meters_settings_rows, name);
		text_add(is_other ? &others : &mine, "%s%s", (is_other ? others : mine).length ? "," : "", set->item[i]);
	}
	*own = accuracy_settings_default();
	if (mine.data && evaluation_settings(accuracy_settings_rows, own, mine.data, "accuracy settings", e) < 0)
		goto out;
	result = !others.data || text_copy(rest, size, others.data) ? 0 : error_set(e, ERROR_USAGE, "more than %zu bytes of settings of the meters", size);
	if (!others.data)
		rest[0] = 0;
out:
	text_free(&mine);
	text_free(&others);
	return result;
}

void accuracy_command_line(char *out, size_t size, int argc, char **argv)
{
	struct text t = TEXT_INIT;

	text_add(&t, "heatbench accuracy");
	for (int i = 0; i < argc; i++) {
		bool plain = argv[i][0] && !argv[i][strcspn(argv[i], " \t\n'\"\\$&;|<>()*?`#~!%{}[]")];

		text_add(&t, plain ? " " : " '");
		for (const char *c = argv[i]; *c; c++)
			text_add(&t, *c == '\'' ? "'\\''" : "%c", *c);
		text_add(&t, plain ? "" : "'");
	}
	text_copy(out, size, t.data ? t.data : "");
	text_free(&t);
}
