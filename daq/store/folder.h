/*
 * folder.h - the folder of a run: where it may lie, what it is called, what is in it.
 */
#ifndef HEATBENCH_STORE_FOLDER_H
#define HEATBENCH_STORE_FOLDER_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct run_about;

/* A folder for runs, with all that leads to it; it may be there. Errors: ERROR_IO. */
int folder_make(const char *path, struct error *e);

/* Makes a new run folder below `results` (made too, with its parents, if absent), after checking that runs may
 * be written there. Errors: ERROR_IO. */
int folder_create(const char *results, const struct run_about *about, int64_t need_bytes, char *out, size_t size,
	struct error *e);

/* The folder of a run, from its own path or that of its run.db. Errors: ERROR_DATA where there is no run. */
int folder_find(const char *path, char *out, size_t size, struct error *e);

/* What a file in the run's folder may be called: plain, and not one of the store's own names. */
int folder_check_name(const char *name, struct error *e);

/* Copies a file with its bytes on the disk when it returns. The target must not exist. */
int folder_copy(const char *from, const char *to, struct error *e);

/* Removes a folder with all that is in it; links are removed and not followed. Errors: ERROR_IO with the path
 * of what stays. */
int folder_remove(const char *path, struct error *e);

/* Makes the entries of a folder durable. */
int folder_sync(const char *path, struct error *e);

/* Paths of all files below `path`, relative to it, sorted, without what is no evidence: evaluations/, lock,
 * the manifest itself. The caller frees with folder_list_free(). */
struct folder_list {
	int count;
	char **name;
};
int folder_list(const char *path, struct folder_list *out, struct error *e);
void folder_list_free(struct folder_list *list);

#endif
