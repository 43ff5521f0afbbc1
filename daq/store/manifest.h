/*
 * manifest.h - manifest.json: what a closed run consists of, file by file.
 *
 * chain of a file = SHA-256 of (the chain before it, its name, its SHA-256), as text, nothing between; before the
 * first file: SHA-256 of "<software>\n<ended>\n". The last chain therefore stands for the whole run.
 */
#ifndef HEATBENCH_STORE_MANIFEST_H
#define HEATBENCH_STORE_MANIFEST_H

#include <stddef.h>

struct error;

/* Writes and syncs manifest.json of a folder whose database is closed. */
int manifest_write(const char *folder, struct error *e);

/* Holds the folder against its manifest: 0 intact, 1 changed (`detail` says what), -1 could not look. */
int manifest_check(const char *folder, char *detail, size_t size, struct error *e);

/* Bytes of a file onto the disk. */
int file_sync(const char *path, struct error *e);

#endif
