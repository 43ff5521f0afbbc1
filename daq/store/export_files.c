#include "daq/store/export_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The databases are what an export is of; their other files come and go with SQLite. */
static bool files_passes_over(const char *path, const char *name)
{
	struct stat st;

	return strncmp(name, "run.db", 6) == 0 || strncmp(name, "days/", 5) == 0 || lstat(path, &st) != 0 || !S_ISREG(st.st_mode);
}

/* The folders that a name like "truth/lab/events.csv" needs. */
static int files_make_parents(const char *to, const char *name, struct error *e)
{
	char path[8300];

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(path, sizeof(path), "%s/%.*s", to, (int)(slash - name), name);
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			return error_set_errno(e, ERROR_IO, "cannot make the folder %s", path);
	}
	return 0;
}

static int files_check(json_t *check, const char *name, const char *digest, struct error *e)
{
	json_t *entry;
	size_t i;

	json_array_foreach(check, i, entry)
	{
		const char *there = json_string_value(json_object_get(entry, "name"));
		const char *sha256 = json_string_value(json_object_get(entry, "sha256"));

		if (!there || !sha256 || strcmp(there, name) != 0)
			continue;
		return strcmp(sha256, digest) == 0
			       ? 0
			       : error_set(e, ERROR_DATA, "files/%s changed since the export", name);
	}
	return error_set(e, ERROR_DATA, "files/%s was not there at the export", name);
}

static int files_copy(json_t *list, const char *from, const char *to, const char *name, json_t *check,
	struct error *e)
{
	char source[8300], target[8300], digest[65];
	json_t *entry;

	snprintf(source, sizeof(source), "%s/%s", from, name);
	snprintf(target, sizeof(target), "%s/%s", to, name);
	if (files_passes_over(source, name))
		return 0;
	if (files_make_parents(to, name, e) != 0 || folder_copy(source, target, e) != 0 ||
		file_digest(target, digest, e) != 0 || (check && files_check(check, name, digest, e) != 0))
		return -1;
	entry = json_pack("{s:s, s:s}", "name", name, "sha256", digest);
	if (!entry)
		return error_set(e, ERROR_DATA, "%s: the name is not UTF-8", source);
	return json_array_append_new(list, entry);
}

json_t *export_files(const char *from, const char *to, json_t *check, struct error *e)
{
	struct folder_list names = {0, NULL};
	json_t *list = json_array();
	int result = 0;

	if (mkdir(to, 0777) != 0 && errno != EEXIST)
		result = error_set_errno(e, ERROR_IO, "cannot make the folder %s", to);
	if (result == 0)
		result = folder_list(from, &names, e);
	for (int i = 0; i < names.count && result == 0; i++)
		result = files_copy(list, from, to, names.name[i], check, e);
	if (result == 0 && check && json_array_size(check) != json_array_size(list))
		result = error_set(e, ERROR_DATA, "%s: %zu files are missing", from,
			json_array_size(check) - json_array_size(list));
	folder_list_free(&names);
	if (result == 0)
		return list;
	json_decref(list);
	return NULL;
}
