#include "daq/store/reader.h"

#include "daq/base/error.h"
#include "daq/store/folder.h"
#include "daq/store/lock.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A damaged database may hide that it is ours: then the manifest can still say so. */
static bool remove_has_manifest(const char *folder)
{
	char path[PATH_MAX + 32];
	const char *software = NULL, *chain = NULL;
	json_t *root, *files = NULL;
	bool ours;

	snprintf(path, sizeof(path), "%s/manifest.json", folder);
	root = json_load_file(path, 0, NULL);
	ours = root && json_unpack(root, "{s:s, s:s, s:o}", "software", &software, "chain", &chain, "files", &files) == 0;
	json_decref(root);
	return ours;
}

static int remove_busy(const char *folder, int pid, struct error *e)
{
	char path[64], name[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (f) {
		if (fgets(name, sizeof(name), f))
			name[strcspn(name, "\n")] = '\0';
		fclose(f);
	}
	return error_set(e, ERROR_BUSY, "run %s is being written by process %d%s%s%s", folder, pid, name[0] ? " (" : "",
		name, name[0] ? ")" : "");
}

int run_removable(const char *path, char *out, size_t size, struct error *e)
{
	struct error inner = ERROR_INIT;
	struct run_reader *reader = NULL;
	char folder[4096], real[PATH_MAX];
	struct stat st;
	int pid;

	if (folder_find(path, folder, sizeof(folder), e) != 0)
		return -1;
	if (lstat(folder, &st) == 0 && S_ISLNK(st.st_mode))
		return error_set(e, ERROR_DATA, "%s is a link and no run of its own: remove what it points to", folder);
	if (!realpath(folder, real))
		return error_set_errno(e, ERROR_IO, "cannot look at %s", folder);
	if (run_reader_open(&reader, real, &inner) != 0 && !remove_has_manifest(real))
		return error_set(e, ERROR_DATA, "%s is not removed: it is no run (%s)", folder, inner.text);
	run_reader_close(reader);
	pid = lock_holder(real);
	if (pid)
		return remove_busy(folder, pid, e);
	if ((size_t)snprintf(out, size, "%s", real) >= size)
		return error_set(e, ERROR_IO, "the path %.100s... is too long", real);
	return 0;
}

static int remove_locked(const char *folder, struct error *e)
{
	struct error inner = ERROR_INIT;
	char hidden[PATH_MAX + 64], parent[PATH_MAX];
	const char *name = strrchr(folder, '/') + 1;

	snprintf(parent, sizeof(parent), "%.*s", (int)(name - folder), folder);
	snprintf(hidden, sizeof(hidden), "%s.%s.removed-%d", parent, name, (int)getpid());
	if (rename(folder, hidden) != 0)
		return error_set_errno(e, ERROR_IO, "cannot remove %s", folder);
	if (folder_sync(parent, &inner) == 0 && folder_remove(hidden, &inner) == 0)
		return 0;
	return error_set(e, ERROR_IO, "%s; the run is gone, what is left of it is in %.200s", inner.text, hidden);
}

int run_remove(const char *path, struct error *e)
{
	char folder[PATH_MAX];
	int lock, result;

	if (run_removable(path, folder, sizeof(folder), e) != 0)
		return -1;
	/* Taken, so that nobody resumes the run in the same instant. */
	lock = lock_take(folder, e);
	if (lock < 0)
		return -1;
	result = remove_locked(folder, e);
	lock_drop(folder, lock, 0);
	return result;
}
