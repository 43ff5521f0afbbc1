/*
 * source_files.h - the files that a bench is made of: each read once, listed and digested as it was read.
 */
#ifndef HEATBENCH_SCRIPT_SOURCE_FILES_H
#define HEATBENCH_SCRIPT_SOURCE_FILES_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>

struct error;

enum { SOURCE_FILES = 64, SOURCE_PATH = 256 };

struct source_files {
	int count;
	char path[SOURCE_FILES][SOURCE_PATH];
	struct sha256_ctx hash; /* over base name, length and content of each, in the order of reading */
};

void source_files_begin(struct source_files *files);

/* The text of a regular file of at most 1 MiB, for the caller to free; a file read again is not listed
 * again. Errors: ERROR_IO, ERROR_CONFIG. */
int source_files_read(struct source_files *files, const char *path, char **text, size_t *length,
	struct error *e);

/* SHA-256 as 64 hexadecimal digits; ends the reading. */
void source_files_digest(struct source_files *files, char digest[65]);

/* "dir/of/file.lua" and "x.lua" -> "dir/of/x.lua"; an absolute name stays. Errors: ERROR_CONFIG (too long). */
int source_files_beside(const char *file, const char *name, char *out, size_t size, struct error *e);

#endif
