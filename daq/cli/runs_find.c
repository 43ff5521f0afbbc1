#include "daq/cli/runs.h"

#include "daq/base/settings.h"
#include "daq/base/text.h"
#include "daq/store/reader.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void runs_free_names(char **names)
{
	for (int i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_run(const char *results, const char *name)
{
	char path[4400];

	snprintf(path, sizeof(path), "%.4000s/%.300s/run.db", results, name);
	return access(path, F_OK) == 0;
}

static int add_name(char ***names, size_t *count, const char *name)
{
	char **grown = realloc(*names, (*count + 2) * sizeof(*grown));

	if (!grown)
		return -1;
	*names = grown;
	grown[*count] = strdup(name);
	if (!grown[*count])
		return -1;
	grown[++*count] = NULL;
	return 0;
}

int runs_names(const struct runs_options *options, char ***out, struct error *e)
{
	DIR *dir = opendir(options->results);
	char **names = calloc(1, sizeof(*names));
	struct dirent *entry;
	size_t count = 0;
	int result = names ? 0 : -1;

	if (!dir) {
		free(names);
		return error_set_errno(e, ERROR_IO, "cannot read the results folder %s", options->results);
	}
	while (result == 0 && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && is_run(options->results, entry->d_name))
			result = add_name(&names, &count, entry->d_name);
	closedir(dir);
	if (result != 0) {
		runs_free_names(names);
		return error_set(e, ERROR_SYSTEM, "no memory for the list of runs");
	}
	qsort(names, count, sizeof(*names), compare_names);
	*out = names;
	return 0;
}

int runs_find(const struct runs_options *options, const char *run, char *out, size_t size, struct error *e)
{
	struct error ignored = ERROR_INIT;
	char **names = NULL;
	const char *near = NULL;

	if (access(run, F_OK) == 0) {
		if (!text_copy(out, size, run))
			return error_set(e, ERROR_USAGE, "the path %.100s... is too long", run);
		return 0;
	}
	snprintf(out, size, "%s/%s", options->results, run);
	if (access(out, F_OK) == 0)
		return 0;
	if (runs_names(options, &names, &ignored) == 0)
		near = nearest_name(run, (const char *const *)names);
	error_set(e, ERROR_USAGE, "there is no run %s, here or below %s%s%s%s", run, options->results,
		near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
	runs_free_names(names);
	return -1;
}

void runs_evaluation(const char *path, char *out, size_t size)
{
	char folder[4200], file[4300];
	const char *verdict;
	json_t *root;

	out[0] = '\0';
	if (!run_last_evaluation(path, folder, sizeof(folder)))
		return;
	snprintf(file, sizeof(file), "%s/report.json", folder);
	root = json_load_file(file, 0, NULL);
	verdict = json_string_value(json_object_get(root, "verdict"));
	text_copy(out, size, verdict ? verdict : "unfinished");
	json_decref(root);
}
