#include "daq/store/folder.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/mount.h"
#include "daq/store/run.h"
#include "daq/store/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

int folder_make(const char *path, struct error *e)
{
	char part[4096];
	struct stat st;

	if (!text_copy(part, sizeof(part), path))
		return error_set(e, ERROR_IO, "the path %.100s... is too long", path);
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0777) != 0 && errno != EEXIST)
			return error_set_errno(e, ERROR_IO, "cannot make the folder %s", part);
		*p = '/';
	}
	if (mkdir(part, 0777) != 0 && errno != EEXIST)
		return error_set_errno(e, ERROR_IO, "cannot make the folder %s", part);
	if (stat(part, &st) != 0)
		return error_set_errno(e, ERROR_IO, "cannot look at the folder %s", part);
	if (!S_ISDIR(st.st_mode))
		return error_set(e, ERROR_IO, "%s is a file: expected a folder for the runs", path);
	return 0;
}

static void folder_megabytes(int64_t bytes, char *out, size_t size)
{
	if (bytes < 10000000)
		snprintf(out, size, "%.1f kB", (double)bytes / 1e3);
	else if (bytes < INT64_C(10000000000))
		snprintf(out, size, "%.1f MB", (double)bytes / 1e6);
	else
		snprintf(out, size, "%.1f GB", (double)bytes / 1e9);
}

static int folder_check_space(const char *path, int64_t need_bytes, struct error *e)
{
	char need[32], have[32];
	struct statvfs vfs;
	int64_t free_bytes;

	if (statvfs(path, &vfs) != 0)
		return error_set_errno(e, ERROR_IO, "cannot ask for the free space below %s", path);
	free_bytes = (int64_t)vfs.f_bavail * (int64_t)vfs.f_frsize;
	if (free_bytes >= need_bytes)
		return 0;
	folder_megabytes(need_bytes, need, sizeof(need));
	folder_megabytes(free_bytes, have, sizeof(have));
	return error_set(e, ERROR_IO, "%s: the run needs about %s, but only %s are free", path, need, have);
}

static int folder_check_place(const char *results, int64_t need_bytes, struct error *e)
{
	const char *network = mount_network(results);

	if (network)
		return error_set(e, ERROR_IO,
			"%s lies on a network file system (%s): SQLite's locks and shared memory do not work across machines, "
			"so a run is written to a local disk and copied when it has ended", results, network);
	if (access(results, W_OK | X_OK) != 0)
		return error_set_errno(e, ERROR_IO, "cannot write runs below %s", results);
	return folder_check_space(results, need_bytes, e);
}

/* Keeps what every file system, shell and browser takes; anything else becomes '_'. */
static void folder_clean(char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("._-", *text))
			*text = '_';
}

static void folder_name(const struct run_about *about, char *out, size_t size)
{
	time_t seconds = (time_t)(about->utc / NANOS_PER_S);
	char stamp[32], bench[32], label[64];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	text_copy(bench, sizeof(bench), about->bench);
	text_copy(label, sizeof(label), about->label);
	folder_clean(bench);
	folder_clean(label);
	snprintf(out, size, "%s%s%s%s%s", stamp, bench[0] ? "-" : "", bench, label[0] ? "-" : "", label);
}

int folder_create(const char *results, const struct run_about *about, int64_t need_bytes, char *out, size_t size,
	struct error *e)
{
	char name[160], path[4096];
	int n = 0;

	if (!results[0])
		return error_set(e, ERROR_IO, "the folder for the runs has no name");
	if (folder_make(results, e) != 0 || folder_check_place(results, need_bytes, e) != 0)
		return -1;
	folder_name(about, name, sizeof(name));
	/* In a virtual lab time begins at the same instant in every run. */
	for (int i = 1; i < 100000; i++) {
		if (i == 1)
			n = snprintf(path, sizeof(path), "%s/%s", results, name);
		else
			n = snprintf(path, sizeof(path), "%s/%s-%d", results, name, i);
		if (n < 0 || (size_t)n >= sizeof(path) || (size_t)n >= size)
			return error_set(e, ERROR_IO, "the path %.100s... is too long", results);
		if (mkdir(path, 0777) == 0) {
			text_copy(out, size, path);
			return folder_sync(results, e);
		}
		if (errno != EEXIST)
			return error_set_errno(e, ERROR_IO, "cannot make the run's folder %s", path);
	}
	return error_set(e, ERROR_IO, "%s holds too many runs called %s", results, name);
}

