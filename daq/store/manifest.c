#include "daq/store/manifest.h"

#include "daq/base/clock.h"
#include "daq/base/error.h"
#include "daq/base/parallel.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/digest.h"
#include "daq/store/folder.h"
#include "daq/store/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int file_sync(const char *path, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = 0;

	if (fd < 0)
		return error_set_errno(e, ERROR_IO, "cannot open %s", path);
	if (fsync(fd) != 0)
		result = error_set_errno(e, ERROR_IO, "cannot write %s to disk", path);
	close(fd);
	return result;
}

static void manifest_first_chain(const char *software, const char *ended, char chain[65])
{
	char text[160];
	int n = snprintf(text, sizeof(text), "%s\n%s\n", software, ended);

	digest_bytes(text, (size_t)n, chain);
}

static void manifest_next_chain(char chain[65], const char *name, const char *sha256)
{
	struct text t = TEXT_INIT;

	text_add(&t, "%s%s%s", chain, name, sha256);
	if (!t.failed)
		digest_bytes(t.data, t.length, chain);
	text_free(&t);
}

static void manifest_time(int64_t ns, char out[32])
{
	time_t seconds = (time_t)(ns / NANOS_PER_S);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* Which program wrote the run and when it ended ("" without a clean end). */
static int manifest_about(const char *folder, char software[64], char ended[32], struct error *e)
{
	struct sqlite3 *db = NULL;
	char path[4200];
	int64_t ns = -1;
	int result = -1;

	snprintf(path, sizeof(path), "%s/run.db", folder);
	if (database_open_reader(&db, path, e) != 0)
		return -1;
	software[0] = ended[0] = '\0';
	if (database_text(db, "SELECT software FROM run", software, 64, e) == 0 &&
		database_number(db, "SELECT ended FROM run", &ns, e) == 0) {
		if (ns >= 0)
			manifest_time(ns, ended);
		result = 0;
	}
	sqlite3_close(db);
	return result;
}

static json_t *manifest_entry(const char *folder, const char *name, char chain[65], struct error *e)
{
	char path[8300], sha256[65];
	struct stat st;
	json_t *entry;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (stat(path, &st) != 0) {
		error_set_errno(e, ERROR_IO, "cannot look at %s", path);
		return NULL;
	}
	if (file_digest(path, sha256, e) != 0)
		return NULL;
	manifest_next_chain(chain, name, sha256);
	entry = json_pack("{s:s, s:I, s:s, s:s}", "name", name, "size", (json_int_t)st.st_size, "sha256", sha256,
		"chain", chain);
	if (!entry)
		error_set(e, ERROR_IO, "%s: the name is not UTF-8, as manifest.json needs", path);
	return entry;
}

static bool manifest_covers(const char *folder, const char *name)
{
	char path[8300];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static json_t *manifest_make(const char *folder, struct error *e)
{
	char software[64], ended[32], chain[65];
	struct folder_list list = {0, NULL};
	json_t *files = json_array(), *root = NULL;

	if (manifest_about(folder, software, ended, e) != 0 || folder_list(folder, &list, e) != 0)
		goto out;
	manifest_first_chain(software, ended, chain);
	for (int i = 0; i < list.count; i++) {
		json_t *entry;

		if (!manifest_covers(folder, list.name[i]))
			continue;
		entry = manifest_entry(folder, list.name[i], chain, e);
		if (!entry || json_array_append_new(files, entry) != 0)
			goto out;
	}
	root = json_pack("{s:i, s:s, s:s, s:s, s:O}", "format", 1, "software", software, "ended", ended, "chain",
		chain, "files", files);
	if (!root)
		error_set(e, ERROR_SYSTEM, "no memory for the manifest of %s", folder);
out:
	json_decref(files);
	folder_list_free(&list);
	return root;
}

int manifest_write(const char *folder, struct error *e)
{
	char path[4200], fresh[4200];
	json_t *root = manifest_make(folder, e);
	char *text;
	int result = -1;

	if (!root)
		return -1;
	text = json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	json_decref(root);
	if (!text)
		return error_set(e, ERROR_SYSTEM, "no memory for the manifest of %s", folder);
	snprintf(path, sizeof(path), "%s/manifest.json", folder);
	snprintf(fresh, sizeof(fresh), "%s/manifest.json.new", folder);
	if (text_write_file(fresh, text, strlen(text), e) != 0 || file_sync(fresh, e) != 0)
		unlink(fresh);
	else if (rename(fresh, path) != 0)
		error_set_errno(e, ERROR_IO, "cannot put %s into place", path);
	else
		result = folder_sync(folder, e);
	free(text);
	return result;
}

struct digests {
	const char *folder;
	json_t *files;
	char (*of)[65];
};

/* "" where the file is not one; the check says why. */
static int digest_entry(void *self, int i, struct error *e)
{
	const struct digests *d = self;
	const char *name = json_string_value(json_object_get(json_array_get(d->files, (size_t)i), "name"));
	struct error inner = ERROR_INIT;
	char path[8300];
	struct stat st;

	(void)e;
	snprintf(path, sizeof(path), "%s/%s", d->folder, name ? name : "");
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode) || file_digest(path, d->of[i], &inner) != 0)
		d->of[i][0] = 0;
	return 0;
}

