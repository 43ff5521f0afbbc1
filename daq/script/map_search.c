#include "daq/script/map_search.h"

#include "daq/base/error.h"
#include "daq/base/settings.h"
#include "daq/base/text.h"
#include "daq/script/map_file.h"
#include "daq/script/source_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOLDERS = 16, NAMES = 1000 };

struct folders {
	int count;
	char path[FOLDERS][512];
};

static void add_folder(struct folders *f, const char *path, size_t length)
{
	if (length && length < sizeof(f->path[0]) && f->count < FOLDERS)
		snprintf(f->path[f->count++], sizeof(f->path[0]), "%.*s", (int)length, path);
}

static void find_folders(struct folders *f, const char *bench_file)
{
	const char *given = getenv("HEATBENCH_MAPS");
	char path[512];

	f->count = 0;
	while (given && *given) {
		size_t n = strcspn(given, ":");

		add_folder(f, given, n);
		given += n + (given[n] == ':');
	}
	if (bench_file && source_files_beside(bench_file, "maps", path, sizeof(path), NULL) == 0)
		add_folder(f, path, strlen(path));
	snprintf(path, sizeof(path), "%.480s/daq/device/maps", data_directory());
	add_folder(f, path, strlen(path));
}

static bool has_name(char **names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Adds the maps of a folder; one that cannot be opened holds none. */
static void list_folder(const char *path, char **names, size_t *count)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && *count < NAMES) {
		size_t n = strlen(entry->d_name);
		char *name;

		if (n < 5 || entry->d_name[0] == '.' || strcmp(entry->d_name + n - 4, ".lua") != 0)
			continue;
		name = strndup(entry->d_name, n - 4);
		if (name && !has_name(names, *count, name))
			names[(*count)++] = name;
		else
			free(name);
	}
	if (dir)
		closedir(dir);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int map_search_list(char ***out, const char *bench_file, struct error *e)
{
	struct folders folders;
	char **names = calloc(NAMES + 1, sizeof(*names));
	size_t count = 0;

	if (!names)
		return error_set(e, ERROR_SYSTEM, "no memory for the list of maps");
	find_folders(&folders, bench_file);
	for (int i = 0; i < folders.count; i++)
		list_folder(folders.path[i], names, &count);
	qsort(names, count, sizeof(*names), by_name);
	*out = names;
	return 0;
}

void map_search_free(char **names)
{
	for (char **n = names; n && *n; n++)
		free(*n);
	free(names);
}

static int unknown_map(const char *name, const char *bench_file, struct error *e)
{
	char **names = NULL;
	const char *near = NULL;
	struct text known = TEXT_INIT;

	if (map_search_list(&names, bench_file, NULL) == 0)
		near = nearest_name(name, (const char *const *)names);
	for (char **n = names; n && *n; n++)
		text_add(&known, "%s%s", n == names ? "" : ", ", *n);
	if (near)
		error_set(e, ERROR_CONFIG, "there is no map '%s' (did you mean '%s'?)", name, near);
	else
		error_set(e, ERROR_CONFIG, "there is no map '%s': known are %s", name, known.length ? known.data : "none");
	text_free(&known);
	map_search_free(names);
	return -1;
}

int map_search(const char *name, const char *bench_file, char *path, size_t size, struct error *e)
{
	struct folders folders;
	size_t n = strlen(name);

	if (strchr(name, '/') || (n > 4 && strcmp(name + n - 4, ".lua") == 0)) {
		if (bench_file)
			return source_files_beside(bench_file, name, path, size, e);
		if (text_copy(path, size, name))
			return 0;
		return error_set(e, ERROR_CONFIG, "the path of map %s is too long", name);
	}
	find_folders(&folders, bench_file);
	for (int i = 0; i < folders.count; i++) {
		int length = snprintf(path, size, "%s/%s.lua", folders.path[i], name);

		if (length > 0 && (size_t)length < size && access(path, R_OK) == 0)
			return 0;
	}
	return unknown_map(name, bench_file, e);
}

int map_file_list(char ***out, struct error *e)
{
	return map_search_list(out, NULL, e);
}

int map_file_read_beside(struct register_map **out, const char *name, const char *bench_file,
	struct source_files *files, struct error *e)
{
	char path[SOURCE_PATH];

	if (map_search(name, bench_file, path, sizeof(path), e) != 0)
		return -1;
	return map_file_load(out, path, files, e);
}

int map_file_read(struct register_map **out, const char *name, struct error *e)
{
	struct source_files *files = malloc(sizeof(*files));
	int result;

	if (!files)
		return error_set(e, ERROR_SYSTEM, "no memory for the map %s", name);
	source_files_begin(files);
	result = map_file_read_beside(out, name, NULL, files, e);
	free(files);
	return result;
}
