#include "daq/store/export_private.h"

#include "daq/base/error.h"
#include "daq/base/text.h"
#include "daq/store/database.h"
#include "daq/store/folder.h"
#include "daq/store/import_private.h"
#include "daq/store/reader_private.h"
#include "daq/store/run_private.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int import_load(struct import_run *m, struct error *e)
{
	char path[4200];
	json_error_t where;
	int format = 0, complete = 0;

	snprintf(path, sizeof(path), "%s/definitions.json", m->from);
	if (access(path, R_OK) != 0)
		return error_set_errno(e, ERROR_DATA, "%s is no export of a run: cannot read %s", m->from, path);
	m->root = json_load_file(path, 0, &where);
	if (!m->root)
		return error_set(e, ERROR_DATA, "%s:%d: %s", path, where.line, where.text);
	if (json_unpack(m->root, "{s:i, s:b, s:s, s:o, s:o}", "format", &format, "complete", &complete, "rows_digest",
		    &m->digest, "files", &m->files, "tables", &m->tables) != 0)
		return error_set(e, ERROR_DATA, "%s is no export of a run, or a key of it is missing", path);
	if (format != EXPORT_FORMAT)
		return error_set(e, ERROR_DATA, "%s has format %d; this program reads %d", path, format, EXPORT_FORMAT);
	if (!complete)
		return error_set(e, ERROR_DATA,
			"%s holds one rate group only: what was left out cannot be made up; export without --group", m->from);
	return 0;
}

/* As much as the folder's name and its first row need. */
static int import_about(const struct import_run *m, struct run_about *about, struct error *e)
{
	const char *bench = NULL, *label = NULL;
	json_int_t utc = 0, period = 0;

	if (json_unpack(json_array_get(json_object_get(m->tables, "run"), 0), "{s:s, s:s, s:I, s:I}", "bench", &bench,
		    "label", &label, "utc", &utc, "period", &period) != 0)
		return error_set(e, ERROR_DATA, "%s/definitions.json does not say which run it is", m->from);
	*about = (struct run_about){.seed = -1, .utc = utc, .period = period};
	text_copy(about->bench, sizeof(about->bench), bench);
	text_copy(about->label, sizeof(about->label), label);
	return 0;
}

/* Text in CSV is at least as long as what it becomes. */
static int64_t import_bytes(const struct import_run *m)
{
	struct folder_list list = {0, NULL};
	struct error ignored = ERROR_INIT;
	char path[8300];
	int64_t sum = 1 << 20;
	struct stat st;

	if (folder_list(m->from, &list, &ignored) != 0)
		return sum;
	for (int i = 0; i < list.count; i++) {
		snprintf(path, sizeof(path), "%s/%s", m->from, list.name[i]);
		if (stat(path, &st) == 0)
			sum += st.st_size;
	}
	folder_list_free(&list);
	return sum;
}

/* Where this run came from; under another name where it has such a file from an earlier journey. */
static int import_put_origin(const struct import_run *m, struct error *e)
{
	char path[4200], stamp[32], *text;
	time_t now = time(NULL);
	json_t *root;
	struct tm tm;
	int result;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(path, sizeof(path), "%s/import.json", m->run->path);
	for (int i = 2; access(path, F_OK) == 0; i++)
		snprintf(path, sizeof(path), "%s/import-%d.json", m->run->path, i);
	root = json_pack("{s:s, s:s, s:O, s:O, s:O}", "imported", stamp, "software", "heatbench " HEATBENCH_VERSION,
		"exported_by", json_object_get(m->root, "software"), "manifest_chain",
		json_object_get(m->root, "manifest_chain"), "rows_digest", json_object_get(m->root, "rows_digest"));
	text = root ? json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : NULL;
	json_decref(root);
	if (!text)
		return error_set(e, ERROR_DATA, "%s/definitions.json does not say who made it", m->from);
	result = text_write_file(path, text, strlen(text), e);
	free(text);
	return result;
}

static int import_check(struct import_run *m, struct error *e)
{
	struct run_reader written = {.db = m->run->db};
	char digest[65];

	if (content_digest(&written, digest, e) != 0)
		return -1;
	if (strcmp(digest, m->digest) == 0)
		return 0;
	return error_set(e, ERROR_DATA,
		"%s was changed since the export: its rows have the digest %.12s..., definitions.json says %.12s...", m->from,
		digest, m->digest);
}

static int import_fill(struct import_run *m, struct error *e)
{
	char from[4200];
	json_t *files;

	if (import_tables(m, e) != 0 || import_check(m, e) != 0)
		return -1;
	snprintf(from, sizeof(from), "%s/files", m->from);
	files = export_files(from, m->run->path, m->files, e);
	if (!files)
		return -1;
	json_decref(files);
	return import_put_origin(m, e);
}

int run_import(const char *from, const char *results, char *out, size_t size, const struct run_progress *progress,
	struct error *e)
{
	struct import_run m = {.from = from, .progress = progress};
	struct error ignored = ERROR_INIT;
	struct run_about about;
	char path[4096] = "";
	int result = -1;

	if (import_load(&m, e) == 0 && import_about(&m, &about, e) == 0 &&
		run_create(&m.run, results, &about, import_bytes(&m), e) == 0) {
		text_copy(path, sizeof(path), m.run->path);
		if (import_fill(&m, e) == 0)
			result = run_close_evidence(m.run, e);
		run_free(m.run);
	}
	if (result != 0 && path[0])
		folder_remove(path, &ignored);
	if (result == 0)
		text_copy(out, size, path);
	json_decref(m.root);
	return result;
}
