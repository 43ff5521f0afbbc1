/*
 * port.h - who owns a serial port: locks, links, pseudo-terminals, permissions.
 */
#ifndef HEATBENCH_WIRE_PORT_H
#define HEATBENCH_WIRE_PORT_H

#include <stdbool.h>
#include <stddef.h>

struct error;

/* Follows symbolic links (/dev/serial/by-id/...), checks that it is a terminal and takes the lock (flock) on
 * it before anything on the wire is disturbed. Returns a descriptor that holds the lock until it is closed,
 * or -1. `real` gets the path behind the links. Errors: ERROR_BUSY with the owner, ERROR_DEVICE. */
int port_lock(const char *path, char *real, size_t size, struct error *e);

/* The same, to read alone: nothing can be written to the descriptor. */
int port_lock_to_listen(const char *path, char *real, size_t size, struct error *e);

/* A virtual lab whose time stands still has a port's bytes at a Unix socket as well (fixtures/lab/lab_terminal.h). Whether the path is
 * such a one; and a connection to it, or -1. Errors: ERROR_DEVICE, ERROR_SYSTEM. */
bool port_is_socket(const char *path);
int port_connect(const char *path, struct error *e);

/* Forbids further opens of the terminal (TIOCEXCL; root can still). */
void port_exclusive(int fd);

/* Whether the descriptor is a pseudo-terminal: 8 data bits without parity is all it can do. */
bool port_is_pseudo(int fd);

/* Sets the latency timer of an FTDI adapter to 1 ms where allowed. Returns what it is now in ms, or -1 where
 * the port has none. */
int port_latency(const char *real);

/* The rates that every port may run at by the kernel's own list, ascending, ended by 0; their code for termios (0: none). */
extern const int port_rates[];
unsigned port_rate_code(int baud);

/* Whether the calling user may open it; if not, why (groups), in words. */
bool port_lacks_permission(const char *path, char *why, size_t size);

#endif
