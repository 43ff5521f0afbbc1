#include "daq/store/reader.h"

#include "daq/base/error.h"
#include "daq/store/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int run_new_evaluation(const char *run_path, char *out, size_t size, struct error *e)
{
	char folder[4096], path[4200];

	if (folder_find(run_path, folder, sizeof(folder), e) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/evaluations", folder);
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return error_set_errno(e, ERROR_IO, "cannot make the folder %s", path);
	/* mkdir() decides between two evaluations that start at once. */
	for (int n = 1; n < 1000000; n++) {
		int length = snprintf(path, sizeof(path), "%s/evaluations/%d", folder, n);

		if ((size_t)length >= size)
			return error_set(e, ERROR_IO, "the path %.100s... is too long", path);
		if (mkdir(path, 0777) == 0) {
			memcpy(out, path, (size_t)length + 1);
			return 0;
		}
		if (errno != EEXIST)
			return error_set_errno(e, ERROR_IO, "cannot make the folder %s", path);
	}
	return error_set(e, ERROR_IO, "%s/evaluations is full", folder);
}

int run_last_evaluation(const char *run_path, char *out, size_t size)
{
	char path[4200];
	struct stat st;
	int last = 0;

	for (int n = 1; n < 1000000; n++) {
		snprintf(path, sizeof(path), "%s/evaluations/%d", run_path, n);
		if (stat(path, &st) != 0)
			break;
		last = n;
	}
	if (last)
		snprintf(out, size, "%s/evaluations/%d", run_path, last);
	return last;
}
