#include "daq/store/export_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/folder.h"
#include "daq/store/manifest.h"
#include "daq/store/reader_private.h"

#include <dirent.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int export_read(struct export_run *x, struct error *e)
{
	if (content_of(x->reader, &x->content, e) != 0 || run_reader_summary(x->reader, &x->summary, e) != 0 ||
		run_reader_channels(x->reader, &x->channel, &x->channels, e) != 0 ||
		run_reader_segments(x->reader, &x->segment, &x->segments, e) != 0)
		return -1;
	return run_reader_groups(x->reader, &x->group, &x->groups, e);
}

static void export_free(struct export_run *x)
{
	content_free(&x->content);
	free(x->channel);
	free(x->segment);
	free(x->group);
	run_reader_close(x->reader);
}

static bool is_group(const struct export_run *x, const char *table)
{
	for (int i = 0; i < x->groups; i++)
		if (strcmp(x->group[i].group, table) == 0)
			return true;
	return false;
}

static int export_all_tables(struct export_run *x, const char *group, struct error *e)
{
	if (group && !is_group(x, group))
		return error_set(e, ERROR_DATA, "%s has no rate group \"%s\"", x->reader->file, group);
	for (int i = 0; i < x->groups; i++)
		if ((!group || strcmp(group, x->group[i].group) == 0) && export_scans(x, x->group[i].group, e) != 0)
			return -1;
	for (int i = 0; i < x->content.tables; i++)
		if (!export_is_definition(x->content.table[i].name) && !is_group(x, x->content.table[i].name) &&
			export_table(x, &x->content.table[i], e) != 0)
			return -1;
	return 0;
}

/* The last chain of the run's manifest: what the export is of. null without a clean end. */
static json_t *export_chain(const char *run)
{
	char path[4200];
	json_t *root, *chain;

	snprintf(path, sizeof(path), "%s/manifest.json", run);
	root = json_load_file(path, 0, NULL);
	chain = json_object_get(root, "chain");
	chain = chain ? json_incref(chain) : json_null();
	json_decref(root);
	return chain;
}

static json_t *export_make_root(struct export_run *x, const char *group, struct error *e)
{
	char digest[65], files[4200];
	json_t *tables = export_definitions(x, e), *copied = NULL, *root = NULL;

	if (!tables || content_digest(x->reader, digest, e) != 0)
		goto out;
	snprintf(files, sizeof(files), "%s/files", x->folder);
	copied = export_files(x->reader->folder, files, NULL, e);
	if (!copied)
		goto out;
	root = json_pack("{s:i, s:s, s:b, s:s, s:o, s:O, s:O}", "format", EXPORT_FORMAT, "software",
		"heatbench " HEATBENCH_VERSION, "complete", !group || x->groups == 1, "rows_digest", digest, "manifest_chain",
		export_chain(x->reader->folder), "files", copied, "tables", tables);
	if (!root)
		error_set(e, ERROR_SYSTEM, "no memory for the definitions of %s", x->reader->file);
out:
	json_decref(tables);
	json_decref(copied);
	return root;
}

/* Last, so that a folder with it is a whole export. */
static int export_put_root(struct export_run *x, const char *group, struct error *e)
{
	json_t *root = export_make_root(x, group, e);
	char path[4200];
	char *text;
	int result = -1;

	if (!root)
		return -1;
	text = json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17));
	json_decref(root);
	snprintf(path, sizeof(path), "%s/definitions.json", x->folder);
	if (!text)
		error_set(e, ERROR_SYSTEM, "no memory for %s", path);
	else
		result = text_write_file(path, text, strlen(text), e);
	free(text);
	return result == 0 ? file_sync(path, e) : -1;
}

static bool export_is_free(const char *to)
{
	DIR *dir = opendir(to);
	struct dirent *entry;
	bool empty = true;

	if (!dir)
		return errno == ENOENT;
	while ((entry = readdir(dir)) != NULL)
		empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(dir);
	return empty;
}

/* Where the export grows until it is whole: beside its place, hidden. */
static int export_make_folder(const char *to, char *out, size_t size, struct error *e)
{
	const char *slash = strrchr(to, '/');
	int n = snprintf(out, size, "%.*s.%s.part-%d", slash ? (int)(slash + 1 - to) : 0, to, slash ? slash + 1 : to,
		(int)getpid());

	if (!export_is_free(to))
		return error_set(e, ERROR_IO, "%s is there already: an export goes to a new or empty folder", to);
	if (n < 0 || (size_t)n >= size)
		return error_set(e, ERROR_IO, "the path %.100s... is too long", to);
	if (mkdir(out, 0777) != 0)
		return error_set_errno(e, ERROR_IO, "cannot make the folder %s", out);
	return 0;
}

/* One read transaction: all tables, and the digest, as of one instant. */
static int export_write(struct export_run *x, const char *group, struct error *e)
{
	int result = -1;

	if (database_exec(x->reader->db, "BEGIN", e) != 0)
		return -1;
	if (export_read(x, e) == 0 && export_all_tables(x, group, e) == 0 && export_put_root(x, group, e) == 0)
		result = 0;
	sqlite3_exec(x->reader->db, "COMMIT", NULL, NULL, NULL);
	return result;
}

int run_export(const char *path, const char *to, const char *group, const struct run_progress *progress,
	struct error *e)
{
	struct export_run x = {.progress = progress};
	struct error ignored = ERROR_INIT;
	char folder[4200], target[4096];
	int result = -1;
	size_t n;

	text_copy(target, sizeof(target), to);
	for (n = strlen(target); n > 1 && target[n - 1] == '/'; n--)
		target[n - 1] = '\0';
	if (run_reader_open(&x.reader, path, e) != 0)
		return -1;
	if (export_make_folder(target, folder, sizeof(folder), e) == 0) {
		x.folder = folder;
		result = export_write(&x, group, e);
		if (result == 0 && rename(folder, target) != 0)
			result = error_set_errno(e, ERROR_IO, "cannot put the export into place at %s", target);
		if (result != 0)
			folder_remove(folder, &ignored);
	}
	export_free(&x);
	return result;
}