/* 0: as the manifest says; 1: not, see `detail`. `now`: its digest. */
static int manifest_check_entry(const char *folder, json_t *entry, const char *now, char chain[65], char *detail, size_t size)
{
	const char *name = NULL, *sha256 = NULL, *stored = NULL;
	struct error inner = ERROR_INIT;
	char path[8300], unread[65];
	json_int_t bytes = 0;
	struct stat st;

	if (json_unpack(entry, "{s:s, s:I, s:s, s:s}", "name", &name, "size", &bytes, "sha256", &sha256, "chain",
		    &stored) != 0)
		return snprintf(detail, size, "manifest.json is damaged: an entry is not complete"), 1;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return snprintf(detail, size, "%s is missing", name), 1;
	if (st.st_size != bytes)
		return snprintf(detail, size, "%s changed: it has %lld bytes and had %lld", name,
			       (long long)st.st_size, (long long)bytes), 1;
	if (!now[0] && file_digest(path, unread, &inner) != 0)
		return snprintf(detail, size, "%s", inner.text), 1;
	if (strcmp(now, sha256) != 0)
		return snprintf(detail, size, "%s changed: SHA-256 is %.12s... and was %.12s...", name, now, sha256), 1;
	manifest_next_chain(chain, name, sha256);
	if (strcmp(chain, stored) != 0)
		return snprintf(detail, size, "manifest.json changed: the chain breaks at %s", name), 1;
	return 0;
}

static bool manifest_names(json_t *files, const char *name)
{
	json_t *entry;
	size_t i;

	json_array_foreach(files, i, entry)
	{
		const char *there = json_string_value(json_object_get(entry, "name"));

		if (there && strcmp(there, name) == 0)
			return true;
	}
	return false;
}

static int manifest_check_extra(const char *folder, json_t *files, char *detail, size_t size, struct error *e)
{
	struct folder_list list = {0, NULL};
	int result = 0;

	if (folder_list(folder, &list, e) != 0)
		return -1;
	for (int i = 0; i < list.count && result == 0; i++)
		if (!manifest_names(files, list.name[i])) {
			snprintf(detail, size, "%s is extra: it was not there at the end", list.name[i]);
			result = 1;
		}
	folder_list_free(&list);
	return result;
}

static int manifest_check_root(const char *folder, json_t *root, char *detail, size_t size, struct error *e)
{
	const char *software = NULL, *ended = NULL, *stored = NULL;
	struct digests now = {.folder = folder};
	json_t *files = NULL, *entry;
	char chain[65];
	int result = 0;
	size_t i;

	if (json_unpack(root, "{s:s, s:s, s:s, s:o}", "software", &software, "ended", &ended, "chain", &stored,
		    "files", &files) != 0 || !json_is_array(files))
		return snprintf(detail, size, "manifest.json is damaged: a key is missing"), 1;
	manifest_first_chain(software, ended, chain);
	now.files = files;
	now.of = calloc(json_array_size(files) + 1, sizeof(*now.of));
	if (!now.of)
		return error_set(e, ERROR_SYSTEM, "no memory for the manifest of %s", folder);
	parallel_each((int)json_array_size(files), digest_entry, &now, NULL); /* nothing of it fails */
	json_array_foreach(files, i, entry)
		if (result == 0)
			result = manifest_check_entry(folder, entry, now.of[i], chain, detail, size);
	free(now.of);
	if (result != 0)
		return result;
	if (strcmp(chain, stored) != 0)
		return snprintf(detail, size, "manifest.json changed: its chain does not end as it says"), 1;
	return manifest_check_extra(folder, files, detail, size, e);
}

int manifest_check(const char *folder, char *detail, size_t size, struct error *e)
{
	json_error_t where;
	char path[4200];
	json_t *root;
	int result;

	snprintf(path, sizeof(path), "%s/manifest.json", folder);
	root = json_load_file(path, 0, &where);
	if (!root) {
		snprintf(detail, size, "manifest.json is damaged: line %d: %s", where.line, where.text);
		return 1;
	}
	result = manifest_check_root(folder, root, detail, size, e);
	json_decref(root);
	return result;
}
