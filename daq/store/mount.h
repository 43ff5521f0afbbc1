/*
 * mount.h - on what kind of file system a path lies.
 */
#ifndef HEATBENCH_STORE_MOUNT_H
#define HEATBENCH_STORE_MOUNT_H

/* Name of the network file system that holds `path`, or NULL where it is local (or cannot be asked). */
const char *mount_network(const char *path);

/* The same from statfs' magic number and, for FUSE, the type of the mount ("fuse.sshfs"). */
const char *mount_network_name(unsigned long magic, const char *type);

#endif
