#include "daq/store/reader.h"

#include "daq/base/error.h"
#include "daq/store/folder.h"
#include "daq/store/lock.h"
#include "daq/store/manifest.h"

#include <stdio.h>
#include <unistd.h>

/* Looks at files only and opens no database: SQLite might leave its own files beside it. */
int run_verify(const char *path, enum run_state *state, char *detail, size_t size, struct error *e)
{
	char folder[4096], file[4200];
	int changed, pid;

	if (folder_find(path, folder, sizeof(folder), e) != 0)
		return -1;
	snprintf(file, sizeof(file), "%s/manifest.json", folder);
	if (access(file, F_OK) != 0) {
		pid = lock_holder(folder);
		*state = RUN_NO_CLEAN_END;
		if (pid)
			snprintf(detail, size, "is being written by process %d", pid);
		else
			snprintf(detail, size, "had no clean end; `heatbench runs recover` closes it");
		return 0;
	}
	changed = manifest_check(folder, detail, size, e);
	if (changed < 0)
		return -1;
	*state = changed ? RUN_CHANGED : RUN_INTACT;
	if (!changed)
		snprintf(detail, size, "every file is as it was at the end");
	return 0;
}
