#include "daq/store/mount.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

/* statfs(2) and linux/magic.h */
static const struct {
	unsigned long magic;
	const char *name;
} mount_magic[] = {
	{0x6969, "NFS"},
	{0x517b, "SMB"},
	{0xff534d42, "CIFS"},
	{0xfe534d42, "SMB2"},
	{0x5346414f, "AFS"},
	{0x6b414653, "AFS"},
	{0x73757245, "Coda"},
	{0x00c36400, "Ceph"},
	{0x01021997, "9P"},
	{0x0bd00bd0, "Lustre"},
	{0x47504653, "GPFS"},
	{0x19830326, "BeeGFS"},
	{0x786f4256, "VirtualBox shared folder"},
	{0xbacbacbc, "VMware shared folder"},
};

static const unsigned long MOUNT_FUSE = 0x65735546;

/* FUSE says nothing by its magic number: some of its file systems are local (fuseblk, overlay). */
static const char *const mount_fuse[] = {"sshfs", "glusterfs", "s3fs", "rclone", "ceph", "davfs", "curlftpfs",
	"smbnetfs", "gvfsd", "nfs", "mfs", "gcsfuse", "vmhgfs", "virtiofs"};

const char *mount_network_name(unsigned long magic, const char *type)
{
	for (size_t i = 0; i < sizeof(mount_magic) / sizeof(mount_magic[0]); i++)
		if (mount_magic[i].magic == (magic & 0xffffffff))
			return mount_magic[i].name;
	if ((magic & 0xffffffff) != MOUNT_FUSE || !type)
		return NULL;
	for (size_t i = 0; i < sizeof(mount_fuse) / sizeof(mount_fuse[0]); i++)
		if (strstr(type, mount_fuse[i]))
			return mount_fuse[i];
	return NULL;
}

/* Type of the mount that holds a device number, from the kernel's list:
 * "36 35 98:0 /root /mnt rw,noatime master:1 - fuse.sshfs host:/x rw" */
static int mount_type(dev_t device, char *out, size_t size)
{
	char line[4096], want[32], type[64];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	int found = 0;

	if (!f)
		return 0;
	snprintf(want, sizeof(want), " %u:%u ", major(device), minor(device));
	while (!found && fgets(line, sizeof(line), f)) {
		const char *dash = strstr(line, " - ");

		if (dash && strstr(line, want) && sscanf(dash + 3, "%63s", type) == 1) {
			snprintf(out, size, "%s", type);
			found = 1;
		}
	}
	fclose(f);
	return found;
}

const char *mount_network(const char *path)
{
	struct statfs fs;
	struct stat st;
	char type[64] = "";

	if (statfs(path, &fs) != 0)
		return NULL;
	if ((unsigned long)fs.f_type == MOUNT_FUSE && stat(path, &st) == 0)
		mount_type(st.st_dev, type, sizeof(type));
	return mount_network_name((unsigned long)fs.f_type, type);
}