int folder_find(const char *path, char *out, size_t size, struct error *e)
{
	char folder[4096], file[4112];
	struct stat st;
	size_t n;

	if (!text_copy(folder, sizeof(folder), path))
		return error_set(e, ERROR_DATA, "the path %.100s... is too long", path);
	n = strlen(folder);
	if (n >= 7 && strcmp(folder + n - 7, "/run.db") == 0)
		folder[n - 7] = '\0';
	else if (strcmp(folder, "run.db") == 0)
		text_copy(folder, sizeof(folder), ".");
	for (n = strlen(folder); n > 1 && folder[n - 1] == '/'; n--)
		folder[n - 1] = '\0';
	if (stat(folder, &st) != 0)
		return error_set_errno(e, ERROR_DATA, "there is no run %s", folder);
	snprintf(file, sizeof(file), "%s/run.db", folder);
	if (!S_ISDIR(st.st_mode) || access(file, F_OK) != 0) {
		snprintf(file, sizeof(file), "%s/manifest.json", folder);
		if (access(file, F_OK) != 0)
			return error_set(e, ERROR_DATA, "%s is not a run: it has no run.db", path);
	}
	if (!text_copy(out, size, folder))
		return error_set(e, ERROR_DATA, "the path %.100s... is too long", path);
	return 0;
}

int folder_check_name(const char *name, struct error *e)
{
	static const char *const own[] = {"run.db", "run.db-wal", "run.db-shm", "run.db-journal", "run.db.closing",
		"manifest.json", "manifest.json.new", "lock", "evaluations", ".", "..", ""};

	if (strchr(name, '/'))
		return error_set(e, ERROR_IO, "\"%s\" is a path: a run's file has a plain name", name);
	if (!utf8_valid(name))
		return error_set(e, ERROR_IO, "\"%s\" is not UTF-8, as the names in manifest.json are", name);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(name, own[i]) == 0)
			return error_set(e, ERROR_IO, "a file added to a run cannot be called \"%s\"", name);
	return 0;
}

static int folder_copy_bytes(int in, int out)
{
	char buffer[1 << 16];
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		for (ssize_t done = 0, w; done < n; done += w) {
			w = write(out, buffer + done, (size_t)(n - done));
			if (w < 0 && errno == EINTR)
				w = 0;
			else if (w < 0)
				return -1;
		}
	}
	return fsync(out);
}

int folder_copy(const char *from, const char *to, struct error *e)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = -1, result = -1;

	if (in < 0)
		return error_set_errno(e, ERROR_IO, "cannot open %s", from);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (out < 0) {
		error_set_errno(e, ERROR_IO, "cannot make %s", to);
		goto out;
	}
	if (folder_copy_bytes(in, out) != 0) {
		error_set_errno(e, ERROR_IO, "cannot copy %s to %s", from, to);
		goto out;
	}
	result = 0;
out:
	close(in);
	if (out >= 0 && close(out) != 0 && result == 0)
		result = error_set_errno(e, ERROR_IO, "cannot copy %s to %s", from, to);
	if (out >= 0 && result != 0)
		unlink(to);
	return result;
}

int folder_sync(const char *path, struct error *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = 0;

	if (fd < 0)
		return error_set_errno(e, ERROR_IO, "cannot open the folder %s", path);
	/* Some file systems have nothing to do here and say EINVAL. */
	if (fsync(fd) != 0 && errno != EINVAL)
		result = error_set_errno(e, ERROR_IO, "cannot write the folder %s to disk", path);
	close(fd);
	return result;
}
