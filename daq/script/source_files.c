#include "daq/script/source_files.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MOST = 1 << 20 };

void source_files_begin(struct source_files *files)
{
	files->count = 0;
	sha256_init(&files->hash);
}

/* A pipe or a device would never end. */
static int check_regular(const char *path, struct error *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return error_set_errno(e, ERROR_IO, "cannot open %s", path);
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_IO, "%s is not a regular file", path);
	if (st.st_size > FILE_MOST)
		return error_set(e, ERROR_CONFIG, "%s is larger than 1 MiB: not a file of settings", path);
	return 0;
}

static void add_to_hash(struct source_files *files, const char *path, const char *text, size_t length)
{
	const char *slash = strrchr(path, '/');
	char header[SOURCE_PATH + 32];
	int n = snprintf(header, sizeof(header), "%s %zu\n", slash ? slash + 1 : path, length);

	sha256_update(&files->hash, (size_t)n, (const uint8_t *)header);
	sha256_update(&files->hash, length, (const uint8_t *)text);
}

int source_files_read(struct source_files *files, const char *path, char **text, size_t *length,
	struct error *e)
{
	if (strlen(path) >= SOURCE_PATH)
		return error_set(e, ERROR_CONFIG, "the path %s is longer than %d characters", path, SOURCE_PATH - 1);
	if (check_regular(path, e) != 0 || text_read_file(path, text, length, e) != 0)
		return -1;
	add_to_hash(files, path, *text, *length);
	for (int i = 0; i < files->count; i++)
		if (strcmp(files->path[i], path) == 0)
			return 0;
	if (files->count < SOURCE_FILES)
		text_copy(files->path[files->count++], SOURCE_PATH, path);
	return 0;
}

void source_files_digest(struct source_files *files, char digest[65])
{
	uint8_t bytes[SHA256_DIGEST_SIZE];

	sha256_digest(&files->hash, sizeof(bytes), bytes);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(digest + 2 * i, 3, "%02x", bytes[i]);
}

int source_files_beside(const char *file, const char *name, char *out, size_t size, struct error *e)
{
	const char *slash = strrchr(file, '/');
	int folder = slash && name[0] != '/' ? (int)(slash - file) + 1 : 0;
	int n = snprintf(out, size, "%.*s%s", folder, file, name);

	if (n < 0 || (size_t)n >= size)
		return error_set(e, ERROR_CONFIG, "the path of %s is longer than %zu characters", name, size - 1);
	return 0;
}
