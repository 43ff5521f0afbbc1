#include "daq/store/lock.h"

#include "daq/base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int lock_read_pid(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return -1;
	return atoi(text);
}

static int lock_try(const char *path, int *out, struct error *e)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	int pid;

	if (fd < 0)
		return error_set_errno(e, ERROR_IO, "cannot open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		pid = lock_read_pid(fd);
		if (errno == EWOULDBLOCK)
			error_set(e, ERROR_BUSY, "run %.*s is being written by process %d", (int)(strlen(path) - 5),
				path, pid);
		else
			error_set_errno(e, ERROR_IO, "cannot lock %s", path);
		close(fd);
		return -1;
	}
	/* The one before may have taken the file away between our opening and locking it. */
	if (fstat(fd, &st) == 0 && st.st_nlink == 0) {
		close(fd);
		*out = -1;
		return 0;
	}
	*out = fd;
	return 0;
}

int lock_take(const char *folder, struct error *e)
{
	char path[4200], pid[16];
	int fd = -1, n;

	snprintf(path, sizeof(path), "%s/lock", folder);
	while (fd < 0)
		if (lock_try(path, &fd, e) != 0)
			return -1;
	n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	/* Only for messages: a full disk must not keep a run from being recovered. */
	if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n)
		return fd;
	return fd;
}

void lock_drop(const char *folder, int fd, int remove_file)
{
	char path[4200];

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "%s/lock", folder);
	if (remove_file)
		unlink(path);
	close(fd);
}

int lock_holder(const char *folder)
{
	char path[4200];
	int fd, pid = 0;

	snprintf(path, sizeof(path), "%s/lock", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		pid = lock_read_pid(fd);
	close(fd);
	return pid;
}
