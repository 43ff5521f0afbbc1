#include "daq/wire/port.h"

#include "daq/base/error.h"
#include "daq/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* Process that holds a flock on the file, from /proc/locks; 0: not known. */
static int lock_owner(const char *real)
{
	FILE *f = fopen("/proc/locks", "re");
	struct stat st;
	char line[256];
	int owner = 0;

	if (!f)
		return 0;
	if (stat(real, &st) == 0) {
		while (!owner && fgets(line, sizeof(line), f)) {
			unsigned major_, minor_;
			unsigned long inode;
			int pid;

			if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &major_, &minor_, &inode) == 4 &&
				inode == st.st_ino && makedev(major_, minor_) == st.st_dev)
				owner = pid;
		}
	}
	fclose(f);
	return owner;
}

static int refuse_busy(const char *real, const char *path, struct error *e)
{
	int owner = lock_owner(real);

	if (owner)
		return error_set(e, ERROR_BUSY, "port %s is in use by process %d", path, owner);
	return error_set(e, ERROR_BUSY, "port %s is in use by another program", path);
}

static int lock(const char *path, int access_mode, char *real, size_t size, struct error *e)
{
	char resolved[PATH_MAX];
	int fd;

	if (!realpath(path, resolved)) {
		if (errno == ENOENT)
			return error_set(e, ERROR_DEVICE, "no such port: %s", path);
		return error_set_errno(e, ERROR_DEVICE, "cannot find port %s", path);
	}
	if ((size_t)snprintf(real, size, "%s", resolved) >= size)
		return error_set(e, ERROR_DEVICE, "the path of port %s is too long", path);
	fd = open(real, access_mode | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		if (errno == EBUSY)
			return refuse_busy(real, path, e);
		return error_set_errno(e, ERROR_DEVICE, "cannot open port %s", path);
	}
	if (!isatty(fd)) {
		error_set(e, ERROR_DEVICE, "%s is not a serial port", path);
		goto fail;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		refuse_busy(real, path, e);
		goto fail;
	}
	return fd;
fail:
	close(fd);
	return -1;
}

int port_lock(const char *path, char *real, size_t size, struct error *e)
{
	return lock(path, O_RDWR, real, size, e);
}

int port_lock_to_listen(const char *path, char *real, size_t size, struct error *e)
{
	return lock(path, O_RDONLY, real, size, e);
}

bool port_is_socket(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

int port_connect(const char *path, struct error *e)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd;

	if (!text_copy(a.sun_path, sizeof(a.sun_path), path))
		return error_set(e, ERROR_DEVICE, "the path of port %s is too long", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set_errno(e, ERROR_SYSTEM, "no socket for port %s", path);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		error_set_errno(e, ERROR_DEVICE, "cannot connect to port %s", path);
		close(fd);
		return -1;
	}
	return fd;
}

void port_exclusive(int fd)
{
	ioctl(fd, TIOCEXCL);
}

bool port_is_pseudo(int fd)
{
	struct stat st;

	/* Unix98 slaves have majors 136 to 143 (Documentation/admin-guide/devices.txt). */
	return fstat(fd, &st) == 0 && major(st.st_rdev) >= 136 && major(st.st_rdev) <= 143;
}

int port_latency(const char *real)
{
	const char *name = strrchr(real, '/');
	char path[160];
	FILE *f;
	int ms = -1;

	if (!name)
		return -1;
	snprintf(path, sizeof(path), "/sys/bus/usb-serial/devices%s/latency_timer", name);
	f = fopen(path, "we");
	if (f) {
		fputs("1", f);
		fclose(f);
	}
	f = fopen(path, "re");
	if (!f)
		return -1;
	if (fscanf(f, "%d", &ms) != 1)
		ms = -1;
	fclose(f);
	return ms;
}

static const speed_t rate_codes[] = {B300, B600, B1200, B2400, B4800, B9600, B19200, B38400, B57600, B115200, B230400, B460800, B921600};
const int port_rates[] = {300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 0};

unsigned port_rate_code(int baud)
{
	for (size_t i = 0; port_rates[i]; i++)
		if (port_rates[i] == baud)
			return rate_codes[i];
	return B0;
}

bool port_lacks_permission(const char *path, char *why, size_t size)
{
	struct passwd *user = getpwuid(geteuid());
	struct group *group;
	struct stat st;

	if (stat(path, &st) != 0) {
		snprintf(why, size, "no such port: %s", path);
		return true;
	}
	if (access(path, R_OK | W_OK) == 0)
		return false;
	group = getgrgid(st.st_gid);
	snprintf(why, size, "user %s may not open %s: not in group %s (sudo adduser %s %s, then log in again)",
		user ? user->pw_name : "?", path, group ? group->gr_name : "?", user ? user->pw_name : "USER",
		group ? group->gr_name : "GROUP");
	return true;
}
