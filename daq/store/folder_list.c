#include "daq/store/folder.h"

#include "daq/base/error.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int list_add(struct folder_list *list, const char *name, struct error *e)
{
	char **grown = realloc(list->name, (size_t)(list->count + 1) * sizeof(*grown));

	if (!grown)
		return error_set(e, ERROR_SYSTEM, "no memory for the list of a run's files");
	list->name = grown;
	grown[list->count] = strdup(name);
	if (!grown[list->count])
		return error_set(e, ERROR_SYSTEM, "no memory for the list of a run's files");
	list->count++;
	return 0;
}

static int list_walk(const char *root, const char *below, struct folder_list *list, struct error *e);

/* What is not evidence: made later, or only while the run is written or closed. */
static bool list_passes_over(const char *name)
{
	static const char *const own[] = {"evaluations", "manifest.json", "manifest.json.new", "lock"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(name, own[i]) == 0)
			return true;
	return false;
}

/* Files made by nobody here (pipes, links) are listed like plain ones: `verify` shall speak of them. */
static int list_entry(const char *root, const char *name, struct folder_list *list, struct error *e)
{
	char path[8192];
	struct stat st;

	if (list_passes_over(name))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", root, name);
	if (lstat(path, &st) != 0)
		return error_set_errno(e, ERROR_IO, "cannot look at %s", path);
	if (S_ISDIR(st.st_mode))
		return list_walk(root, name, list, e);
	return list_add(list, name, e);
}

static int list_walk(const char *root, const char *below, struct folder_list *list, struct error *e)
{
	char path[8192];
	struct dirent *entry;
	DIR *dir;
	int result = 0;

	snprintf(path, sizeof(path), "%s/%s", root, below);
	dir = opendir(path);
	if (!dir)
		return error_set_errno(e, ERROR_IO, "cannot read the folder %s", path);
	while (result == 0 && (entry = readdir(dir)) != NULL) {
		char name[4096];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s%s%s", below, below[0] ? "/" : "", entry->d_name);
		result = list_entry(root, name, list, e);
	}
	closedir(dir);
	return result;
}

static int list_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int folder_list(const char *path, struct folder_list *out, struct error *e)
{
	struct folder_list list = {0, NULL};

	if (list_walk(path, "", &list, e) != 0) {
		folder_list_free(&list);
		return -1;
	}
	if (list.count)
		qsort(list.name, (size_t)list.count, sizeof(*list.name), list_compare);
	*out = list;
	return 0;
}

void folder_list_free(struct folder_list *list)
{
	for (int i = 0; i < list->count; i++)
		free(list->name[i]);
	free(list->name);
	*list = (struct folder_list){0, NULL};
}
