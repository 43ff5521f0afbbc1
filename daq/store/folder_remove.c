#include "daq/store/folder.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int remove_below(int at, const char *name, const char *path, struct error *e);

/* A file goes; a folder goes after what is in it. */
static int remove_entry(int at, const char *name, const char *path, struct error *e)
{
	if (unlinkat(at, name, 0) == 0)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return error_set_errno(e, ERROR_IO, "cannot remove %s/%s", path, name);
	if (remove_below(at, name, path, e) != 0)
		return -1;
	if (unlinkat(at, name, AT_REMOVEDIR) == 0)
		return 0;
	return error_set_errno(e, ERROR_IO, "cannot remove the folder %s/%s", path, name);
}

/* By descriptors: a path could come to mean something else while this goes on. */
static int remove_below(int at, const char *name, const char *path, struct error *e)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	int result = 0;

	if (!dir) {
		error_set_errno(e, ERROR_IO, "cannot remove %s/%s", path, name);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (result == 0 && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = remove_entry(fd, entry->d_name, path, e);
	closedir(dir);
	return result;
}

int folder_remove(const char *path, struct error *e)
{
	char parent[4096];
	char *name;
	int at, result;

	if (!text_copy(parent, sizeof(parent), path))
		return error_set(e, ERROR_IO, "the path %.100s... is too long", path);
	name = strrchr(parent, '/');
	at = open(name ? (name == parent ? "/" : (*name = '\0', parent)) : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return error_set_errno(e, ERROR_IO, "cannot remove %s", path);
	result = remove_entry(at, name ? name + 1 : parent, name ? parent : ".", e);
	close(at);
	return result;
}
